/*
 * A second command parser, for comparison with the one that driver and reference server share: it has the whole stream
 * before it, takes one octet at a time, and has a table of its own, typed from the RFCs. It shares nothing with the
 * real one but the names of verbs and facts.
 */
#ifndef TESTS_POP3_NAIVE_PARSER_H
#define TESTS_POP3_NAIVE_PARSER_H

#include "pop3/command.h"

#include <string.h>

enum { NAIVE_ARGUMENTS_MAX = 2048 };

struct naive_command {
    enum command_verb verb;
    struct bytes keyword;
    struct bytes rest;
    bool has_rest;
    struct bytes arguments[NAIVE_ARGUMENTS_MAX];
    size_t argument_count;
    unsigned facts;
    bool multi;
};

/* The line of a stream that begins at AT; false when the stream ends before it does. */
static inline bool naive_command_line(struct bytes stream, size_t at, struct command_line *ret_line,
                                      size_t *ret_next)
{
    size_t end = at;

    while (end < stream.size && stream.data[end] != '\n')
        end++;
    if (end == stream.size)
        return false;
    *ret_next = end + 1;
    size_t content = end - at;
    struct command_line line = {.octets = content + 1, .facts = COMMAND_FACT_BARE_LF};

    if (content > 0 && stream.data[end - 1] == '\r') {
        content--;
        line.facts = 0;
    }
    if (line.octets >= 256)
        line.facts |= COMMAND_FACT_OVERLONG;
    if (content > 1024) {
        content = 1024;
        line.facts |= COMMAND_FACT_CUT;
    }
    line.line = bytes_make(stream.data + at, content);
    *ret_line = line;
    return true;
}

static inline unsigned naive_octet_facts(struct bytes line)
{
    unsigned facts = 0;

    for (size_t i = 0; i < line.size; i++) {
        uint8_t octet = line.data[i];
        bool last = i + 1 == line.size;

        switch (octet) {
        case 0:
            facts |= COMMAND_FACT_NUL;
            break;
        case 9:
            facts |= COMMAND_FACT_TAB;
            break;
        case 13:
            facts |= COMMAND_FACT_BARE_CR;
            break;
        case 32:
            facts |= i == 0 ? COMMAND_FACT_LEADING_SPACE : 0;
            facts |= last ? COMMAND_FACT_TRAILING_SPACE : 0;
            facts |= !last && line.data[i + 1] == 32 ? COMMAND_FACT_DOUBLE_SPACE : 0;
            break;
        default:
            facts |= octet < 32 || octet == 127 ? COMMAND_FACT_CONTROL : 0;
            facts |= octet > 127 ? COMMAND_FACT_8BIT : 0;
        }
    }
    return facts | (line.size == 0 ? COMMAND_FACT_EMPTY : 0);
}

struct naive_row {
    enum command_verb verb;
    const char *keyword;
    size_t fewest;
    size_t most;
    const char *multi; /* "always", "bare" (without an argument), "never" */
};

static inline const struct naive_row *naive_row_of(struct bytes keyword)
{
    static const struct naive_row rows[] = {
        {COMMAND_APOP, "APOP", 2, 2, "never"},  {COMMAND_AUTH, "AUTH", 0, 2, "never"},
        {COMMAND_CAPA, "CAPA", 0, 0, "always"}, {COMMAND_DELE, "DELE", 1, 1, "never"},
        {COMMAND_LANG, "LANG", 0, 1, "bare"},   {COMMAND_LAST, "LAST", 0, 0, "never"},
        {COMMAND_LIST, "LIST", 0, 1, "bare"},   {COMMAND_NOOP, "NOOP", 0, 0, "never"},
        {COMMAND_PASS, "PASS", 1, 1, "never"},  {COMMAND_QUIT, "QUIT", 0, 0, "never"},
        {COMMAND_RETR, "RETR", 1, 1, "always"}, {COMMAND_RPOP, "RPOP", 1, 1, "never"},
        {COMMAND_RSET, "RSET", 0, 0, "never"},  {COMMAND_STAT, "STAT", 0, 0, "never"},
        {COMMAND_STLS, "STLS", 0, 0, "never"},  {COMMAND_TOP, "TOP", 2, 2, "always"},
        {COMMAND_UIDL, "UIDL", 0, 1, "bare"},   {COMMAND_USER, "USER", 1, 1, "never"},
        {COMMAND_UTF8, "UTF8", 0, 0, "never"},  {COMMAND_XTND, "XTND", 1, 2, "never"},
    };
    static const struct naive_row unknown = {COMMAND_UNKNOWN, "", 0, SIZE_MAX, "never"};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t size = strlen(rows[i].keyword);
        size_t same = 0;

        while (same < size && same < keyword.size &&
               (keyword.data[same] == rows[i].keyword[same] ||
                (rows[i].keyword[same] >= 'A' && keyword.data[same] == rows[i].keyword[same] + 'a' - 'A')))
            same++;
        if (same == size && same == keyword.size)
            return &rows[i];
    }
    return &unknown;
}

