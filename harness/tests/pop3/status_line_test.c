/* The first line of a reply taken apart. */
#include "pop3/reply.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { LINE_OCTETS_MAX = 128 };

struct status_case {
    struct bytes line;
    enum status_indicator indicator;
    const char *text;
    const char *code; /* NULL: none */
    unsigned facts;
};

#define LINE(text) BYTES_LITERAL(text)

static const struct status_case CASES[] = {
    {LINE("+OK"), STATUS_OK, "", NULL, 0},
    {LINE("+OK "), STATUS_OK, "", NULL, 0},
    {LINE("+OK 2 320"), STATUS_OK, "2 320", NULL, 0},
    {LINE("+OK  two spaces"), STATUS_OK, " two spaces", NULL, 0},
    {LINE("-ERR"), STATUS_ERR, "", NULL, 0},
    {LINE("-ERR no such message"), STATUS_ERR, "no such message", NULL, 0},
    {LINE("-err no"), STATUS_ERR, "no", NULL, STATUS_FACT_LOWER_CASE},
    {LINE("+Ok yes"), STATUS_OK, "yes", NULL, STATUS_FACT_LOWER_CASE},
    {LINE("+OK lower case text"), STATUS_OK, "lower case text", NULL, 0},
    {LINE("+OKay"), STATUS_OK, "ay", NULL, STATUS_FACT_GLUED},
    {LINE("-ERRno"), STATUS_ERR, "no", NULL, STATUS_FACT_GLUED},
    {LINE("-ERR[IN-USE] no"), STATUS_ERR, "[IN-USE] no", "IN-USE", STATUS_FACT_GLUED},
    {LINE("+OK\r"), STATUS_OK, "\r", NULL, STATUS_FACT_GLUED},
    {LINE("+OK\ttext"), STATUS_OK, "text", NULL, STATUS_FACT_OTHER_BLANK},
    {LINE("-ERR [IN-USE] busy"), STATUS_ERR, "[IN-USE] busy", "IN-USE", 0},
    {LINE("-ERR [SYS/TEMP]"), STATUS_ERR, "[SYS/TEMP]", "SYS/TEMP", 0},
    {LINE("+OK [X] [Y]"), STATUS_OK, "[X] [Y]", "X", 0},
    {LINE("-ERR []"), STATUS_ERR, "[]", "", 0},
    {LINE("-ERR [AUTH no"), STATUS_ERR, "[AUTH no", NULL, STATUS_FACT_CODE_UNCLOSED},
    {LINE("-ERR ["), STATUS_ERR, "[", NULL, STATUS_FACT_CODE_UNCLOSED},
    {LINE("-ERR no [AUTH]"), STATUS_ERR, "no [AUTH]", NULL, 0},
    {LINE("+"), STATUS_CONTINUE, "", NULL, 0},
    {LINE("+ "), STATUS_CONTINUE, "", NULL, 0},
    {LINE("+ Zm9v"), STATUS_CONTINUE, "Zm9v", NULL, 0},
    {LINE("+ [AUTH]"), STATUS_CONTINUE, "[AUTH]", NULL, 0},
    {LINE("+\t"), STATUS_NONE, "+\t", NULL, 0},
    {LINE(""), STATUS_NONE, "", NULL, 0},
    {LINE(" +OK"), STATUS_NONE, " +OK", NULL, 0},
    {LINE("+ERR no"), STATUS_NONE, "+ERR no", NULL, 0},
    {LINE("-OK"), STATUS_NONE, "-OK", NULL, 0},
    {LINE("+O"), STATUS_NONE, "+O", NULL, 0},
    {LINE("-ER"), STATUS_NONE, "-ER", NULL, 0},
    {LINE("* OK IMAP4 ready"), STATUS_NONE, "* OK IMAP4 ready", NULL, 0},
};

static void takes_first_lines_apart(void **state)
{
    struct guard_page guard;

    (void)state;
    guard_page_init(&guard, LINE_OCTETS_MAX);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct status_case *row = &CASES[i];
        struct status_line status = status_line_parse(guard_page_place(&guard, row->line));

        assert_int_equal(status.indicator, row->indicator);
        assert_true(bytes_equal(status.text, bytes_of(row->text)));
        assert_int_equal(status.facts, row->facts);
        assert_int_equal(status.code.data != NULL, row->code != NULL);
        assert_true(bytes_equal(status.code, row->code != NULL ? bytes_of(row->code) : BYTES_EMPTY));
    }
    guard_page_release(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_first_lines_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
