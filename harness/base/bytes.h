/*
 * struct bytes borrows a run of octets: it owns nothing, and whoever made it says in a comment whose storage must
 * outlive it. An empty run may have a NULL pointer. No function here reads an octet outside the run.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data; /* may be NULL when size is 0 */
    size_t size;         /* octets */
};

#define BYTES_EMPTY         ((struct bytes){NULL, 0})
#define BYTES_LITERAL(text) ((struct bytes){(const uint8_t *)("" text), sizeof(text) - 1})
#define BYTES_NOT_FOUND     SIZE_MAX

/* The octets of a text without its NUL; TEXT must outlive the result. */
struct bytes bytes_of(const char *text);
static inline struct bytes bytes_make(const void *data, size_t size)
{
    return (struct bytes){data, size};
}

bool bytes_equal(struct bytes a, struct bytes b);
/* Equal when ASCII letters are compared without case; other octets must be the same. */
bool bytes_equal_nocase(struct bytes a, struct bytes b);
bool bytes_start_with(struct bytes bytes, struct bytes prefix);
bool bytes_end_with(struct bytes bytes, struct bytes suffix);
/* True when an ASCII lower-case letter is among them. */
bool bytes_have_lower_case(struct bytes bytes);

/* The run from START to END (exclusive), both cut to the size of BYTES. */
static inline struct bytes bytes_slice(struct bytes bytes, size_t start, size_t end)
{
    if (end > bytes.size)
        end = bytes.size;
    if (start >= end)
        return (struct bytes){bytes.data, 0};
    return (struct bytes){bytes.data + start, end - start};
}
/* All from START on. */
static inline struct bytes bytes_from(struct bytes bytes, size_t start)
{
    return bytes_slice(bytes, start, bytes.size);
}

/* Index of the first occurrence, or BYTES_NOT_FOUND. An empty needle is found at 0. */
size_t bytes_find(struct bytes bytes, struct bytes needle);
size_t bytes_find_octet(struct bytes bytes, uint8_t octet);

/*
 * Takes the run up to the first SEPARATOR off the front of REST (or all of it, if there is none) and steps over the
 * separator. Returns false, and leaves *ret_field alone, when REST is used up (its data is then NULL).
 */
bool bytes_split(struct bytes *rest, uint8_t separator, struct bytes *ret_field);

/*
 * Decimal digits only, no sign, no blank, at least one digit; leading zeros are accepted. False if it is anything
 * else or does not fit 64 bits.
 */
bool bytes_to_u64(struct bytes digits, uint64_t *ret_value);

static inline uint8_t ascii_lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet | 0x20) : octet;
}

static inline uint8_t ascii_upper(uint8_t octet)
{
    return octet >= 'a' && octet <= 'z' ? (uint8_t)(octet & ~0x20) : octet;
}

static inline bool ascii_is_digit(uint8_t octet)
{
    return octet >= '0' && octet <= '9';
}

static inline bool ascii_is_letter(uint8_t octet)
{
    return ascii_lower(octet) >= 'a' && ascii_lower(octet) <= 'z';
}

/* 0x21 to 0x7E: what RFC 1939 lets a unique-id be made of, and RFC 2449's VCHAR. */
static inline bool ascii_is_visible(uint8_t octet)
{
    return octet >= 0x21 && octet <= 0x7E;
}

#endif
