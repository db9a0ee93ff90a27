#include "scenario/dialog.h"

#include "scenario/diagnostics.h"
#include "scenario/verbs.h"
#include "yamldoc/node.h"

struct dialog_reader {
    struct arena *arena;
    const struct document *document;
    struct diagnostics *diagnostics;
    size_t line_count;
    bool ok;
};

/* One line of a literal block, before it is taken apart. */
struct raw_line {
    struct bytes text;
    uint32_t index; /* from 0 in the block */
    size_t indentation;
};

struct block {
    struct dialog_reader *reader;
    const struct node *scalar;
    struct bytes rest; /* lines not read yet */
    uint32_t index;    /* of the next of them */
    struct raw_line current;
    bool at_end;
};

static void refuse(struct dialog_reader *reader, struct place place, const char *hint, const char *text)
{
    diagnostics_say(reader->diagnostics, place, hint, "%s", text);
    reader->ok = false;
}

static struct dialog_line *new_line(struct dialog_reader *reader, struct place place)
{
    struct dialog_line *line = arena_new(reader->arena, sizeof(*line));

    line->place = place;
    line->value_place = place;
    if (++reader->line_count == DIALOG_LINES_MAX)
        refuse(reader, place, NULL, "the dialog has too many lines");
    return line;
}

/* Steps to the next line that is neither empty nor a comment. */
static void block_advance(struct block *block)
{
    struct bytes text;

    while (bytes_split(&block->rest, '\n', &text)) {
        size_t indentation = 0;
        uint32_t index = block->index++;

        while (indentation < text.size && text.data[indentation] == ' ')
            indentation++;
        if (indentation == text.size || text.data[indentation] == '#')
            continue;
        block->current = (struct raw_line){text, index, indentation};
        return;
    }
    block->at_end = true;
}

static struct place block_place(const struct block *block, size_t offset)
{
    return literal_place(block->reader->document, block->scalar, block->current.index, block->current.text,
                         offset);
}

/* Takes "KEY: VALUE" apart; the key ends at the first ": ", or at a ":" that ends the line. */
static struct dialog_line *read_line(struct block *block)
{
    struct bytes text = block->current.text;
    size_t start = block->current.indentation;
    struct dialog_line *line = new_line(block->reader, block_place(block, start));
    size_t end = start;

    if (bytes_find_octet(text, '\t') != BYTES_NOT_FOUND)
        refuse(block->reader, block_place(block, bytes_find_octet(text, '\t')),
               "write \\t, which can be seen", "a tab");
    while (end < text.size && !(text.data[end] == ':' && (end + 1 == text.size || text.data[end + 1] == ' ')))
        end++;
    line->key = bytes_slice(text, start, end);
    line->value = bytes_from(text, end + 2);
    line->value_place = block_place(block, end + 2 <= text.size ? end + 2 : text.size);
    return line;
}

static struct dialog_line *read_lines(struct block *block, size_t indentation, unsigned depth)
{
    struct dialog_line *first = NULL;
    struct dialog_line **next = &first;
    struct dialog_reader *reader = block->reader;

    if (depth > DIALOG_DEPTH_MAX)
        refuse(reader, block_place(block, 0), NULL, "blocks are nested too deeply");
    while (reader->ok && !block->at_end && block->current.indentation == indentation) {
        struct dialog_line *line = read_line(block);

        *next = line;
        next = &line->next;
        block_advance(block);
        if (!block->at_end && block->current.indentation > indentation)
            line->inner = read_lines(block, block->current.indentation, depth + 1);
        if (reader->ok && !block->at_end && block->current.indentation > indentation)
            refuse(reader, block_place(block, block->current.indentation),
                   "the lines of a block begin in the same column",
                   "this line is indented otherwise than those above");
    }
    return first;
}

static const struct dialog_line *read_block(struct dialog_reader *reader, const struct node *scalar)
{
    struct block block = {.reader = reader, .scalar = scalar, .rest = scalar->text};

    block_advance(&block);
    if (block.at_end) {
        refuse(reader, scalar->place, NULL, "the dialog is empty");
        return NULL;
    }
    size_t indentation = block.current.indentation;
    const struct dialog_line *lines = read_lines(&block, indentation, 0);

    if (reader->ok && !block.at_end)
        refuse(reader, block_place(&block, block.current.indentation), NULL,
               "this line is indented less than the first one");
    return lines;
}

/* What a literal block cannot hold must not come in through quotes either: both forms stay one language. */
static void check_visible(struct dialog_reader *reader, const struct node *scalar)
{
    const char *swallowed = scalar_swallowed(reader->document, scalar);

    if (swallowed != NULL)
        refuse(reader, scalar->place, NULL, swallowed);
    if (!text_is_visible(scalar->text))
        refuse(reader, scalar->place, "use single quotes, so that \\r and \\n stay as they are",
               "YAML made a control character of an escape in this text");
}

static struct dialog_line *read_items(struct dialog_reader *reader, const struct node *list, unsigned depth);

static bool takes_map(struct bytes key)
{
    enum step_kind kind;
    int connection;
    struct bytes rest;

    return verb_parse(key, &kind, &connection, &rest) && kind == STEP_SASL;
}

static struct dialog_line *read_item(struct dialog_reader *reader, const struct node *item, unsigned depth)
{
    if (item->kind != NODE_MAP || item->count != 1) {
        refuse(reader, item->place, "write '- C: STAT', or '- closed:' where nothing stands behind the verb",
               "a step is a map of one key");
        return NULL;
    }
    const struct node *key = item->first;
    struct dialog_line *line = new_line(reader, key->place);

    check_visible(reader, key);
    line->key = key->text;
    line->value_place = key->value->place;
    switch (key->value->kind) {
    case NODE_SCALAR:
        check_visible(reader, key->value);
        line->value = key->value->text;
        if (key->value->style == SCALAR_SINGLE_QUOTED || key->value->style == SCALAR_DOUBLE_QUOTED)
            line->value_place.column++;
        break;
    case NODE_SEQUENCE:
        line->inner = read_items(reader, key->value, depth + 1);
        break;
    case NODE_MAP:
        line->map = key->value;
        if (takes_map(key->text))
            break;
        refuse(reader, key->value->place, "quote text that begins with {", "this is a map, not text");
        break;
    }
    return line;
}

static struct dialog_line *read_items(struct dialog_reader *reader, const struct node *list, unsigned depth)
{
    struct dialog_line *first = NULL;
    struct dialog_line **next = &first;

    if (list->count == 0)
        refuse(reader, list->place, NULL, depth == 0 ? "the dialog is empty" : "the block is empty");
    for (const struct node *item = list->first; item != NULL && !diagnostics_full(reader->diagnostics);
         item = item->next) {
        struct dialog_line *line = read_item(reader, item, depth);

        if (line == NULL)
            continue;
        *next = line;
        next = &line->next;
    }
    return first;
}

const struct dialog_line *dialog_read(struct arena *arena, const struct document *document,
                                      const struct node *node, struct diagnostics *diagnostics)
{
    struct dialog_reader reader = {
        .arena = arena, .document = document, .diagnostics = diagnostics, .ok = true};
    const struct dialog_line *lines = NULL;

    if (node->kind == NODE_SEQUENCE)
        lines = read_items(&reader, node, 0);
    else if (node->kind == NODE_SCALAR && node->style == SCALAR_LITERAL)
        lines = read_block(&reader, node);
    else
        refuse(&reader, node->place, "write 'dialog: |' and the lines below it",
               "a dialog is a literal block or a list of steps");
    return reader.ok ? lines : NULL;
}
