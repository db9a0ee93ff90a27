#include "editing.h"

#include <string.h>

enum { CONTROL = 0xFF, WORDS_MAX = 64 };

/* A generator that wraps nowhere, which some sanitizers ask. */
static const uint64_t CHANCE_PRIME = 2147483647;

void editing_init(struct editing *editing, uint8_t *data, size_t size, size_t size_max, uint64_t seed)
{
    *editing = (struct editing){
        .data = data, .size = size < size_max ? size : size_max, .size_max = size_max, .controls = ""};
    editing->chance = 1 + seed % (CHANCE_PRIME - 1);
    /* Seeds that follow each other are usual, and must not choose alike. */
    for (int i = 0; i < 4; i++)
        editing->chance = 1 + (editing->chance * editing->chance + 11) % (CHANCE_PRIME - 1);
}

static bool is_control(const struct editing *editing, size_t at)
{
    return editing->controls[0] != '\0' && at + 1 < editing->size && editing->data[at] == CONTROL &&
           editing->data[at + 1] != '\0' && strchr(editing->controls, editing->data[at + 1]) != NULL;
}

static size_t piece_end(const struct editing *editing, size_t start)
{
    if (is_control(editing, start))
        return start + 2;
    for (size_t at = start; at < editing->size; at++) {
        if (editing->data[at] == '\n')
            return at + 1;
        if (at > start && is_control(editing, at))
            return at;
    }
    return editing->size;
}

void editing_take_apart(struct editing *editing)
{
    size_t start = editing->head < editing->size ? editing->head : editing->size;

    editing->count = 0;
    while (start < editing->size) {
        bool last = editing->count == PIECES_MAX - 1;
        size_t end = last ? editing->size : piece_end(editing, start);

        editing->pieces[editing->count++] = (struct piece){start, end, is_control(editing, start)};
        start = end;
    }
}

size_t editing_choose(struct editing *editing, size_t limit)
{
    editing->chance = editing->chance * 48271 % CHANCE_PRIME;
    return (size_t)(editing->chance >> 4) % limit;
}

bool editing_once_in(struct editing *editing, size_t times)
{
    return editing_choose(editing, times) == 0;
}

/* Makes a gap of COUNT octets in the place of those from START to END. */
static bool make_gap(struct editing *editing, size_t start, size_t end, size_t count)
{
    if (editing->size - (end - start) + count > editing->size_max)
        return false;
    memmove(editing->data + start + count, editing->data + end, editing->size - end);
    editing->size = editing->size - (end - start) + count;
    return true;
}

bool editing_replace(struct editing *editing, size_t start, size_t end, struct bytes octets)
{
    if (!make_gap(editing, start, end, octets.size))
        return false;
    if (octets.size > 0)
        memcpy(editing->data + start, octets.data, octets.size);
    return true;
}

bool editing_fill(struct editing *editing, size_t start, size_t end, uint8_t octet, size_t count)
{
    size_t room = editing->size_max - (editing->size - (end - start));

    count = count < room ? count : room;
    if (count == 0 || !make_gap(editing, start, end, count))
        return false;
    memset(editing->data + start, octet, count);
    return true;
}

bool editing_copy(struct editing *editing, size_t from, size_t until, size_t place)
{
    size_t count = until - from;

    if (!make_gap(editing, place, place, count))
        return false;
    /* What stood at the place and behind it stands COUNT octets further on now. */
    size_t before = place <= from ? 0 : place < until ? place - from : count;

    memmove(editing->data + place, editing->data + from, before);
    memmove(editing->data + place + before, editing->data + from + before + count, count - before);
    return true;
}

static const struct piece *choose_piece(struct editing *editing, bool control)
{
    size_t first = editing->count > 0 ? editing_choose(editing, editing->count) : 0;

    for (size_t i = 0; i < editing->count; i++) {
        const struct piece *piece = &editing->pieces[(first + i) % editing->count];

        if (piece->control == control)
            return piece;
    }
    return NULL;
}

const struct piece *editing_line(struct editing *editing)
{
    return choose_piece(editing, false);
}

const struct piece *editing_control(struct editing *editing)
{
    return choose_piece(editing, true);
}

size_t editing_border(struct editing *editing)
{
    size_t which = editing_choose(editing, editing->count + 1);

    return which < editing->count ? editing->pieces[which].start : editing->size;
}

struct bytes editing_text(const struct editing *editing, const struct piece *piece)
{
    size_t end = piece->end;

    if (end > piece->start && editing->data[end - 1] == '\n')
        end--;
    if (end > piece->start && editing->data[end - 1] == '\r')
        end--;
    return bytes_make(editing->data + piece->start, end - piece->start);
}

static bool belongs(uint8_t octet, bool number)
{
    return number ? ascii_is_digit(octet) : octet != ' ';
}

bool editing_word(struct editing *editing, bool number, size_t *ret_start, size_t *ret_end)
{
    const struct piece *piece = editing_line(editing);
    size_t starts[WORDS_MAX];
    size_t count = 0;

    if (piece == NULL)
        return false;
    struct bytes text = editing_text(editing, piece);

    for (size_t i = 0; i < text.size && count < WORDS_MAX; i++)
        if (belongs(text.data[i], number) && (i == 0 || !belongs(text.data[i - 1], number)))
            starts[count++] = i;
    if (count == 0)
        return false;
    size_t start = starts[editing_choose(editing, count)];
    size_t end = start;

    while (end < text.size && belongs(text.data[end], number))
        end++;
    *ret_start = piece->start + start;
    *ret_end = piece->start + end;
    return true;
}
