/*
 * Printable text and redaction. Input: a letter, then what went over the wire, with controls of two octets in which 0xFF
 * stands in front:
 *
 *   0xFF P   the secret stands here; H: in hexadecimal; E: as printable text shows it
 *   0xFF 0 .. 2   it stands here in base 64, behind so many octets
 *   0xFF c, s     client, server speaks from here on; 0xFF d: the other connection; n: a note
 *   0xFF |   a segment ends; whatever else stands behind 0xFF is an octet as it is
 *
 * Bit 0 of the letter cuts everything into single octets, bit 1 chooses a secret of three octets, which is looked for
 * behind PASS alone, bit 2 one that is not printable; bits 3 and 4 say how few lines are shown.
 *
 * Oracles: printable-ascii, printable-reversible (without secrets every octet can be read back), printable-bound (as many
 * lines and octets as asked for), printable-mark (what is marked stands in its line), printable-cut (single segments or single octets print the same), printable-memory, and
 * printable-secret: with a dozen secrets in turn, what is printed must not be a different thing for each.
 */
#include "allocated.h"
#include "check.h"
#include "chunks.h"

#include "base/base64.h"
#include "base/memory.h"
#include "result/escape.h"
#include "result/redactor.h"
#include "result/transcript.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_OCTETS_MAX = 2048,
    PIECES_MAX = 512,
    SECRETS_MAX = 12,
    SECRET_OCTETS = 12,
    SHORT_SECRET_OCTETS = 3,
    LINE_OCTETS_SHOWN_MAX =
        6000, /* of printable text: 1024 octets, each of them escaped, and what is said of the rest */
    CONTROL = 0xFF,
    MEMORY_OCTETS = 1024 * 1024,
    MEMORY_OCTETS_EACH = 2048,
};

/* ---- what went over the wire, with a place for the secret ---- */

struct piece {
    enum direction direction;
    int connection;
    size_t end; /* in `octets` */
};

struct wire {
    struct buf octets;
    struct piece pieces[PIECES_MAX];
    size_t count;
    bool other_connection;
    enum direction direction;
};

static void end_piece(struct wire *wire)
{
    size_t start = wire->count > 0 ? wire->pieces[wire->count - 1].end : 0;

    if (wire->octets.size == start || wire->count == PIECES_MAX)
        return;
    wire->pieces[wire->count++] =
        (struct piece){wire->direction, wire->other_connection ? 2 : 1, wire->octets.size};
}

static void append_base64(struct buf *out, struct bytes secret, size_t octets_before)
{
    struct buf message;

    buf_init(&message, BUF_UNBOUNDED);
    buf_append(&message, bytes_slice(BYTES_LITERAL("\0u"), 0, octets_before));
    buf_append(&message, secret);
    base64_encode(buf_bytes(&message), out);
    buf_release(&message);
}

static void append_secret(struct buf *out, struct bytes secret, uint8_t code)
{
    for (size_t i = 0; i < secret.size && code == 'H'; i++)
        buf_append_format(out, "%02x", secret.data[i]);
    for (size_t i = 0; i < secret.size && code == 'E'; i++)
        escape_append_octet(out, secret.data[i]);
    if (code == 'P')
        buf_append(out, secret);
    else if (code >= '0' && code <= '2')
        append_base64(out, secret, code - '0');
}

/* A secret of a few octets stands where a short password may: alone, behind PASS. */
static void append_short_secret(struct buf *out, struct bytes secret)
{
    buf_append_text(out, "\r\nPASS ");
    buf_append(out, secret);
    buf_append_text(out, "\r\n");
}

static void take_control(struct wire *wire, struct bytes secret, uint8_t code)
{
    if (code != 'P' && code != 'H' && code != 'E' && (code < '0' || code > '2'))
        end_piece(wire);
    if (code == 'c' || code == 's' || code == 'n')
        wire->direction = code == 'c' ? DIRECTION_CLIENT : code == 's' ? DIRECTION_SERVER : DIRECTION_NOTE;
    else if (code == 'd')
        wire->other_connection = !wire->other_connection;
    else if (secret.size <= SHORT_SECRET_OCTETS)
        append_short_secret(&wire->octets, secret);
    else
        append_secret(&wire->octets, secret, code);
}

static bool is_control(uint8_t code)
{
    return code != '\0' && strchr("PHE012csdn|", code) != NULL;
}

