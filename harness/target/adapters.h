/* The adapters behind provisioner_open(). Private to target/. */
#ifndef TARGET_ADAPTERS_H
#define TARGET_ADAPTERS_H

#include "target/provisioner.h"

/* Each borrows TARGET, whose provision_path it works on. */
struct provisioner maildir_provisioner(const struct target *target, int64_t start_us);
struct provisioner mbox_provisioner(const struct target *target, int64_t start_us);

/* False with ERROR when USER's mailbox cannot be written to. Changes nothing but folders that a maildir lacks. */
bool maildir_check(void *context, const char *user, struct error *error);
bool mbox_check(void *context, const char *user, struct error *error);

/* Writes all of BYTES to FILE, in as many pieces as the host takes. */
bool adapter_write(int file, struct bytes bytes);

#endif
