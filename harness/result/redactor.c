#include "result/redactor.h"

#include "base/base64.h"
#include "base/memory.h"
#include "result/escape.h"
#include "result/proofs.h"

#include <stdlib.h>
#include <string.h>

enum {
    SECRET_OCTETS_MAX = 64 * 1024,
    /* Shorter secrets stand in ordinary words; they are only looked for where a login has them. */
    SECRET_OCTETS_MIN = 4,
    MESSAGE_CHARACTERS_MAX = 4096, /* of base 64 that may be a message of PLAIN or LOGIN */
};

enum pattern_kind {
    PATTERN_PLAIN,
    PATTERN_HEXADECIMAL, /* compared without case */
    PATTERN_BASE64,      /* the characters that the secret alone decides; neighbours hold some bits of it */
    PATTERN_LOGIN, /* the whole of PASS's argument, or the end of what PLAIN and LOGIN send in base 64 */
};

struct pattern {
    enum pattern_kind kind;
    struct buf text;
};

struct redactor {
    struct pattern *patterns;
    size_t count;
    size_t capacity;
};

struct redactor *redactor_new(void)
{
    return memory_new(sizeof(struct redactor));
}

void redactor_free(struct redactor *redactor)
{
    if (redactor == NULL)
        return;
    for (size_t i = 0; i < redactor->count; i++)
        buf_release(&redactor->patterns[i].text);
    free(redactor->patterns);
    free(redactor);
}

static void add_pattern(struct redactor *redactor, enum pattern_kind kind, struct bytes text)
{
    for (size_t i = 0; i < redactor->count; i++)
        if (redactor->patterns[i].kind == kind && bytes_equal(buf_bytes(&redactor->patterns[i].text), text))
            return;
    if (redactor->count == redactor->capacity) {
        redactor->capacity = redactor->capacity > 0 ? redactor->capacity * 2 : 16;
        redactor->patterns =
            memory_resize_array(redactor->patterns, redactor->capacity, sizeof(struct pattern));
    }
    struct pattern *pattern = &redactor->patterns[redactor->count++];

    pattern->kind = kind;
    buf_init(&pattern->text, BUF_UNBOUNDED);
    buf_append(&pattern->text, text);
}

static void add_escaped(struct redactor *redactor, struct bytes secret)
{
    struct buf escaped;

    buf_init(&escaped, BUF_UNBOUNDED);
    for (size_t i = 0; i < secret.size; i++)
        escape_append_octet(&escaped, secret.data[i]);
    add_pattern(redactor, PATTERN_PLAIN, buf_bytes(&escaped));
    buf_release(&escaped);
}

static void add_hexadecimal(struct redactor *redactor, struct bytes secret)
{
    struct buf digits;

    buf_init(&digits, BUF_UNBOUNDED);
    for (size_t i = 0; i < secret.size; i++)
        buf_append_format(&digits, "%02x", secret.data[i]);
    add_pattern(redactor, PATTERN_HEXADECIMAL, buf_bytes(&digits));
    buf_release(&digits);
}

/*
 * Base 64 turns three octets into four characters, so a secret within a longer message is encoded in one of three
 * ways, by how many octets stand before it in its group. Characters that also hold bits of a neighbour are left out
 * of the pattern.
 */
static void add_base64(struct redactor *redactor, struct bytes secret, size_t octets_before)
{
    struct buf message;
    struct buf text;

    buf_init(&message, BUF_UNBOUNDED);
    buf_init(&text, BUF_UNBOUNDED);
    for (size_t i = 0; i < octets_before; i++)
        buf_append_octet(&message, 0);
    buf_append(&message, secret);
    base64_encode(buf_bytes(&message), &text);
    size_t first = (octets_before * 8 + 5) / 6;
    size_t end = message.size * 8 / 6;

    add_pattern(redactor, PATTERN_BASE64, bytes_slice(buf_bytes(&text), first, end));
    buf_release(&text);
    buf_release(&message);
}

void redactor_add(struct redactor *redactor, struct bytes secret)
{
    secret = bytes_slice(secret, 0, SECRET_OCTETS_MAX);
    if (secret.size == 0)
        return;
    if (secret.size < SECRET_OCTETS_MIN) {
        add_pattern(redactor, PATTERN_LOGIN, secret);
        return;
    }
    add_pattern(redactor, PATTERN_PLAIN, secret);
    add_escaped(redactor, secret);
    add_hexadecimal(redactor, secret);
    for (size_t octets_before = 0; octets_before < 3; octets_before++)
        add_base64(redactor, secret, octets_before);
}

static void mask_range(bool *mask, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++)
        mask[i] = true;
}

