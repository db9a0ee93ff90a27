#include "cli/output.h"

#include "base/limits.h"
#include "cli/cli.h"
#include "report/report.h"
#include "report/text.h"
#include "yamldoc/caret.h"
#include "yamldoc/files.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

void output_line(const char *format, ...)
{
    struct buf raw;
    struct buf line;
    va_list arguments;

    buf_init(&raw, BUF_UNBOUNDED);
    buf_init(&line, BUF_UNBOUNDED);
    va_start(arguments, format);
    buf_append_format_list(&raw, format, arguments);
    va_end(arguments);
    text_append(&line, buf_text(&raw));
    buf_append_octet(&line, '\n');
    fwrite(line.data, 1, line.size, stdout);
    buf_release(&line);
    buf_release(&raw);
}

static bool write_all(FILE *stream, const struct buf *text)
{
    return fwrite(buf_text(text), 1, text->size, stream) == text->size && fflush(stream) == 0;
}

bool output_write(const struct buf *text)
{
    return write_all(stdout, text) || output_finish();
}

bool output_error(const struct buf *text)
{
    return write_all(stderr, text);
}

bool output_result(const struct run_result *result, FILE *stream, bool verbose)
{
    struct console_options options = {.colour = output_has_colour(fileno(stream)), .verbose = verbose};
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    console_write(result, &options, &text);
    bool written = stream == stdout ? output_write(&text) : output_error(&text);

    buf_release(&text);
    return written;
}

bool output_finish(void)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return true;
    if (errno != EPIPE)
        fprintf(stderr, "pop3spec: standard output: %s\n", strerror(errno));
    return false;
}

static void append_place(const struct error *error, struct buf *out)
{
    if (error->file[0] == '\0')
        return;
    text_append(out, error->file);
    if (error->line > 0)
        buf_append_format(out, ":%" PRIu32, error->line);
    if (error->line > 0 && error->column > 0)
        buf_append_format(out, ":%" PRIu32, error->column);
    buf_append_text(out, ": ");
}

/* The file may hold anything, so the line that is shown is made harmless too. */
static void append_caret(const struct error *error, struct buf *out)
{
    struct buf file;
    struct buf caret;
    struct error unreadable;

    if (error->file[0] == '\0' || error->line == 0)
        return;
    buf_init(&file, DOCUMENT_OCTETS_MAX);
    buf_init(&caret, BUF_UNBOUNDED);
    if (file_read(error->file, &unreadable, &file) &&
        caret_render(buf_bytes(&file), error->line, error->column > 0 ? error->column : 1, &caret)) {
        for (char *line = (char *)caret.data, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = '\0';
            text_append(out, line);
            buf_append_octet(out, '\n');
        }
    }
    buf_release(&caret);
    buf_release(&file);
}

static void append_error(const struct error *error, struct buf *out)
{
    buf_append_text(out, "pop3spec: ");
    append_place(error, out);
    text_append(out, error->text);
    buf_append_octet(out, '\n');
    append_caret(error, out);
    if (error->hint[0] != '\0') {
        buf_append_text(out, "  ");
        text_append(out, error->hint);
        buf_append_octet(out, '\n');
    }
}

int output_failure(const struct error *error)
{
    struct buf text;

    fflush(stdout);
    buf_init(&text, BUF_UNBOUNDED);
    append_error(error, &text);
    output_error(&text);
    buf_release(&text);
    return error->kind == ERROR_UNREACHABLE ? PROGRAM_UNREACHABLE : PROGRAM_USAGE;
}

int output_diagnostics(const struct diagnostics *diagnostics)
{
    size_t shown = diagnostics->count < DIAGNOSTICS_MAX ? diagnostics->count : DIAGNOSTICS_MAX;

    for (size_t i = 0; i < shown; i++)
        output_failure(&diagnostics->errors[i]);
    fprintf(stderr, "pop3spec: %zu error%s in the scenarios", diagnostics->count,
            diagnostics->count == 1 ? "" : "s");
    fprintf(stderr, shown < diagnostics->count ? "; the first %d are shown\n" : "\n", DIAGNOSTICS_MAX);
    return PROGRAM_USAGE;
}

bool output_has_colour(int descriptor)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return isatty(descriptor) == 1 && (no_colour == NULL || *no_colour == '\0') && terminal != NULL &&
           strcmp(terminal, "dumb") != 0;
}
