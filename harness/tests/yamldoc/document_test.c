/* YAML documents: places, limits, and everything of YAML that is refused. */
#include "base/buf.h"
#include "base/limits.h"
#include "yamldoc/node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void load(struct document *document, const char *text)
{
    struct error error = {.kind = ERROR_NONE};

    if (!document_load_text(document, bytes_of(text), "t.yaml", &error))
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
}

static void expect_refused_bytes(struct bytes text, const char *expected)
{
    struct document document;
    struct error error = {.kind = ERROR_NONE};
    char actual[ERROR_TEXT_SIZE + ERROR_FILE_SIZE + 32];

    assert_false(document_load_text(&document, text, "t.yaml", &error));
    document_release(&document);
    snprintf(actual, sizeof(actual), "%s:%u:%u: %s", error.file, error.line, error.column, error.text);
    assert_string_equal(actual, expected);
}

static void expect_refused(const char *text, const char *expected)
{
    expect_refused_bytes(bytes_of(text), expected);
}

static void nodes_have_kinds_texts_and_places(void **state)
{
    struct document document;

    (void)state;
    load(&document, "a: one\nb:\n  - 'two'\n  - \"th\\tree\"\nc: {d: 4, e: [5]}\n");
    const struct node *root = document.root;

    assert_int_equal(root->kind, NODE_MAP);
    assert_int_equal(root->count, 3);
    assert_string_equal(map_get(root, "a")->text.data, "one");
    assert_int_equal(map_get(root, "a")->place.line, 1);
    assert_int_equal(map_get(root, "a")->place.column, 4);
    const struct node *list = map_get(root, "b");

    assert_int_equal(list->kind, NODE_SEQUENCE);
    assert_int_equal(list->first->style, SCALAR_SINGLE_QUOTED);
    assert_int_equal(list->first->place.line, 3);
    assert_int_equal(list->first->place.column, 5);
    assert_string_equal(list->first->next->text.data, "th\tree");
    assert_null(list->first->next->next);
    const struct node *map = map_get(root, "c");

    assert_true(map_get(map, "e")->in_flow);
    assert_false(map->in_flow);
    assert_int_equal(map_get(map, "e")->place.column, 14);
    assert_null(map_get(root, "d"));
    assert_null(map_get(NULL, "d"));
    document_release(&document);
}

static void columns_count_octets(void **state)
{
    struct document document;

    (void)state;
    load(&document, "{\xC3\xA9\xE2\x82\xAC: \xF0\x9F\x98\x80, b: 2}\n");
    const struct node *second = document.root->first->next;

    assert_int_equal(document.root->first->value->place.column, 9);
    assert_int_equal(second->place.column, 15);
    assert_int_equal(second->value->place.column, 18);
    document_release(&document);
}

static void literal_lines_map_to_file_lines(void **state)
{
    static const char TEXT[] =
        "x: 1\ny:\n    dialog: | # note\n\n      C: one\n        two \n\n      three\nz: 1\n";
    struct document document;
    struct bytes line;

    (void)state;
    load(&document, TEXT);
    const struct node *scalar = map_get(map_get(document.root, "y"), "dialog");
    struct bytes rest = scalar->text;

    assert_int_equal(scalar->style, SCALAR_LITERAL);
    for (uint32_t i = 0; bytes_split(&rest, '\n', &line) && rest.data != NULL; i++) {
        struct place place = literal_place(&document, scalar, i, line, 0);
        struct bytes raw = document_line(&document, place.line);

        assert_int_equal(place.line, 4 + i);
        if (line.size > 0)
            assert_int_equal(place.column, 7);
        assert_true(bytes_equal(bytes_from(raw, place.column - 1), line));
    }
    document_release(&document);
}

static void crlf_files_read_as_lf_files(void **state)
{
    struct document document;

    (void)state;
    load(&document, "a: |\r\n  one\r\n  two\r\nb: 2\r\n");
    assert_string_equal(map_get(document.root, "a")->text.data, "one\ntwo\n");
    assert_int_equal(map_key(document.root, "b")->place.line, 4);
    assert_true(bytes_equal(document_line(&document, 2), bytes_of("  one")));
    assert_int_equal(literal_place(&document, map_get(document.root, "a"), 1, bytes_of("two"), 2).column, 5);
    document_release(&document);
}

