/* First lines of replies: what each pattern meets, refuses and binds. */
#include "scenario/load.h"

struct values {
    char bound[256]; /* "name=value;" for each binding, in order */
};

static void resolve(void *context, int connection, const struct hole *hole, struct hole_value *ret_value)
{
    (void)context;
    (void)connection;
    switch (hole->kind) {
    case HOLE_COUNT:
        ret_value->texts[ret_value->count++] = bytes_of("2");
        break;
    case HOLE_OCTETS:
        ret_value->texts[ret_value->count++] = bytes_of("320");
        ret_value->texts[ret_value->count++] = bytes_of("318");
        break;
    case HOLE_OTHER:
        ret_value->texts[ret_value->count++] = bytes_of("12");
        break;
    case HOLE_UID:
        ret_value->any_number = true;
        break;
    case HOLE_USER:
    case HOLE_PASS:
    case HOLE_TOKEN:
    case HOLE_APOP:
    case HOLE_NUMBER:
    case HOLE_MESSAGE:
    case HOLE_TOP:
    case HOLE_CHALLENGE:
    case HOLE_SASL:
    case HOLE_NAME:
    case HOLE_BIND:
        ret_value->why_not = "the greeting has no timestamp";
        break;
    }
}

static void bind_name(void *context, const char *name, struct bytes value)
{
    struct values *values = context;
    size_t used = strlen(values->bound);

    snprintf(values->bound + used, sizeof(values->bound) - used, "%s=%.*s;", name, (int)value.size,
             (const char *)value.data);
}

/* The index of the alternative of PATTERN that LINE, the reply to VERB, meets. */
static int match_reply_to(enum command_verb verb, const char *pattern, struct bytes line,
                          struct values *values, const char **ret_why)
{
    struct resolver resolver = {resolve, bind_name, values};
    struct status_line status = status_line_parse(line);
    struct suite suite;
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    buf_append_format(&text, SCENARIO("    variables: [v]\n", "      C: X\n      S: %s\n"), pattern);
    load_right(&suite, buf_text(&text));
    int index = reply_pattern_match(&suite.scenarios[0].steps[1].reply, verb, &status, 1, &resolver, ret_why);

    suite_release(&suite);
    buf_release(&text);
    return index;
}

static int match(const char *pattern, struct bytes line, struct values *values, const char **ret_why)
{
    return match_reply_to(COMMAND_UNKNOWN, pattern, line, values, ret_why);
}

static void expect_match(const char *pattern, const char *line, int index)
{
    struct values values = {""};
    const char *why;

    if (match(pattern, bytes_of(line), &values, &why) != index)
        fail_msg("pattern '%s', line '%s'", pattern, line);
    assert_null(why);
}

static void indicators(void **state)
{
    (void)state;
    expect_match("+OK", "+OK", 0);
    expect_match("+OK", "+OK ", 0);
    expect_match("+OK", "+OK anything at all", 0);
    expect_match("+OK", "-ERR", -1);
    expect_match("+OK", "+ ", -1);
    expect_match("+OK", "OK", -1);
    expect_match("+OK", "", -1);
    expect_match("-ERR", "-ERR no", 0);
    expect_match("+", "+ ", 0);
    expect_match("+", "+ YWJj", 0);
    expect_match("+", "+OK", -1);
    expect_match("+OK$", "+OK", 0);
    expect_match("+OK$", "+OK x", -1);
    expect_match("+OK | -ERR", "-ERR x", 1);
    expect_match("-ERR a | +OK | -ERR", "-ERR b", 2);
    expect_match("closed", "+OK", -1);
}

static void expect_size_match(enum command_verb verb, const char *line, int index)
{
    struct values values = {""};
    const char *why;

    assert_int_equal(match_reply_to(verb, "+OK 2 320", bytes_of(line), &values, &why), index);
}

/* Behind a size any text but a digit may follow at once (RFC 1939 section 5). */
static void sizes_with_text_glued_on(void **state)
{
    (void)state;
    expect_size_match(COMMAND_STAT, "+OK 2 320,x", 0);
    expect_size_match(COMMAND_LIST, "+OK 2 320,x", 0);
    expect_size_match(COMMAND_LIST, "+OK 2 3201", -1);
    expect_size_match(COMMAND_LIST, "+OK 2,320", -1);
    expect_size_match(COMMAND_UIDL, "+OK 2 320,x", -1);
}

