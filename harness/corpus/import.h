/*
 * A file with the input of a fuzz target, a seed or a finding, as a scenario. The targets that are about sessions have
 * one: what their clients say, or, for the driver, which scenario was run against what hostile server.
 */
#ifndef CORPUS_IMPORT_H
#define CORPUS_IMPORT_H

#include "base/buf.h"
#include "base/error.h"

enum import_target { IMPORT_SESSION, IMPORT_DRIVER, IMPORT_COMMAND_PARSER, IMPORT_TARGET_COUNT };

/* "session": of fuzz/session_fuzzer.c. */
const char *import_target_name(enum import_target target);
/* False if NAME is that of no such target. */
bool import_target_of(struct bytes name, enum import_target *ret_target);

/* Appends what a file of scenarios begins with. */
void import_begin(struct buf *out);
/*
 * Appends the scenario of INPUT, called after FILE, the last part of its path. Several names in one file must differ:
 * ORDINAL, from 1, is put behind the second and later ones. False where INPUT is not what TARGET reads.
 */
bool import_append(enum import_target target, const char *file, size_t ordinal, struct bytes input,
                   struct buf *out, struct error *error);

#endif