static void refuses_what_is_not_in_the_small_language(void **state)
{
    (void)state;
    expect_refused("", "t.yaml:1:1: the file is empty");
    expect_refused("# only a comment\n", "t.yaml:1:1: the file is empty");
    expect_refused("a: &x 1\n", "t.yaml:1:4: anchors (&) are not used here");
    expect_refused("a: *x\n", "t.yaml:1:4: aliases (*) are not used here");
    expect_refused("a: !!str 1\n", "t.yaml:1:4: tags (!) are not used here");
    expect_refused("a: ! 1\n", "t.yaml:1:4: tags (!) are not used here");
    expect_refused("%YAML 1.1\n---\na: 1\n", "t.yaml:1:1: directives (%) are not used here");
    expect_refused("a: 1\n---\nb: 1\n", "t.yaml:2:1: a second document in one file");
    expect_refused("[a]: 1\n", "t.yaml:1:1: a key must be a word, not a list or map");
    expect_refused("a: 1\nbb: 2\na: 3\n", "t.yaml:3:1: the key 'a' stands here twice; first in line 1");
    expect_refused("a: {b: 1, c: 2, b: 3}\n", "t.yaml:1:17: the key 'b' stands here twice; first in line 1");
}

static void refuses_octets_that_hide(void **state)
{
    (void)state;
    expect_refused_bytes(BYTES_LITERAL("a: \0b\n"), "t.yaml:1:4: a NUL octet");
    expect_refused("\xEF\xBB\xBF"
                   "a: 1\n",
                   "t.yaml:1:1: a byte order mark");
    expect_refused("a: 1\rb: 2\n", "t.yaml:1:5: a CR without LF behind it");
    expect_refused("a: b\x07\n", "t.yaml:1:5: the control character U+0007");
    expect_refused("a: \x7F\n", "t.yaml:1:4: the control character U+007F");
    expect_refused("a: 1\nb: \xC2\x85\n",
                   "t.yaml:2:4: the character U+0085, which YAML takes for a line end");
    expect_refused("b: \xE2\x80\xA8\n", "t.yaml:1:4: the character U+2028, which YAML takes for a line end");
}

static void refuses_what_is_not_utf8(void **state)
{
    (void)state;
    expect_refused("a: \xFF\n", "t.yaml:1:4: the octet 0xFF is not UTF-8 here");
    expect_refused("a: \x80\n", "t.yaml:1:4: the octet 0x80 is not UTF-8 here");
    expect_refused("a: \xC0\x80\n", "t.yaml:1:4: the octet 0xC0 is not UTF-8 here");
    expect_refused("a: \xED\xA0\x80\n", "t.yaml:1:4: the octet 0xED is not UTF-8 here");
    expect_refused("a: \xF4\x90\x80\x80\n", "t.yaml:1:4: the octet 0xF4 is not UTF-8 here");
    expect_refused("a: \xE2\x82", "t.yaml:1:4: the octet 0xE2 is not UTF-8 here");
}

static void syntax_errors_have_places(void **state)
{
    (void)state;
    expect_refused("a:\n\tb: 1\n", "t.yaml:2:1: a tab in the indentation");
    expect_refused("a: |\n  x\n\ty\n", "t.yaml:3:1: a tab in the indentation");
    expect_refused("a: b: c\n",
                   "t.yaml:1:5: this is not YAML: mapping values are not allowed in this context");
    expect_refused("a: [1, 2\n", "t.yaml:2:1: this is not YAML: did not find expected ',' or ']'");
    expect_refused("a: 'x\n", "t.yaml:2:1: this is not YAML: found unexpected end of stream");
    expect_refused("a: `x`\n", "t.yaml:1:4: this is not YAML: found character that cannot start any token");
}

static char *repeated(const char *unit, size_t count, const char *behind)
{
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    for (size_t i = 0; i < count; i++)
        buf_append_text(&text, unit);
    buf_append_text(&text, behind);
    return buf_take_text(&text);
}

