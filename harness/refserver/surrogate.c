#include "refserver/surrogate.h"

#include "base/base64.h"
#include "base/utf8.h"

enum {
    /* RFC 2047 section 2: an encoded-word has at most 75 characters. 42 octets make 56 of them, and the longest frame 19. */
    WORD_OCTETS_MAX = 42,
};

/* RFC 5322 sections 3.6.2, 3.6.3 and 3.6.6: fields that hold addresses. */
static const char *const address_fields[] = {
    "From",        "Sender",        "Reply-To",  "To",        "Cc",         "Bcc",
    "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Bcc", "Resent-Reply-To",
};

static bool holds_addresses(struct bytes name)
{
    for (size_t i = 0; i < sizeof(address_fields) / sizeof(address_fields[0]); i++)
        if (bytes_equal_nocase(bytes_of(address_fields[i]), name))
            return true;
    return false;
}

/* The next line of *rest with its line end. */
static struct bytes take_line(struct bytes *rest)
{
    size_t end = bytes_find_octet(*rest, '\n');
    struct bytes line = bytes_slice(*rest, 0, end == BYTES_NOT_FOUND ? rest->size : end + 1);

    *rest = bytes_from(*rest, line.size);
    return line;
}

static bool goes_on(struct bytes rest)
{
    return rest.size > 0 && (rest.data[0] == ' ' || rest.data[0] == '\t');
}

/* The next field with the lines that it goes on in; the blank line is one, too. */
static struct bytes take_field(struct bytes *rest)
{
    struct bytes start = *rest;

    (void)take_line(rest);
    while (goes_on(*rest))
        (void)take_line(rest);
    return bytes_slice(start, 0, start.size - rest->size);
}

/* How many octets at the front of TEXT go into one encoded-word: no character is cut. */
static size_t word_size(struct bytes text, bool utf8)
{
    size_t size = 0;

    while (size < text.size) {
        size_t character = utf8 ? utf8_character(bytes_from(text, size), NULL) : 1;

        if (size + character > WORD_OCTETS_MAX)
            break;
        size += character;
    }
    return size;
}

/* RFC 1428 names the charset of what is known to be no UTF-8. */
static void append_words(struct bytes text, struct buf *out)
{
    bool utf8 = utf8_is_well_formed(text);
    const char *joint = " ";

    while (text.size > 0) {
        size_t size = word_size(text, utf8);

        buf_append_format(out, "%s=?%s?B?", joint, utf8 ? "UTF-8" : "UNKNOWN-8BIT");
        base64_encode(bytes_slice(text, 0, size), out);
        buf_append_text(out, "?=");
        joint = "\r\n ";
        text = bytes_from(text, size);
    }
}

/* The text of a field without its line ends, and without the blanks before it. */
static void unfold(struct bytes text, struct buf *out)
{
    while (goes_on(text))
        text = bytes_from(text, 1);
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != '\r' && text.data[i] != '\n')
            buf_append_octet(out, text.data[i]);
}

/* A field whose name isn't ASCII, or that has none, cannot be said in ASCII: it is left out. */
static void append_field(struct bytes field, struct buf *out)
{
    size_t colon = bytes_find_octet(field, ':');
    struct bytes name = bytes_slice(field, 0, colon);
    struct buf text;

    if (ascii_prefix(field) == field.size) {
        buf_append(out, field);
        return;
    }
    if (colon == BYTES_NOT_FOUND || ascii_prefix(name) < name.size)
        return;
    buf_init(&text, SURROGATE_HEADER_OCTETS_MAX);
    unfold(bytes_from(field, colon + 1), &text);
    buf_append(out, name);
    buf_append_octet(out, ':');
    append_words(buf_bytes(&text), out);
    buf_append_text(out, holds_addresses(name) ? " :;\r\n" : "\r\n");
    buf_release(&text);
}

static bool read_header(const struct stored_message *stored, struct buf *out)
{
    uint64_t left = stored->facts.header_octets;
    struct canonicaliser canonicaliser = {0};
    uint8_t piece[2048];
    uint8_t canonical[2 * sizeof(piece)];
    size_t size = 0;

    if (left > SURROGATE_HEADER_OCTETS_MAX)
        return false;
    for (uint64_t offset = 0; left > 0; offset += size, left -= size) {
        size_t wanted = left < sizeof(piece) ? (size_t)left : sizeof(piece);

        if (!stored->ops->read(stored, offset, piece, wanted, &size) || size == 0)
            return false;
        size_t written = canonicaliser_next(&canonicaliser, bytes_make(piece, size), canonical);

        buf_append(out, bytes_make(canonical, written));
    }
    buf_append(out, bytes_make(canonical, canonicaliser_end(&canonicaliser, canonical)));
    return true;
}

bool surrogate_header(const struct stored_message *stored, bool bodiless, struct buf *ret_header)
{
    struct buf header;

    buf_init(&header, BUF_UNBOUNDED);
    bool ok = read_header(stored, &header);
    struct bytes rest = buf_bytes(&header);

    while (ok && rest.size > 0) {
        struct bytes field = take_field(&rest);

        if (!bodiless || !bytes_equal(field, BYTES_LITERAL("\r\n")))
            append_field(field, ret_header);
    }
    buf_release(&header);
    return ok;
}
