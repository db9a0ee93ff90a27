/* The adapters behind provisioner_open(). Private to target/. */
#ifndef TARGET_ADAPTERS_H
#define TARGET_ADAPTERS_H

#include "target/provisioner.h"

/* Each borrows TARGET. */
struct provisioner maildir_provisioner(const struct target *target, int64_t start_us);
struct provisioner mbox_provisioner(const struct target *target, int64_t start_us);
/* In mail_delivery.c (LMTP or SMTP, as TARGET says) and command.c. */
struct provisioner mail_provisioner(const struct target *target);
struct provisioner command_provisioner(const struct target *target);

/* False with ERROR when USER's mailbox cannot be written to. Changes nothing but folders that a maildir lacks. */
bool maildir_check(void *context, const char *user, struct error *error);
bool mbox_check(void *context, const char *user, struct error *error);

/* What an adapter keeps that needs nothing but the target: its context, for free(). */
struct adapter {
    const struct target *target;
};

struct adapter *adapter_new(const struct target *target);

/* Writes all of BYTES to FILE, in as many pieces as the host takes. */
bool adapter_write(int file, struct bytes bytes);

#endif
