/*
 * What was played between the driver and its hostile server, noted so that the model can be asked again: driver_fuzzer.c plays,
 * driver_judge.c asks.
 */
#ifndef FUZZ_DRIVER_PLAYED_H
#define FUZZ_DRIVER_PLAYED_H

#include "base/buf.h"
#include "exec/machine_private.h"

enum { EVENTS_MAX = 4096 };

/* What became of a connection. */
enum event_kind { EVENT_OPENED, EVENT_SENT, EVENT_RECEIVED, EVENT_SECURED, EVENT_ENDED, EVENT_RESET };

struct event {
    enum event_kind kind;
    size_t end; /* in `octets` */
    int connection;
};

struct played {
    enum outcome_kind kind;
    uint64_t breaches[RULE_COUNT]; /* 0: none; else their places and how many they are, in one number */
    uint64_t received[CONNECTIONS_MAX + 1]; /* octets, since the connection was opened */
    struct buf octets;
    struct event events[EVENTS_MAX];
    size_t event_count; /* EVENTS_MAX: not all are here */
};

/* Forgets what PLAYED holds; its room is kept. */
void played_begin(struct played *played);
/* Notes that KIND happened on CONNECTION, with OCTETS. */
void played_note(struct played *played, enum event_kind kind, int connection, struct bytes octets);
/* Of event WHICH. */
struct bytes played_octets(const struct played *played, size_t which);
/* An observer whose context is the struct played. */
void played_observe(void *context, const struct observation *observation);
/* Nothing in TEXT but what prints in ASCII. */
bool played_is_harmless(const char *text);

/* How the server's octets are handed to the model: as they came, octet by octet, or with lines of messages passed over. */
enum played_manner { PLAYED_WHOLE, PLAYED_OCTETS, PLAYED_PASSING };

/* The model finds the same in MANNER as in PLAYED_WHOLE, or ID fires. */
void played_check(const struct played *played, enum played_manner manner, const char *id);

#endif
