/*
 * An input while it is changed: octets in place, with room up to a maximum that is never passed, taken apart into pieces.
 * A piece is a line with its LF, a control, or what is left where neither follows. All choices come from a seed.
 */
#ifndef FUZZ_MUTATE_EDITING_H
#define FUZZ_MUTATE_EDITING_H

#include "base/bytes.h"

enum { PIECES_MAX = 512 };

struct piece {
    size_t start;
    size_t end;
    bool control;
};

struct editing {
    uint8_t *data;
    size_t size;
    size_t size_max;
    size_t head;          /* octets in front that are no pieces */
    const char *controls; /* codes that stand behind 0xFF; "": none */
    uint64_t chance;
    struct piece pieces[PIECES_MAX]; /* of the octets as they are since the last editing_take_apart */
    size_t count;
};

void editing_init(struct editing *editing, uint8_t *data, size_t size, size_t size_max, uint64_t seed);
/* Finds the pieces anew; behind PIECES_MAX of them the last is all that is left. */
void editing_take_apart(struct editing *editing);

/* A number below LIMIT, which is at least 1. */
size_t editing_choose(struct editing *editing, size_t limit);
/* True once in so many times. */
bool editing_once_in(struct editing *editing, size_t times);

/* Puts OCTETS in the place of those from START to END; false, and nothing is changed, where that would pass the maximum. */
bool editing_replace(struct editing *editing, size_t start, size_t end, struct bytes octets);
/* Puts COUNT times OCTET there, or as often as there is room for. */
bool editing_fill(struct editing *editing, size_t start, size_t end, uint8_t octet, size_t count);
/* Puts a copy of the octets from FROM to UNTIL in front of those at PLACE. */
bool editing_copy(struct editing *editing, size_t from, size_t until, size_t place);

/* A piece that is a line; NULL where there is none. */
const struct piece *editing_line(struct editing *editing);
/* A piece that is a control; NULL where there is none. */
const struct piece *editing_control(struct editing *editing);
/* Where a piece begins, or behind the last. */
size_t editing_border(struct editing *editing);
/* The octets of PIECE without its line end. */
struct bytes editing_text(const struct editing *editing, const struct piece *piece);
/* A word of a line: [*ret_start, *ret_end) of the data. False where there is none. */
bool editing_word(struct editing *editing, bool number, size_t *ret_start, size_t *ret_end);

#endif
