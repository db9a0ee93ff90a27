/*
 * A dialog as lines: KEY, KEY: VALUE, or KEY: with lines below it, from either form of writing it. What the keys mean
 * is compile.c's business. Private to scenario.
 */
#ifndef SCENARIO_DIALOG_H
#define SCENARIO_DIALOG_H

#include "scenario/suite.h"
#include "yamldoc/document.h"

enum {
    DIALOG_LINES_MAX = 20000, /* of one dialog */
    DIALOG_DEPTH_MAX = 8,
};

struct dialog_line {
    struct bytes key;   /* "C2", "when +OK" */
    struct bytes value; /* behind ": ", to the last octet of the line; empty if there is none */
    struct place place; /* of the key */
    struct place value_place;
    struct dialog_line *inner; /* the lines below it, or NULL */
    const struct node *map;    /* in a list: the map behind `sasl`; NULL */
    struct dialog_line *next;
};

/*
 * Reads NODE, a literal block or a list, into lines that live in ARENA and point into DOCUMENT. NULL with diagnostics
 * when anything is wrong.
 */
const struct dialog_line *dialog_read(struct arena *arena, const struct document *document,
                                      const struct node *node, struct diagnostics *diagnostics);

#endif
