#include "model/reading.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void reading_release(struct reading *reading)
{
    free(reading->marks.words);
    reading->marks = (struct marks){0};
}

struct reading reading_copy(const struct reading *reading)
{
    struct reading copy = *reading;

    copy.marks.words = memory_new_array(reading->marks.word_count, sizeof(uint64_t));
    if (reading->marks.word_count > 0)
        memcpy(copy.marks.words, reading->marks.words, reading->marks.word_count * sizeof(uint64_t));
    return copy;
}

static bool marks_same(const struct marks *a, const struct marks *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->word_count || i < b->word_count; i++) {
        uint64_t word_a = i < a->word_count ? a->words[i] : 0;
        uint64_t word_b = i < b->word_count ? b->words[i] : 0;

        if (word_a != word_b)
            return false;
    }
    return true;
}

bool reading_same(const struct reading *a, const struct reading *b)
{
    return a->modes == b->modes && a->state == b->state && a->user_given == b->user_given &&
           a->cursor == b->cursor && marks_same(&a->marks, &b->marks);
}

bool marks_has(const struct marks *marks, uint64_t number)
{
    size_t word = (size_t)((number - 1) / 64);

    return number > 0 && word < marks->word_count && (marks->words[word] >> ((number - 1) % 64) & 1) != 0;
}

void marks_add(struct marks *marks, uint64_t number)
{
    if (number == 0 || number > MAILDROP_MESSAGES_MAX || marks_has(marks, number))
        return;
    size_t word = (size_t)((number - 1) / 64);

    if (word >= marks->word_count) {
        marks->words = memory_resize_array(marks->words, word + 1, sizeof(uint64_t));
        memset(marks->words + marks->word_count, 0, (word + 1 - marks->word_count) * sizeof(uint64_t));
        marks->word_count = word + 1;
    }
    marks->words[word] |= UINT64_C(1) << ((number - 1) % 64);
    marks->count++;
}

void marks_clear(struct marks *marks)
{
    if (marks->word_count > 0)
        memset(marks->words, 0, marks->word_count * sizeof(uint64_t));
    marks->count = 0;
}

enum valid_state { VALID_AUTHORIZATION, VALID_TRANSACTION, VALID_ANY };

/* Where a command may be given (RFC 1939 section 9, RFC 2449 section 5, RFC 2595 section 4, RFC 6856 section 2). */
static enum valid_state valid_state_of(enum command_verb verb)
{
    switch (verb) {
    case COMMAND_USER:
    case COMMAND_PASS:
    case COMMAND_APOP:
    case COMMAND_AUTH:
    case COMMAND_STLS:
    case COMMAND_RPOP:
    case COMMAND_UTF8:
        return VALID_AUTHORIZATION;
    case COMMAND_STAT:
    case COMMAND_LIST:
    case COMMAND_RETR:
    case COMMAND_DELE:
    case COMMAND_NOOP:
    case COMMAND_RSET:
    case COMMAND_TOP:
    case COMMAND_UIDL:
    case COMMAND_LAST:
        return VALID_TRANSACTION;
    case COMMAND_CAPA:
    case COMMAND_QUIT:
    case COMMAND_LANG:
    case COMMAND_XTND: /* no longer in any standard, and X is everybody's */
    case COMMAND_UNKNOWN:
    case COMMAND_VERB_COUNT:
        return VALID_ANY;
    }
    return VALID_ANY;
}

static const struct breach NO_BREACH = {RULE_COUNT, NULL, false};

/* A reply behind the one to QUIT (RFC 1939 section 6). */
static struct breach judge_over(enum status_indicator indicator)
{
    return (struct breach){RULE_AFTER_QUIT, "the connection's end behind the reply to QUIT",
                           indicator == STATUS_ERR};
}

static struct breach judge_state(const struct reading *reading, enum command_verb verb)
{
    enum valid_state valid = valid_state_of(verb);

