#include "corpus/corpus.h"

#include "base/memory.h"
#include "corpus/session_seed.h"
#include "corpus/transcript_seed.h"
#include "inputs/session_script.h"

#include <stdlib.h>
#include <string.h>

enum { CORPUS_OCTETS_MAX = 64 * 1024 * 1024 };

void corpus_init(struct corpus *corpus)
{
    *corpus = (struct corpus){0};
    arena_init(&corpus->arena, CORPUS_OCTETS_MAX);
}

void corpus_release(struct corpus *corpus)
{
    arena_release(&corpus->arena);
    free(corpus->seeds);
}

static bool is_known(const struct corpus *corpus, const char *target, struct bytes octets)
{
    for (size_t i = 0; i < corpus->count; i++)
        if (strcmp(corpus->seeds[i].target, target) == 0 && bytes_equal(corpus->seeds[i].octets, octets))
            return true;
    return false;
}

/* The name of what ORIGIN.ID is the source of; the slashes of an id become dots. */
static const char *seed_name(struct corpus *corpus, const char *origin, struct bytes id)
{
    char *name = arena_format(&corpus->arena, "%s%.*s", origin, (int)id.size, (const char *)id.data);

    for (char *at = name; *at != '\0'; at++)
        *at = *at == '/' ? '.' : *at;
    return name;
}

static void add(struct corpus *corpus, const char *target, const char *origin, struct bytes id,
                struct bytes octets)
{
    if (octets.size == 0 || is_known(corpus, target, octets))
        return;
    if (corpus->count == corpus->capacity) {
        corpus->capacity = corpus->capacity > 0 ? 2 * corpus->capacity : 256;
        corpus->seeds = memory_resize_array(corpus->seeds, corpus->capacity, sizeof(*corpus->seeds));
    }
    corpus->seeds[corpus->count++] =
        (struct seed){target, seed_name(corpus, origin, id), arena_copy(&corpus->arena, octets)};
}

/* ---- scenarios ---- */

static bool is_exhaustive(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->tag_count; i++)
        if (strcmp(scenario->tags[i], "exhaustive") == 0)
            return true;
    return false;
}

static bool is_same_place(struct place a, struct place b)
{
    return a.line == b.line && strcmp(a.file, b.file) == 0;
}

/* Cases of one scenario stand one behind the other. */
static bool is_first_case(const struct suite *suite, size_t index)
{
    return index == 0 || !is_same_place(suite->scenarios[index].place, suite->scenarios[index - 1].place);
}

/* Appends each segment of SCRIPT that OUT does not hold yet. */
static void append_new_segments(struct bytes script, struct buf *out)
{
    struct script_reader reader;
    struct script_step step;

    script_begin(&reader, script);
    while (script_next(&reader, &step))
        if (step.action == SCRIPT_SEND && bytes_find(buf_bytes(out), step.octets) == BYTES_NOT_FOUND)
            buf_append(out, step.octets);
    script_end(&reader);
}

/* Appends to LINES what is new; the session is a seed where it is not too large. */
static void add_scenario(struct corpus *corpus, const struct scenario *scenario, struct buf *lines)
{
    struct buf script;

    buf_init(&script, SEED_OCTETS_MAX);
    if (session_seed(scenario, &script)) {
        add(corpus, "session", CORPUS_FROM_SCENARIO, bytes_of(scenario->id), buf_bytes(&script));
        append_new_segments(buf_bytes(&script), lines);
    }
    buf_release(&script);
}

/* The part of SCENARIO's id that all those of its file share. */
static struct bytes file_id(const struct scenario *scenario)
{
    struct bytes file = bytes_of(scenario->place.file);
    struct bytes id = bytes_of(scenario->id);

    file = bytes_slice(file, 0, file.size - strlen(".yaml"));
    while (id.size > 0 && !bytes_end_with(file, id))
        id.size--;
    return id;
}

/* Adds the scenarios of one file from START on; the index behind them. */
static size_t add_file(struct corpus *corpus, const struct suite *suite, size_t start)
{
    const char *file = suite->scenarios[start].place.file;
    struct buf lines;
    size_t i;

    buf_init(&lines, SEED_OCTETS_MAX);
    for (i = start; i < suite->scenario_count && strcmp(suite->scenarios[i].place.file, file) == 0; i++)
        if (is_first_case(suite, i) && !is_exhaustive(&suite->scenarios[i]))
            add_scenario(corpus, &suite->scenarios[i], &lines);
    add(corpus, "command_parser", CORPUS_FROM_SCENARIO, file_id(&suite->scenarios[start]), buf_bytes(&lines));
    buf_release(&lines);
    return i;
}

void corpus_add_suite(struct corpus *corpus, const struct suite *suite)
{
    for (size_t i = 0; i < suite->scenario_count;)
        i = add_file(corpus, suite, i);
}

/* ---- transcripts ---- */

bool corpus_add_transcript(struct corpus *corpus, const char *name, struct bytes text)
{
    struct transcript_seed seed;
    bool read = transcript_seed_init(&seed, text, SEED_OCTETS_MAX);

    if (read) {
        add(corpus, "command_parser", CORPUS_FROM_TRANSCRIPT, bytes_of(name), buf_bytes(&seed.commands));
        add(corpus, "reply_reader", CORPUS_FROM_TRANSCRIPT, bytes_of(name), buf_bytes(&seed.replies));
        add(corpus, "driver", CORPUS_FROM_TRANSCRIPT, bytes_of(name), buf_bytes(&seed.server));
    }
    transcript_seed_release(&seed);
    return read;
}
