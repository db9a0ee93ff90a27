/*
 * One scenario file with what it includes: documents, defaults, tables and blocks, held together while its scenarios are
 * compiled. Private to scenario.
 */
#ifndef SCENARIO_SOURCE_H
#define SCENARIO_SOURCE_H

#include "scenario/compile.h"
#include "yamldoc/document.h"

enum {
    INCLUDES_MAX = 32, /* files that one file takes over, directly or not */
    INCLUDE_DEPTH_MAX = 8,
    BLOCKS_MAX = 256,
    TABLES_MAX = 64,
};

/* Values that more than one `each` goes through. */
struct named_table {
    const char *name;
    const struct node *values;
};

struct source {
    struct suite *suite;
    const struct ledger *ledger; /* NULL: clauses are not checked */
    struct diagnostics *diagnostics;
    const char *root;                             /* includes stay below it; NULL: there are none */
    struct arena scratch;                         /* dialogs as lines */
    struct document *documents[INCLUDES_MAX + 1]; /* the file itself first; on the heap */
    size_t document_count;
    const char *open_files[INCLUDE_DEPTH_MAX + 1]; /* the chain of includes being read, to find cycles */
    size_t open_count;
    const struct node
        *defaults[INCLUDES_MAX + 1]; /* the nearest first: what a file says goes before what it includes */
    const struct document *defaults_documents[INCLUDES_MAX + 1];
    size_t defaults_count;
    struct named_block blocks[BLOCKS_MAX];
    size_t block_count;
    struct named_table tables[TABLES_MAX];
    size_t table_count;
};

/* Makes an empty source; ROOT must outlive it. */
void source_init(struct source *source, struct suite *suite, const struct ledger *ledger, const char *root,
                 struct diagnostics *diagnostics);
void source_release(struct source *source);

/* Reads FILE (a path), or TEXT under that name, and what it includes. The list of its scenarios, or NULL. */
const struct node *source_read_file(struct source *source, const char *file);
const struct node *source_read_text(struct source *source, struct bytes text, const char *file);

/* The values of the table NAME, of this file or one that it includes; NULL if there is none. */
const struct node *source_table(const struct source *source, const char *name);
/* Says that there is no table of NODE's name, and which one was probably meant. */
void source_refuse_table(const struct source *source, const struct node *node);

/* Compiles each scenario of LIST, under ids that begin with PREFIX, into the suite. */
void source_compile(struct source *source, const struct node *list, const char *prefix);

/* Compiles one scenario, a case for each combination of its parameters. scenario_read.c */
void scenario_read(struct source *source, const struct node *map, const char *prefix);

#endif
