/* Each format against its golden file in reports/golden/; scripts/golden_test.py checks that those are well formed. */
#include "report/annotations.h"
#include "report/golden.h"
#include "report/report.h"
#include "report/sample.h"
#include "result/gather.h"

#define GOLDEN GOLDEN_FOLDER "sample."

static void assert_format_is_golden(enum report_format format, const char *path)
{
    struct sample sample;
    struct buf report;

    sample_init(&sample);
    buf_init(&report, BUF_UNBOUNDED);
    report_info(format)->write(&sample.result, "1.2.3", &report);
    if (format == REPORT_HTML)
        assert_page_golden(path, &report);
    else
        assert_golden(path, &report);
    buf_release(&report);
    sample_release(&sample);
}

static void tap_is_golden(void **state)
{
    (void)state;
    assert_format_is_golden(REPORT_TAP, GOLDEN "tap");
}

static void junit_is_golden(void **state)
{
    (void)state;
    assert_format_is_golden(REPORT_JUNIT, GOLDEN "xml");
}

static void json_is_golden(void **state)
{
    (void)state;
    assert_format_is_golden(REPORT_JSON, GOLDEN "json");
}

static void summary_is_golden(void **state)
{
    (void)state;
    assert_format_is_golden(REPORT_SUMMARY, GOLDEN "md");
}

static void annotations_are_golden(void **state)
{
    struct sample sample;
    struct buf text;

    (void)state;
    sample_init(&sample);
    buf_init(&text, BUF_UNBOUNDED);
    annotations_write(&sample.result, "scenarios/", &text);
    assert_golden(GOLDEN "annotations.txt", &text);
    buf_release(&text);
    sample_release(&sample);
}

static void html_is_golden(void **state)
{
    (void)state;
    assert_format_is_golden(REPORT_HTML, GOLDEN "html");
}

static void console_report(const struct console_options *options, struct buf *ret_report)
{
    struct sample sample;

    sample_init(&sample);
    buf_init(ret_report, BUF_UNBOUNDED);
    console_write(&sample.result, options, ret_report);
    sample_release(&sample);
}

