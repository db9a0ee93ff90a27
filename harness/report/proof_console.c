#include "report/proof.h"
#include "report/text.h"

size_t proof_count_faults(const struct proof *proof, enum proof_fault_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < proof->fault_count; i++)
        count += proof->faults[i].state == state ? 1 : 0;
    return count;
}

size_t proof_count_clean(const struct proof_variant *variants, size_t variant_count)
{
    size_t count = 0;

    for (size_t i = 0; i < variant_count; i++)
        count += variants[i].clean ? 1 : 0;
    return count;
}

static void append_trouble(struct buf *out, struct printable trouble)
{
    if (trouble.text == NULL)
        return;
    buf_append_text(out, "     nothing ran   ");
    text_append(out, trouble.text);
    buf_append_text(out, "\n");
}

/* What is wrong with a fault in STATE, and so with the suite. */
static const char *state_meaning(enum proof_fault_state state)
{
    switch (state) {
    case PROOF_CAUGHT:
        return "its own clause failed, and none that it does not list";
    case PROOF_MISSED:
        return "its own clause did not fail in any case that it touches";
    case PROOF_STRAY:
        return "a clause failed that it does not list";
    case PROOF_UNTOUCHED:
        return "no case does what it changes";
    }
    return "";
}

static void append_fault(struct buf *out, const struct proof_fault *fault)
{
    buf_append_format(out, "%-9s %s   %s\n", proof_fault_state_name(fault->state), fault->id, fault->what);
    buf_append_format(out, "     because       %s\n", state_meaning(fault->state));
    buf_append_format(out, "     clause        %s\n", fault->clause);
    buf_append_format(out, "     touches       %zu cases\n", fault->case_count);
    append_trouble(out, fault->trouble);
    for (size_t i = 0; i < fault->failed_count && fault->state == PROOF_MISSED; i++)
        buf_append_format(out, "     failed        %s\n", fault->failed[i]);
    for (size_t i = 0; i < fault->stray_count; i++)
        buf_append_format(out, "     stray         %s   by %s\n", fault->strays[i], fault->stray_cases[i]);
    buf_append_text(out, "\n");
}

static void append_flags(struct buf *out, const struct proof_flag *flags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_append_format(out, "     %-13s %s", verdict_name(flags[i].verdict), flags[i].id);
        if (flags[i].reason.text != NULL) {
            buf_append_text(out, "   ");
            text_append(out, flags[i].reason.text);
        }
        buf_append_text(out, "\n");
    }
}

static void append_variant(struct buf *out, const struct proof_variant *variant)
{
    buf_append_format(out, "%-9s %s   %s\n", variant->clean ? "clean" : "flagged", variant->id,
                      variant->what != NULL ? variant->what : "");
    append_trouble(out, variant->trouble);
    append_flags(out, variant->flags, variant->flag_count);
    buf_append_text(out, "\n");
}

static void append_variants(struct buf *out, const struct proof_variant *variants, size_t count, bool verbose)
{
    for (size_t i = 0; i < count; i++) {
        if (!variants[i].clean)
            append_variant(out, &variants[i]);
        else if (verbose)
            buf_append_format(out, "clean     %-32s %s\n", variants[i].id,
                              variants[i].what != NULL ? variants[i].what : "");
    }
}

static void append_names(struct buf *out, const char *heading, const char *const *names, size_t count)
{
    if (count == 0)
        return;
    buf_append_format(out, "%s (%zu)\n", heading, count);
    for (size_t i = 0; i < count; i++)
        buf_append_format(out, "     %s\n", names[i]);
    buf_append_text(out, "\n");
}

static void append_thin_seams(struct buf *out, const struct proof *proof)
{
    for (size_t i = 0; i < proof->seam_count; i++) {
        if (proof_seam_is_thin(proof, &proof->seams[i]))
            buf_append_format(out, "thin      %s   this seam has %zu of the %zu faults that it owes\n\n",
                              proof->seams[i].id, proof->seams[i].fault_count, proof->seam_faults_min);
    }
}

/* Faults that say of themselves what is not so. */
static void append_stale(struct buf *out, const struct proof *proof)
{
    for (size_t i = 0; i < proof->fault_count; i++) {
        const struct proof_fault *fault = &proof->faults[i];

        if (fault->stale_count == 0)
            continue;
        buf_append_format(out, "stale     %s   it lists clauses that no case breaks by it\n", fault->id);
        for (size_t k = 0; k < fault->stale_count; k++)
            buf_append_format(out, "     also          %s\n", fault->stale[k]);
        buf_append_text(out, "\n");
    }
}

static void append_seams(struct buf *out, const struct proof *proof)
{
    if (proof->fault_count == 0)
        return;
    for (size_t i = 0; i < proof->seam_count; i++)
        buf_append_format(out, "%s%zu of %s", i > 0 ? ", " : "by seam: ", proof->seams[i].fault_count,
                          proof->seams[i].id);
    buf_append_text(out, "\n");
}

void proof_console_write(const struct proof *proof, bool verbose, struct buf *out)
{
    if (proof->baseline_flag_count > 0) {
        buf_append_text(out, "The correct server is flagged:\n");
        append_flags(out, proof->baseline_flags, proof->baseline_flag_count);
        buf_append_text(out, "\n");
    }
    for (size_t i = 0; i < proof->fault_count; i++) {
        if (proof->faults[i].state != PROOF_CAUGHT)
            append_fault(out, &proof->faults[i]);
        else if (verbose)
            buf_append_format(out, "caught    %-32s %-40s %s\n", proof->faults[i].id, proof->faults[i].clause,
                              proof->faults[i].caught_by != NULL ? proof->faults[i].caught_by : "");
    }
    append_variants(out, proof->variants, proof->variant_count, verbose);
    append_variants(out, proof->combinations, proof->combination_count, verbose);
    if (proof->whole) {
        append_thin_seams(out, proof);
        append_stale(out, proof);
        append_names(out, "Scenarios that no fault made fail", proof->idle, proof->idle_count);
        append_names(out, "Testable clauses that no fault breaks", proof->faultless, proof->faultless_count);
        append_names(out, "Clauses that leave a choice which no variant makes", proof->unvaried,
                     proof->unvaried_count);
    }
    buf_append_format(out, "%zu cases on the correct server, %zu of them flagged, over %s\n",
                      proof->case_count, proof->baseline_flag_count, proof->over);
    buf_append_format(
        out, "%zu of %zu faults caught by their own clause, %zu missed, %zu stray, %zu untouched\n",
        proof_count_faults(proof, PROOF_CAUGHT), proof->fault_count, proof_count_faults(proof, PROOF_MISSED),
        proof_count_faults(proof, PROOF_STRAY), proof_count_faults(proof, PROOF_UNTOUCHED));
    append_seams(out, proof);
    buf_append_format(out, "%zu of %zu variants clean, and %zu of %zu combinations of them\n",
                      proof_count_clean(proof->variants, proof->variant_count), proof->variant_count,
                      proof_count_clean(proof->combinations, proof->combination_count),
                      proof->combination_count);
    if (proof->whole)
        buf_append_format(out,
                          "%zu scenarios idle, %zu testable clauses without a fault, %zu choices without a "
                          "variant, %zu clauses listed by faults that do not break them\n",
                          proof->idle_count, proof->faultless_count, proof->unvaried_count,
                          proof_stale_count(proof));
    buf_append_format(out, "%s in %.1f s\n",
                      proof->interrupted ? "interrupted"
                      : proof->proved    ? "proved"
                                         : "not proved",
                      (double)proof->elapsed_us / 1e6);
}
