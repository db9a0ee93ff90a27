/*
 * The registries that IANA keeps for POP3 are in the program's vocabulary as they are in the ledger, entry by entry, and the
 * lookup by name finds what RFC 2449 sections 5 and 8 make equal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/ledger.h"
#include "pop3/capability.h"
#include "pop3/response_code.h"

static int load(void **state)
{
    struct ledger *ledger = calloc(1, sizeof(struct ledger));
    struct error error;

    if (ledger == NULL || !ledger_load(ledger, SOURCE_DIR "/scenarios/clauses", &error))
        return -1;
    *state = ledger;
    return 0;
}

static int release(void **state)
{
    struct ledger *ledger = *state;

    ledger_release(ledger);
    free(ledger);
    return 0;
}

/* "iana-response-code-sys-temp" for "SYS/TEMP". */
static void clause_of(const char *kind, const char *name, char *text, size_t size)
{
    int used = snprintf(text, size, "iana-%s-", kind);

    for (size_t i = 0; name[i] != '\0' && (size_t)used + 1 < size; i++) {
        text[used++] = name[i] == '/' ? '-' : (char)ascii_lower((uint8_t)name[i]);
        text[used] = '\0';
    }
}

static void expect_entry(const struct ledger *ledger, const char *kind, const char *name)
{
    char id[64];

    clause_of(kind, name, id, sizeof(id));
    if (ledger_find(ledger, id) == NULL)
        fail_msg("%s has no entry %s", name, id);
}

static size_t count_entries(const struct ledger *ledger, const char *prefix)
{
    size_t count = 0;

    for (size_t i = 0; i < ledger->count; i++)
        count += strncmp(ledger->clauses[i].id, prefix, strlen(prefix)) == 0 ? 1 : 0;
    return count;
}

static void every_registered_capability_is_known(void **state)
{
    for (size_t i = 0; i < REGISTERED_CAPABILITY_COUNT; i++)
        expect_entry(*state, "capability", registered_capabilities[i].tag);
    assert_int_equal(count_entries(*state, "iana-capability-"), REGISTERED_CAPABILITY_COUNT);
}

static void every_registered_response_code_is_known(void **state)
{
    for (size_t i = 0; i < RESPONSE_CODE_COUNT; i++)
        expect_entry(*state, "response-code", response_code_name((enum response_code)i));
    assert_int_equal(count_entries(*state, "iana-response-code-"), RESPONSE_CODE_COUNT);
}

/* What stands in the ledger under another clause must stand there, or the entry accounts for nothing. */
static void every_clause_that_an_entry_names_exists(void **state)
{
    const struct ledger *ledger = *state;

    for (size_t i = 0; i < ledger->count; i++) {
        const struct clause *clause = &ledger->clauses[i];
        struct bytes rest = bytes_of(clause->untestable != NULL ? clause->untestable : "");
        struct bytes word;

        if (strcmp(clause->document, "iana") != 0)
            continue;
        while (bytes_split(&rest, ' ', &word)) {
            char id[64];

            snprintf(id, sizeof(id), "%.*s", (int)word.size, (const char *)word.data);
            id[strcspn(id, ",;")] = '\0';
            if (strncmp(id, "rfc", 3) == 0 && ledger_find(ledger, id) == NULL)
                fail_msg("%s names the unknown clause %s", clause->id, id);
        }
    }
}

static void capabilities_are_found_without_case(void **state)
{
    (void)state;
    const struct registered_capability *stls = capability_registered(BYTES_LITERAL("stls"));

    assert_non_null(stls);
    assert_string_equal(stls->tag, "STLS");
    assert_int_equal(stls->behind_login, CAPABILITY_GOES);
    assert_null(capability_registered(BYTES_LITERAL("STL")));
    assert_null(capability_registered(BYTES_LITERAL("STLSX")));
    assert_null(capability_registered(BYTES_EMPTY));
}

static void expect_code(struct bytes text, enum response_code expected)
{
    enum response_code found = RESPONSE_CODE_COUNT;

    assert_true(response_code_find(text, &found));
    assert_int_equal(found, expected);
}

static void codes_are_found_without_case_and_before_detail(void **state)
{
    enum response_code code;

    (void)state;
    expect_code(BYTES_LITERAL("AUTH"), RESPONSE_CODE_AUTH);
    expect_code(BYTES_LITERAL("auth/EXPIRED"), RESPONSE_CODE_AUTH);
    expect_code(BYTES_LITERAL("Sys/Temp"), RESPONSE_CODE_SYS_TEMP);
    expect_code(BYTES_LITERAL("SYS/PERM/DISK/FULL"), RESPONSE_CODE_SYS_PERM);
    assert_false(response_code_find(BYTES_LITERAL("AUTHENTIC"), &code));
    assert_false(response_code_find(BYTES_LITERAL("SYS"), &code));
    assert_false(response_code_find(BYTES_LITERAL("SYS/TEMPORARY"), &code));
    assert_false(response_code_find(BYTES_EMPTY, &code));
}

static void codes_answer_the_commands_that_their_definitions_name(void **state)
{
    (void)state;
    assert_true(response_code_may_answer(RESPONSE_CODE_LOGIN_DELAY, COMMAND_USER));
    assert_false(response_code_may_answer(RESPONSE_CODE_LOGIN_DELAY, COMMAND_QUIT));
    assert_true(response_code_may_answer(RESPONSE_CODE_IN_USE, COMMAND_APOP));
    assert_false(response_code_may_answer(RESPONSE_CODE_IN_USE, COMMAND_USER));
    assert_true(response_code_may_answer(RESPONSE_CODE_SYS_PERM, COMMAND_UNKNOWN));
    assert_true(response_code_may_answer(RESPONSE_CODE_AUTH, COMMAND_AUTH));
    assert_false(response_code_may_answer(RESPONSE_CODE_AUTH, COMMAND_UNKNOWN));
    assert_true(response_code_may_answer(RESPONSE_CODE_UTF8, COMMAND_TOP));
    assert_false(response_code_may_answer(RESPONSE_CODE_UTF8, COMMAND_UIDL));
}

static void levels_are_not_empty(void **state)
{
    static const char *const bad[] = {"", "/", "SYS/", "/TEMP", "SYS//TEMP"};
    static const char *const good[] = {"A", "SYS/TEMP", "X-A/b/c"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(response_code_has_levels(bytes_of(bad[i])));
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(response_code_has_levels(bytes_of(good[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_registered_capability_is_known),
        cmocka_unit_test(every_registered_response_code_is_known),
        cmocka_unit_test(every_clause_that_an_entry_names_exists),
        cmocka_unit_test(capabilities_are_found_without_case),
        cmocka_unit_test(codes_are_found_without_case_and_before_detail),
        cmocka_unit_test(codes_answer_the_commands_that_their_definitions_name),
        cmocka_unit_test(levels_are_not_empty),
    };

    return cmocka_run_group_tests(tests, load, release);
}