static void refuses_depth_and_size(void **state)
{
    (void)state;
    char *flow = repeated("[", 100000, "");
    char *block = repeated("- ", 100000, "x\n");
    char *fits = repeated("[", DOCUMENT_DEPTH_MAX, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    char *many = repeated("-\n", DOCUMENT_NODES_MAX + 1, "");
    char *large = repeated("# 456789abcdef\n", DOCUMENT_OCTETS_MAX / 15 + 1, "");
    struct document document;

    expect_refused(flow, "t.yaml:1:33: lists and maps are nested too deeply");
    expect_refused(block, "t.yaml:1:65: lists and maps are nested too deeply");
    expect_refused(many, "t.yaml:200000:2: the document has too many keys and values");
    expect_refused(large, "t.yaml:0:0: the file has more than 1048576 octets");
    load(&document, fits);
    document_release(&document);
    free(flow);
    free(block);
    free(fits);
    free(many);
    free(large);
}

/* The usual bomb: nine levels of nine aliases each. It never gets to the first alias. */
static void refuses_the_alias_bomb(void **state)
{
    (void)state;
    expect_refused("a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n",
                   "t.yaml:1:4: anchors (&) are not used here");
}

/* One line of a hundred thousand keys: keys are compared, and columns counted, in less than quadratic time. */
static void many_keys_cost_no_more_than_their_size(void **state)
{
    struct document document;
    struct buf text;

    (void)state;
    buf_init(&text, BUF_UNBOUNDED);
    for (unsigned i = 0; i < 90000; i++)
        buf_append_format(&text, "%s%x: ", i == 0 ? "{" : ",", i);
    buf_append_text(&text, "}\n");
    load(&document, buf_text(&text));
    assert_int_equal(document.root->count, 90000);
    document_release(&document);
    buf_release(&text);
}

static void files_must_be_regular_and_small(void **state)
{
    char directory[] = "/tmp/pop3spec-yamldoc-XXXXXX";
    char path[64];
    struct document document;
    struct error error = {.kind = ERROR_NONE};

    (void)state;
    assert_non_null(mkdtemp(directory));
    assert_false(document_load_file(&document, directory, &error));
    document_release(&document);
    assert_string_equal(error.text, "this is a directory, not a file");
    assert_string_equal(error.file, directory);

    snprintf(path, sizeof(path), "%s/fifo", directory);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(document_load_file(&document, path, &error));
    document_release(&document);
    assert_string_equal(error.text, "this is not a regular file");
    unlink(path);

    snprintf(path, sizeof(path), "%s/large", directory);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), 100 * 1024 * 1024), 0);
    fclose(file);
    assert_false(document_load_file(&document, path, &error));
    document_release(&document);
    assert_string_equal(error.text, "the file is too large");
    unlink(path);
    assert_false(document_load_file(&document, path, &error));
    document_release(&document);
    assert_string_equal(error.text, "No such file or directory");
    rmdir(directory);
}

static void expect_swallowed(const char *text, bool swallowed)
{
    struct document document;

    load(&document, text);
    const struct node *node = document.root;

    while (node->kind != NODE_SCALAR)
        node = node->kind == NODE_MAP ? node->first->value : node->first;
    assert_int_equal(scalar_swallowed(&document, node) != NULL, swallowed);
    document_release(&document);
}

static void finds_what_yaml_swallows(void **state)
{
    (void)state;
    expect_swallowed("- S: +OK # two\n", true);
    expect_swallowed("- S: +OK \n", true);
    expect_swallowed("- S: +OK\n    2\n", true);
    expect_swallowed("[{S: +OK #2\n }]\n", true);
    expect_swallowed("- S: +OK\n", false);
    expect_swallowed("- S: +OK\r\n", false);
    expect_swallowed("- S: +OK", false);
    expect_swallowed("- S: +OK#2\n", false);
    expect_swallowed("- S: '+OK ' # quoted\n", false);
    expect_swallowed("[{S: +OK }]\n", false);
    expect_swallowed("- S:\n", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_have_kinds_texts_and_places),
        cmocka_unit_test(columns_count_octets),
        cmocka_unit_test(literal_lines_map_to_file_lines),
        cmocka_unit_test(crlf_files_read_as_lf_files),
        cmocka_unit_test(refuses_what_is_not_in_the_small_language),
        cmocka_unit_test(refuses_octets_that_hide),
        cmocka_unit_test(refuses_what_is_not_utf8),
        cmocka_unit_test(syntax_errors_have_places),
        cmocka_unit_test(refuses_depth_and_size),
        cmocka_unit_test(refuses_the_alias_bomb),
        cmocka_unit_test(many_keys_cost_no_more_than_their_size),
        cmocka_unit_test(files_must_be_regular_and_small),
        cmocka_unit_test(finds_what_yaml_swallows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
