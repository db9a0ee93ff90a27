#include "cli/catalogue.h"

#include "base/check.h"
#include "refserver/refserver.h"

size_t catalogue_count(enum catalogue_kind kind)
{
    return kind == CATALOGUE_FAULT ? FAULT_COUNT : VARIANT_COUNT;
}

static const char *seam_name(enum seam seam)
{
    switch (seam) {
    case SEAM_COMMAND:
        return "commands as they are read";
    case SEAM_TRANSITION:
        return "changes of state";
    case SEAM_VIEW:
        return "the view of the maildrop";
    case SEAM_REPLY:
        return "replies";
    case SEAM_WIRE:
        return "octets as they are sent";
    case SEAM_COUNT:
        break;
    }
    return "";
}

struct catalogue_row catalogue_row(enum catalogue_kind kind, size_t index)
{
    CHECK(index < catalogue_count(kind));
    if (kind == CATALOGUE_FAULT) {
        const struct fault_info *fault = fault_info((enum fault)index);

        return (struct catalogue_row){.id = fault->id,
                                      .clause = fault->clause,
                                      .what = fault->what,
                                      .seam = seam_name(fault->seam),
                                      .history = fault_history((enum fault)index),
                                      .also = fault->also};
    }
    const struct variant_info *variant = variant_info((enum variant)index);

    return (struct catalogue_row){.id = variant->id,
                                  .clause = variant->clause,
                                  .what = variant->what,
                                  .skips = variant->skips,
                                  .warns = variant->warns};
}
