/*
 * A YAML document as nodes with places, for scenarios, clauses, fixtures, target and expectation files. It is a small
 * and strict part of YAML: one document; maps, sequences and scalars; no anchors, aliases, tags or directives; every
 * key once; at most DOCUMENT_OCTETS_MAX octets, DOCUMENT_DEPTH_MAX levels and DOCUMENT_NODES_MAX nodes. What is more is
 * refused with its place while it is read, so hostile text costs no more than honest text of its size.
 *
 * A document owns a copy of its text and all its nodes. Nodes and strings live until document_release().
 */
#ifndef YAMLDOC_DOCUMENT_H
#define YAMLDOC_DOCUMENT_H

#include "base/arena.h"
#include "base/error.h"

enum {
    DOCUMENT_DEPTH_MAX = 32,
    DOCUMENT_NODES_MAX = 200 * 1000,
};

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAP };

enum scalar_style { SCALAR_PLAIN, SCALAR_SINGLE_QUOTED, SCALAR_DOUBLE_QUOTED, SCALAR_LITERAL, SCALAR_FOLDED };

struct node {
    enum node_kind kind;
    enum scalar_style style;
    bool in_flow;       /* within [...] or {...} */
    struct place place; /* of its first octet */
    struct place end;   /* SCALAR: behind its last octet */
    struct bytes text;  /* SCALAR; one NUL stands behind it */
    struct node *first; /* SEQUENCE: first item; MAP: first key */
    struct node *next;  /* the next item, or key */
    struct node *value; /* of a key: its value */
    size_t count;       /* SEQUENCE, MAP: items, keys */
};

struct document {
    struct arena arena;
    const char *file;            /* borrowed */
    struct bytes text;           /* the whole file; in the arena */
    const uint32_t *line_starts; /* offset of each line */
    uint32_t line_count;
    const struct node *root; /* never NULL after a load that succeeded */
};

/*
 * Reads PATH, or TEXT. FILE (for the first, PATH) is what places call the file; it must outlive the document and
 * every place taken from it. Whatever is answered, the document must be released.
 */
bool document_load_file(struct document *document, const char *path, struct error *error);
bool document_load_text(struct document *document, struct bytes text, const char *file, struct error *error);
void document_release(struct document *document);

/* Line NUMBER (from 1) as it stands in the file, without its line end; empty if there is none. */
struct bytes document_line(const struct document *document, uint32_t number);

/*
 * The place of octet OFFSET of line INDEX (from 0) in the text of a literal block scalar. LINE is that line's text.
 * Exact: the scalar's lines stand in the file one below the other, each behind the block's indentation.
 */
struct place literal_place(const struct document *document, const struct node *scalar, uint32_t index,
                           struct bytes line, size_t offset);

/*
 * True when TEXT could stand in one line of a literal block: no line ends, tabs or other controls, which only YAML's
 * escapes in double quotes bring into a scalar.
 */
bool text_is_visible(struct bytes text);

/*
 * NULL, or why the text that YAML made of a scalar is not what stands in the file: it was cut at " #", lost blanks at
 * its end, or continues over several lines. A sentence that advises what to do.
 */
const char *scalar_swallowed(const struct document *document, const struct node *scalar);

#endif
