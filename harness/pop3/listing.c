#include "pop3/listing.h"

#include "base/limits.h"

/* What is wrong with one number of a listing. */
struct number_reasons {
    const char *missing;
    const char *too_large;
};

/* Takes the digits at the front of LINE (RFC 1939 section 4: decimal). A sign or a blank is no digit. */
static const char *take_number(struct bytes *line, const struct number_reasons *reasons, uint64_t *ret_number)
{
    size_t digits = 0;

    while (digits < line->size && ascii_is_digit(line->data[digits]))
        digits++;
    if (digits == 0)
        return reasons->missing;
    if (!bytes_to_u64(bytes_slice(*line, 0, digits), ret_number))
        return reasons->too_large;
    *line = bytes_from(*line, digits);
    return NULL;
}

/* The number at the front and the single space behind it, with something else than a space to follow. */
static const char *take_number_and_space(struct bytes *line, const struct number_reasons *reasons,
                                         uint64_t *ret_number)
{
    const char *reason = take_number(line, reasons, ret_number);

    if (reason != NULL)
        return reason;
    if (line->size == 0)
        return "The line ends behind its first number.";
    if (line->data[0] != ' ')
        return "Something other than a space follows the first number.";
    *line = bytes_from(*line, 1);
    return line->size > 0 && line->data[0] == ' ' ? "More than one space follows the first number." : NULL;
}

struct pair {
    uint64_t first;
    uint64_t second;
    bool more;
};

/* Two numbers with one space between them. RFC 1939 section 5 asks nothing of what follows the second. */
static const char *take_pair(struct bytes line, const struct number_reasons *first,
                             const struct number_reasons *second, struct pair *ret_pair)
{
    const char *reason = take_number_and_space(&line, first, &ret_pair->first);

    if (reason == NULL)
        reason = take_number(&line, second, &ret_pair->second);
    ret_pair->more = line.size > 0;
    return reason;
}

const char *drop_listing_parse(struct bytes line, struct drop_listing *ret_listing)
{
    static const struct number_reasons count = {
        "The drop listing does not begin with the number of messages.",
        "The number of messages does not fit 64 bits.",
    };
    static const struct number_reasons octets = {
        "The size of the maildrop is missing, or not a decimal number.",
        "The size of the maildrop does not fit 64 bits.",
    };
    struct pair pair;
    const char *reason = take_pair(line, &count, &octets, &pair);

    if (reason == NULL)
        *ret_listing = (struct drop_listing){.count = pair.first, .octets = pair.second, .more = pair.more};
    return reason;
}

static const struct number_reasons MESSAGE_NUMBER_REASONS = {
    "The line does not begin with a message-number.",
    "The message-number does not fit 64 bits.",
};

const char *scan_listing_parse(struct bytes line, struct scan_listing *ret_listing)
{
    static const struct number_reasons octets = {
        "The size of the message is missing, or not a decimal number.",
        "The size of the message does not fit 64 bits.",
    };
    struct pair pair;
    const char *reason = take_pair(line, &MESSAGE_NUMBER_REASONS, &octets, &pair);

    if (reason == NULL)
        *ret_listing = (struct scan_listing){.number = pair.first, .octets = pair.second, .more = pair.more};
    return reason;
}

/* RFC 1939 section 7, UIDL: one to 70 characters in the range 0x21 to 0x7E, and nothing behind them. */
static const char *unique_id_reason(struct bytes unique_id)
{
    if (unique_id.size == 0)
        return "The unique-id is missing.";
    for (size_t i = 0; i < unique_id.size; i++) {
        if (unique_id.data[i] == ' ')
            return "A space, or more information, follows the unique-id.";
        if (!ascii_is_visible(unique_id.data[i]))
            return "The unique-id has an octet outside the range 0x21 to 0x7E.";
    }
    return unique_id.size > UNIQUE_ID_OCTETS_MAX ? "The unique-id is longer than 70 octets." : NULL;
}

const char *unique_id_listing_parse(struct bytes line, struct unique_id_listing *ret_listing)
{
    struct unique_id_listing listing;
    const char *reason = take_number_and_space(&line, &MESSAGE_NUMBER_REASONS, &listing.number);

    if (reason == NULL)
        reason = unique_id_reason(line);
    if (reason != NULL)
        return reason;
    listing.unique_id = line;
    *ret_listing = listing;
    return NULL;
}
