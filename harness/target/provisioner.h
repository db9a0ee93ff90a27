/*
 * A provisioner empties and fills the mailboxes of a target's accounts, outside the wire. Adapters: maildir.c, mbox.c,
 * mail_delivery.c (LMTP, SMTP), command.c; the built-in server brings one of its own (lab/builtin). All calls return at
 * once: a mailbox whose lock somebody else holds is PROVISION_BUSY, and the caller tries again when it sees fit. What takes
 * its time is an errand, an actor that the caller gives to its stage.
 */
#ifndef TARGET_PROVISIONER_H
#define TARGET_PROVISIONER_H

#include "target/errand.h"
#include "target/target.h"

/* Mailboxes are emptied, and filled, by one of the two calls for it; the other is NULL. */
struct provisioner_ops {
    /* Removes every message of USER's mailbox. Both NULL: sessions of POP3 remove them. */
    enum provision_result (*reset)(void *context, const char *user, struct error *error);
    struct errand (*send_reset)(void *context, const char *user);
    /* Adds MESSAGE (CRLF line ends, not stuffed) behind those that are there. An errand borrows it until it is freed. */
    enum provision_result (*deliver)(void *context, const char *user, struct bytes message,
                                     struct error *error);
    struct errand (*send_message)(void *context, const char *user, struct bytes message);
    /* When it is delivered a message may still be on its way: SMTP. */
    bool may_arrive_later;
    /*
     * Makes USER's maildrop refuse to delete at UPDATE, or undoes it ("update-failure", on or off). NULL where the
     * target cannot be made to.
     */
    enum provision_result (*provoke)(void *context, const char *user, const char *what, bool on,
                                     struct error *error);
    void (*free)(void *context);
};

struct provisioner {
    const struct provisioner_ops *ops; /* NULL: mailboxes may not be touched */
    void *context;
};

/*
 * The provisioner that TARGET asks for (ops NULL if it asks for none), which borrows TARGET. START_US is the wall's
 * time since 1970 from which file names and dates are made. Checks that every account's mailbox can be written, and
 * that no account's name could lead out of the path. Release with provisioner_release.
 */
bool provisioner_open(const struct target *target, int64_t start_us, struct provisioner *ret_provisioner,
                      struct error *error);
void provisioner_release(struct provisioner *provisioner);

#endif
