#include "result/proof.h"

#include "base/check.h"

bool proof_seam_is_thin(const struct proof *proof, const struct proof_seam *seam)
{
    return seam->fault_count < proof->seam_faults_min;
}

size_t proof_stale_count(const struct proof *proof)
{
    size_t count = 0;

    for (size_t i = 0; i < proof->fault_count; i++)
        count += proof->faults[i].stale_count;
    return count;
}

const char *proof_fault_state_name(enum proof_fault_state state)
{
    switch (state) {
    case PROOF_CAUGHT:
        return "caught";
    case PROOF_MISSED:
        return "missed";
    case PROOF_STRAY:
        return "stray";
    case PROOF_UNTOUCHED:
        return "untouched";
    }
    CHECK(false);
    return "";
}
