/* What the words of a command line mean: a file of scenarios, something to select, or the target. */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "cli/library.h"
#include "cli/run_arguments.h"

struct words {
    struct text_list selection;
    const char *target; /* NULL: none was named */
};

/*
 * Sorts POSITIONALS; files of scenarios are added to LIBRARY. Without a target so far (TARGET_GIVEN is false), the
 * first word that could name a host and nothing else is the target; what else is not known is taken for a selection, so
 * that the run says what is wrong with it. A file means all of its scenarios, unless ids below its name say which. False once it has printed what is wrong; must be released either way.
 */
bool words_sort(struct words *words, const struct text_list *positionals, struct library *library,
                bool target_given);
void words_release(struct words *words);

/* Appends TEXT to LIST, which borrows it. */
void text_list_add(struct text_list *list, const char *text);
/* The command line as it was typed; what must not be shown is overwritten in ARGV already. */
void words_append_command(struct buf *out, int argc, char **argv);
/* Appends WORD as a shell takes it: as it is, or in single quotes. */
void words_append_quoted(struct buf *out, const char *word);

#endif
