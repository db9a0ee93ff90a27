/*
 * Seeds for the fuzz targets, made from the scenarios and from transcripts: plain data, always the same for the same
 * sources, in the order in which they were added. What two sources say alike is one seed, under the first one's name.
 */
#ifndef CORPUS_CORPUS_H
#define CORPUS_CORPUS_H

#include "base/arena.h"
#include "scenario/suite.h"

/* Names of generated seeds begin with one of these; other files in a corpus are typed by hand or found by a campaign. */
#define CORPUS_FROM_SCENARIO   "scenario."
#define CORPUS_FROM_TRANSCRIPT "transcript."

struct seed {
    const char *target; /* "session": of fuzz/session_fuzzer.c */
    const char *name;   /* "scenario.rfc1939.dele.hides-message" */
    struct bytes octets;
};

struct corpus {
    struct arena arena; /* owns what the seeds are made of */
    struct seed *seeds;
    size_t count;
    size_t capacity;
};

/* Seeds are small: the larger an input, the less a fuzzer learns from changing it. */
enum { SEED_OCTETS_MAX = 2048 };

void corpus_init(struct corpus *corpus);
void corpus_release(struct corpus *corpus);

/*
 * Adds a session for each scenario of SUITE (for the first of its cases, where it has many; for none of those tagged
 * `exhaustive`), and what the scenarios of each file send, for the command parser.
 */
void corpus_add_suite(struct corpus *corpus, const struct suite *suite);
/* Adds the seeds of the transcript TEXT, called NAME. False when it is none, or too large. */
bool corpus_add_transcript(struct corpus *corpus, const char *name, struct bytes text);

#endif
