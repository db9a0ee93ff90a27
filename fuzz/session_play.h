/*
 * Plays a script (inputs/session_script.h) against the reference server, with no sockets in between: each client's octets go in,
 * its output is judged by a conversation of the model, which must find nothing, and kept for comparison. STLS goes through a
 * filter that changes nothing.
 */
#ifndef FUZZ_SESSION_PLAY_H
#define FUZZ_SESSION_PLAY_H

#include "inputs/session_script.h"
#include "refserver/refserver.h"

enum { SCRIPT_OCTETS_MAX = 4096 };

/* How a script is changed on its way, in manners that must not change what the server says. */
enum play_manner {
    PLAY_PLAIN,
    PLAY_OCTETS, /* each octet is a segment */
    PLAY_CASE,   /* the letter case of keywords is turned */
    PLAY_NOOPS,  /* NOOP is put between commands of the TRANSACTION state; the replies to it are left out */
};

struct play_options {
    enum play_manner manner;
    enum variant variant; /* VARIANT_COUNT: none */
    bool plain_ascii;     /* unless the variant says otherwise no UTF8 is offered, which makes sizes exact */
};

struct play_result {
    struct buf output[SCRIPT_CLIENTS]; /* what the server sent to each client, over all its sessions */
};

/* Aborts by FUZZ_CHECK where an oracle fails. SCRIPT has SCRIPT_OCTETS_MAX at most; RESULT must be released. */
void play(struct bytes script, const struct play_options *options, struct play_result *ret_result);
void play_result_release(struct play_result *result);
bool play_results_equal(const struct play_result *a, const struct play_result *b);

#endif
