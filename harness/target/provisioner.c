#include "target/provisioner.h"

#include "base/memory.h"
#include "target/adapters.h"

#include <errno.h>
#include <unistd.h>

struct adapter *adapter_new(const struct target *target)
{
    struct adapter *adapter = (struct adapter *)memory_new(sizeof(*adapter));

    adapter->target = target;
    return adapter;
}

bool adapter_write(int file, struct bytes bytes)
{
    while (bytes.size > 0) {
        ssize_t count = write(file, bytes.data, bytes.size);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes = bytes_from(bytes, (size_t)count);
    }
    return true;
}

static bool check_account(const struct target *target, void *context, const char *user, struct error *error)
{
    switch (target->provision) {
    case TARGET_PROVISION_MAILDIR:
        return maildir_check(context, user, error);
    case TARGET_PROVISION_MBOX:
        return mbox_check(context, user, error);
    case TARGET_PROVISION_LMTP:
    case TARGET_PROVISION_SMTP:
    case TARGET_PROVISION_COMMAND:
    case TARGET_PROVISION_NONE:
        break;
    }
    return true;
}

bool provisioner_open(const struct target *target, int64_t start_us, struct provisioner *ret_provisioner,
                      struct error *error)
{
    struct provisioner provisioner = {NULL, NULL};

    switch (target->provision) {
    case TARGET_PROVISION_NONE:
        break;
    case TARGET_PROVISION_MAILDIR:
        provisioner = maildir_provisioner(target, start_us);
        break;
    case TARGET_PROVISION_MBOX:
        provisioner = mbox_provisioner(target, start_us);
        break;
    case TARGET_PROVISION_LMTP:
    case TARGET_PROVISION_SMTP:
        provisioner = mail_provisioner(target);
        break;
    case TARGET_PROVISION_COMMAND:
        provisioner = command_provisioner(target);
        break;
    }
    for (size_t i = 0; i < target->account_count; i++)
        if (!check_account(target, provisioner.context, target->accounts[i].user, error)) {
            provisioner_release(&provisioner);
            if (error->hint[0] == '\0')
                error_hint(error,
                           "provision says where account \"%s\" has its mail: the folder around it must be "
                           "there, and allow writing",
                           target->accounts[i].user);
            return false;
        }
    *ret_provisioner = provisioner;
    return true;
}

void provisioner_release(struct provisioner *provisioner)
{
    if (provisioner->ops != NULL)
        provisioner->ops->free(provisioner->context);
    *provisioner = (struct provisioner){NULL, NULL};
}
