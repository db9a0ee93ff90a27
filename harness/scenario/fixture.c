#include "scenario/fixture.h"

#include "base/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_HEAD "pop3spec-"
#define ID_TAIL "@example.invalid"

static int compare_with_name(const void *name, const void *fixture)
{
    return strcmp(name, ((const struct fixture *)fixture)->name);
}

const struct fixture *fixture_find(const struct fixture_set *set, const char *name)
{
    if (set->count == 0)
        return NULL;
    return bsearch(name, set->fixtures, set->count, sizeof(*set->fixtures), compare_with_name);
}

bool fixture_deliver(const struct fixture *fixture, uint64_t serial, struct buf *ret_message)
{
    char digits[FIXTURE_ID_OCTETS + 1];

    if (!fixture->identified)
        return buf_append(ret_message, fixture->octets);
    CHECK(snprintf(digits, sizeof(digits), "%016" PRIx64, serial) == FIXTURE_ID_OCTETS);
    return buf_append(ret_message, bytes_slice(fixture->octets, 0, fixture->id_offset)) &&
           buf_append_text(ret_message, digits) &&
           buf_append(ret_message, bytes_from(fixture->octets, fixture->id_offset + FIXTURE_ID_OCTETS));
}

static bool read_serial(struct bytes digits, uint64_t *ret_serial)
{
    uint64_t serial = 0;

    if (digits.size < FIXTURE_ID_OCTETS)
        return false;
    for (size_t i = 0; i < FIXTURE_ID_OCTETS; i++) {
        uint8_t octet = digits.data[i];

        if (ascii_is_digit(octet))
            serial = serial << 4 | (uint64_t)(octet - '0');
        else if (octet >= 'a' && octet <= 'f')
            serial = serial << 4 | (uint64_t)(octet - 'a' + 10);
        else
            return false;
    }
    *ret_serial = serial;
    return true;
}

bool fixture_serial(struct bytes text, uint64_t *ret_serial)
{
    for (;;) {
        size_t found = bytes_find(text, BYTES_LITERAL(ID_HEAD));

        if (found == BYTES_NOT_FOUND)
            return false;
        text = bytes_make(text.data + found + strlen(ID_HEAD), text.size - found - strlen(ID_HEAD));
        if (bytes_start_with(bytes_from(text, FIXTURE_ID_OCTETS), BYTES_LITERAL(ID_TAIL)) &&
            read_serial(text, ret_serial))
            return true;
    }
}
