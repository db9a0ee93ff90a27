/* What the step machine needs of sasl/, in the form it asks for (exec/machine.h). Private to run/. */
#ifndef RUN_CREDENTIALS_H
#define RUN_CREDENTIALS_H

#include "exec/machine.h"
#include "result/printable.h"
#include "target/target.h"

extern const struct credential_ops run_credentials;

/* The machine's view of an account of TARGET; borrows its texts. */
struct account credentials_account(const struct target *target, const struct target_account *account);

/* Adds every secret of TARGET's accounts to REDACTOR. */
void credentials_redact(struct redactor *redactor, const struct target *target);

#endif
