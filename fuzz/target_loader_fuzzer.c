/*
 * What a user hands in besides scenarios: target files, expectation files, addresses. Input: a letter, then the text. T is a
 * target file; A an address; a digit is an expectation file, and what became of the cases that it speaks of. No file is opened:
 * what pass-file and token-file name holds "from-a-file".
 *
 * Oracles: files-said (what was refused says why), files-place (a mistake stands at a place in the text, and the caret finds
 * it), files-memory, target-sane (what was accepted can be used, and no name or secret holds a line end), target-address (an
 * address that was read is read again from what is printed), expectations-sane (each entry has a reason, and lies within the
 * text), expectations-update (a file that was brought up to a run can be read, foresees that run, and stays as it is).
 */
#include "allocated.h"
#include "check.h"
#include "wrap.h"

#include "base/buf.h"
#include "base/time.h"
#include "run/expectations.h"
#include "target/target.h"
#include "yamldoc/caret.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_OCTETS_MAX = 16 * 1024,
    MEMORY_OCTETS = 4 * 1024 * 1024,
    MEMORY_OCTETS_EACH = 16 * 1024,
    UPDATED_OCTETS_MAX = 1024 * 1024,
    CASES = 4,
};

static const char FILE_NAME[] = "input.yaml";

WRAP(bool, file_read, const char *path, struct error *error, struct buf *ret_octets)
{
    if (path[0] == '\0')
        return error_set(error, ERROR_HOST, "there is no such file");
    return buf_append_text(ret_octets, "from-a-file\nsecond line\n");
}

static size_t count_lines(struct bytes text)
{
    size_t count = 1;

    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == '\n';
    return count;
}

static void check_mistake(const struct error *error, struct bytes text)
{
    struct buf shown;

    FUZZ_CHECK(error->kind != ERROR_NONE && error->text[0] != '\0', "files-said");
    FUZZ_CHECK(error->line <= count_lines(text), "files-place");
    buf_init(&shown, 4096);
    FUZZ_CHECK(error->line == 0 || caret_render(text, error->line, error->column, &shown), "files-place");
    buf_release(&shown);
}

/* ---- targets ---- */

static bool is_one_line(const char *text)
{
    return strpbrk(text, "\r\n") == NULL;
}

static void check_account(const struct target *target, size_t index)
{
    const struct target_account *account = &target->accounts[index];

    FUZZ_CHECK(account->user != NULL && is_one_line(account->user), "target-sane");
    FUZZ_CHECK(account->pass != NULL && is_one_line(account->pass), "target-sane");
    FUZZ_CHECK(account->token == NULL || is_one_line(account->token), "target-sane");
    FUZZ_CHECK(target_account_allows(account, account->login), "target-sane");
    for (size_t i = 0; i < index; i++)
        FUZZ_CHECK(strcmp(target->accounts[i].user, account->user) != 0, "target-sane");
}

static void check_provision(const struct target *target)
{
    switch (target->provision) {
    case TARGET_PROVISION_NONE:
        return;
    case TARGET_PROVISION_MAILDIR:
    case TARGET_PROVISION_MBOX:
        FUZZ_CHECK(target->provision_path != NULL, "target-sane");
        return;
    case TARGET_PROVISION_LMTP:
    case TARGET_PROVISION_SMTP:
        FUZZ_CHECK(target->mail_host != NULL && target->mail_port != 0, "target-sane");
        FUZZ_CHECK(target->mail_recipient != NULL && is_one_line(target->mail_recipient), "target-sane");
        return;
    case TARGET_PROVISION_COMMAND:
        FUZZ_CHECK(target->command_deliver != NULL, "target-sane");
        return;
    }
}

static bool is_span(int64_t span_us)
{
    return span_us >= 0 && span_us <= 24 * 3600 * US_PER_S;
}

static void check_target(const struct target *target)
{
    struct error error;

    FUZZ_CHECK(target_check(target, &error), "target-sane");
    FUZZ_CHECK(target->host[0] != '\0' && is_one_line(target->host), "target-sane");
    FUZZ_CHECK(target->account_count <= TARGET_ACCOUNTS_MAX, "target-sane");
    for (size_t i = 0; i < target->account_count; i++)
        check_account(target, i);
    check_provision(target);
    FUZZ_CHECK(is_span(target->login_delay_us) && is_span(target->bad_login_delay_us) &&
                   is_span(target->connect_timeout_us) && is_span(target->reply_timeout_us) &&
                   is_span(target->login_patience_us) && is_span(target->provision_timeout_us),
               "target-sane");
}

static void run_target_file(struct bytes text)
{
    struct target target;
    struct error error = {.kind = ERROR_NONE};

    target_init(&target);
    if (target_load_text(&target, text, FILE_NAME, &error))
        check_target(&target);
    else
        check_mistake(&error, text);
    target_release(&target);
}

