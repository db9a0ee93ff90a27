/* Shows a place in a file: its line, and a caret below the column. A pure function over the file's text. */
#ifndef YAMLDOC_CARET_H
#define YAMLDOC_CARET_H

#include "base/buf.h"

/*
 * Appends two lines, each ended by LF, to OUT:
 *
 *      14 |       C: DELE 1
 *         |          ^
 *
 * LINE and COLUMN count from 1, columns in octets. Tabs and control octets show as one blank or "?", characters of
 * several octets stay whole, and of a long line the part around the caret is shown. False (nothing appended) when TEXT has no
 * such line; a column behind the line's end is taken for the end.
 */
bool caret_render(struct bytes text, uint32_t line, uint32_t column, struct buf *out);

#endif