static void console_is_golden(void **state)
{
    struct buf report;

    (void)state;
    console_report(&(struct console_options){.verbose = true}, &report);
    assert_golden(GOLDEN "txt", &report);
    buf_release(&report);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

static void quiet_console_leaves_out_what_passed(void **state)
{
    struct buf report;

    (void)state;
    console_report(&(struct console_options){0}, &report);
    assert_null(strstr(buf_text(&report), "rfc1939/noop/ok"));
    assert_null(strstr(buf_text(&report), "rfc1939/login/apop"));
    assert_non_null(strstr(buf_text(&report), "FAIL rfc1939/dele/hides-message@octets"));
    assert_non_null(
        strstr(buf_text(&report),
               "with a remark (1):\n      1  took the second of two legal ways (rfc1939/noop/space/"));
    assert_non_null(strstr(buf_text(&report), "Not tested (2):\n      2  needs apop"));
    buf_release(&report);
}

/* Of combinations of one scenario that came out alike the first are told in full; remarks are told by what they say. */
static void quiet_console_groups_what_is_alike(void **state)
{
    struct case_result cases[12] = {{0}};
    struct run_result result = {.target = {.name = "x"}, .cases = cases, .case_count = 12};
    struct buf report;

    (void)state;
    for (size_t i = 0; i < 12; i++)
        cases[i] = (struct case_result){.id = i < 5 ? "a/one/x" : "b/two/y",
                                        .group = i < 5 ? "a/one" : "b/two",
                                        .transport = "lines",
                                        .title = "told in full",
                                        .verdict = i < 5    ? VERDICT_INFO
                                                   : i < 10 ? VERDICT_FAIL
                                                            : VERDICT_XFAIL,
                                        .reason = {.text = i < 4    ? "legal"
                                                           : i == 4 ? "another"
                                                           : i < 10 ? NULL
                                                                    : "known"}};
    result_count(&result);
    buf_init(&report, BUF_UNBOUNDED);
    console_write(&result, &(struct console_options){0}, &report);
    assert_non_null(
        strstr(buf_text(&report), "(5):\n      4  legal (a/one/x)\n      1  another (a/one/x)\n"));
    assert_int_equal(count_of(buf_text(&report), "FAIL b/two/y   told in full\n"), 3);
    assert_int_equal(count_of(buf_text(&report), "FAIL b/two/y\n"), 2);
    assert_non_null(strstr(buf_text(&report), "Known failures (2):\n      2  known\n"));
    buf_clear(&report);
    console_write(&result, &(struct console_options){.verbose = true}, &report);
    assert_int_equal(count_of(buf_text(&report), "INFO a/one/x   legal\n"), 4);
    assert_int_equal(count_of(buf_text(&report), "FAIL b/two/y   told in full\n"), 5);
    buf_release(&report);
}

/* All that colour adds is escape sequences of our own: without them the text is the same. */
static void colour_changes_nothing_but_colour(void **state)
{
    struct buf plain;
    struct buf coloured;
    struct buf stripped;

    (void)state;
    console_report(&(struct console_options){.verbose = true}, &plain);
    console_report(&(struct console_options){.verbose = true, .colour = true}, &coloured);
    assert_null(strchr(buf_text(&plain), '\033'));
    assert_non_null(strstr(buf_text(&coloured), "\033[1;31mFAIL\033[0m"));
    buf_init(&stripped, BUF_UNBOUNDED);
    for (const char *c = buf_text(&coloured); *c != '\0'; c++) {
        if (*c == '\033')
            c = strchr(c, 'm');
        else
            buf_append_octet(&stripped, (uint8_t)*c);
    }
    assert_string_equal(buf_text(&stripped), buf_text(&plain));
    buf_release(&stripped);
    buf_release(&coloured);
    buf_release(&plain);
}

static void assert_harmless(const struct buf *report)
{
    static const char *const forms[] = {SAMPLE_SECRET, "MzY3JldC1QYXNz", "s3cr", "et-Pass",
                                        "\033",        "\007",           "\r"};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (strstr(buf_text(report), forms[i]) != NULL)
            fail_msg("a report holds %s", forms[i]);
    assert_int_equal(strlen(buf_text(report)), report->size);
}

static void no_report_shows_a_secret_or_a_control_octet(void **state)
{
    struct sample sample;
    struct buf report;

    (void)state;
    sample_init(&sample);
    buf_init(&report, BUF_UNBOUNDED);
    for (unsigned format = 0; format < REPORT_FORMAT_COUNT; format++) {
        report_info((enum report_format)format)->write(&sample.result, "1.2.3", &report);
        assert_harmless(&report);
        buf_clear(&report);
    }
    console_write(&sample.result, &(struct console_options){.verbose = true}, &report);
    assert_harmless(&report);
    buf_release(&report);
    sample_release(&sample);
}

static void a_run_without_cases_is_reported_too(void **state)
{
    struct run_result nothing = {.target = {.name = "none"}, .exit_code = 130, .interrupted = true};
    struct buf report;

    (void)state;
    buf_init(&report, BUF_UNBOUNDED);
    for (unsigned format = 0; format < REPORT_FORMAT_COUNT; format++) {
        buf_clear(&report);
        report_info((enum report_format)format)->write(&nothing, "1.2.3", &report);
        assert_true(report.size > 0);
    }
    buf_clear(&report);
    console_write(&nothing, &(struct console_options){0}, &report);
    assert_non_null(strstr(buf_text(&report), "nothing ran"));
    assert_non_null(strstr(buf_text(&report), "Exit 130 interrupted"));
    buf_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tap_is_golden),
        cmocka_unit_test(junit_is_golden),
        cmocka_unit_test(json_is_golden),
        cmocka_unit_test(html_is_golden),
        cmocka_unit_test(summary_is_golden),
        cmocka_unit_test(annotations_are_golden),
        cmocka_unit_test(console_is_golden),
        cmocka_unit_test(quiet_console_leaves_out_what_passed),
        cmocka_unit_test(quiet_console_groups_what_is_alike),
        cmocka_unit_test(colour_changes_nothing_but_colour),
        cmocka_unit_test(no_report_shows_a_secret_or_a_control_octet),
        cmocka_unit_test(a_run_without_cases_is_reported_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
