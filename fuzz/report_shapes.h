/*
 * Strict readers of the formats that reports are written in. Each answers whether TEXT is well-formed, and appends what of it is
 * structure, not text: two reports of the same findings have the same shape, whatever the target said.
 */
#ifndef FUZZ_REPORT_SHAPES_H
#define FUZZ_REPORT_SHAPES_H

#include "base/buf.h"

/* RFC 8259, with each key once in its object. */
bool shape_json(struct bytes text, struct buf *shape);
/* XML 1.0 without document type, processing instructions and CDATA. */
bool shape_xml(struct bytes text, struct buf *shape);
/* HTML as a report writes it: elements nest; within script and style there is nothing that could end them early. */
bool shape_html(struct bytes text, struct buf *shape);
/* TAP version 14 with YAML of double-quoted texts. */
bool shape_tap(struct bytes text, struct buf *shape);
/* Markdown as a summary writes it: what could be markup of a text is a reference, so that all markup is the writer's. */
bool shape_markdown(struct bytes text, struct buf *shape);
/* Annotations of a GitHub workflow: each line is a command, and no text of another's ends one or begins one. */
bool shape_annotations(struct bytes text, struct buf *shape);
/* What a terminal shows: no control octets but line ends and colours. */
bool shape_console(struct bytes text, struct buf *shape);

#endif
