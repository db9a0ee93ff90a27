/* What is done to whole pieces, to line ends, words and octets, whoever speaks. */
#include "mutate.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* ---- pieces ---- */

bool operator_DELETE_LINES(struct editing *editing, const struct format *format)
{
    (void)format;
    if (editing->count < 2)
        return false;
    size_t first = editing_choose(editing, editing->count);
    size_t last = first + (editing_once_in(editing, 4) ? editing_choose(editing, editing->count - first) : 0);

    return editing_replace(editing, editing->pieces[first].start, editing->pieces[last].end, BYTES_EMPTY);
}

bool operator_DUPLICATE_LINE(struct editing *editing, const struct format *format)
{
    (void)format;
    if (editing->count == 0)
        return false;
    const struct piece *piece = &editing->pieces[editing_choose(editing, editing->count)];
    size_t times = editing_once_in(editing, 8) ? 2 + editing_choose(editing, 30) : 1;
    bool copied = editing_copy(editing, piece->start, piece->end, editing_border(editing));

    for (size_t i = 1; copied && i < times; i++)
        (void)editing_copy(editing, piece->start, piece->end, piece->end);
    return copied;
}

/* The octets from FIRST to MIDDLE and those from there to LAST change places. */
static void rotate(uint8_t *data, size_t first, size_t middle, size_t last)
{
    for (size_t left = first, right = middle; left < right && right < last; left++) {
        uint8_t octet = data[right];

        memmove(data + left + 1, data + left, right - left);
        data[left] = octet;
        right++;
    }
}

bool operator_SWAP_LINES(struct editing *editing, const struct format *format)
{
    (void)format;
    if (editing->count < 2)
        return false;
    size_t a = editing_choose(editing, editing->count - 1);
    const struct piece *first = &editing->pieces[a];
    const struct piece *second = &editing->pieces[a + 1];

    rotate(editing->data, first->start, second->start, second->end);
    return true;
}

bool operator_MOVE_LINE(struct editing *editing, const struct format *format)
{
    (void)format;
    if (editing->count < 3)
        return false;
    size_t from = editing_choose(editing, editing->count - 2);
    size_t to = from + 2 + editing_choose(editing, editing->count - from - 2);
    const struct piece *pieces = editing->pieces;

    if (editing_once_in(editing, 2))
        rotate(editing->data, pieces[from].start, pieces[from].end, pieces[to].end);
    else
        rotate(editing->data, pieces[from].start, pieces[to].start, pieces[to].end);
    return true;
}

bool operator_TRUNCATE(struct editing *editing, const struct format *format)
{
    (void)format;
    if (editing->count < 2)
        return false;
    const struct piece *piece = &editing->pieces[1 + editing_choose(editing, editing->count - 1)];
    size_t within = editing_once_in(editing, 2) ? editing_choose(editing, piece->end - piece->start) : 0;

    return editing_replace(editing, piece->start + within, editing->size, BYTES_EMPTY);
}

/* ---- within a line ---- */

bool operator_LINE_END(struct editing *editing, const struct format *format)
{
    static const char *const ENDS[] = {"\n", "\r", "\r\r\n", "", "\r\n\r\n", "\n\r", "\r\n"};
    const struct piece *piece = editing_line(editing);

    (void)format;
    if (piece == NULL)
        return false;
    size_t end = piece->start + editing_text(editing, piece).size;

    return editing_replace(editing, end, piece->end, bytes_of(ENDS[editing_choose(editing, COUNT_OF(ENDS))]));
}

bool operator_OCTET(struct editing *editing, const struct format *format)
{
    static const uint8_t ODD[] = {0, '\t', '\n', '\r', ' ', '.', '\\', 0x7F, 0x80, 0xC3, 0xFE, 0xFF};
    const struct piece *piece = editing_line(editing);

    (void)format;
    if (piece == NULL)
        return false;
    size_t place = piece->start + editing_choose(editing, piece->end - piece->start);
    uint8_t octet = editing_once_in(editing, 2) ? ODD[editing_choose(editing, COUNT_OF(ODD))]
                                                : (uint8_t)editing_choose(editing, 256);

    switch (editing_choose(editing, 3)) {
    case 0:
        return editing_replace(editing, place, place, bytes_make(&octet, 1));
    case 1:
        return editing_replace(editing, place, place + 1, BYTES_EMPTY);
    default:
        return editing_replace(editing, place, place + 1, bytes_make(&octet, 1));
    }
}