/* {!v} is any word but 12. */
/* What a challenge means in base 64: {"a":1}. */
static void decoded_challenges(void **state)
{
    (void)state;
    expect_match("+ b64 /^\\{.*\\}$/", "+ eyJhIjoxfQ==", 0);
    expect_match("+ b64 /^.a/", "+ eyJhIjoxfQ==", -1);
    expect_match("+ b64 /^$/", "+ ", 0);
    expect_match("+ b64 /^$/", "+", 0);
    expect_match("+ b64 /./", "+ eyJhIjoxfQ=", -1);
    expect_match("+ b64 /./", "+ {\"a\":1}", -1);
    expect_match("+ b64 /./ | -ERR", "-ERR no", 1);
    expect_match("+ b64", "+ b64", 0);
    expect_match("+OK b64 \\x2Fx/", "+OK b64 /x/", 0);
}

static void other_words(void **state)
{
    (void)state;
    expect_match("+OK 1 {!v}$", "+OK 1 13", 0);
    expect_match("+OK 1 {!v}$", "+OK 1 12", -1);
    expect_match("+OK 1 {!v}$", "+OK 1 1", 0);
    expect_match("+OK 1 {!v}$", "+OK 1 123", 0);
    expect_match("+OK 1 {!v}$", "+OK 1 ", -1);
    expect_match("+OK 1 {!v}$", "+OK 1 13 14", -1);
    expect_match("+OK 1 {!v}", "+OK 1 12 more", -1);
    expect_match("+OK 1 {!v}", "+OK 1 13 more", 0);
    expect_match("+OK {!v} {!v}$", "+OK 1 12", -1);
    expect_match("+OK {!v} {!v}$", "+OK 1 2", 0);
    expect_match("+OK {?a} {!v}$", "+OK 12 2", 0);
}

static void words(void **state)
{
    (void)state;
    expect_match("+OK 2 320", "+OK 2 320", 0);
    expect_match("+OK 2 320", "+OK 2 320 more", 0);
    expect_match("+OK 2 320", "+OK 2 3200", -1);
    expect_match("+OK 2 320", "+OK 2  320", -1);
    expect_match("+OK 2 320", "+OK  2 320", -1);
    expect_match("+OK 2 320", "+OK 2", -1);
    expect_match("+OK 2 320", "+OK", -1);
    expect_match("+OK 2 320$", "+OK 2 320", 0);
    expect_match("+OK 2 320$", "+OK 2 320 ", -1);
    expect_match("+OK 2 320$ | -ERR", "-ERR 2", 1);
    expect_match("+OK a\\x20b c", "+OK a b c", 0);
    expect_match("+OK \\x24", "+OK $", 0);
    expect_match("+OK \\x7C x", "+OK | x", 0);
    expect_match("+OK Name", "+OK name", -1);
    expect_match("+OK {fill A 3}{b64 abc}", "+OK AAAYWJj", 0);
}

/* RFC 2449 section 8 and judging: codes compare without case, the text behind them does not. */
static void response_codes_have_no_case(void **state)
{
    (void)state;
    expect_match("-ERR [IN-USE]", "-ERR [in-use] locked", 0);
    expect_match("-ERR [LOGIN-DELAY 60] Wait", "-ERR [Login-Delay 60] Wait", 0);
    expect_match("-ERR [LOGIN-DELAY 60] Wait", "-ERR [Login-Delay 60] wait", -1);
    expect_match("-ERR x [A]", "-ERR x [a]", -1);
}

static void expect_language(enum command_verb verb, const char *line, int index)
{
    struct values values = {""};
    const char *why;

    if (match_reply_to(verb, "+OK es Idioma", bytes_of(line), &values, &why) != index)
        fail_msg("line '%s'", line);
}

/* RFC 5646 section 2.1.1. What else is in capitals is another thing. */
static void language_tags_have_no_case(void **state)
{
    (void)state;
    expect_language(COMMAND_LANG, "+OK es Idioma cambiado", 0);
    expect_language(COMMAND_LANG, "+OK ES Idioma cambiado", 0);
    expect_language(COMMAND_LANG, "+OK es idioma cambiado", -1);
    expect_language(COMMAND_LANG, "+OK et Idioma cambiado", -1);
    expect_language(COMMAND_NOOP, "+OK ES Idioma cambiado", -1);
}

static void holes(void **state)
{
    (void)state;
    expect_match("+OK {count} {octets}", "+OK 2 320", 0);
    expect_match("+OK {count} {octets}$", "+OK 2 318", 0);
    expect_match("+OK {count} {octets}", "+OK 2 319", -1);
    expect_match("+OK <{octets}>", "+OK <318>", 0);
    expect_match("+OK {uid 1}", "+OK 4711", 0);
    expect_match("+OK {uid 1}x{uid 1}", "+OK 12x3", 0);
    expect_match("+OK {uid 1}", "+OK x", -1);
    expect_match("+OK {uid 1}", "+OK", -1);
}

static void expect_bound(const char *pattern, const char *line, const char *bound)
{
    struct values values = {""};
    const char *why;

    match(pattern, bytes_of(line), &values, &why);
    assert_string_equal(values.bound, bound);
}

