/* What clients and servers say, by the vocabulary of the standards; and where segments end and who speaks. */
#include "mutate.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum { CONTROL = 0xFF };

static const char *const KEYWORDS[] = {
#define COMMAND(name, keyword, arguments_min, arguments_max, rest, shape) keyword,
#include "pop3/vocabulary.def"
#undef COMMAND
    /* Of other times and makers. */
    "XMIT", "EUIDL", "MDEF", "FOLD", "XSENDER",   "X-MANGLE", "HELO",
    "READ", "ACKS",  "ACKD", "NACK", "XTND XMIT", "",
};

static bool put_text(struct editing *editing, size_t start, size_t end, const char *text)
{
    return editing_replace(editing, start, end, bytes_of(text));
}

/* One of TEXTS, where a piece begins. */
static bool insert_one(struct editing *editing, const char *const *texts, size_t count)
{
    size_t place = editing_border(editing);

    return put_text(editing, place, place, texts[editing_choose(editing, count)]);
}

/* ---- clients ---- */

bool operator_COMMAND(struct editing *editing, const struct format *format)
{
    static const char *const ARGUMENTS[] = {"\r\n",   "\r\n",     " 1\r\n",   " 2\r\n",
                                            " 3\r\n", " 1 0\r\n", " 2 1\r\n", " 99\r\n",
                                            " u\r\n", " p\r\n",   " *\r\n",   " PLAIN\r\n"};
    size_t place = editing_border(editing);
    const char *keyword = KEYWORDS[editing_choose(editing, COUNT_OF(KEYWORDS))];

    (void)format;
    return put_text(editing, place, place, ARGUMENTS[editing_choose(editing, COUNT_OF(ARGUMENTS))]) &&
           put_text(editing, place, place, keyword);
}

bool operator_KEYWORD(struct editing *editing, const struct format *format)
{
    const struct piece *piece = editing_line(editing);

    (void)format;
    if (piece == NULL)
        return false;
    struct bytes text = editing_text(editing, piece);
    size_t end = bytes_find_octet(text, ' ');

    end = piece->start + (end == BYTES_NOT_FOUND ? text.size : end);
    return put_text(editing, piece->start, end, KEYWORDS[editing_choose(editing, COUNT_OF(KEYWORDS))]);
}

bool operator_LOGIN(struct editing *editing, const struct format *format)
{
    static const char *const LOGINS[] = {"USER u\r\nPASS p\r\n",
                                         "USER u\r\nPASS q\r\n",
                                         "AUTH PLAIN AHUAcA==\r\n",
                                         "AUTH PLAIN\r\nAHUAcA==\r\n",
                                         "AUTH LOGIN\r\ndQ==\r\ncA==\r\n",
                                         "APOP u 00000000000000000000000000000000\r\n",
                                         "APOP u 01010101010101010101010101010101\r\n",
                                         "STLS\r\n\xFFtUSER u\r\nPASS p\r\n"};

    (void)format;
    return insert_one(editing, LOGINS, COUNT_OF(LOGINS));
}

bool operator_EXCHANGE(struct editing *editing, const struct format *format)
{
    static const char *const LINES[] = {"AUTH\r\n",
                                        "AUTH PLAIN =\r\n",
                                        "AUTH PLAIN AHUAcA=\r\n",
                                        "AUTH CRAM-MD5\r\n",
                                        "AUTH CRAM-MD5\r\ndSAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw\r\n",
                                        "AUTH SCRAM-SHA-1\r\nbiwsbj11LHI9cg==\r\n",
                                        "AUTH SCRAM-SHA-256 biwsbj11LHI9cg==\r\n",
                                        "AUTH PLAIN\r\n*\r\n",
                                        "AUTH plain\r\n",
                                        "*\r\n",
                                        "=\r\n",
                                        "\r\n",
                                        "AHUAcA==\r\n",
                                        "dQ==\r\n",
                                        "cA==\r\n",
                                        "AA==\r\n",
                                        "AAAA\r\n",
                                        "dQ\r\n",
                                        "dR==\r\n",
                                        "d Q==\r\n",
                                        "AUTH NOTHING\r\n"};

    (void)format;
    return insert_one(editing, LINES, COUNT_OF(LINES));
}

/* ---- servers ---- */

bool operator_REPLY(struct editing *editing, const struct format *format)
{
    static const char *const REPLIES[] = {
        "+OK\r\n",
        "-ERR\r\n",
        "+OK 2 320\r\n",
        "+OK 0 0\r\n",
        "+ \r\n",
        "+ PDEuMkBob3N0Pg==\r\n",
        "+OK\r\n1 120\r\n2 200\r\n.\r\n",
        "+OK\r\n1 a\r\n2 b\r\n.\r\n",
        "+OK ready <1.2@host>\r\n",
        "+OK\r\nTOP\r\nUIDL\r\nSASL PLAIN\r\nSTLS\r\nPIPELINING\r\nRESP-CODES\r\n.\r\n",
        "-ERR [IN-USE] wait\r\n",
        "+OK 120 octets\r\nSubject: x\r\n\r\n..x\r\n.\r\n",
        "+OK bye\r\n",
        "1 120\r\n",
        "en English\r\n"};

    (void)format;
    return insert_one(editing, REPLIES, COUNT_OF(REPLIES));
}

