/*
 * What reads single lines of a server: the drop, scan and unique-id listings, the greeting's timestamp, capability lines
 * and the set of them, status lines with their response codes. Input: lines as a server sends them, without what stuffs
 * them; each is given to every reader, and all of them together are one CAPA reply.
 *
 * Oracles: lines-listing, lines-timestamp, lines-status, lines-code, lines-capability, lines-set (each reader says what a
 * naive one says; the set holds what its two limits let it, and finds nothing else), lines-bound (views stay inside the line).
 * Each line ends where an allocation does. While fuzzing a few inputs are also repeated until they are a long greeting, in
 * which nothing may look for a timestamp in more than a time or two.
 */
#include "check.h"
#include "chunks.h"
#include "naive_numbers.h"
#include "oracles.h"

#include "base/buf.h"
#include "pop3/capability.h"
#include "pop3/greeting.h"
#include "pop3/listing.h"
#include "pop3/login.h"
#include "pop3/reply.h"
#include "pop3/response_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_OCTETS_MAX = 16 * 1024,
    REPEATED_OCTETS = 256 * 1024, /* with the square of it the engine's time is over */
    REPEATED_EACH = 4096,
};

static bool is_within(struct bytes part, struct bytes whole)
{
    return part.data == NULL || (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

/* ---- listings ---- */

/* The digits in front, and the rest behind one space. */
static bool naive_number_and_space(struct bytes *line, struct bytes *ret_digits)
{
    *ret_digits = naive_take_digits(line);
    if (!naive_fits_64_bits(*ret_digits) || line->size == 0 || line->data[0] != ' ')
        return false;
    *line = bytes_from(*line, 1);
    return true;
}

static void check_pairs(struct bytes line)
{
    struct drop_listing drop;
    struct scan_listing scan;
    struct bytes rest = line;
    struct bytes first;
    struct bytes second = BYTES_EMPTY;
    bool well_formed = naive_number_and_space(&rest, &first);

    if (well_formed) {
        second = naive_take_digits(&rest);
        well_formed = naive_fits_64_bits(second);
    }
    FUZZ_CHECK((drop_listing_parse(line, &drop) == NULL) == well_formed, "lines-listing");
    FUZZ_CHECK((scan_listing_parse(line, &scan) == NULL) == well_formed, "lines-listing");
    if (!well_formed)
        return;
    FUZZ_CHECK(naive_is_number(drop.count, first) && naive_is_number(scan.number, first), "lines-listing");
    FUZZ_CHECK(naive_is_number(drop.octets, second) && naive_is_number(scan.octets, second), "lines-listing");
    FUZZ_CHECK(drop.more == (rest.size > 0) && scan.more == drop.more, "lines-listing");
}

static bool naive_is_unique_id(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < 0x21 || text.data[i] > 0x7E)
            return false;
    return text.size >= 1 && text.size <= 70;
}

static void check_unique_id(struct bytes line)
{
    struct unique_id_listing listing;
    struct bytes rest = line;
    struct bytes digits;
    bool well_formed = naive_number_and_space(&rest, &digits) && naive_is_unique_id(rest);

    FUZZ_CHECK((unique_id_listing_parse(line, &listing) == NULL) == well_formed, "lines-listing");
    if (!well_formed)
        return;
    FUZZ_CHECK(is_within(listing.unique_id, line), "lines-bound");
    FUZZ_CHECK(naive_is_number(listing.number, digits), "lines-listing");
    FUZZ_CHECK(bytes_equal(listing.unique_id, rest), "lines-listing");
}

/* ---- the greeting ---- */

/* Is TEXT from START up to END, exclusive, a timestamp? Written without regard to time. */
static bool is_timestamp(struct bytes text, size_t start, size_t end)
{
    size_t ats = 0;

    if (end - start < 5 || text.data[start] != '<' || text.data[end - 1] != '>')
        return false;
    for (size_t i = start + 1; i < end - 1; i++) {
        if (text.data[i] < 0x21 || text.data[i] > 0x7E || text.data[i] == '<' || text.data[i] == '>')
            return false;
        ats += text.data[i] == '@' ? 1 : 0;
    }
    return ats == 1 && text.data[start + 1] != '@' && text.data[end - 2] != '@';
}

/* None has a bracket inside: each ends at the first one behind its start. */
static struct bytes naive_timestamp(struct bytes text)
{
    for (size_t start = 0; start < text.size; start++) {
        size_t end = start + 1;

        if (text.data[start] != '<')
            continue;
        while (end < text.size && text.data[end] != '<' && text.data[end] != '>')
            end++;
        if (end < text.size && is_timestamp(text, start, end + 1))
            return bytes_slice(text, start, end + 1);
    }
    return BYTES_EMPTY;
}

static void check_timestamp(struct bytes text)
{
    struct bytes found = greeting_timestamp(text);

    FUZZ_CHECK(is_within(found, text), "lines-bound");
    FUZZ_CHECK(bytes_equal(found, naive_timestamp(text)), "lines-timestamp");
}

/* STREAM over and over, as one line. */
static void check_long_timestamp(struct bytes stream)
{
    struct buf text;

    buf_init(&text, REPEATED_OCTETS);
    while (buf_append(&text, stream))
        continue;
    check_timestamp(buf_bytes(&text));
    buf_release(&text);
}

/* ---- status lines ---- */

static bool begins_without_case(struct bytes line, const char *lower_case)
{
    for (size_t i = 0; lower_case[i] != '\0'; i++)
        if (i >= line.size || (line.data[i] | (ascii_is_letter(line.data[i]) ? 0x20 : 0)) != lower_case[i])
            return false;
    return true;
}

static enum status_indicator naive_indicator(struct bytes line, size_t *ret_octets)
{
    *ret_octets = 0;
    if (begins_without_case(line, "+ok")) {
        *ret_octets = 3;
        return STATUS_OK;
    }
    if (begins_without_case(line, "-err")) {
        *ret_octets = 4;
        return STATUS_ERR;
    }
    if (line.size == 0 || line.data[0] != '+' || (line.size > 1 && line.data[1] != ' '))
        return STATUS_NONE;
    *ret_octets = 1;
    return STATUS_CONTINUE;
}

static struct status_line naive_status_line(struct bytes line)
{
    size_t at;
    struct status_line status = {.indicator = naive_indicator(line, &at)};

    for (size_t i = 0; i < at; i++)
        status.facts |= line.data[i] >= 'a' && line.data[i] <= 'z' ? STATUS_FACT_LOWER_CASE : 0u;
    if (at > 0 && at < line.size && line.data[at] == '\t')
        status.facts |= STATUS_FACT_OTHER_BLANK;
    if (at > 0 && at < line.size && (line.data[at] == '\t' || line.data[at] == ' '))
        at++;
    else if (at > 0 && at < line.size)
        status.facts |= STATUS_FACT_GLUED;
    status.text = bytes_from(line, at);
    if (status.indicator != STATUS_OK && status.indicator != STATUS_ERR)
        return status;
    if (status.text.size > 0 && status.text.data[0] == '[') {
        const uint8_t *end = memchr(status.text.data, ']', status.text.size);

        if (end == NULL)
            status.facts |= STATUS_FACT_CODE_UNCLOSED;
        else
            status.code = (struct bytes){status.text.data + 1, (size_t)(end - status.text.data) - 1};
    }
    return status;
}

/* Whether NAME and nothing else, or a slash, stands at the front of CODE. */
static bool is_code(struct bytes code, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < size; i++)
        if (i >= code.size || ascii_upper(code.data[i]) != (uint8_t)name[i])
            return false;
    return code.size == size || code.data[size] == '/';
}