static void run_address(struct bytes text)
{
    struct target target;
    struct target again;
    struct error error = {.kind = ERROR_NONE};
    struct buf address;

    buf_init(&address, INPUT_OCTETS_MAX);
    buf_append(&address, bytes_slice(text, 0, bytes_find_octet(text, '\0')));
    target_init(&target);
    target_init(&again);
    if (!target_parse_address(&target, buf_text(&address), &error)) {
        FUZZ_CHECK(error.text[0] != '\0', "files-said");
    } else {
        const char *printed = target_address_text(&target);

        FUZZ_CHECK(target.account_count == 0 || is_one_line(target.accounts[0].user), "target-sane");
        FUZZ_CHECK(target_parse_address(&again, printed, &error), "target-address");
        FUZZ_CHECK(strcmp(target.host, again.host) == 0, "target-address");
        FUZZ_CHECK(again.port == (target.port != 0 ? target.port : target.implicit_port), "target-address");
        FUZZ_CHECK(strcmp(target_address_text(&again), printed) == 0, "target-address");
    }
    target_release(&again);
    target_release(&target);
    buf_release(&address);
}

/* ---- expectations ---- */

struct made_run {
    struct clause_result clauses[CASES];
    struct case_result cases[CASES];
    struct run_result result;
    struct arena arena;
};

static void make_run(struct made_run *made, uint8_t digit)
{
    static const char *const ids[CASES] = {"audit/crlf", "rfc1939/dele/a", "rfc1939/dele/b",
                                           "rfc1939/list/c"};
    static const enum verdict verdicts[] = {VERDICT_PASS, VERDICT_FAIL, VERDICT_BLOCKED, VERDICT_WARN,
                                            VERDICT_SKIP};

    *made = (struct made_run){.result.case_count = CASES};
    for (size_t i = 0; i < CASES; i++) {
        enum verdict verdict = verdicts[(digit + i) % (sizeof(verdicts) / sizeof(verdicts[0]))];

        made->clauses[i] = (struct clause_result){.id = "clause-1", .verdict = verdict};
        made->cases[i] = (struct case_result){.id = ids[i],
                                              .transport = i == 0 ? "all" : "lines",
                                              .verdict = verdict,
                                              .clauses = &made->clauses[i],
                                              .clause_count = 1};
    }
    made->result.cases = made->cases;
    arena_init(&made->arena, SIZE_MAX);
}

static void check_entries(const struct expectations *expectations, struct bytes text)
{
    size_t line_count = count_lines(text);

    for (size_t i = 0; i < expectations->count; i++) {
        const struct expectation *entry = &expectations->entries[i];

        FUZZ_CHECK(entry->pattern != NULL && entry->reason != NULL, "expectations-sane");
        FUZZ_CHECK(entry->place.line >= 1 && entry->place.line <= entry->line_end, "expectations-sane");
        FUZZ_CHECK(entry->line_end <= line_count, "expectations-sane");
    }
}

/* Brings TEXT up to the run of DIGIT. False when it cannot be read, or cannot be changed. */
static bool update(struct bytes text, uint8_t digit, struct buf *ret_text, uint64_t *ret_unexpected)
{
    struct expectations expectations;
    struct made_run made;
    struct error error = {.kind = ERROR_NONE};

    make_run(&made, digit);
    expectations_init(&expectations);
    bool ok = expectations_load_text(&expectations, text, FILE_NAME, &error);

    if (ok) {
        check_entries(&expectations, text);
        expectations_apply(&expectations, &made.result, &made.arena);
        *ret_unexpected = 0;
        for (size_t i = 0; i < CASES; i++)
            *ret_unexpected += made.cases[i].unexpected && (made.cases[i].verdict == VERDICT_FAIL ||
                                                            made.cases[i].verdict == VERDICT_BLOCKED);
        ok = expectations_update(&expectations, text, &made.result, ret_text, &error);
    }
    if (!ok)
        check_mistake(&error, text);
    expectations_release(&expectations);
    arena_release(&made.arena);
    return ok;
}

static void run_expectations(uint8_t digit, struct bytes text)
{
    uint64_t unexpected;
    struct buf once;
    struct buf twice;

    buf_init(&once, UPDATED_OCTETS_MAX);
    buf_init(&twice, UPDATED_OCTETS_MAX);
    if (update(text, digit, &once, &unexpected)) {
        FUZZ_CHECK(update(buf_bytes(&once), digit, &twice, &unexpected), "expectations-update");
        FUZZ_CHECK(unexpected == 0, "expectations-update");
        FUZZ_CHECK(bytes_equal(buf_bytes(&once), buf_bytes(&twice)), "expectations-update");
    }
    buf_release(&once);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > INPUT_OCTETS_MAX)
        return 0;
    struct bytes text = bytes_make(data + 1, size - 1);

    allocated_begin();
    if (data[0] == 'T')
        run_target_file(text);
    else if (data[0] == 'A')
        run_address(text);
    else
        run_expectations(data[0], text);
    FUZZ_CHECK(allocated_octets() <= MEMORY_OCTETS + size * MEMORY_OCTETS_EACH, "files-memory");
    return 0;
}