bool operator_INDICATOR(struct editing *editing, const struct format *format)
{
    static const char *const INDICATORS[] = {"+OK", "-ERR", "+",    "+ok", "-err", "+OKAY", "-ERROR",
                                             "OK",  "",     " +OK", "*",   "+OK ", "-ERR "};
    const struct piece *piece = editing_line(editing);

    (void)format;
    if (piece == NULL)
        return false;
    struct bytes text = editing_text(editing, piece);
    size_t end = bytes_find_octet(text, ' ');

    end = piece->start + (end == BYTES_NOT_FOUND ? text.size : end);
    return put_text(editing, piece->start, end, INDICATORS[editing_choose(editing, COUNT_OF(INDICATORS))]);
}

bool operator_RESPONSE_CODE(struct editing *editing, const struct format *format)
{
    static const char *const CODES[] = {
#define REGISTERED_RESPONSE_CODE(name, code, commands) " [" code "]",
#include "pop3/response_codes.def"
#undef REGISTERED_RESPONSE_CODE
        " []", " [/]", " [SYS/]", " [x", " [IN-USE]x", " [a/b/c/d/e/f]",
    };
    const struct piece *piece = editing_line(editing);

    (void)format;
    if (piece == NULL)
        return false;
    struct bytes text = editing_text(editing, piece);
    size_t end = bytes_find_octet(text, ' ');
    size_t place = piece->start + (end == BYTES_NOT_FOUND ? text.size : end);

    return put_text(editing, place, place, CODES[editing_choose(editing, COUNT_OF(CODES))]);
}

bool operator_CAPABILITY(struct editing *editing, const struct format *format)
{
    static const char *const LINES[] = {
#define REGISTERED_CAPABILITY(name, tag, arguments, behind_login) tag "\r\n",
#include "pop3/capabilities.def"
#undef REGISTERED_CAPABILITY
#define MECHANISM(name, mechanism, keyword, client_first, secret) "SASL " mechanism "\r\n",
#include "pop3/mechanisms.def"
#undef MECHANISM
        "EXPIRE 0\r\n",  "EXPIRE NEVER\r\n",       "EXPIRE 30 USER\r\n", "LOGIN-DELAY 900 USER\r\n",
        "UTF8 USER\r\n", "IMPLEMENTATION x y\r\n",
    };

    (void)format;
    return insert_one(editing, LINES, COUNT_OF(LINES));
}

bool operator_STUFFING(struct editing *editing, const struct format *format)
{
    const struct piece *piece = editing_line(editing);

    (void)format;
    if (piece == NULL)
        return false;
    if (editing->data[piece->start] == '.' && editing_once_in(editing, 2))
        return editing_replace(editing, piece->start, piece->start + 1, BYTES_EMPTY);
    return put_text(editing, piece->start, piece->start, ".");
}

bool operator_TERMINATOR(struct editing *editing, const struct format *format)
{
    static const char *const TERMINATORS[] = {
        ".\r\n", ".\n", ".\r", "..\r\n", ". \r\n", "\n.\r\n", "\r\n.\r\n.\r\n", "\r.\r\n"};

    (void)format;
    return insert_one(editing, TERMINATORS, COUNT_OF(TERMINATORS));
}

/* ---- controls ---- */

static uint8_t choose_code(struct editing *editing, const struct format *format)
{
    return (uint8_t)format->controls[editing_choose(editing, strlen(format->controls))];
}

static bool put_control(struct editing *editing, size_t place, uint8_t code)
{
    const uint8_t control[] = {CONTROL, code};

    return editing_replace(editing, place, place, bytes_make(control, sizeof(control)));
}

bool operator_CONTROL_INSERT(struct editing *editing, const struct format *format)
{
    return put_control(editing, editing_border(editing), choose_code(editing, format));
}

bool operator_CONTROL_CHANGE(struct editing *editing, const struct format *format)
{
    const struct piece *piece = editing_control(editing);

    if (piece == NULL)
        return false;
    editing->data[piece->start + 1] = choose_code(editing, format);
    return true;
}

bool operator_CONTROL_REMOVE(struct editing *editing, const struct format *format)
{
    const struct piece *piece = editing_control(editing);

    (void)format;
    return piece != NULL && editing_replace(editing, piece->start, piece->end, BYTES_EMPTY);
}

/* What ends a segment: "," for servers, "|" for clients, whose servers wait at it for the other side. */
bool operator_CONTROL_CUT(struct editing *editing, const struct format *format)
{
    const struct piece *piece = editing_line(editing);
    bool server = format->speaker == SPEAKER_SERVER;

    if (piece == NULL || piece->end - piece->start < 2)
        return false;
    return put_control(editing, piece->start + 1 + editing_choose(editing, piece->end - piece->start - 1),
                       server ? ',' : '|');
}
