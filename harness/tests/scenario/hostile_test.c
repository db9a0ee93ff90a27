/* Directories and files that mean harm: includes that lead out, circles, bombs, and names that no id can have. */
#include "scenario/load.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct tree {
    char root[64];
};

static void write_file(const struct tree *tree, const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", tree->root, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void make_folder(const struct tree *tree, const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", tree->root, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static int setup(void **state)
{
    static struct tree tree;

    snprintf(tree.root, sizeof(tree.root), "/tmp/pop3spec-suite-XXXXXX");
    if (mkdtemp(tree.root) == NULL)
        return -1;
    make_folder(&tree, "fixtures");
    make_folder(&tree, "clauses");
    make_folder(&tree, "topic");
    write_file(&tree, "fixtures/f.yaml", TEST_FIXTURES);
    write_file(&tree, "clauses/c.yaml", "not: [scenarios\n");
    *state = &tree;
    return 0;
}

static int teardown(void **state)
{
    const struct tree *tree = *state;
    char command[128];

    snprintf(command, sizeof(command), "rm -rf -- '%s'", tree->root);
    return system(command);
}

#define ONE_SCENARIO(name) "  - {name: " name ", title: T, tags: [example], dialog: [{use: greet}]}\n"

/* Loads the tree; EXPECTED is "name:line: text\n" for each mistake, names below the root. */
static void expect_loaded(const struct tree *tree, size_t scenario_count, const char *expected)
{
    struct diagnostics *diagnostics = new_diagnostics();
    struct suite suite;
    struct buf actual;

    buf_init(&actual, BUF_UNBOUNDED);
    bool ok = suite_load(&suite, tree->root, NULL, diagnostics);

    for (size_t i = 0; i < diagnostics->count && i < DIAGNOSTICS_MAX; i++) {
        const struct error *error = &diagnostics->errors[i];

        buf_append_format(&actual, "%s:%u: %s\n", error->file + strlen(tree->root) + 1, error->line,
                          error->text);
    }
    assert_string_equal(buf_text(&actual), expected);
    assert_int_equal(ok, expected[0] == '\0');
    assert_int_equal(suite.scenario_count, scenario_count);
    buf_release(&actual);
    suite_release(&suite);
    free(diagnostics);
}

static void files_take_over_what_they_include(void **state)
{
    const struct tree *tree = *state;

    write_file(tree, "common.yaml", "pop3spec: 1\nblocks:\n  greet: |\n    S: +OK\n  other: |\n    close\n");
    write_file(
        tree, "topic/more.yaml",
        "pop3spec: 1\ninclude: [../common.yaml]\ndefaults: {state: authorization}\nblocks:\n  greet: |\n"
        "    C: NOOP\n    S: -ERR\n");
    write_file(tree, "topic/a.yaml",
               "pop3spec: 1\ninclude: [../common.yaml, ./more.yaml]\nscenarios:\n" ONE_SCENARIO("s"));
    expect_loaded(tree, 1, "");
}

static void includes_stay_in_the_tree(void **state)
{
    const struct tree *tree = *state;
    char link[256];

    snprintf(link, sizeof(link), "%s/topic/link", tree->root);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    write_file(tree, "topic/a.yaml",
               "pop3spec: 1\n"
               "include:\n"
               "  - /etc/passwd\n"
               "  - ../../etc/passwd\n"
               "  - link\n"
               "  - nothing.yaml\n"
               "  - ../topic\n"
               "scenarios: []\n");
    expect_loaded(tree, 0,
                  "topic/a.yaml:3: '/etc/passwd' cannot be included\n"
                  "topic/a.yaml:4: '../../etc/passwd' cannot be included\n"
                  "topic/a.yaml:5: 'topic/link' cannot be included\n"
                  "topic/a.yaml:6: 'topic/nothing.yaml' cannot be included\n"
                  "topic/a.yaml:7: 'topic' cannot be included: this is a directory, not a file\n");
}

static void circles_of_includes_end(void **state)
{
    const struct tree *tree = *state;

    write_file(tree, "a.yaml", "pop3spec: 1\ninclude: [b.yaml]\nscenarios: []\n");
    write_file(tree, "b.yaml", "pop3spec: 1\ninclude: [a.yaml]\nscenarios: []\n");
    write_file(tree, "c.yaml", "pop3spec: 1\ninclude: [c.yaml]\nscenarios: []\n");
    expect_loaded(tree, 0,
                  "a.yaml:2: 'b.yaml' includes itself\n"
                  "b.yaml:2: 'a.yaml' includes itself\n"
                  "c.yaml:2: 'c.yaml' includes itself\n");
}

static void chains_of_includes_are_bounded(void **state)
{
    const struct tree *tree = *state;
    char name[32];
    char text[128];

    for (int i = 0; i < 12; i++) {
        snprintf(name, sizeof(name), "f%02d.yaml", i);
        snprintf(text, sizeof(text), "pop3spec: 1\ninclude: [f%02d.yaml]\nscenarios: []\n", i + 1);
        write_file(tree, name, text);
    }
    write_file(tree, "f12.yaml", "pop3spec: 1\nscenarios: []\n");
    struct diagnostics *diagnostics = new_diagnostics();
    struct suite suite;

    assert_false(suite_load(&suite, tree->root, NULL, diagnostics));
    assert_string_equal(diagnostics->errors[0].text, "too many files are included");
    suite_release(&suite);
    free(diagnostics);
}

static void file_names_make_ids(void **state)
{
    const struct tree *tree = *state;

    write_file(tree, "topic/Upper.yaml", "pop3spec: 1\nscenarios: []\n");
    write_file(tree, "topic/fine-1.yaml",
               "pop3spec: 1\nscenarios:\n  - {name: s, title: T, tags: [example], dialog: [{close: }]}\n");
    write_file(tree, "topic/.hidden.yaml", "nothing: [");
    write_file(tree, "topic/notes.txt", "nothing: [");
    expect_loaded(tree, 1, "topic/Upper.yaml:1: the file's name cannot be part of an id\n");
}

/* `a` with each label b/c, and b in folder a: two ways to the same id. */
static void ids_are_unique_in_the_whole_suite(void **state)
{
    const struct tree *tree = *state;

    write_file(tree, "topic.yaml",
               "pop3spec: 1\nscenarios:\n  - name: a\n    title: T\n    tags: [example]\n"
               "    each: {p: [b]}\n    dialog: |\n      close\n");
    write_file(tree, "topic/a.yaml",
               "pop3spec: 1\nscenarios:\n  - {name: b, title: T, tags: [example], dialog: [{close: }]}\n");
    struct diagnostics *diagnostics = new_diagnostics();
    struct suite suite;

    assert_false(suite_load(&suite, tree->root, NULL, diagnostics));
    assert_int_equal(diagnostics->count, 1);
    assert_memory_equal(diagnostics->errors[0].text, "the id 'topic/a/b' is also that of", 34);
    suite_release(&suite);
    free(diagnostics);
}

static void single_files_get_ids_from_their_names(void **state)
{
    const struct tree *tree = *state;
    struct diagnostics *diagnostics = new_diagnostics();
    struct suite suite;
    char path[256];

    write_file(tree, "My Tests.yaml",
               "pop3spec: 1\nscenarios:\n  - {name: s, title: T, tags: [example], mailbox: [short], "
               "dialog: [{close: }]}\n");
    suite_init(&suite);
    assert_true(suite_load_fixtures(&suite, tree->root, diagnostics));
    snprintf(path, sizeof(path), "%s/My Tests.yaml", tree->root);
    assert_true(suite_add_file(&suite, path, NULL, NULL, diagnostics));
    assert_non_null(suite_find(&suite, "my-tests/s"));
    assert_true(suite_add_file(&suite, path, "own/prefix", NULL, diagnostics));
    assert_non_null(suite_find(&suite, "own/prefix/s"));
    assert_false(suite_add_file(&suite, "/nowhere/x.yaml", NULL, NULL, diagnostics));
    assert_string_equal(diagnostics->errors[0].text, "No such file or directory");
    suite_release(&suite);
    free(diagnostics);
}

/* A few lines that mean 10^8: refused by their number, in no time. */
static void blocks_that_use_blocks_are_bounded(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, BUF_UNBOUNDED);
    buf_append_text(&text, "pop3spec: 1\ndefaults: {tags: [example]}\nblocks:\n");
    for (char name = 'a'; name < 'h'; name++) {
        buf_append_format(&text, "  %c: |\n", name);
        for (int i = 0; i < 10; i++)
            buf_append_format(&text, "    use: %c\n", name + 1);
    }
    buf_append_text(&text, "  h: |\n    close\nscenarios:\n  - {name: s, title: T, dialog: [{use: a}]}\n");
    struct diagnostics *diagnostics = new_diagnostics();
    struct suite suite;

    suite_init(&suite);
    assert_false(suite_add_text(&suite, buf_bytes(&text), "t.yaml", NULL, NULL, diagnostics));
    assert_string_equal(diagnostics->errors[0].text, "the dialog has more than 20000 steps");
    suite_release(&suite);
    buf_release(&text);
    free(diagnostics);
}

