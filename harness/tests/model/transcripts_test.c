/*
 * Judges the judge: conversations typed by hand from the RFCs' words, good and bad, with the rules that each breaks.
 * transcripts/README.md describes the files. Every transcript is judged again with the server's octets handed over one at a
 * time: the same rules must be broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "inputs/transcript_line.h"
#include "model/conversation.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define TRANSCRIPTS SOURCE_DIR "/harness/tests/model/transcripts"

enum { MESSAGES_MAX = 16, LINE_OCTETS_MAX = 8192, NAMES_MAX = 256 };

/* ---- one transcript ---- */

struct judged {
    bool broken[RULE_COUNT];
    char first[RULE_COUNT][256];
};

static void note_observation(void *context, const struct observation *observation)
{
    struct judged *judged = context;

    if (!judged->broken[observation->rule])
        snprintf(judged->first[observation->rule], sizeof(judged->first[0]), "expected %s; got %s",
                 observation->expected, observation->actual);
    judged->broken[observation->rule] = true;
}

static void feed(struct conversation *conversation, struct bytes octets, bool one_by_one)
{
    struct conversation_event event;
    size_t step = one_by_one ? 1 : octets.size;

    for (size_t offset = 0; offset < octets.size; offset += step) {
        struct bytes input = bytes_slice(octets, offset, offset + step);

        do
            conversation_next(conversation, &input, 0, &event);
        while (event.reply.kind != REPLY_NONE);
        assert_int_equal(input.size, 0);
    }
}

static void play_line(struct conversation *conversation, const char *text, bool one_by_one)
{
    struct transcript_line line;
    struct buf storage;

    buf_init(&storage, LINE_OCTETS_MAX);
    if (!transcript_line_read(bytes_of(text), &storage, &line))
        fail_msg("not a line of a transcript: %s", text);
    switch (line.event) {
    case TRANSCRIPT_CLIENT:
        conversation_sent(conversation, line.octets, CONVERSATION_BY_COMMAND);
        break;
    case TRANSCRIPT_SERVER:
        feed(conversation, line.octets, one_by_one);
        break;
    case TRANSCRIPT_END:
    case TRANSCRIPT_RESET:
        conversation_ended(conversation, line.event == TRANSCRIPT_RESET, 0);
        break;
    case TRANSCRIPT_TIMEOUT:
        conversation_timed_out(conversation, 0);
        break;
    case TRANSCRIPT_LEFT:
        conversation_left(conversation, CONVERSATION_FAREWELL_US);
        break;
    case TRANSCRIPT_HALF_CLOSE:
        conversation_half_closed(conversation);
        break;
    case TRANSCRIPT_TLS:
        conversation_secured(conversation, BYTES_EMPTY, 0);
        break;
    }
    buf_release(&storage);
}

/* What stands above the line of dashes. */
struct heading {
    bool expected[RULE_COUNT];
    bool any;
    struct conversation_options options;
    struct message_hint hints[MESSAGES_MAX];
};

static void read_expected(struct heading *heading, char *names, const char *file)
{
    char *rest = names;

    for (char *name = strtok_r(rest, " ", &rest); name != NULL; name = strtok_r(rest, " ", &rest)) {
        enum rule rule;

        if (strcmp(name, "none") == 0)
            continue;
        if (!rule_of_id(name, &rule))
            fail_msg("%s: there is no rule %s", file, name);
        heading->expected[rule] = true;
    }
    heading->any = true;
}

static void read_heading_line(struct heading *heading, char *line, const char *file)
{
    int clean = 0;

    if (strncmp(line, "expect: ", 8) == 0)
        read_expected(heading, line + 8, file);
    else if (strcmp(line, "capa") == 0)
        heading->options.capa = true;
    else if (strcmp(line, "resp-codes") == 0)
        heading->options.resp_codes = true;
    else if (strcmp(line, "auth-resp-code") == 0)
        heading->options.auth_resp_code = true;
    else if (strcmp(line, "pipelining") == 0)
        heading->options.pipelining = true;
    else if (strcmp(line, "utf8") == 0)
        heading->options.utf8 = true;
    else if (sscanf(line, "clean messages: %d", &clean) == 1 && clean <= MESSAGES_MAX)
        heading->options.hint_count = (size_t)clean;
    else
        fail_msg("%s: not a line of a heading: %s", file, line);
}

/* How many rules were accused wrongly or not accused. */
static size_t judge(FILE *file, const char *name, bool one_by_one)
{
    struct heading heading = {.options = {.connection = 1}};
    struct judged judged = {0};
    char line[LINE_OCTETS_MAX];
    struct conversation *conversation = NULL;

    rewind(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        if (conversation != NULL) {
            play_line(conversation, line, one_by_one);
        } else if (strcmp(line, "---") == 0) {
            for (size_t i = 0; i < heading.options.hint_count; i++)
                heading.hints[i] =
                    (struct message_hint){.clean = true, .final_newline = true, .same_as = &heading.hints[i]};
            heading.options.hints = heading.hints;
            heading.options.observer = (struct observer){note_observation, &judged};
            conversation = conversation_new(&heading.options);
        } else {
            read_heading_line(&heading, line, name);
        }
    }
    assert_non_null(conversation);
    assert_true(heading.any);
    conversation_left(conversation, CONVERSATION_FAREWELL_US);
    conversation_free(conversation);
    size_t wrong = 0;

    for (int rule = 0; rule < RULE_COUNT; rule++) {
        if (judged.broken[rule] == heading.expected[rule])
            continue;
        wrong++;
        print_error("%s%s: %s %s: %s\n", name, one_by_one ? " (octet by octet)" : "",
                    judged.broken[rule] ? "accused of" : "not accused of", rule_info((enum rule)rule)->id,
                    judged.first[rule]);
    }
    return wrong;
}

/* ---- all of them ---- */

static size_t judge_file(const char *name)
{
    char path[1024];

    snprintf(path, sizeof(path), "%s/%s", TRANSCRIPTS, name);
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    size_t wrong = judge(file, name, false) + judge(file, name, true);

    fclose(file);
    return wrong;
}

static void test_transcripts_break_the_rules_they_name_and_no_other(void **state)
{
    struct dirent **entries;
    int count = scandir(TRANSCRIPTS, &entries, NULL, alphasort);
    size_t judged = 0;
    size_t wrong = 0;

    (void)state;
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;

        if (bytes_end_with(bytes_of(name), BYTES_LITERAL(".txt"))) {
            wrong += judge_file(name);
            judged++;
        }
        free(entries[i]);
    }
    free(entries);
    print_message("%zu transcripts judged\n", judged);
    assert_int_equal(wrong, 0);
    assert_true(judged >= 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transcripts_break_the_rules_they_name_and_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
