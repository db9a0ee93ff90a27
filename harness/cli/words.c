#include "cli/words.h"

#include "base/memory.h"
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

void text_list_add(struct text_list *list, const char *text)
{
    list->items = memory_resize_array(list->items, list->count + 2, sizeof(char *));
    list->items[list->count++] = text;
    list->items[list->count] = NULL;
}

void words_append_quoted(struct buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@=,+%[]";

    if (*word != '\0' && strspn(word, plain) == strlen(word)) {
        buf_append_text(out, word);
        return;
    }
    buf_append_octet(out, '\'');
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '\'')
            buf_append_text(out, "'\\''");
        else
            buf_append_octet(out, (uint8_t)*c);
    }
    buf_append_octet(out, '\'');
}

void words_append_command(struct buf *out, int argc, char **argv)
{
    buf_append_text(out, argv[0]);
    for (int i = 1; i < argc; i++) {
        buf_append_octet(out, ' ');
        words_append_quoted(out, argv[i]);
    }
}

static bool is_file(const char *word)
{
    return bytes_end_with(bytes_of(word), bytes_of(".yaml"));
}

static bool is_prefix(const struct suite *suite, const char *word)
{
    size_t size = strlen(word);

    while (size > 0 && word[size - 1] == '/')
        size--;
    for (size_t i = 0; i < suite->scenario_count; i++) {
        const char *id = suite->scenarios[i].id;

        if (strncmp(id, word, size) == 0 && (id[size] == '/' || id[size] == '\0'))
            return true;
    }
    return false;
}

/* "rfc1939/dele@stls" selects what stands before the @; "user@host" is no selection. */
static bool is_known(const struct library *library, const char *word)
{
    struct buf id;

    buf_init(&id, BUF_UNBOUNDED);
    buf_append(&id, bytes_make(word, strcspn(word, "@")));
    bool known =
        is_prefix(&library->suite, buf_text(&id)) || ledger_find(&library->ledger, buf_text(&id)) != NULL;

    buf_release(&id);
    return known;
}

/* A word that no host could have: with "/" but no scheme, a glob, or one letter away from a clause. */
static bool cannot_be_target(const struct library *library, const char *word)
{
    if (strpbrk(word, "*?") != NULL)
        return true;
    if (strstr(word, "://") != NULL)
        return false;
    if (strchr(word, '/') != NULL)
        return true;
    return strpbrk(word, ".:") == NULL && strncmp(word, "rfc", 3) == 0 &&
           ledger_suggest(&library->ledger, word) != NULL;
}

/* A file is named for all of its scenarios, unless a word of SELECTION says which, such as "my/second" of "my". */
static bool is_narrowed(const struct text_list *selection, const char *file)
{
    size_t size = strlen(file);

    for (size_t i = 0; i < selection->count; i++)
        if (strncmp(selection->items[i], file, size) == 0 && selection->items[i][size] == '/')
            return true;
    return false;
}

static void add_files(struct text_list *selection, const struct text_list *files)
{
    for (size_t i = 0; i < files->count; i++)
        if (!is_narrowed(selection, files->items[i]))
            text_list_add(selection, files->items[i]);
}

bool words_sort(struct words *words, const struct text_list *positionals, struct library *library,
                bool target_given)
{
    struct text_list files = {.count = 0};
    bool found = true;

    *words = (struct words){0};
    for (size_t i = 0; i < positionals->count && found; i++) {
        const char *word = positionals->items[i];

        if (is_file(word)) {
            word = library_add_file(library, word);
            found = word != NULL;
            if (found)
                text_list_add(&files, word);
        } else if (words->target == NULL && !target_given && !is_known(library, word) &&
                   !cannot_be_target(library, word)) {
            words->target = word;
        } else {
            text_list_add(&words->selection, word);
        }
    }
    add_files(&words->selection, &files);
    free(files.items);
    return found;
}

void words_release(struct words *words)
{
    free(words->selection.items);
}