/* Words between spaces from AT on. */
static inline void naive_words(struct bytes line, size_t at, struct naive_command *command)
{
    size_t start = at;

    for (size_t i = at; i <= line.size; i++) {
        if (i < line.size && line.data[i] != ' ')
            continue;
        if (i > start)
            command->arguments[command->argument_count++] = bytes_make(line.data + start, i - start);
        start = i + 1;
    }
}

/* LINE has at most NAIVE_ARGUMENTS_MAX octets. */
static inline void naive_parse(struct bytes line, unsigned line_facts, struct naive_command *ret_command)
{
    struct naive_command *command = ret_command;
    size_t start = 0;

    command->argument_count = 0;
    while (start < line.size && line.data[start] == ' ')
        start++;
    size_t end = start;

    while (end < line.size && line.data[end] != ' ')
        end++;
    command->keyword = bytes_make(line.data + start, end - start);
    command->has_rest = end < line.size;
    command->rest = command->has_rest ? bytes_make(line.data + end + 1, line.size - end - 1) : BYTES_EMPTY;
    const struct naive_row *row = naive_row_of(command->keyword);

    command->verb = row->verb;
    if (row->verb != COMMAND_PASS)
        naive_words(line, end, command);
    else if (command->rest.size > 0)
        command->arguments[command->argument_count++] = command->rest;
    command->facts = line_facts | naive_octet_facts(line);
    if (line.size + ((line_facts & COMMAND_FACT_BARE_LF) != 0 ? 1 : 2) >= 256)
        command->facts |= COMMAND_FACT_OVERLONG;
    for (size_t i = 0; i < command->keyword.size; i++) {
        if (command->keyword.data[i] >= 'a' && command->keyword.data[i] <= 'z')
            command->facts |= COMMAND_FACT_LOWER_CASE;
    }
    for (size_t i = 0; i < command->argument_count; i++) {
        if (command->arguments[i].size >= 41)
            command->facts |= COMMAND_FACT_LONG_ARGUMENT;
    }
    command->facts |= command->argument_count < row->fewest ? COMMAND_FACT_TOO_FEW : 0;
    command->facts |= command->argument_count > row->most ? COMMAND_FACT_TOO_MANY : 0;
    command->multi = row->multi[0] == 'a' || (row->multi[0] == 'b' && command->argument_count == 0);
}

/* True when the real parser says the same. */
static inline bool naive_agrees(const struct naive_command *naive, const struct command *command)
{
    size_t kept =
        naive->argument_count < COMMAND_ARGUMENTS_MAX ? naive->argument_count : COMMAND_ARGUMENTS_MAX;

    for (size_t i = 0; i < kept; i++) {
        if (!bytes_equal(naive->arguments[i], command->arguments[i]))
            return false;
    }
    return naive->verb == command->verb && bytes_equal(naive->keyword, command->keyword) &&
           bytes_equal(naive->rest, command->rest) && naive->has_rest == (command->rest.data != NULL) &&
           naive->argument_count == command->argument_count && naive->facts == command->facts &&
           naive->multi == command_reply_is_multi(command);
}

#endif
