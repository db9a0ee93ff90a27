/*
 * What may be sent to a target whose mailboxes are not for testing (design section 5): decided by what a server could
 * read in the octets, not by what a scenario means. Servers differ in what they make of octets that do not belong into a
 * command, so the search goes on under several foldings at once, and across everything that was sent on a connection.
 */
#include "exec/machine_private.h"

/* Ways to read an octet that is neither a visible character nor a space. LF ends a line under each. */
enum folding {
    FOLDING_DROPPED, /* it is left out */
    FOLDING_MASKED,  /* its eighth bit is cleared; what is then a control character is left out */
    FOLDING_BLANK,   /* it is as good as a space */
    FOLDING_COUNT,
};

_Static_assert((int)FOLDING_COUNT == (int)TAIL_FOLDINGS, "a tail has a word for each folding");

/* Each is of four octets, which make one number. */
#define WORD(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

enum command_word { WORD_DELE = 1 << 0, WORD_QUIT = 1 << 1, WORD_RETRIEVES = 1 << 2 };

static unsigned word_of(uint32_t last_four)
{
    switch (last_four) {
    case WORD('D', 'E', 'L', 'E'):
        return WORD_DELE;
    case WORD('Q', 'U', 'I', 'T'):
        return WORD_QUIT;
    case WORD('R', 'E', 'T', 'R'):
    case WORD('T', 'O', 'P', ' '):
        return WORD_RETRIEVES;
    default:
        return 0;
    }
}

/* False when the octet is left out. */
static bool fold(uint8_t octet, enum folding folding, uint8_t *ret_octet)
{
    bool masked = folding == FOLDING_MASKED && octet > 0x7F;

    octet = masked ? octet & 0x7F : octet;
    *ret_octet = ascii_upper(octet);
    if (octet == '\n' || (octet >= ' ' && octet < 0x7F))
        return true;
    *ret_octet = ' ';
    return octet == '\t' || folding == FOLDING_BLANK;
}

static unsigned words_of_octet(struct tail *tail, uint8_t octet)
{
    unsigned words = 0;

    for (int folding = 0; folding < FOLDING_COUNT; folding++) {
        uint8_t folded;

        if (!fold(octet, (enum folding)folding, &folded))
            continue;
        tail->last_four[folding] = tail->last_four[folding] << 8 | folded;
        words |= word_of(tail->last_four[folding]);
    }
    return words;
}

/*
 * True for a line that says who logs in, and that every server reads as the one command it is: visible, in the form of
 * RFC 1939, its arguments of at most 40 octets. Somebody may be called Adele.
 */
static bool is_plain_login(struct bytes line)
{
    struct command command = command_parse(line, 0);

    return (command.verb == COMMAND_USER || command.verb == COMMAND_PASS || command.verb == COMMAND_APOP) &&
           (command.facts & ~(unsigned)COMMAND_FACT_LOWER_CASE) == 0;
}

/* The octets at the front of OCTETS that are plain logins; they begin a line. */
static size_t plain_logins(struct bytes octets)
{
    size_t size = 0;

    for (;;) {
        struct bytes rest = bytes_from(octets, size);
        size_t end = bytes_find(rest, BYTES_LITERAL("\r\n"));

        if (end == BYTES_NOT_FOUND || !is_plain_login(bytes_slice(rest, 0, end)))
            return size;
        size += end + 2;
    }
}

/* The words that stand in OCTETS, or end in it; LINE_OPEN: it goes on with a line begun before. */
static unsigned words_in(struct tail *tail, bool line_open, struct bytes octets)
{
    size_t skipped = line_open ? 0 : plain_logins(octets);
    unsigned words = 0;

    if (skipped > 0)
        *tail = (struct tail){{0}};
    for (size_t i = skipped; i < octets.size; i++)
        words |= words_of_octet(tail, octets.data[i]);
    return words;
}

const char *safety_refuses(const struct machine *machine, const struct link *link, struct bytes octets)
{
    struct tail tail = link->tail;
    unsigned words = words_in(&tail, link->line_open, octets);
    bool quits = (words & WORD_QUIT) != 0;
    bool retrieves = (words & WORD_RETRIEVES) != 0;

    if (machine->options.may_delete)
        return NULL;
    if ((words & WORD_DELE) != 0)
        return "it would send what can be read as DELE, and the target has no mailboxes for testing "
               "(provision)";
    if (quits && conversation_any_mark(link->conversation))
        return "it would send QUIT while a message may be marked as deleted";
    if (quits && (link->retrieved || retrieves))
        return "it would send QUIT after RETR or TOP, which may remove messages on some servers";
    if (retrieves && machine->options.facts.expire_zero)
        return "it would send RETR or TOP, and EXPIRE 0 is announced";
    return NULL;
}

bool safety_note_sent(struct link *link, struct bytes octets)
{
    unsigned words = words_in(&link->tail, link->line_open, octets);

    link->retrieved = link->retrieved || (words & WORD_RETRIEVES) != 0;
    return link->retrieved || (words & WORD_DELE) != 0;
}

bool safety_wants_abort(const struct machine *machine, const struct link *link)
{
    return link->retrieved && !machine->options.may_delete;
}
