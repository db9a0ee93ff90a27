#include "result/proof.h"

#include "base/check.h"

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
