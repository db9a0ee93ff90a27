/*
 * What a transport makes of a dialog, by the segments as they leave: where each begins and ends, and which replies were
 * there before it. Commands are upper case and digits, so that "r" and "n" can only be CR and LF.
 */
#include "playing.h"

#define IN_TRANSACTION   "state: transaction\n"
#define IN_AUTHORIZATION "state: authorization\n"

/* A session up to its replies to NOOP and STAT. */
static const char TWO_COMMANDS[] = "C: NOOP\n"
                                   "S: +OK\n"
                                   "C: STAT\n"
                                   "S: +OK\n"
                                   "abort\n";

struct course {
    const char *head;
    const char *dialog;
    const char *segments; /* what they end with, from the first command that is not the driver's own */
};

static struct played play_over(struct transport transport, struct target_facts facts,
                               const struct course *course)
{
    struct refserver *server = reference_new();
    struct play play = reference_play(server, course->head);

    play.transport = transport;
    play.facts = facts;
    struct played played = play_dialog(&play, course->dialog);

    refserver_free(server);
    return played;
}

static void demand_segments(const struct played *played, const char *segments)
{
    size_t all = strlen(played->segments);
    size_t demanded = strlen(segments);

    demand_passed(played);
    if (all < demanded || strcmp(played->segments + all - demanded, segments) != 0)
        fail_msg("not at the end of '%s': '%s'", played->segments, segments);
}

static void demand_course(struct transport transport, const struct course *course)
{
    const struct played played = play_over(transport, REFERENCE_FACTS, course);

    demand_segments(&played, course->segments);
}

static const struct transport PIPELINED = {.name = "pipelined", .pipelined = true};

/* ---- whole lines, octets, CR and LF apart ---- */

static void lines_are_a_segment_each(void **state)
{
    (void)state;
    demand_course((struct transport){.name = "lines"},
                  &(struct course){IN_TRANSACTION, TWO_COMMANDS, "-|PASS secret1rn|-|NOOPrn|-|STATrn|-"});
}

static void octets_are_a_segment_each(void **state)
{
    (void)state;
    demand_course((struct transport){.name = "octets", .split = SPLIT_OCTETS},
                  &(struct course){IN_TRANSACTION, TWO_COMMANDS, "1|r|n|-|N|O|O|P|r|n|-|S|T|A|T|r|n|-"});
}

/* Of each write; one that is shorter stays whole. */
static void a_write_is_cut_behind_so_many_octets(void **state)
{
    (void)state;
    demand_course(
        (struct transport){.name = "lines"},
        &(struct course){IN_TRANSACTION,
                         "split: 5\nC: NOOP\nS: +OK\nC: UIDL 1\nS: +OK | -ERR\nraw: NO\nraw: OP\\r\\n\n"
                         "S: +OK\nabort\n",
                         "-|NOOPr|n|-|UIDL |1rn|-|NO|OPrn|-"});
}

static void cr_and_lf_are_parted(void **state)
{
    static const char PIPELINE[] = "pipeline:\n"
                                   "  C: NOOP\n"
                                   "  C: STAT\n"
                                   "S: +OK\n"
                                   "S: +OK\n"
                                   "abort\n";

    (void)state;
    demand_course((struct transport){.name = "crlf", .split = SPLIT_CRLF},
                  &(struct course){IN_TRANSACTION, TWO_COMMANDS, "-|PASS secret1r|n|-|NOOPr|n|-|STATr|n|-"});
    demand_course((struct transport){.name = "crlf", .split = SPLIT_CRLF},
                  &(struct course){IN_TRANSACTION, PIPELINE, "-|NOOPr|nSTATr|-|n|-"});
}

/* ---- TLS ---- */

