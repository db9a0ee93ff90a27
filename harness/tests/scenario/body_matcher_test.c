/* Bodies of multi-line replies: which lines meet which patterns, and what is said when they do not. */
#include "scenario/load.h"

enum { MESSAGE_LINES = 200 * 1000 };

struct world {
    const char *message; /* what {message ...} stands for */
    const char *another; /* a second text that would be right; NULL: none */
    char bound[256];
};

static void resolve(void *context, int connection, const struct hole *hole, struct hole_value *ret_value)
{
    const struct world *world = context;

    (void)connection;
    if (hole->kind == HOLE_OCTETS) {
        ret_value->texts[ret_value->count++] = bytes_of("120");
    } else if (hole->kind == HOLE_MESSAGE && world->message != NULL) {
        ret_value->texts[ret_value->count++] = bytes_of(world->message);
        if (world->another != NULL)
            ret_value->texts[ret_value->count++] = bytes_of(world->another);
    } else {
        ret_value->why_not = "the message is not in the maildrop";
    }
}

static void bind_name(void *context, const char *name, struct bytes value)
{
    struct world *world = context;
    size_t used = strlen(world->bound);

    snprintf(world->bound + used, sizeof(world->bound) - used, "%s=%.*s;", name, (int)value.size,
             (const char *)value.data);
}

struct body {
    struct suite suite;
    struct world world;
    struct resolver resolver;
    struct body_matcher *matcher;
    const char *why;
};

/* PATTERNS are lines with "|" between them. */
static void body_init(struct body *body, const char *command, const char *patterns)
{
    struct bytes rest = bytes_of(patterns);
    struct bytes pattern;
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    buf_append_format(
        &text, SCENARIO("    state: transaction\n    mailbox: [short]\n", "      C: %s\n      S: +OK\n"),
        command);
    while (bytes_split(&rest, '|', &pattern))
        buf_append_format(&text, "      S: %.*s\n", (int)pattern.size, (const char *)pattern.data);
    buf_append_text(&text, "      S: .\n");
    load_right(&body->suite, buf_text(&text));
    buf_release(&text);
    body->resolver = (struct resolver){resolve, bind_name, &body->world};
    body->matcher =
        body_matcher_new(&body->suite.scenarios[0].steps[1].reply, 1, &body->resolver, &body->why);
}

static void body_release(struct body *body)
{
    body_matcher_free(body->matcher);
    suite_release(&body->suite);
}

/* Feeds LINES ("|" between them); "" is no line at all. The number of the first refused one, 0 for none, -1 at the end. */
static int feed(struct body *body, const char *lines)
{
    struct bytes rest = bytes_of(lines);
    struct bytes line;
    int number = 0;

    while (rest.size > 0 && bytes_split(&rest, '|', &line)) {
        number++;
        if (!body_matcher_line(body->matcher, line))
            return number;
    }
    return body_matcher_end(body->matcher) ? 0 : -1;
}

static void expect_body(const char *command, const char *patterns, const char *lines, int refused)
{
    struct body body = {.world = {.message = "A: b\r\n\r\n.\r\n..x\r\nend\r\n"}};

    body_init(&body, command, patterns);
    assert_non_null(body.matcher);
    int actual = feed(&body, lines);

    if (actual != refused)
        fail_msg("patterns %s, lines %s: %d instead of %d", patterns, lines, actual, refused);
    body_release(&body);
}

static void rows_of_list_and_uidl(void **state)
{
    (void)state;
    expect_body("LIST", "1 120|2 200", "1 120|2 200", 0);
    expect_body("LIST", "1 120|2 200", "1 120 more text|2 200", 0);
    expect_body("LIST", "1 {octets}", "1 120", 0);
    expect_body("LIST", "1 120|2 200", "1 120", -1);
    expect_body("LIST", "1 120", "1 120|2 200", 2);
    expect_body("LIST", "1 120", "1 1200", 1);
    expect_body("LIST", "1 120", "1  120", 1);
    expect_body("LIST", "1 120", "1 120\t", 1);
    expect_body("LIST", "1 120$", "1 120 x", 1);
    expect_body("LIST", "= 1 120", "1 120 x", 1);
    expect_body("LIST", "1 {?size}|2 {size}", "1 120|2 120", 0);
    expect_body("LIST", "1 {?size}|2 {size}", "1 120|2 121", 2);
    expect_body("LIST", "1 {?size}|2 {!size}", "1 120|2 121", 0);
    expect_body("LIST", "1 {?size}|2 {!size}", "1 120|2 120", 2);
    expect_body("LANG", "en|de", "EN English|De", 0);
    expect_body("LANG", "en|de", "EN|det", 2);
    expect_body("LANG", "{?tag}|{tag}", "en|EN English", 0);
    expect_body("LANG", "en English", "en ENGLISH", 1);
    expect_body("UIDL", "1 abc", "1 abc", 0);
    expect_body("UIDL", "1 abc", "1 abc def", 1);
}