static void wire_make(struct wire *wire, struct bytes text, struct bytes secret)
{
    buf_clear(&wire->octets);
    wire->count = 0;
    wire->other_connection = false;
    wire->direction = DIRECTION_CLIENT;
    for (size_t i = 0; i < text.size; i++) {
        bool control = text.data[i] == CONTROL && i + 1 < text.size && is_control(text.data[i + 1]);

        if (control)
            take_control(wire, secret, text.data[++i]);
        else
            buf_append_octet(&wire->octets, text.data[i]);
    }
    end_piece(wire);
}

/* ---- printing ---- */

enum cut { AS_WRITTEN, INTO_OCTETS, JOINED };

static void add_piece(struct transcript *transcript, const struct piece *piece, struct bytes octets,
                      enum cut cut)
{
    size_t each = cut == INTO_OCTETS && piece->direction != DIRECTION_NOTE ? 1 : octets.size;

    if (piece->direction == DIRECTION_NOTE)
        transcript_note(transcript, piece->connection, 0, "note of %zu octets", octets.size);
    for (size_t at = 0; piece->direction != DIRECTION_NOTE && at < octets.size; at += each)
        transcript_add(transcript, piece->direction, piece->connection, 0,
                       bytes_slice(octets, at, at + each));
}

static bool continues(const struct piece *piece, const struct piece *next)
{
    return piece->direction != DIRECTION_NOTE && piece->direction == next->direction &&
           piece->connection == next->connection;
}

static void fill_transcript(struct transcript *transcript, const struct wire *wire, enum cut cut)
{
    size_t start = 0;

    for (size_t i = 0; i < wire->count; i++) {
        const struct piece *piece = &wire->pieces[i];

        if (cut == JOINED && i + 1 < wire->count && continues(piece, &wire->pieces[i + 1]))
            continue;
        add_piece(transcript, piece, bytes_slice(buf_bytes(&wire->octets), start, piece->end), cut);
        start = piece->end;
    }
}

static void check_text(const char *text)
{
    FUZZ_CHECK(strlen(text) <= LINE_OCTETS_SHOWN_MAX, "printable-bound");
    for (; *text != '\0'; text++)
        FUZZ_CHECK(*text >= ' ' && *text <= '~', "printable-ascii");
}

/* Appends all that a report would show of WIRE. */
static void print(const struct wire *wire, enum cut cut, struct bytes secret, size_t lines_max,
                  struct buf *out)
{
    struct redactor *redactor = redactor_new();
    struct transcript transcript;
    struct arena arena;
    size_t count;

    redactor_add(redactor, secret);
    transcript_init(&transcript);
    arena_init(&arena, BUF_UNBOUNDED);
    fill_transcript(&transcript, wire, cut);
    transcript_mark(&transcript, TRANSCRIPT_OWN_TOPIC, 1, wire->octets.size / 3);
    const struct transcript_line *lines =
        transcript_print(&transcript, TRANSCRIPT_OWN_TOPIC, redactor, 0, lines_max, &arena, &count);

    FUZZ_CHECK(count <= lines_max, "printable-bound");
    for (size_t i = 0; i < count; i++) {
        check_text(lines[i].text.text);
        FUZZ_CHECK(lines[i].mark.from <= lines[i].mark.to && lines[i].mark.to <= strlen(lines[i].text.text),
                   "printable-mark");
        buf_append_format(out, "%d%d %zu-%zu ", lines[i].connection, (int)lines[i].direction,
                          lines[i].mark.from, lines[i].mark.to);
        buf_append_text(out, lines[i].text.text);
        buf_append_octet(out, '\n');
    }
    buf_append_text(out, printable_make(&arena, redactor, buf_bytes(&wire->octets), 512).text);
    transcript_release(&transcript);
    arena_release(&arena);
    redactor_free(redactor);
}

/* ---- oracles ---- */

