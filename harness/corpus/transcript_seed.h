/*
 * A transcript typed by hand (inputs/transcript_line.h) as inputs of the targets that read one side of it: its commands
 * for the command parser, its replies for the reply reader, and both sides' turns for the driver.
 */
#ifndef CORPUS_TRANSCRIPT_SEED_H
#define CORPUS_TRANSCRIPT_SEED_H

#include "base/buf.h"

struct transcript_seed {
    struct buf commands; /* what the client says */
    struct buf replies;  /* one octet that says which replies are due, then what the server says */
    struct buf
        server; /* one octet that chooses a scenario, then the server's turns (inputs/hostile_script.h) */
};

/* Initializes SEED, of at most OCTETS_MAX each, from the whole text of a file; release it in any case. False where TEXT
 * is no transcript, or a seed would be too large. */
bool transcript_seed_init(struct transcript_seed *seed, struct bytes text, size_t octets_max);
void transcript_seed_release(struct transcript_seed *seed);

#endif
