/*
 * The rows of a listing, put into the order of their message-numbers before a scenario's lines are held against them:
 * RFC 1939 sections 5 and 7 want a row for each message and say nothing of their order. Private to exec/.
 */
#ifndef EXEC_ROWS_H
#define EXEC_ROWS_H

#include "base/buf.h"

struct row_place {
    uint64_t number; /* message-number; UINT64_MAX for a line that begins with none */
    size_t start;    /* in octets */
    size_t size;
};

struct rows {
    struct buf octets; /* the lines, without line ends */
    struct row_place *places;
    size_t count;
    size_t capacity;
};

void rows_init(struct rows *rows);
void rows_release(struct rows *rows);
void rows_clear(struct rows *rows);
/* Keeps LINE; false when there are more than can be kept. */
bool rows_add(struct rows *rows, struct bytes line);
/* Puts them in order; lines with the same number stay in the order in which they came. */
void rows_sort(struct rows *rows);
/* The INDEXth line; valid until the next change. */
struct bytes rows_line(const struct rows *rows, size_t index);

#endif
