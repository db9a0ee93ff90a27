/* A proof as JSON, private to report/: what the JSON report holds and the page shows. */
#ifndef REPORT_PROOF_DATA_H
#define REPORT_PROOF_DATA_H

#include "result/proof.h"

#include <jansson.h>

/* The caller owns it. */
json_t *proof_data(const struct proof *proof, const char *version);

#endif
