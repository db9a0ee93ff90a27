#include "yamldoc/document.h"

#include "base/limits.h"
#include "yamldoc/files.h"
#include "yamldoc/parse.h"
#include "yamldoc/prescan.h"

/* Nodes, texts and sorted keys of the largest document that the other limits let through. */
#define DOCUMENT_ARENA_OCTETS_MAX ((size_t)256 * 1024 * 1024)

static void document_init(struct document *document, const char *file)
{
    *document = (struct document){.file = file};
    arena_init(&document->arena, DOCUMENT_ARENA_OCTETS_MAX);
}

static bool document_load(struct document *document, struct bytes text, struct error *error)
{
    if (text.size > DOCUMENT_OCTETS_MAX)
        return error_at(error, (struct place){document->file, 0, 0}, "the file has more than %d octets",
                        DOCUMENT_OCTETS_MAX);
    document->text = arena_copy(&document->arena, text);
    return prescan_document(document, error) && parse_document(document, error);
}

bool document_load_text(struct document *document, struct bytes text, const char *file, struct error *error)
{
    document_init(document, file);
    return document_load(document, text, error);
}

bool document_load_file(struct document *document, const char *path, struct error *error)
{
    struct buf text;

    document_init(document, path);
    buf_init(&text, DOCUMENT_OCTETS_MAX);
    bool ok = file_read(path, error, &text) && document_load(document, buf_bytes(&text), error);

    buf_release(&text);
    return ok;
}

void document_release(struct document *document)
{
    arena_release(&document->arena);
    document->root = NULL;
}

struct bytes document_line(const struct document *document, uint32_t number)
{
    if (number == 0 || number > document->line_count)
        return BYTES_EMPTY;
    size_t start = document->line_starts[number - 1];
    size_t end = number < document->line_count ? document->line_starts[number] - 1 : document->text.size;

    if (end > start && document->text.data[end - 1] == '\r')
        end--;
    return bytes_slice(document->text, start, end);
}

struct place literal_place(const struct document *document, const struct node *scalar, uint32_t index,
                           struct bytes line, size_t offset)
{
    uint32_t number = scalar->place.line + 1 + index;
    struct bytes raw = document_line(document, number);
    size_t indentation = raw.size > line.size ? raw.size - line.size : 0;

    return (struct place){scalar->place.file, number, (uint32_t)(indentation + offset + 1)};
}

const char *scalar_swallowed(const struct document *document, const struct node *scalar)
{
    if (scalar->kind != NODE_SCALAR || scalar->style != SCALAR_PLAIN)
        return NULL;
    if (scalar->end.line != scalar->place.line && scalar->text.size > 0)
        return "this text goes on over several lines, which YAML joins by blanks: quote it, or write it in "
               "one line";
    struct bytes line = document_line(document, scalar->place.line);
    size_t start = scalar->place.column - 1 + scalar->text.size;
    size_t at = start;

    while (at < line.size && (line.data[at] == ' ' || line.data[at] == '\t'))
        at++;
    if (at < line.size && line.data[at] == '#' && at > start)
        return "YAML takes what stands behind \" #\" for a comment: quote the text, or move the comment to a "
               "line of its own";
    if (at == line.size && at > start && !scalar->in_flow)
        return "YAML drops the blanks at the end of this line: quote the text, or remove them";
    return NULL;
}
