#include "result/proof.h"

#include "base/check.h"

bool proof_seam_is_thin(const struct proof *proof, const struct proof_seam *seam)
{
    return seam->fault_count < proof->seam_faults_min;
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