static void stls_comes_before_the_dialog(void **state)
{
    static const struct transport STLS = {.name = "stls", .starttls = true};

    (void)state;
    demand_course(
        STLS, &(struct course){IN_AUTHORIZATION, "C: CAPA\nS: +OK\nS: ...\nabort\n", "-|STLSrn|-|CAPArn|-"});
    demand_course(STLS,
                  &(struct course){IN_TRANSACTION, "abort\n", "-|STLSrn|-|USER test1rn|-|PASS secret1rn|-"});
}

/* No STLS is to be had within TLS (RFC 2595 section 4), so that the reply tells the two transports apart. */
static void implicit_tls_comes_before_the_greeting(void **state)
{
    static const struct course SECURED = {IN_AUTHORIZATION, "C: STLS\nS: -ERR\nabort\n", "-|STLSrn|-"};

    (void)state;
    demand_course((struct transport){.name = "implicit", .implicit_tls = true}, &SECURED);
    const struct played open = play_over((struct transport){.name = "lines"}, REFERENCE_FACTS, &SECURED);

    demand_end(&open, OUTCOME_FAILED, 2, "+OK");
}

/* ---- pipelined ---- */

static void commands_go_ahead_of_the_replies_between_them(void **state)
{
    static const char SESSION[] = "C: NOOP\n"
                                  "S: +OK\n"
                                  "C: LIST\n"
                                  "S: +OK\n"
                                  "S: ...\n"
                                  "C: DELE 1\n"
                                  "S: +OK\n"
                                  "C: RSET\n"
                                  "S: +OK\n"
                                  "C: QUIT\n"
                                  "S: +OK\n"
                                  "closed\n";

    (void)state;
    demand_course(PIPELINED, &(struct course){IN_TRANSACTION "mailbox: [short]\n", SESSION,
                                              "-|PASS secret1rn|-|NOOPrnLISTrnDELE 1rnRSETrnQUITrn|-"});
}

/* CAPA alone says that commands may come ahead (RFC 2449 section 6.6). */
static void nothing_goes_ahead_where_pipelining_is_not_announced(void **state)
{
    const struct target_facts facts = {.capa = true, .delivery_order = true, .exact_store = true};
    const struct played played =
        play_over(PIPELINED, facts, &(struct course){IN_TRANSACTION, TWO_COMMANDS, ""});

    (void)state;
    demand_segments(&played, "-|NOOPrn|-|STATrn|-");
}

/* What has no reply yet cannot be gone ahead of: the greeting, and the replies that decide about the login. */
static void nothing_goes_ahead_before_the_login(void **state)
{
    static const char LOGIN[] = "open\n"
                                "C: CAPA\n"
                                "S: +OK\n"
                                "S: ...\n"
                                "C: USER {user}\n"
                                "S: +OK\n"
                                "C: PASS {pass}\n"
                                "S: +OK\n"
                                "C: NOOP\n"
                                "S: +OK\n"
                                "C: STAT\n"
                                "S: +OK\n"
                                "abort\n";

    (void)state;
    demand_course(PIPELINED, &(struct course){"state: closed\n", LOGIN,
                                              "-|CAPArn|-|USER test1rn|-|PASS secret1rn|-|NOOPrnSTATrn|-"});
    demand_course(PIPELINED, &(struct course){IN_TRANSACTION, TWO_COMMANDS,
                                              "-|USER test1rn|-|PASS secret1rn|-|NOOPrnSTATrn|-"});
}

/* They may be the last of a write, but what comes behind them waits for the reply. */
static void nothing_goes_ahead_across(const char *line, const char *pattern, const char *segments)
{
    char dialog[256];

    snprintf(dialog, sizeof(dialog),
             "C: NOOP\nS: +OK\nC: %s\nS: %s\nC: NOOP\nS: +OK\nC: STAT\nS: +OK\nabort\n", line, pattern);
    demand_course(PIPELINED, &(struct course){IN_TRANSACTION, dialog, segments});
}