static void check_code(struct bytes code)
{
    enum response_code found;
    size_t expected = 0;
    bool levels = code.size > 0 && code.data[0] != '/' && code.data[code.size - 1] != '/' &&
                  bytes_find(code, BYTES_LITERAL("//")) == BYTES_NOT_FOUND;

    while (expected < RESPONSE_CODE_COUNT && !is_code(code, response_code_name((enum response_code)expected)))
        expected++;
    FUZZ_CHECK(response_code_find(code, &found) == (expected < RESPONSE_CODE_COUNT), "lines-code");
    FUZZ_CHECK(expected == RESPONSE_CODE_COUNT || found == (enum response_code)expected, "lines-code");
    FUZZ_CHECK(response_code_has_levels(code) == levels, "lines-code");
}

static void check_status_line(struct bytes line)
{
    struct status_line status = status_line_parse(line);
    struct status_line naive = naive_status_line(line);

    FUZZ_CHECK(is_within(status.text, line) && is_within(status.code, line), "lines-bound");
    FUZZ_CHECK(status.indicator == naive.indicator && status.facts == naive.facts, "lines-status");
    FUZZ_CHECK(bytes_equal(status.text, naive.text), "lines-status");
    FUZZ_CHECK((status.code.data == NULL) == (naive.code.data == NULL), "lines-status");
    FUZZ_CHECK(bytes_equal(status.code, naive.code), "lines-status");
    if (status.code.data != NULL)
        check_code(status.code);
}

