/*
 * pop3spec's own path from the wire to the verdict, with nothing left out: a scenario in the step machine, model and
 * auditor on, carried by the loop.
 */
#ifndef BENCH_DRIVEN_CLIENT_H
#define BENCH_DRIVEN_CLIENT_H

#include "exec/machine.h"
#include "net/loop.h"
#include "scenario/suite.h"

struct driven_client {
    struct suite suite;
    struct loop *loop;
    struct tls_context *tls;
    struct endpoint endpoint;
    struct machine_options options;
    uint64_t observations; /* breaches that the model or the auditor saw */
    uint64_t not_passed;   /* cases with another outcome */
};

/*
 * DIALOG is a scenario's, each line indented by six blanks, that begins in TRANSACTION and expects nothing of the
 * mailbox. Every case logs in to 127.0.0.1:PORT. False, after saying why on standard error, when there is no loop or
 * the dialog is no scenario.
 */
bool driven_open(struct driven_client *client, const char *dialog, uint16_t port, bool tls);
/*
 * Runs CASES of it, IN_PARALLEL at a time on the one loop; ACCOUNTS has one for each of those. True when all passed and
 * nothing was observed.
 */
bool driven_run(struct driven_client *client, const struct account *accounts, size_t in_parallel,
                uint64_t cases);
void driven_close(struct driven_client *client);

#endif