static void whole_lines(void **state)
{
    (void)state;
    expect_body("CAPA", "TOP|SASL PLAIN", "TOP|SASL PLAIN", 0);
    expect_body("CAPA", "TOP", "TOP ", 1);
    expect_body("CAPA", "TOP", "top", 1);
    expect_body("RETR 1", "..a", "..a", 0);
    expect_body("RETR 1", "..a", ".a", 1);
    expect_body("RETR 1", "= ...|= /x/|= .", "...|/x/|.", 0);
    expect_body("RETR 1", "/^a+$/", "aaa", 0);
    expect_body("RETR 1", "/^a+$/", "aab", 1);
    expect_body("RETR 1", "=", "", -1);
    expect_body("RETR 1", "a|=|b", "a||b", 0);
}

static void any_lines(void **state)
{
    (void)state;
    expect_body("CAPA", "...", "", 0);
    expect_body("CAPA", "...", "a|b|c", 0);
    expect_body("CAPA", "...|TOP|...", "TOP", 0);
    expect_body("CAPA", "...|TOP|...", "a|TOP|b", 0);
    expect_body("CAPA", "...|TOP|...", "a|b", -1);
    expect_body("CAPA", "...|TOP", "TOP|x", -1);
    expect_body("CAPA", "...|TOP", "TOP|x|TOP", 0);
    expect_body("CAPA", "a|...|b|...|c", "a|b|x|b|c", 0);
    expect_body("CAPA", "a|...|b|...|c", "a|c|b", -1);
    expect_body("CAPA", "...|a|a|b", "a|a|a|b", 0);
    expect_body("CAPA", "... /^[a-c]$/", "a|b|c", 0);
    expect_body("CAPA", "... /^[a-c]$/", "a|d|c", 2);
    expect_body("CAPA", "... /^[a-c]$/|d", "a|b|d", 0);
    expect_body("CAPA", "... /^[a-c]$/|c|d", "a|c|c|d", 0);
}

static void the_end_may_come_early(void **state)
{
    (void)state;
    expect_body("RETR 1", "... /:/|.?|=|...", "A: b", 0);
    expect_body("RETR 1", "... /:/|.?|=|...", "A: b||x", 0);
    expect_body("RETR 1", "... /:/|.?|=|...", "A: b|x", 2);
    expect_body("RETR 1", "A: b|.?|=", "", -1);
    expect_body("RETR 1", "A: b|.?|=|x", "A: b||", -1);
    expect_body("RETR 1", "A: b|.?|.?|=", "A: b", 0);
    expect_body("RETR 1", "{message short}|.?|z", "A: b||..|...x|end", 0);
    expect_body("RETR 1", "{message short}|.?|z", "A: b||..|...x", -1);
    expect_body("RETR 1", ".?", "", 0);
    expect_body("RETR 1", ".?", "a", 1);
    expect_body("RETR 1", "= .?", ".?", 0);
}

static void messages_are_met_stuffed(void **state)
{
    (void)state;
    expect_body("RETR 1", "{message short}", "A: b||..|...x|end", 0);
    expect_body("RETR 1", "{message short}", "A: b||.|...x|end", 3);
    expect_body("RETR 1", "{message short}", "A: b||..|..x|end", 4);
    expect_body("RETR 1", "{message short}", "A: b||..|...x", -1);
    expect_body("RETR 1", "{message short}", "A: b||..|...x|end|more", 6);
    expect_body("RETR 1", "...|{message short}", "R: x|A: b||..|...x|end", 0);
    expect_body("RETR 1", "...|{message short}", "A: b|A: b||..|...x|end", 0);
    expect_body("RETR 1", "...|{message short}", "A: b||..|...x|A: b||..|...x|end", 0);
    expect_body("RETR 1", "...|{message short}|z", "A: b||..|...x|end|z", 0);
    expect_body("RETR 1", "...|{message short}|...", "q|A: b||..|...x|end|z", 0);
    expect_body("RETR 1", "...|{message short}", "A: b||..|...x|end|z", -1);
    expect_body("RETR 1", "R: x|{message short}|z", "R: x|A: b||..|...x|end|z", 0);
}

static void any_of_several_texts_is_right(void **state)
{
    struct body body = {.world = {.message = "a\r\nb\r\n", .another = "a\r\nc"}};

    (void)state;
    body_init(&body, "RETR 1", "{message short}");
    assert_int_equal(feed(&body, "a|c"), 0);
    body_release(&body);
    body_init(&body, "RETR 1", "{message short}");
    assert_int_equal(feed(&body, "a|d"), 2);
    body_release(&body);
}

static void an_empty_message_has_no_lines(void **state)
{
    struct body body = {.world = {.message = ""}};

    (void)state;
    body_init(&body, "RETR 1", "{message short}");
    assert_int_equal(feed(&body, ""), 0);
    body_release(&body);
    body_init(&body, "RETR 1", "x|{message short}|y");
    assert_int_equal(feed(&body, "x|y"), 0);
    body_release(&body);
}