/* ---- capabilities ---- */

struct naive_capability {
    struct bytes tag;
    struct bytes parameters;
    bool has_parameters; /* a space stands behind the tag */
    bool tag_right;
    bool right;
};

static struct naive_capability naive_capability(struct bytes line)
{
    size_t at = 0;

    while (at < line.size && line.data[at] != ' ')
        at++;
    struct naive_capability capability = {.tag = bytes_slice(line, 0, at), .has_parameters = at < line.size};

    capability.tag_right = at > 0 && line.data[0] != '.';
    for (size_t i = 0; i < at; i++)
        capability.tag_right = capability.tag_right && line.data[i] >= 0x21 && line.data[i] <= 0x7F;
    capability.right = capability.tag_right;
    if (!capability.has_parameters)
        return capability;
    capability.parameters = bytes_from(line, at + 1);
    capability.right = capability.right && line.data[line.size - 1] != ' ';
    for (; at < line.size; at++) {
        bool space = line.data[at] == ' ';

        if (space ? at + 1 < line.size && line.data[at + 1] == ' '
                  : line.data[at] < 0x21 || line.data[at] > 0x7E)
            capability.right = false;
    }
    return capability;
}

static void check_capability(struct bytes line)
{
    struct naive_capability naive = naive_capability(line);
    struct capability capability;

    FUZZ_CHECK((capability_parse(line, &capability) == NULL) == naive.right, "lines-capability");
    if (!naive.right)
        return;
    FUZZ_CHECK(is_within(capability.tag, line) && is_within(capability.parameters, line), "lines-bound");
    FUZZ_CHECK(bytes_equal(capability.tag, naive.tag), "lines-capability");
    FUZZ_CHECK(bytes_equal(capability.parameters, naive.parameters), "lines-capability");
}

/* Each line is compared with all others: of many, while fuzzing, one in so many is. */
enum { LOOKED_UP_EACH = 8 };

/* Whether one of LINES lists TAG with PARAMETER among the words behind it. */
static bool naive_has(const struct naive_capability *lines, size_t count, struct bytes tag,
                      struct bytes parameter)
{
    for (size_t i = 0; i < count; i++) {
        struct bytes rest = lines[i].parameters;
        struct bytes word;

        if (!bytes_equal_nocase(lines[i].tag, tag))
            continue;
        while (bytes_split(&rest, ' ', &word))
            if (word.size > 0 && bytes_equal_nocase(word, parameter))
                return true;
    }
    return false;
}

static void check_words_of(const struct capability_set *set, const struct naive_capability *line)
{
    struct bytes rest = line->parameters;
    struct bytes word;
    enum login_method method;

    while (bytes_split(&rest, ' ', &word)) {
        FUZZ_CHECK(word.size == 0 || capability_set_has(set, line->tag, word), "lines-set");
        if (login_of_mechanism(word, &method))
            FUZZ_CHECK(bytes_equal_nocase(word, bytes_of(login_mechanism(method))), "lines-capability");
    }
}