static bool is_base64(uint8_t octet)
{
    return ascii_is_letter(octet) || ascii_is_digit(octet) || octet == '+' || octet == '/';
}

/* A match takes the neighbouring characters along that share bits with it, and the padding. */
static void mask_base64(struct bytes octets, size_t start, size_t end, bool *mask)
{
    if (start > 0 && is_base64(octets.data[start - 1]))
        start--;
    if (end < octets.size && is_base64(octets.data[end]))
        end++;
    while (end < octets.size && octets.data[end] == '=')
        end++;
    mask_range(mask, start, end);
}

static bool ends_argument(struct bytes octets, size_t offset)
{
    return offset >= octets.size || !ascii_is_visible(octets.data[offset]) ||
           strchr("\"'\\:;,.)", octets.data[offset]) != NULL;
}

static void mask_behind_pass(struct bytes octets, struct bytes secret, bool *mask)
{
    static const struct bytes keyword = BYTES_LITERAL("PASS ");

    for (size_t i = 0; octets.size - i >= keyword.size + secret.size; i++) {
        size_t start = i + keyword.size;
        size_t end = start + secret.size;

        if (bytes_equal_nocase(bytes_slice(octets, i, start), keyword) &&
            bytes_equal(bytes_slice(octets, start, end), secret) && ends_argument(octets, end))
            mask_range(mask, start, end);
    }
}

/* Whether the base 64 TEXT is SECRET (LOGIN), or ends with it behind a NUL (PLAIN, RFC 4616). */
static bool is_login_message(struct bytes text, struct bytes secret)
{
    struct buf decoded;

    buf_init(&decoded, MESSAGE_CHARACTERS_MAX);
    bool found = base64_decode(text, &decoded) && bytes_end_with(buf_bytes(&decoded), secret) &&
                 (decoded.size == secret.size || decoded.data[decoded.size - secret.size - 1] == '\0');

    buf_release(&decoded);
    return found;
}

static void mask_messages(struct bytes octets, struct bytes secret, bool *mask)
{
    for (size_t start = 0, end; start < octets.size; start = end + 1) {
        end = start;
        while (end < octets.size && (is_base64(octets.data[end]) || octets.data[end] == '='))
            end++;
        if (end > start && end - start <= MESSAGE_CHARACTERS_MAX &&
            is_login_message(bytes_slice(octets, start, end), secret))
            mask_range(mask, start, end);
    }
}

static void mask_matches(struct bytes octets, const struct pattern *pattern, struct bytes text, bool *mask)
{
    size_t from = 0;

    for (;;) {
        size_t found = bytes_find(bytes_from(octets, from), text);

        if (found == BYTES_NOT_FOUND)
            return;
        size_t start = from + found;

        if (pattern->kind == PATTERN_BASE64)
            mask_base64(octets, start, start + text.size, mask);
        else
            mask_range(mask, start, start + text.size);
        from = start + 1;
    }
}

static void mask_edges(struct bytes octets, struct bytes text, unsigned ragged_edges, bool *mask)
{
    size_t longest = text.size - 1 < octets.size ? text.size - 1 : octets.size;

    for (size_t size = longest; size >= REDACTOR_PART_MIN; size--) {
        if ((ragged_edges & RAGGED_START) != 0 &&
            bytes_start_with(octets, bytes_from(text, text.size - size)))
            mask_range(mask, 0, size);
        if ((ragged_edges & RAGGED_END) != 0 && bytes_end_with(octets, bytes_slice(text, 0, size)))
            mask_range(mask, octets.size - size, octets.size);
    }
}

static void append_lower(struct buf *lower, struct bytes octets)
{
    for (size_t i = 0; i < octets.size; i++)
        buf_append_octet(lower, ascii_lower(octets.data[i]));
}

void redactor_mask(const struct redactor *redactor, struct bytes octets, unsigned ragged_edges, bool *mask)
{
    struct buf lower;

    proofs_mask(octets, mask);
    buf_init(&lower, BUF_UNBOUNDED);
    append_lower(&lower, octets);
    for (size_t i = 0; i < redactor->count; i++) {
        const struct pattern *pattern = &redactor->patterns[i];
        struct bytes text = buf_bytes(&pattern->text);
        struct bytes searched = pattern->kind == PATTERN_HEXADECIMAL ? buf_bytes(&lower) : octets;

        if (pattern->kind == PATTERN_LOGIN) {
            mask_behind_pass(octets, text, mask);
            mask_messages(octets, text, mask);
            continue;
        }
        mask_matches(searched, pattern, text, mask);
        mask_edges(searched, text, ragged_edges, mask);
    }
    buf_release(&lower);
}