static void names_are_bound(void **state)
{
    (void)state;
    expect_bound("+OK {?a} {?b}", "+OK one two three", "a=one;b=two;");
    expect_bound("+OK {?a} {?b}", "+OK one", "");
    expect_bound("+OK <{?a}@{?b}>", "+OK <x@y@z>", "a=x;b=y@z;");
    expect_bound("+OK {?a}{?b}", "+OK xyz", "a=x;b=yz;");
    expect_bound("-ERR {?a} | +OK {?b}", "+OK x", "b=x;");
    expect_bound("+OK {?a}$", "+OK x y", "");
}

static void a_missing_value_is_no_failure(void **state)
{
    struct values values = {""};
    const char *why;

    (void)state;
    assert_int_equal(match("+OK {apop}", bytes_of("+OK x"), &values, &why), -1);
    assert_string_equal(why, "the greeting has no timestamp");
    /* Another alternative is met all the same. */
    assert_int_equal(match("+OK {apop} | +OK", bytes_of("+OK x"), &values, &why), 1);
    assert_null(why);
    assert_int_equal(match("+OK {v}", bytes_of("-ERR"), &values, &why), -1);
    assert_null(why);
}

static void regular_expressions(void **state)
{
    struct values values = {""};
    const char *why;

    (void)state;
    expect_match("+OK /^\\d+ messages/", "+OK 12 messages", 0);
    expect_match("+OK /^\\d+ messages/", "+OK x 12 messages", -1);
    expect_match("+OK /a|b/ | -ERR", "+OK xbx", 0);
    expect_match("+OK /a|b/ | -ERR", "-ERR x", 1);
    expect_match("+OK /a/b/", "+OK a/b", 0);
    expect_match("+OK /^$/", "+OK", 0);
    expect_match("+OK /x$/", "+OK x\n", -1);
    expect_match("+OK /(a)(b)/", "+OK ab", 0);
    /* Octets, not characters; and a NUL is one of them. */
    assert_int_equal(match("+OK /^.\\x00\\xFF$/", BYTES_LITERAL("+OK \x80\0\xFF"), &values, &why), 0);
}

/* Nested repetition over text that almost fits takes exponential time without limits: it ends, and says so. */
static void regular_expressions_are_bounded(void **state)
{
    struct values values = {""};
    const char *why;

    (void)state;
    assert_int_equal(
        match("+OK /^(a|a)+c$/", bytes_of("+OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaacx"), &values, &why),
        -1);
    assert_non_null(why);
    assert_string_equal(why, "the regular expression passed its limits on this line");
    expect_wrong(SCENARIO("",
                          "      C: X\n      S: +OK /((((((((((((((((((((((((((((((((((((((((((((((((((((("
                          "a)))))))))))))))))))))))))))))))))))))))))))))))))))))/\n"),
                 "8:66: the regular expression is wrong: parentheses are too deeply nested\n");
}

static void expect_described(const char *pattern, const char *expected)
{
    struct values values = {""};
    struct resolver resolver = {resolve, bind_name, &values};
    struct suite suite;
    struct buf text;
    struct buf out;

    buf_init(&text, BUF_UNBOUNDED);
    buf_init(&out, BUF_UNBOUNDED);
    buf_append_format(&text, SCENARIO("", "      C: X\n      S: %s\n"), pattern);
    load_right(&suite, buf_text(&text));
    reply_pattern_describe(&suite.scenarios[0].steps[1].reply, 1, &resolver, &out);
    assert_string_equal(buf_text(&out), expected);
    suite_release(&suite);
    buf_release(&text);
    buf_release(&out);
}

static void patterns_are_described_with_their_values(void **state)
{
    (void)state;
    expect_described("+OK", "+OK");
    expect_described("+OK {count} {octets}$", "+OK 2 320$");
    expect_described("-ERR [X] | +OK /y/ | closed", "-ERR [X] | +OK /y/ | closed");
    expect_described("+OK {uid 1} {?a}", "+OK {number} {a}");
    expect_described("+OK {apop}", "+OK {apop}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indicators),
        cmocka_unit_test(sizes_with_text_glued_on),
        cmocka_unit_test(decoded_challenges),
        cmocka_unit_test(other_words),
        cmocka_unit_test(words),
        cmocka_unit_test(response_codes_have_no_case),
        cmocka_unit_test(language_tags_have_no_case),
        cmocka_unit_test(holes),
        cmocka_unit_test(names_are_bound),
        cmocka_unit_test(a_missing_value_is_no_failure),
        cmocka_unit_test(regular_expressions),
        cmocka_unit_test(regular_expressions_are_bounded),
        cmocka_unit_test(patterns_are_described_with_their_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