bool operator_NUMBER(struct editing *editing, const struct format *format)
{
    static const char *const NUMBERS[] = {"0",
                                          "1",
                                          "2",
                                          "3",
                                          "4",
                                          "-1",
                                          "+1",
                                          "01",
                                          "1.0",
                                          "1e9",
                                          "0x1",
                                          "",
                                          "32767",
                                          "32768",
                                          "65535",
                                          "65536",
                                          "2147483647",
                                          "2147483648",
                                          "4294967295",
                                          "4294967296",
                                          "4294967297",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "18446744073709551615",
                                          "18446744073709551616",
                                          "18446744073709551617",
                                          "\xD9\xA1"};
    size_t start;
    size_t end;

    (void)format;
    if (!editing_word(editing, true, &start, &end))
        return false;
    if (editing_once_in(editing, 10))
        return editing_fill(editing, start, end, '9', 10 + editing_choose(editing, 390));
    return editing_replace(editing, start, end,
                           bytes_of(NUMBERS[editing_choose(editing, COUNT_OF(NUMBERS))]));
}

/* Lengths around which readers and the servers of the past had their limits. */
bool operator_LONG_WORD(struct editing *editing, const struct format *format)
{
    static const uint16_t LENGTHS[] = {10,  40,  50,  64,  70,   128,  246,  250,  255,
                                       256, 506, 512, 998, 1000, 1024, 2048, 4096, 8192};
    static const uint8_t FILLERS[] = {'A', 'a', '1', '9', '.', '%', '@', '"', '/', ' ', '=', 0x90, 0xFF, 0};
    size_t start;
    size_t end;

    (void)format;
    if (!editing_word(editing, false, &start, &end))
        return false;
    size_t length = LENGTHS[editing_choose(editing, COUNT_OF(LENGTHS))] - 2 + editing_choose(editing, 5);

    return editing_fill(editing, start, end, FILLERS[editing_choose(editing, COUNT_OF(FILLERS))], length);
}

bool operator_ODD_TEXT(struct editing *editing, const struct format *format)
{
    static const char *const TEXTS[] = {"%s%n%08x", "../../",       "' OR ''='", "*)(uid=*",
                                        "`id`",     "$(id)",        "\\r\\n",    "\xC3\xA9",
                                        "\xC0\x80", "\xED\xA0\x80", "\xFF\xF4",  "\xE2\x80\xAE",
                                        "<script>", "{user}",       "\x1B[31m",  "[IN-USE]"};
    size_t start;
    size_t end;

    (void)format;
    if (!editing_word(editing, false, &start, &end))
        return false;
    if (editing_once_in(editing, 2))
        start = end;
    return editing_replace(editing, start, end, bytes_of(TEXTS[editing_choose(editing, COUNT_OF(TEXTS))]));
}

bool operator_BLANKS(struct editing *editing, const struct format *format)
{
    size_t start;
    size_t end;

    (void)format;
    if (!editing_word(editing, false, &start, &end))
        return false;
    bool blank_before = start > editing->head && editing->data[start - 1] == ' ';

    switch (editing_choose(editing, 4)) {
    case 0:
        return editing_replace(editing, start, start, BYTES_LITERAL(" "));
    case 1:
        return editing_replace(editing, end, end, BYTES_LITERAL(" "));
    case 2:
        return blank_before && editing_replace(editing, start - 1, start, BYTES_LITERAL("\t"));
    default:
        return blank_before && editing_replace(editing, start - 1, start, BYTES_EMPTY);
    }
}

bool operator_ARITY(struct editing *editing, const struct format *format)
{
    static const char *const WORDS[] = {" 1", " 0", " u", " PLAIN", " =", " *", " x y z", " "};
    size_t start;
    size_t end;

    (void)format;
    if (!editing_word(editing, false, &start, &end))
        return false;
    if (editing_once_in(editing, 2) && start > editing->head && editing->data[start - 1] == ' ')
        return editing_replace(editing, start - 1, end, BYTES_EMPTY);
    return editing_replace(editing, end, end, bytes_of(WORDS[editing_choose(editing, COUNT_OF(WORDS))]));
}

bool operator_CASE(struct editing *editing, const struct format *format)
{
    const struct piece *piece = editing_line(editing);
    bool changed = false;

    (void)format;
    if (piece == NULL)
        return false;
    bool some = editing_once_in(editing, 2);

    for (size_t i = piece->start; i < piece->end && ascii_is_letter(editing->data[i]); i++)
        if (!some || editing_once_in(editing, 2)) {
            editing->data[i] ^= 0x20;
            changed = true;
        }
    return changed;
}

bool operator_INDENTATION(struct editing *editing, const struct format *format)
{
    const struct piece *piece = editing_line(editing);

    (void)format;
    if (piece == NULL)
        return false;
    if (editing_once_in(editing, 2))
        return editing_replace(editing, piece->start, piece->start, BYTES_LITERAL("  "));
    return piece->end - piece->start > 2 && editing->data[piece->start] == ' ' &&
           editing->data[piece->start + 1] == ' ' &&
           editing_replace(editing, piece->start, piece->start + 2, BYTES_EMPTY);
}