static void nothing_goes_ahead_across_what_changes_the_conversation(void **state)
{
    (void)state;
    nothing_goes_ahead_across("STLS", "-ERR", "-|NOOPrnSTLSrn|-|NOOPrnSTATrn|-");
    nothing_goes_ahead_across("AUTH PLAIN", "-ERR", "-|NOOPrnAUTH PLAINrn|-|NOOPrnSTATrn|-");
    nothing_goes_ahead_across("XYZZY", "-ERR", "-|NOOPrnXYZZYrn|-|NOOPrnSTATrn|-");
    nothing_goes_ahead_across("{fill A 300}", "-ERR | +OK", "AAArn|-|NOOPrnSTATrn|-");
}

static void nothing_goes_ahead_behind_quit(void **state)
{
    static const char TWICE[] = "C: NOOP\n"
                                "S: +OK\n"
                                "C: QUIT\n"
                                "S: +OK\n"
                                "reconnect\n"
                                "C: NOOP\n"
                                "S: +OK\n"
                                "abort\n";

    (void)state;
    demand_course(PIPELINED, &(struct course){IN_TRANSACTION, TWICE,
                                              "-|NOOPrnQUITrn|-|USER test1rn|-|PASS secret1rn|-|NOOPrn|-"});
}

/* Lines that wait for what is learnt meanwhile, and steps that are more than a line and its reply. */
static void nothing_goes_ahead_of_what_it_depends_on(void **state)
{
    static const struct course COURSES[] = {
        {IN_TRANSACTION,
         "C: STAT\nS: +OK {?messages} {?size}\nC: LIST\nS: +OK\nS: ...\nC: NOOP {messages}\nS: -ERR\n"
         "abort\n",
         "-|STATrnLISTrn|-|NOOP 0rn|-"},
        {IN_TRANSACTION, "C: NOOP\nS: +OK\nraw: STAT\\r\\n\nS: +OK\nC: NOOP\nS: +OK\nabort\n",
         "-|NOOPrn|-|STATrn|-|NOOPrn|-"},
        {IN_TRANSACTION, "C: NOOP\nS: +OK\nfence\nC: NOOP\nS: +OK\nabort\n", "-|NOOPrn|-|NOOPrn|-|NOOPrn|-"},
        {IN_TRANSACTION, "C: NOOP\nS: +OK\ntimeout: 5s\nC: STAT\nS: +OK\nabort\n", "-|NOOPrn|-|STATrn|-"},
        {IN_TRANSACTION, "C: NOOP\nS: +OK | -ERR\nwhen +OK:\n  C: STAT\n  S: +OK\nC: NOOP\nS: +OK\nabort\n",
         "-|NOOPrn|-|STATrn|-|NOOPrn|-"},
        {IN_TRANSACTION, "C: NOOP\nS: +OK\nC2: CAPA\nS2: +OK\nS2: ...\nC: NOOP\nS: +OK\nabort\nabort2\n",
         "-|NOOPrn|-|CAPArn|-|NOOPrn|-"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(COURSES) / sizeof(COURSES[0]); i++)
        demand_course(PIPELINED, &COURSES[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_a_segment_each),
        cmocka_unit_test(octets_are_a_segment_each),
        cmocka_unit_test(a_write_is_cut_behind_so_many_octets),
        cmocka_unit_test(cr_and_lf_are_parted),
        cmocka_unit_test(stls_comes_before_the_dialog),
        cmocka_unit_test(implicit_tls_comes_before_the_greeting),
        cmocka_unit_test(commands_go_ahead_of_the_replies_between_them),
        cmocka_unit_test(nothing_goes_ahead_where_pipelining_is_not_announced),
        cmocka_unit_test(nothing_goes_ahead_before_the_login),
        cmocka_unit_test(nothing_goes_ahead_across_what_changes_the_conversation),
        cmocka_unit_test(nothing_goes_ahead_behind_quit),
        cmocka_unit_test(nothing_goes_ahead_of_what_it_depends_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