static void a_missing_message_is_no_failure(void **state)
{
    struct body body = {.world = {.message = NULL}};

    (void)state;
    body_init(&body, "RETR 1", "{message short}");
    assert_null(body.matcher);
    assert_string_equal(body.why, "the message is not in the maildrop");
    body_release(&body);
}

static void names_are_bound_and_demanded_again(void **state)
{
    struct body body = {.world = {.message = NULL}};

    (void)state;
    body_init(&body, "UIDL", "1 {?first}|2 {?second}|3 {first}");
    assert_int_equal(feed(&body, "1 abc|2 def|3 abc"), 0);
    assert_string_equal(body.world.bound, "first=abc;second=def;");
    body_release(&body);
    body_init(&body, "UIDL", "1 {?first}|2 {first}");
    assert_int_equal(feed(&body, "1 abc|2 abd"), 2);
    body_release(&body);
}

static void expect_description(const char *command, const char *patterns, const char *lines,
                               const char *expected)
{
    struct body body = {.world = {.message = "A: b\r\n\r\n.x\r\n"}};
    struct buf out;

    buf_init(&out, BUF_UNBOUNDED);
    body_init(&body, command, patterns);
    assert_int_not_equal(feed(&body, lines), 0);
    body_matcher_describe(body.matcher, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
    body_release(&body);
}

static void failures_say_what_was_demanded(void **state)
{
    (void)state;
    expect_description("LIST", "1 {octets}|2 200", "1 120|2 201", "line 2: 2 200");
    expect_description("LIST", "1 120", "1 120|2 1", "line 2: the terminator");
    expect_description("LIST", "1 120|2 200", "1 120", "line 2: 2 200");
    expect_description("CAPA", "...|TOP", "a", "line 2: TOP");
    expect_description("CAPA", "a|...|/b/", "x", "line 1: a");
    expect_description("RETR 1", "{message short}", "A: b||.x", "line 3: {message short} at its line 3: ..x");
    expect_description("RETR 1", "{message short}|z", "A: b||..x|y", "line 4: z");
    expect_description("CAPA", "... /^a/|b", "a|c", "line 2: ... /^a/ or b");
}

/* A failed matcher stays failed, whatever comes. */
static void failure_is_final(void **state)
{
    struct body body = {.world = {.message = NULL}};

    (void)state;
    body_init(&body, "CAPA", "a|b");
    assert_false(body_matcher_line(body.matcher, bytes_of("x")));
    assert_false(body_matcher_line(body.matcher, bytes_of("a")));
    assert_false(body_matcher_end(body.matcher));
    body_release(&body);
}

/* A large message of equal lines, searched for behind "...": quadratic time would not end within the test's limit. */
static void large_messages_are_met_in_linear_time(void **state)
{
    struct body body = {.world = {.message = NULL}};
    struct buf message;

    (void)state;
    buf_init(&message, BUF_UNBOUNDED);
    for (int i = 0; i < MESSAGE_LINES; i++)
        buf_append_text(&message, "x\r\n");
    buf_append_text(&message, "y\r\n");
    body.world.message = buf_text(&message);
    body_init(&body, "RETR 1", "...|{message short}");
    for (int i = 0; i < 2 * MESSAGE_LINES; i++)
        assert_true(body_matcher_line(body.matcher, bytes_of("x")));
    assert_false(body_matcher_end(body.matcher));
    assert_true(body_matcher_line(body.matcher, bytes_of("y")));
    assert_true(body_matcher_end(body.matcher));
    body_release(&body);
    buf_release(&message);
}

/* Many "..." in a row would take exponential time if ways were tried one by one. */
static void many_gaps_cost_no_more_than_their_number(void **state)
{
    struct body body = {.world = {.message = NULL}};
    struct buf patterns;

    (void)state;
    buf_init(&patterns, BUF_UNBOUNDED);
    for (int i = 0; i < 40; i++)
        buf_append_text(&patterns, "...|a|");
    buf_append_text(&patterns, "b");
    body_init(&body, "CAPA", buf_text(&patterns));
    for (int i = 0; i < 5000; i++)
        assert_true(body_matcher_line(body.matcher, bytes_of("a")));
    assert_false(body_matcher_end(body.matcher));
    body_release(&body);
    buf_release(&patterns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_list_and_uidl),
        cmocka_unit_test(whole_lines),
        cmocka_unit_test(any_lines),
        cmocka_unit_test(the_end_may_come_early),
        cmocka_unit_test(messages_are_met_stuffed),
        cmocka_unit_test(any_of_several_texts_is_right),
        cmocka_unit_test(an_empty_message_has_no_lines),
        cmocka_unit_test(a_missing_message_is_no_failure),
        cmocka_unit_test(names_are_bound_and_demanded_again),
        cmocka_unit_test(failures_say_what_was_demanded),
        cmocka_unit_test(failure_is_final),
        cmocka_unit_test(large_messages_are_met_in_linear_time),
        cmocka_unit_test(many_gaps_cost_no_more_than_their_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
