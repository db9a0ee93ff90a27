#include "cli/cli.h"

#include "base/limits.h"
#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/words.h"
#include "corpus/import.h"
#include "yamldoc/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_TARGET = 256, KEY_OUTPUT = 'o' };

struct import_arguments {
    struct text_list files;
    const char *target; /* NULL: by the folder that a file lies in */
    const char *output; /* NULL: standard output */
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct import_arguments *arguments = state->input;
    enum import_target target;

    if (key == KEY_TARGET && !import_target_of(bytes_of(text), &target))
        argp_error(state,
                   "--target: inputs of '%s' are no sessions; session, driver and command_parser have some",
                   text);
    else if (key == KEY_TARGET)
        arguments->target = text;
    else if (key == KEY_OUTPUT)
        arguments->output = text;
    else if (key == ARGP_KEY_ARG)
        text_list_add(&arguments->files, text);
    else if (key == ARGP_KEY_END && arguments->files.count == 0)
        argp_error(state, "name the files that hold the inputs");
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

/* By --target, by the nearest folder of PATH that is called after a target, or the session. */
static enum import_target target_of(const struct import_arguments *arguments, const char *path)
{
    enum import_target nearest = IMPORT_SESSION;
    struct bytes rest = bytes_of(path);
    struct bytes part;

    if (arguments->target != NULL) {
        (void)import_target_of(bytes_of(arguments->target), &nearest);
        return nearest;
    }
    while (bytes_split(&rest, '/', &part))
        (void)import_target_of(part, &nearest);
    return nearest;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static bool append_file(const struct import_arguments *arguments, size_t index, struct buf *out,
                        struct error *error)
{
    const char *path = arguments->files.items[index];
    struct buf input;

    buf_init(&input, DOCUMENT_OCTETS_MAX);
    bool appended =
        file_read(path, error, &input) &&
        import_append(target_of(arguments, path), last_part(path), index + 1, buf_bytes(&input), out, error);

    buf_release(&input);
    return appended;
}

static bool write_file(const char *path, const struct buf *text, struct error *error)
{
    FILE *file = fopen(path, "wb");
    bool opened = file != NULL;
    bool written = opened && fwrite(buf_text(text), 1, text->size, file) == text->size;

    if (opened && fclose(file) != 0)
        written = false;
    return written || error_set(error, ERROR_HOST, "%s: %s", path, strerror(errno));
}

static bool import_files(const struct import_arguments *arguments, struct buf *out, struct error *error)
{
    import_begin(out);
    for (size_t i = 0; i < arguments->files.count; i++) {
        if (!append_file(arguments, i, out, error))
            return false;
        if (out->size > DOCUMENT_OCTETS_MAX)
            return error_set(
                error, ERROR_USAGE,
                "with '%s' the scenarios take more than %d octets, which no file of scenarios may: "
                "name fewer files",
                arguments->files.items[i], DOCUMENT_OCTETS_MAX);
    }
    return arguments->output == NULL || write_file(arguments->output, out, error);
}

int import_corpus_main(const struct program *program, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"target", KEY_TARGET, "NAME", 0,
         "the inputs' target: session, driver or command_parser; otherwise the folder they lie in says it, "
         "or it is session",
         0},
        {"output", KEY_OUTPUT, "FILE.yaml", 0, "where the scenarios go instead of standard output", 0},
        {0}};
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "INPUT...",
                                     .doc =
                                         "Turns inputs of fuzz targets, seeds or findings, into scenarios."};
    struct import_arguments arguments = {0};
    struct error error;
    struct buf out;

    (void)program;
    command_line_parse(&argp, argc, argv, &arguments);
    buf_init(&out, BUF_UNBOUNDED);
    bool imported = import_files(&arguments, &out, &error);

    if (!imported)
        output_failure(&error);
    else if (arguments.output == NULL)
        imported = output_write(&out);
    buf_release(&out);
    free(arguments.files.items);
    return imported && output_finish() ? PROGRAM_OK : PROGRAM_USAGE;
}
