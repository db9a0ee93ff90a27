#include "cli/cli.h"

#include "base/limits.h"
#include "cli/arguments.h"
#include "cli/library.h"
#include "cli/output.h"
#include "corpus/corpus.h"
#include "corpus/dictionary.h"
#include "yamldoc/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_SCENARIOS = 256, KEY_TRANSCRIPTS, KEY_DICTIONARY };

struct export_arguments {
    const char *scenarios;
    const char *transcripts; /* NULL: none */
    const char *dictionary;  /* NULL: is not written */
    const char *folder;
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct export_arguments *arguments = state->input;

    if (key == KEY_SCENARIOS)
        arguments->scenarios = text;
    else if (key == KEY_TRANSCRIPTS)
        arguments->transcripts = text;
    else if (key == KEY_DICTIONARY)
        arguments->dictionary = text;
    else if (key == ARGP_KEY_ARG && state->arg_num == 0)
        arguments->folder = text;
    else if (key == ARGP_KEY_END && arguments->folder == NULL)
        argp_error(state, "name the folder that the seeds are written to");
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

/* ---- what is exported ---- */

static bool add_transcript(struct corpus *corpus, const char *folder, const char *name, struct error *error)
{
    const char *path = arena_format(&corpus->arena, "%s/%s", folder, name);
    const char *title =
        arena_text(&corpus->arena, bytes_slice(bytes_of(name), 0, strlen(name) - strlen(".txt")));
    struct buf text;

    buf_init(&text, DOCUMENT_OCTETS_MAX);
    bool added = file_read(path, error, &text);

    if (added && !corpus_add_transcript(corpus, title, buf_bytes(&text)))
        added = error_set(error, ERROR_USAGE, "'%s' is no transcript, or too large for a seed", path);
    buf_release(&text);
    return added;
}

static bool add_transcripts(struct corpus *corpus, const char *folder)
{
    struct error error;
    struct file_list list;
    bool added = file_list_read(folder, ".txt", NULL, &corpus->arena, &error, &list);

    for (size_t i = 0; added && i < list.count; i++)
        added = add_transcript(corpus, folder, list.names[i], &error);
    if (!added)
        output_failure(&error);
    return added;
}

static bool add_scenarios(struct corpus *corpus, const struct program *program, const char *directory)
{
    struct library library;
    bool loaded = library_load(&library, program, directory);

    if (loaded)
        corpus_add_suite(corpus, &library.suite);
    library_release(&library);
    return loaded;
}

/* ---- where it goes ---- */

static bool trouble(const char *path, struct error *error)
{
    return error_set(error, ERROR_HOST, "%s: %s", path, strerror(errno));
}

static bool make_folder(const char *path, struct error *error)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST || trouble(path, error);
}

static bool holds(const char *path, struct bytes octets)
{
    struct error error;
    struct buf old;

    buf_init(&old, octets.size);
    bool same = file_read(path, &error, &old) && bytes_equal(buf_bytes(&old), octets);

    buf_release(&old);
    return same;
}

/* A file that holds OCTETS already is left alone. */
static bool write_file(const char *path, struct bytes octets, struct error *error)
{
    if (holds(path, octets))
        return true;
    FILE *file = fopen(path, "wb");

    if (file == NULL)
        return trouble(path, error);
    bool written = fwrite(octets.data, 1, octets.size, file) == octets.size;

    if (fclose(file) != 0 || !written)
        return trouble(path, error);
    return true;
}

static bool has_seed(const struct corpus *corpus, const char *target, const char *name)
{
    for (size_t i = 0; i < corpus->count; i++)
        if (strcmp(corpus->seeds[i].target, target) == 0 && strcmp(corpus->seeds[i].name, name) == 0)
            return true;
    return false;
}

static bool is_generated(const char *name)
{
    return strncmp(name, CORPUS_FROM_SCENARIO, strlen(CORPUS_FROM_SCENARIO)) == 0 ||
           strncmp(name, CORPUS_FROM_TRANSCRIPT, strlen(CORPUS_FROM_TRANSCRIPT)) == 0;
}

/* What an earlier export left of sources that are gone. */
static bool remove_stale(struct corpus *corpus, const char *folder, const char *target, struct error *error)
{
    struct file_list list;
    const char *path = arena_format(&corpus->arena, "%s/%s", folder, target);

    if (!file_list_read(path, "", NULL, &corpus->arena, error, &list))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const char *file = arena_format(&corpus->arena, "%s/%s", path, list.names[i]);

        if (is_generated(list.names[i]) && !has_seed(corpus, target, list.names[i]) && unlink(file) != 0)
            return trouble(file, error);
    }
    return true;
}

static bool write_seed(struct corpus *corpus, const struct seed *seed, const char *folder,
                       struct error *error)
{
    const char *path = arena_format(&corpus->arena, "%s/%s/%s", folder, seed->target, seed->name);

    return write_file(path, seed->octets, error);
}

static bool write_corpus(struct corpus *corpus, const char *folder, struct error *error)
{
    bool written = make_folder(folder, error);

    for (size_t i = 0; written && i < corpus->count; i++) {
        const struct seed *seed = &corpus->seeds[i];
        bool first = true;

        for (size_t before = 0; before < i && first; before++)
            first = strcmp(corpus->seeds[before].target, seed->target) != 0;
        if (first)
            written = make_folder(arena_format(&corpus->arena, "%s/%s", folder, seed->target), error) &&
                      remove_stale(corpus, folder, seed->target, error);
        written = written && write_seed(corpus, seed, folder, error);
    }
    return written;
}

static bool write_dictionary(const char *path, struct error *error)
{
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    dictionary_write(&text);
    bool written = write_file(path, buf_bytes(&text), error);

    buf_release(&text);
    return written;
}

int export_corpus_main(const struct program *program, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"scenarios", KEY_SCENARIOS, "DIR", 0, "another folder of scenarios, clauses and fixtures", 0},
        {"dictionary", KEY_DICTIONARY, "FILE", 0, "where to write the fuzzers' dictionary as well", 0},
        {"transcripts", KEY_TRANSCRIPTS, "DIR", 0,
         "a folder of transcripts typed by hand, to be exported as well", 0},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "DIR",
        .doc = "Writes seeds for the fuzz targets, made from the scenarios, into DIR, a folder for each "
               "target.\v"
               "Their names begin with " CORPUS_FROM_SCENARIO " or " CORPUS_FROM_TRANSCRIPT
               "; those of sources that are gone are removed, other files left alone."};
    struct export_arguments arguments = {0};
    struct corpus corpus;
    struct error error;

    command_line_parse(&argp, argc, argv, &arguments);
    corpus_init(&corpus);
    bool written = add_scenarios(&corpus, program, arguments.scenarios) &&
                   (arguments.transcripts == NULL || add_transcripts(&corpus, arguments.transcripts));

    if (written && (!write_corpus(&corpus, arguments.folder, &error) ||
                    (arguments.dictionary != NULL && !write_dictionary(arguments.dictionary, &error)))) {
        output_failure(&error);
        written = false;
    }
    if (written)
        output_line("%zu seeds are in %s", corpus.count, arguments.folder);
    corpus_release(&corpus);
    return written && output_finish() ? PROGRAM_OK : PROGRAM_USAGE;
}