static int hex_value(char digit)
{
    return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* Reads one octet of printable text back. */
static const char *read_back(const char *text, struct buf *octets)
{
    static const char letters[] = "rn0\\";
    static const char meant[] = "\r\n\0\\";

    if (text[0] != '\\') {
        buf_append_octet(octets, (uint8_t)text[0]);
        return text + 1;
    }
    const char *letter = text[1] != '\0' ? strchr(letters, text[1]) : NULL;

    if (letter != NULL) {
        buf_append_octet(octets, (uint8_t)meant[letter - letters]);
        return text + 2;
    }
    FUZZ_CHECK(text[1] == 'x' && hex_value(text[2]) >= 0 && hex_value(text[3]) >= 0, "printable-reversible");
    buf_append_octet(octets, (uint8_t)(hex_value(text[2]) * 16 + hex_value(text[3])));
    return text + 4;
}

static void check_reversible(struct bytes octets)
{
    struct arena arena;
    struct buf back;

    arena_init(&arena, BUF_UNBOUNDED);
    buf_init(&back, BUF_UNBOUNDED);
    const char *text = printable_make(&arena, NULL, octets, SIZE_MAX).text;

    while (*text != '\0')
        text = read_back(text, &back);
    FUZZ_CHECK(bytes_equal(buf_bytes(&back), octets), "printable-reversible");
    buf_release(&back);
    arena_release(&arena);
}

/*
 * The secret WHICH of one length each, made from the whole input: whoever writes one of them down, as a fuzzer does that has
 * seen it compared, has another input and other secrets.
 */
static struct bytes make_secret(uint8_t letter, struct bytes text, size_t which, uint8_t *storage)
{
    size_t size = (letter & 2) != 0 ? SHORT_SECRET_OCTETS : SECRET_OCTETS;
    uint64_t number = chunks_number(text) + which;

    for (size_t i = 0; i < size; i++) {
        size_t octet = chunks_next(&number, 94) + ' ';

        storage[i] = (uint8_t)((letter & 4) != 0 ? octet + 0x60 : octet);
        if (strchr("\"'\\", storage[i]) != NULL)
            storage[i] = 'Q';
    }
    /* As long as the others once it is escaped. */
    if ((letter & 4) != 0)
        storage[1] = '\\';
    return bytes_make(storage, size);
}

static size_t lines_max_of(uint8_t letter)
{
    static const size_t lines_max[] = {100, 7, 2, 1};

    return lines_max[letter >> 3 & 3];
}

static bool among_first(const struct buf *printed, size_t which)
{
    for (size_t i = 0; i < which; i++) {
        if (bytes_equal(buf_bytes(&printed[i]), buf_bytes(&printed[which])))
            return true;
    }
    return false;
}

static void check_cut(const struct wire *wire, uint8_t letter, struct bytes secret, const struct buf *first)
{
    struct buf again;

    buf_init(&again, BUF_UNBOUNDED);
    print(wire, (letter & 1) != 0 ? JOINED : INTO_OCTETS, secret, lines_max_of(letter), &again);
    FUZZ_CHECK(bytes_equal(buf_bytes(first), buf_bytes(&again)), "printable-cut");
    buf_release(&again);
}

/*
 * Something that only looks like a secret may be hidden by mistake, and what stands around one may be hidden with it or not;
 * but two of so many then come out the same. What tells a secret differs for each of them.
 */
static void run(uint8_t letter, struct bytes text)
{
    static struct wire wire = {.octets = {.size_max = BUF_UNBOUNDED}};
    struct buf printed[SECRETS_MAX];
    uint8_t storage[SECRET_OCTETS];
    struct bytes secret = BYTES_EMPTY;
    size_t count = 0;
    bool same = false;

    while (!same && count < SECRETS_MAX) {
        secret = make_secret(letter, text, count, storage);
        buf_init(&printed[count], BUF_UNBOUNDED);
        wire_make(&wire, text, secret);
        print(&wire, (letter & 1) != 0 ? INTO_OCTETS : AS_WRITTEN, secret, lines_max_of(letter),
              &printed[count]);
        same = among_first(printed, count);
        count++;
    }
    FUZZ_CHECK(same, "printable-secret");
    check_cut(&wire, letter, secret, &printed[count - 1]);
    check_reversible(buf_bytes(&wire.octets));
    for (size_t i = 0; i < count; i++)
        buf_release(&printed[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > INPUT_OCTETS_MAX)
        return 0;
    allocated_begin();
    run(data[0], bytes_make(data + 1, size - 1));
    FUZZ_CHECK(allocated_octets() <= MEMORY_OCTETS + size * MEMORY_OCTETS_EACH, "printable-memory");
    return 0;
}
