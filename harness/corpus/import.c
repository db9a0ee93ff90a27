#include "corpus/import.h"

#include "base/memory.h"
#include "corpus/session_text.h"
#include "inputs/driver_scenarios.h"
#include "scenario/dump.h"
#include "scenario/suite.h"

#include <stdlib.h>
#include <string.h>

static const char *const NAMES[] = {"session", "driver", "command_parser"};

enum {
    NAME_OCTETS_MAX = 100,
    /* Of the driver's first octet (fuzz/driver_fuzzer.c). */
    SCENARIO_BITS = 0x0F,
};

const char *import_target_name(enum import_target target)
{
    return NAMES[target];
}

bool import_target_of(struct bytes name, enum import_target *ret_target)
{
    for (int target = 0; target < IMPORT_TARGET_COUNT; target++)
        if (bytes_equal(name, bytes_of(NAMES[target]))) {
            *ret_target = (enum import_target)target;
            return true;
        }
    return false;
}

void import_begin(struct buf *out)
{
    buf_append_text(out, "pop3spec: 1\nscenarios:\n");
}

/* FILE in the letters of a scenario's name, one "-" for any run of others. */
static void append_name(const char *file, size_t ordinal, struct buf *out)
{
    size_t start = out->size;

    for (const char *at = file; *at != '\0' && out->size - start < NAME_OCTETS_MAX; at++) {
        uint8_t octet = ascii_lower((uint8_t)*at);

        if (ascii_is_letter(octet) || ascii_is_digit(octet))
            buf_append_octet(out, octet);
        else if (out->size > start && out->data[out->size - 1] != '-')
            buf_append_octet(out, '-');
    }
    while (out->size > start && out->data[out->size - 1] == '-')
        buf_truncate(out, out->size - 1);
    if (out->size == start)
        buf_append_text(out, "input");
    if (ordinal > 1)
        buf_append_format(out, "-%zu", ordinal);
}

static void append_head(const char *file, size_t ordinal, struct buf *out)
{
    buf_append_text(out, "  - name: ");
    append_name(file, ordinal, out);
    buf_append_text(out,
                    "\n    title: What a fuzz target was fed with\n    proves: []\n    tags: [example]\n");
}

static void append_session(enum import_target target, const char *file, size_t ordinal, struct bytes input,
                           struct buf *out)
{
    append_head(file, ordinal, out);
    buf_append_text(out, "    state: closed\n    mailbox: [short, numbered, dotted]\n    dialog: |\n");
    if (target == IMPORT_SESSION)
        session_text(input, out);
    else
        octets_text(input, out);
}

/* ---- the driver ---- */

/* What the server said, as comments: nobody but the fuzz target can play it. */
static void append_server(struct bytes octets, struct buf *out)
{
    enum { LINE_OCTETS = 60 };

    buf_append_text(out, "  # Only the driver target plays the server that said:\n");
    while (octets.size > 0) {
        size_t end = bytes_find_octet(octets, '\n');
        size_t size = end == BYTES_NOT_FOUND ? octets.size : end + 1;

        size = size < LINE_OCTETS ? size : LINE_OCTETS;
        buf_append_text(out, "  #   ");
        scenario_dump_octets(bytes_slice(octets, 0, size), "", out);
        buf_append_text(out, "\n");
        octets = bytes_from(octets, size);
    }
}

/* The dump of SCENARIO under another name: what stands behind the line that says it. */
static void append_scenario(const struct scenario *scenario, const char *file, size_t ordinal,
                            struct buf *out)
{
    struct buf dump;

    buf_init(&dump, BUF_UNBOUNDED);
    scenario_dump(scenario, &dump);
    struct bytes rest = buf_bytes(&dump);

    rest = bytes_from(rest, bytes_find(rest, BYTES_LITERAL("    title:")));
    buf_append_text(out, "  - name: ");
    append_name(file, ordinal, out);
    buf_append_text(out, "\n");
    buf_append(out, rest);
    buf_release(&dump);
}

static bool append_driver(const char *file, size_t ordinal, struct bytes input, struct buf *out,
                          struct error *error)
{
    struct diagnostics *diagnostics = memory_new(sizeof(*diagnostics));
    struct suite suite;

    suite_init(&suite);
    bool loaded = suite_add_fixtures_text(&suite, bytes_of(DRIVER_FIXTURES), "fixtures.yaml", diagnostics) &&
                  suite_add_text(&suite, bytes_of(DRIVER_SCENARIOS), "driver.yaml", NULL, NULL, diagnostics);

    if (loaded) {
        append_server(bytes_from(input, 1), out);
        append_scenario(&suite.scenarios[(input.data[0] & SCENARIO_BITS) % suite.scenario_count], file,
                        ordinal, out);
    } else {
        *error = diagnostics->errors[0];
    }
    suite_release(&suite);
    free(diagnostics);
    return loaded;
}

bool import_append(enum import_target target, const char *file, size_t ordinal, struct bytes input,
                   struct buf *out, struct error *error)
{
    if (target != IMPORT_DRIVER) {
        append_session(target, file, ordinal, input, out);
        return true;
    }
    if (input.size == 0)
        return error_set(error, ERROR_USAGE, "'%s' is empty: an input of the driver chooses a scenario",
                         file);
    return append_driver(file, ordinal, input, out, error);
}
