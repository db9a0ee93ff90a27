/* Every clause that a fault or a variant names stands in the ledger, and a fault can be caught by its own. */
#include "base/buf.h"
#include "base/check.h"
#include "refserver/refserver.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void append_file(const char *folder, const char *name, struct buf *text)
{
    char path[512];
    char piece[4096];
    size_t size;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    while ((size = fread(piece, 1, sizeof(piece), file)) > 0)
        buf_append(text, bytes_make(piece, size));
    fclose(file);
}

/* The text of all ledger files. */
static int read_ledger(void **state)
{
    static const char folder[] = SOURCE_DIR "/scenarios/clauses";
    struct buf *text = calloc(1, sizeof(struct buf));
    DIR *directory = opendir(folder);
    struct dirent *entry;

    if (directory == NULL || text == NULL)
        return -1;
    buf_init(text, BUF_UNBOUNDED);
    while ((entry = readdir(directory)) != NULL)
        if (strstr(entry->d_name, ".yaml") != NULL)
            append_file(folder, entry->d_name, text);
    closedir(directory);
    *state = text;
    return 0;
}

static int forget_ledger(void **state)
{
    struct buf *text = *state;

    buf_release(text);
    free(text);
    return 0;
}

/* The entry of clause ID, from its name up to the next clause's; empty if there is none. */
static struct bytes find_entry(const struct buf *ledger, struct bytes id)
{
    char key[128];

    snprintf(key, sizeof(key), "- id: %.*s\n", (int)id.size, (const char *)id.data);
    size_t start = bytes_find(buf_bytes(ledger), bytes_of(key));

    if (start == BYTES_NOT_FOUND)
        return BYTES_EMPTY;
    struct bytes rest = bytes_from(buf_bytes(ledger), start + strlen(key));

    return bytes_slice(rest, 0, bytes_find(rest, BYTES_LITERAL("- id: ")));
}

static bool says(struct bytes entry, const char *text)
{
    return bytes_find(entry, bytes_of(text)) != BYTES_NOT_FOUND;
}

static void expect_known(const struct buf *ledger, const char *owner, const char *ids)
{
    struct bytes rest = bytes_of(ids);
    struct bytes id;

    while (rest.size > 0 && bytes_split(&rest, ' ', &id)) {
        if (find_entry(ledger, id).size == 0)
            print_error("%s names the unknown clause %.*s\n", owner, (int)id.size, (const char *)id.data);
        assert_int_not_equal(find_entry(ledger, id).size, 0);
    }
}

static void faults_name_clauses_that_can_catch_them(void **state)
{
    for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
        const struct fault_info *info = fault_info(fault);

        expect_known(*state, info->id, info->clause);
        expect_known(*state, info->id, info->also);
        struct bytes entry = find_entry(*state, bytes_of(info->clause));
        bool catches =
            !says(entry, "level: may") && !says(entry, "party: client") && !says(entry, "untestable:");

        if (!catches)
            print_error("nothing can fail by %s, the clause of %s\n", info->clause, info->id);
        assert_true(catches);
    }
}

static void variants_name_clauses(void **state)
{
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++) {
        const struct variant_info *info = variant_info(variant);
        struct bytes rest = bytes_of(info->warns);
        struct bytes id;

        expect_known(*state, info->id, info->clause);
        expect_known(*state, info->id, info->warns);
        while (rest.size > 0 && bytes_split(&rest, ' ', &id))
            assert_true(says(find_entry(*state, id), "level: should"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_name_clauses_that_can_catch_them),
        cmocka_unit_test(variants_name_clauses),
    };

    return cmocka_run_group_tests(tests, read_ledger, forget_ledger);
}
