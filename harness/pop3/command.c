#include "pop3/command.h"

#include "base/limits.h"

#include <string.h>

static const struct command_info INFOS[] = {
    [COMMAND_UNKNOWN] = {COMMAND_UNKNOWN, "", 0, SIZE_MAX, REST_NONE, SHAPE_SINGLE},
#define COMMAND(name, keyword, arguments_min, arguments_max, rest, shape)                                    \
    [COMMAND_##name] = {COMMAND_##name, keyword, arguments_min, arguments_max, rest, shape},
#include "pop3/vocabulary.def"
#undef COMMAND
};

/* RFC 2449 section 3: a keyword has three or four characters. So has each in the vocabulary. */
enum { KEYWORD_OCTETS_MIN = 3, KEYWORD_OCTETS_MAX = 4 };

const struct command_info *command_info(enum command_verb verb)
{
    return &INFOS[verb];
}

enum command_verb command_verb_of(struct bytes keyword)
{
    if (keyword.size < KEYWORD_OCTETS_MIN || keyword.size > KEYWORD_OCTETS_MAX)
        return COMMAND_UNKNOWN;
    uint8_t first = ascii_upper(keyword.data[0]);

    for (size_t i = COMMAND_UNKNOWN + 1; i < COMMAND_VERB_COUNT; i++) {
        if ((uint8_t)INFOS[i].keyword[0] == first && bytes_equal_nocase(bytes_of(INFOS[i].keyword), keyword))
            return INFOS[i].verb;
    }
    return COMMAND_UNKNOWN;
}

/* The facts that an octet outside 0x21 to 0x7E settles by standing in the line. */
static unsigned facts_of_octet(uint8_t octet)
{
    if (octet > 0x7F)
        return COMMAND_FACT_8BIT;
    if (octet == '\0')
        return COMMAND_FACT_NUL;
    if (octet == '\r')
        return COMMAND_FACT_BARE_CR;
    if (octet == '\t')
        return COMMAND_FACT_TAB;
    return octet == ' ' ? 0 : COMMAND_FACT_CONTROL;
}

static unsigned facts_of_line(struct bytes line, unsigned line_facts)
{
    unsigned facts = line_facts;
    size_t line_end_octets = (line_facts & COMMAND_FACT_BARE_LF) != 0 ? 1 : 2;

    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] > ' ' && line.data[i] < 0x7F)
            continue;
        facts |= facts_of_octet(line.data[i]);
        if (i > 0 && line.data[i] == ' ' && line.data[i - 1] == ' ')
            facts |= COMMAND_FACT_DOUBLE_SPACE;
    }
    if (line.size == 0)
        return facts | COMMAND_FACT_EMPTY;
    if (line.data[0] == ' ')
        facts |= COMMAND_FACT_LEADING_SPACE;
    if (line.data[line.size - 1] == ' ')
        facts |= COMMAND_FACT_TRAILING_SPACE;
    if (line.size > COMMAND_OCTETS_MAX - line_end_octets)
        facts |= COMMAND_FACT_OVERLONG;
    return facts;
}

/* Steps over spaces at the front of REST and takes what stands before the next one. False when nothing is
 * left. */
static bool take_word(struct bytes *rest, struct bytes *ret_word)
{
    size_t start = 0;

    while (start < rest->size && rest->data[start] == ' ')
        start++;
    size_t end = start;

    while (end < rest->size && rest->data[end] != ' ')
        end++;
    *ret_word = bytes_slice(*rest, start, end);
    *rest = bytes_from(*rest, end);
    return end > start;
}

static void add_argument(struct command *command, struct bytes argument)
{
    if (argument.size > ARGUMENT_OCTETS_MAX)
        command->facts |= COMMAND_FACT_LONG_ARGUMENT;
    if (command->argument_count < COMMAND_ARGUMENTS_MAX)
        command->arguments[command->argument_count] = argument;
    command->argument_count++;
}

static void split_arguments(struct command *command, const struct command_info *info)
{
    struct bytes rest = command->rest;
    struct bytes word;

    if (info->rest == REST_LAST) {
        if (rest.size > 0)
            add_argument(command, rest);
        return;
    }
    while (take_word(&rest, &word))
        add_argument(command, word);
}

struct command command_parse(struct bytes line, unsigned line_facts)
{
    struct command command = {.facts = facts_of_line(line, line_facts)};
    struct bytes rest = line;

    take_word(&rest, &command.keyword);
    if (rest.size > 0)
        command.rest = bytes_from(rest, 1);
    command.verb = command_verb_of(command.keyword);
    const struct command_info *info = command_info(command.verb);

    split_arguments(&command, info);
    if (bytes_have_lower_case(command.keyword))
        command.facts |= COMMAND_FACT_LOWER_CASE;
    if (command.argument_count < info->arguments_min)
        command.facts |= COMMAND_FACT_TOO_FEW;
    if (command.argument_count > info->arguments_max)
        command.facts |= COMMAND_FACT_TOO_MANY;
    return command;
}

bool command_number(struct bytes argument, uint64_t *ret_number, bool *ret_leading_zero)
{
    if (!bytes_to_u64(argument, ret_number))
        return false;
    if (ret_leading_zero != NULL)
        *ret_leading_zero = argument.size > 1 && argument.data[0] == '0';
    return true;
}

bool command_reply_is_multi(const struct command *command)
{
    switch (command_info(command->verb)->shape) {
    case SHAPE_MULTI:
        return true;
    case SHAPE_MULTI_BARE:
        return command->argument_count == 0;
    case SHAPE_SINGLE:
    case SHAPE_CHALLENGE:
        return false;
    }
    return false;
}

/* A line being written into the caller's storage. */
struct printed {
    uint8_t *data;
    size_t capacity;
    size_t size;
    bool ok;
};

static void print_octets(struct printed *printed, struct bytes octets)
{
    if (!printed->ok || octets.size > printed->capacity - printed->size) {
        printed->ok = false;
        return;
    }
    if (octets.size > 0)
        memcpy(printed->data + printed->size, octets.data, octets.size);
    printed->size += octets.size;
}

/* What a caller hands over must not end the line or be cut at a NUL: that would inject a command. */
static void print_word(struct printed *printed, struct bytes word)
{
    for (size_t i = 0; i < word.size; i++) {
        if (word.data[i] == '\r' || word.data[i] == '\n' || word.data[i] == '\0')
            printed->ok = false;
    }
    print_octets(printed, word);
}

static void print_arguments(struct printed *printed, const struct command *command)
{
    struct bytes rest = command->rest;
    struct bytes word;

    if (command->argument_count <= COMMAND_ARGUMENTS_MAX) {
        for (size_t i = 0; i < command->argument_count; i++) {
            print_octets(printed, BYTES_LITERAL(" "));
            print_word(printed, command->arguments[i]);
        }
        return;
    }
    while (take_word(&rest, &word)) {
        print_octets(printed, BYTES_LITERAL(" "));
        print_word(printed, word);
    }
}

bool command_print(const struct command *command, uint8_t *out, size_t out_size, size_t *ret_size)
{
    struct printed printed = {.data = out, .capacity = out_size, .ok = true};

    if (command->verb == COMMAND_UNKNOWN)
        print_word(&printed, command->keyword);
    else
        print_word(&printed, bytes_of(command_info(command->verb)->keyword));
    print_arguments(&printed, command);
    print_octets(&printed, BYTES_LITERAL("\r\n"));
    if (printed.ok)
        *ret_size = printed.size;
    return printed.ok;
}