static void blocks_that_use_themselves_are_refused(void **state)
{
    (void)state;
    expect_wrong("pop3spec: 1\nblocks:\n  a: |\n    use: a\nscenarios:\n"
                 "  - {name: s, title: T, tags: [example], dialog: [{use: a}]}\n",
                 "4:5: blocks use each other too deeply\n");
    expect_wrong("pop3spec: 1\nblocks:\n  a: |\n    when closed:\n      use: a\nscenarios:\n"
                 "  - {name: s, title: T, tags: [example], dialog: [{use: a}]}\n",
                 "4:5: steps are nested too deeply\n");
}

static void parameters_that_multiply_are_bounded(void **state)
{
    (void)state;
    expect_wrong(
        SCENARIO("    each: {a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], b: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "
                 "c: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], d: [1, 2]}\n",
                 "      close\n"),
        "6:11: 'each' makes more than 1000 cases\n");
}

/* Thousands of scenarios load at once: lint is what authors run at every save. */
static void five_thousand_scenarios_load_fast(void **state)
{
    struct diagnostics *diagnostics = new_diagnostics();
    struct suite suite;
    struct buf text;

    (void)state;
    buf_init(&text, BUF_UNBOUNDED);
    buf_append_text(&text, "pop3spec: 1\ndefaults: {tags: [example], state: transaction}\nscenarios:\n");
    for (int i = 0; i < 5000; i++)
        buf_append_format(
            &text,
            "  - name: s%d\n    title: T\n    dialog: |\n      C: LIST\n      S: +OK\n      S: 1 120\n"
            "      S: ...\n      C: STAT\n      S: +OK {count} {octets}\n",
            i);
    suite_init(&suite);
    clock_t start = clock();

    assert_true(suite_add_text(&suite, buf_bytes(&text), "t.yaml", NULL, NULL, diagnostics));
    assert_int_equal(suite.scenario_count, 5000);
    /* A tenth of this without sanitizers; quadratic work would take minutes. */
    assert_true((clock() - start) / CLOCKS_PER_SEC < 10);
    suite_release(&suite);
    buf_release(&text);
    free(diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_take_over_what_they_include, setup, teardown),
        cmocka_unit_test_setup_teardown(includes_stay_in_the_tree, setup, teardown),
        cmocka_unit_test_setup_teardown(circles_of_includes_end, setup, teardown),
        cmocka_unit_test_setup_teardown(chains_of_includes_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(file_names_make_ids, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_are_unique_in_the_whole_suite, setup, teardown),
        cmocka_unit_test_setup_teardown(single_files_get_ids_from_their_names, setup, teardown),
        cmocka_unit_test(blocks_that_use_blocks_are_bounded),
        cmocka_unit_test(blocks_that_use_themselves_are_refused),
        cmocka_unit_test(parameters_that_multiply_are_bounded),
        cmocka_unit_test(five_thousand_scenarios_load_fast),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