    if (reading->state == SESSION_AUTHORIZATION && valid == VALID_TRANSACTION)
        return (struct breach){RULE_STATE, "-ERR, for the command may only be given after login", false};
    if (reading->state == SESSION_TRANSACTION && valid == VALID_AUTHORIZATION)
        return (struct breach){RULE_STATE, "-ERR, for the command may only be given before login", false};
    return NO_BREACH;
}

/* +OK to a command that names a message. */
static struct breach judge_reference_taken(const struct reading *reading, const struct exchange *exchange,
                                           const struct maildrop *maildrop)
{
    if (marks_has(&reading->marks, exchange->number))
        return (struct breach){RULE_MARKED_HIDDEN, "-ERR, for the message is marked as deleted", false};
    if (exchange->number == 0)
        return (struct breach){RULE_NO_SUCH_MESSAGE, "-ERR, for messages are numbered from 1", false};
    if (maildrop->count_known && exchange->number > maildrop->count)
        return (struct breach){RULE_NO_SUCH_MESSAGE, "-ERR, for the maildrop has fewer messages", false};
    return NO_BREACH;
}

/*
 * True for codes that tell of trouble with the server itself (RFC 3206, RFC 2449 section 8.1) or of a message that needs
 * UTF-8 mode (RFC 6856 section 5): no fault of its manners. Only their first level counts, in any case of letters.
 */
static bool code_excuses(struct bytes code)
{
    struct bytes level = bytes_slice(code, 0, bytes_find_octet(code, '/'));

    return bytes_equal_nocase(level, BYTES_LITERAL("SYS")) ||
           bytes_equal_nocase(level, BYTES_LITERAL("IN-USE")) ||
           bytes_equal_nocase(level, BYTES_LITERAL("UTF8"));
}

/* RFC 1939 section 8 lets a server limit TOP, so that one +OK promises no other. */
static bool may_refuse(enum command_verb verb, bool proven)
{
    return verb == COMMAND_TOP || verb == COMMAND_LAST || (verb == COMMAND_UIDL && !proven);
}

/* What LIST and UIDL would answer was said already in this session: no trouble with the message keeps it back. */
static bool is_told(const struct exchange *exchange, const struct maildrop *maildrop)
{
    const struct message *message = maildrop_known(maildrop, exchange->number);

    return message != NULL && ((exchange->verb == COMMAND_LIST && message->size_known) ||
                               (exchange->verb == COMMAND_UIDL && message->unique_id_known));
}

/*
 * -ERR to the number of a message that is there. RFC 1939 section 5 says what follows "if the server issues a positive
 * response", and section 3 knows servers that are unable to process a command: so it is worth a note, and a breach only
 * where nothing can excuse it.
 */
static struct breach judge_refused_reference(const struct exchange *exchange, const struct maildrop *maildrop)
{
    if (is_told(exchange, maildrop))
        return (struct breach){RULE_MESSAGE_FOUND, "+OK and the listing that was given before", true};
    return (struct breach){RULE_MESSAGE_REFUSED, "+OK, for the message exists and is not marked", true};
}

/* -ERR to a well-formed command in TRANSACTION that has nothing to refuse. */
static struct breach judge_refusal(const struct reading *reading, const struct exchange *exchange,
                                   const struct maildrop *maildrop, bool proven)
{
    if (may_refuse(exchange->verb, proven))
        return NO_BREACH;
    if (exchange->verb == COMMAND_NOOP)
        return (struct breach){RULE_NOOP_OK, "+OK, the only reply that NOOP has", true};
    if (exchange->verb == COMMAND_RSET)
        return (struct breach){RULE_RSET_RESTORES, "+OK, the only reply that RSET has", true};
    if (exchange->verb == COMMAND_STAT && (exchange->facts & COMMAND_FACT_LOWER_CASE) == 0)
        return (struct breach){RULE_DROP_LISTING, "+OK and a drop listing, the only reply that STAT has",
                               true};
    if (exchange->has_number && maildrop->count_known && exchange->number >= 1 &&
        exchange->number <= maildrop->count && !marks_has(&reading->marks, exchange->number))
        return judge_refused_reference(exchange, maildrop);
    return NO_BREACH;
}