static bool naive_lists(const struct naive_capability *lines, size_t count, struct bytes tag)
{
    size_t first = 0;

    while (first < count && !bytes_equal_nocase(lines[first].tag, tag))
        first++;
    return first < count;
}

/* A tag that is nearly there is found only where another line has it. */
static void check_not_found(const struct capability_set *set, const struct naive_capability *lines,
                            size_t count, struct bytes tag)
{
    struct capability found;

    FUZZ_CHECK(capability_set_find(set, tag, &found) == naive_lists(lines, count, tag), "lines-set");
}

static void check_found(const struct capability_set *set, const struct naive_capability *lines, size_t count,
                        size_t which)
{
    struct capability found;
    size_t first = 0;

    while (first < count && !bytes_equal_nocase(lines[first].tag, lines[which].tag))
        first++;
    FUZZ_CHECK(capability_set_find(set, lines[which].tag, &found), "lines-set");
    FUZZ_CHECK(bytes_equal(found.tag, lines[first].tag), "lines-set");
    FUZZ_CHECK(bytes_equal(found.parameters, lines[first].parameters), "lines-set");
    check_words_of(set, &lines[which]);
}

/* The next line of *rest, without its line end. */
static bool take_line(struct bytes *rest, struct bytes *ret_line)
{
    if (!bytes_split(rest, '\n', ret_line))
        return false;
    ret_line->size -= bytes_end_with(*ret_line, BYTES_LITERAL("\r")) ? 1 : 0;
    return true;
}

/* Adds the lines of STREAM to SET. The result is how many it must hold; they are in LINES. */
static size_t fill_set(struct bytes stream, struct chunk_room *room, struct capability_set *set,
                       struct naive_capability *lines)
{
    size_t count = 0;
    size_t octets = 0;
    bool overflowed = false;
    struct bytes line;

    capability_set_init(set);
    while (take_line(&stream, &line)) {
        struct naive_capability capability = naive_capability(line);

        capability_set_add(set, chunk_place(room, line));
        if (!capability.tag_right)
            continue;
        if (count == CAPABILITIES_MAX || octets + line.size > CAPABILITY_STORAGE_OCTETS) {
            overflowed = true;
            continue;
        }
        lines[count++] = capability;
        octets += line.size;
    }
    FUZZ_CHECK(set->count == count && set->overflowed == overflowed, "lines-set");
    return count;
}

/* All lines of STREAM as one CAPA reply. */
static void check_set(struct bytes stream, struct chunk_room *room)
{
    static const struct bytes sasl = BYTES_LITERAL("SASL");
    static const struct bytes plain = BYTES_LITERAL("PLAIN");
    static struct capability_set set;
    struct naive_capability lines[CAPABILITIES_MAX];
    uint64_t number = chunks_number(stream);
    size_t count = fill_set(stream, room, &set, lines);

    for (size_t i = 0; i < count; i++)
        if (count < LOOKED_UP_EACH || oracle_is_due(number, i % LOOKED_UP_EACH, LOOKED_UP_EACH))
            check_found(&set, lines, count, i);
    check_not_found(&set, lines, count,
                    count > 0 ? bytes_from(lines[number % count].tag, 1) : BYTES_LITERAL("SASL"));
    FUZZ_CHECK(capability_set_has(&set, sasl, plain) == naive_has(lines, count, sasl, plain), "lines-set");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct chunk_room room;
    struct bytes stream = {data, size};
    struct bytes rest = stream;
    struct bytes line;

    if (size > INPUT_OCTETS_MAX)
        return 0;
    chunk_room_have(&room, INPUT_OCTETS_MAX);
    while (take_line(&rest, &line)) {
        line = chunk_place(&room, line);
        check_pairs(line);
        check_unique_id(line);
        check_timestamp(line);
        check_status_line(line);
        check_capability(line);
    }
    check_set(stream, &room);
    if (bytes_find_octet(stream, '<') != BYTES_NOT_FOUND &&
        oracle_is_due(chunks_number(stream), 0, REPEATED_EACH))
        check_long_timestamp(stream);
    return 0;
}