struct breach reading_judge(const struct reading *reading, const struct exchange *exchange,
                            const struct status_line *status, const struct maildrop *maildrop, bool proven)
{
    if (reading->state == SESSION_OVER && status->indicator != STATUS_CONTINUE)
        return judge_over(status->indicator);
    if (status->indicator == STATUS_OK) {
        if (exchange->verb == COMMAND_UNKNOWN)
            return NO_BREACH;
        struct breach breach = judge_state(reading, exchange->verb);

        if (breach.expected != NULL)
            return breach;
        if (reading->state == SESSION_TRANSACTION && exchange->has_number && exchange->canonical)
            return judge_reference_taken(reading, exchange, maildrop);
        return NO_BREACH;
    }
    if (status->indicator == STATUS_ERR && reading->state == SESSION_TRANSACTION && exchange->canonical &&
        !exchange->odd_number && !code_excuses(status->code))
        return judge_refusal(reading, exchange, maildrop, proven);
    return NO_BREACH;
}

/* DELE got +OK. A number that had to be refused may have been cut to 32 bits, or to its digits, or ignored. */
static bool apply_deletion(struct reading *reading, const struct exchange *exchange,
                           const struct maildrop *maildrop, struct reading *ret_fork)
{
    uint64_t last = maildrop->count_known ? maildrop->count : MAILDROP_MESSAGES_MAX;
    bool plain = exchange->canonical && exchange->number >= 1;

    if (plain && exchange->number <= last) {
        marks_add(&reading->marks, exchange->number);
        return false;
    }
    if (plain && exchange->number <= UINT32_MAX)
        return false; /* there is no such message to mark */
    *ret_fork = reading_copy(reading);
    marks_add(&reading->marks, exchange->number & UINT32_MAX);
    return true;
}

/* +OK came where AUTH without an initial response has to be challenged: it may mean the login, or a challenge. */
static bool is_odd_login(const struct reading *reading, const struct exchange *exchange)
{
    return exchange->verb == COMMAND_AUTH && exchange->argument_count == 1 && !exchange->challenged &&
           reading->state == SESSION_AUTHORIZATION;
}

static void apply_login(struct reading *reading)
{
    if (reading->state == SESSION_AUTHORIZATION)
        reading->state = SESSION_TRANSACTION;
    else
        reading->state = SESSION_UNKNOWN;
    reading->user_given = false;
    marks_clear(&reading->marks);
}

bool reading_apply(struct reading *reading, const struct exchange *exchange, enum status_indicator indicator,
                   const struct maildrop *maildrop, struct reading *ret_fork)
{
    bool ok = indicator == STATUS_OK;

    if (exchange->verb == COMMAND_QUIT && (ok || exchange->canonical)) {
        reading->state = SESSION_OVER;
        return false;
    }
    if (!ok) {
        if (exchange->verb == COMMAND_USER || exchange->verb == COMMAND_PASS)
            reading->user_given = false;
        return false;
    }
    if (exchange->verb == COMMAND_USER) {
        reading->user_given = true;
    } else if (exchange->verb == COMMAND_PASS || exchange->verb == COMMAND_APOP ||
               exchange->verb == COMMAND_RPOP ||
               (exchange->verb == COMMAND_AUTH && exchange->argument_count > 0)) {
        bool odd = is_odd_login(reading, exchange);

        if (odd)
            *ret_fork = reading_copy(reading);
        apply_login(reading);
        return odd;
    } else if (exchange->verb == COMMAND_RSET && reading->state == SESSION_TRANSACTION) {
        marks_clear(&reading->marks);
    } else if (exchange->verb == COMMAND_DELE && reading->state == SESSION_TRANSACTION) {
        return apply_deletion(reading, exchange, maildrop, ret_fork);
    }
    return false;
}
