#include "report/json_text.h"
#include "report/proof.h"
#include "report/proof_data.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void set_count(json_t *object, const char *key, size_t count)
{
    json_object_set_new(object, key, json_integer((json_int_t)count));
}

static json_t *names_json(const char *const *names, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(names[i]));
    return array;
}

/* The parts of TEXT between SEPARATORs; TEXT may be NULL. */
static json_t *parts_json(const char *text, const char *separator)
{
    json_t *array = json_array();

    while (text != NULL && *text != '\0') {
        const char *end = strstr(text, separator);
        size_t size = end != NULL ? (size_t)(end - text) : strlen(text);

        json_array_append_new(array, json_stringn(text, size));
        text = end != NULL ? end + strlen(separator) : NULL;
    }
    return array;
}

static json_t *seams_json(const struct proof *proof)
{
    json_t *array = json_array();

    for (size_t i = 0; i < proof->seam_count; i++) {
        json_t *seam = json_object();

        json_set_text(seam, "id", proof->seams[i].id);
        set_count(seam, "faults", proof->seams[i].fault_count);
        set_count(seam, "caught", proof->seams[i].caught_count);
        json_array_append_new(array, seam);
    }
    return array;
}

static json_t *flags_json(const struct proof_flag *flags, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *flag = json_object();

        json_set_text(flag, "case", flags[i].id);
        json_set_text(flag, "verdict", verdict_name(flags[i].verdict));
        json_set_text(flag, "reason", flags[i].reason.text);
        json_array_append_new(array, flag);
    }
    return array;
}

static json_t *fault_json(const struct proof_fault *fault)
{
    json_t *object = json_object();

    json_set_text(object, "id", fault->id);
    json_set_text(object, "seam", fault->seam);
    json_set_text(object, "clause", fault->clause);
    json_set_text(object, "what", fault->what);
    json_set_text(object, "base", fault->base);
    json_set_text(object, "position", fault->position);
    json_object_set_new(object, "history", parts_json(fault->history, "; "));
    json_object_set_new(object, "also", parts_json(fault->also, " "));
    json_set_text(object, "state", proof_fault_state_name(fault->state));
    json_set_text(object, "caught_by", fault->caught_by);
    set_count(object, "cases", fault->case_count);
    json_object_set_new(object, "failed", names_json(fault->failed, fault->failed_count));
    json_object_set_new(object, "strays", names_json(fault->strays, fault->stray_count));
    json_object_set_new(object, "stray_cases", names_json(fault->stray_cases, fault->stray_count));
    json_object_set_new(object, "stale", names_json(fault->stale, fault->stale_count));
    json_set_text(object, "trouble", fault->trouble.text);
    return object;
}

static json_t *variant_json(const struct proof_variant *variant)
{
    json_t *object = json_object();

    json_set_text(object, "id", variant->id);
    json_set_text(object, "clause", variant->clause);
    json_set_text(object, "what", variant->what);
    json_object_set_new(object, "clean", json_boolean(variant->clean));
    set_count(object, "cases", variant->case_count);
    set_count(object, "skipped", variant->skip_count);
    json_object_set_new(object, "flags", flags_json(variant->flags, variant->flag_count));
    json_set_text(object, "trouble", variant->trouble.text);
    return object;
}

static json_t *variants_json(const struct proof_variant *variants, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, variant_json(&variants[i]));
    return array;
}

json_t *proof_data(const struct proof *proof, const char *version)
{
    json_t *root = json_object();
    json_t *faults = json_array();

    for (size_t i = 0; i < proof->fault_count; i++)
        json_array_append_new(faults, fault_json(&proof->faults[i]));
    json_set_text(root, "pop3spec", version);
    json_object_set_new(root, "schema", json_integer(1));
    json_object_set_new(root, "proved", json_boolean(proof->proved));
    json_object_set_new(root, "whole", json_boolean(proof->whole));
    json_object_set_new(root, "interrupted", json_boolean(proof->interrupted));
    json_set_text(root, "over", proof->over);
    json_object_set_new(root, "ms", json_integer(proof->elapsed_us / 1000));
    set_count(root, "cases", proof->case_count);
    json_object_set_new(root, "baseline_flags",
                        flags_json(proof->baseline_flags, proof->baseline_flag_count));
    set_count(root, "seam_faults_min", proof->seam_faults_min);
    json_object_set_new(root, "seams", seams_json(proof));
    json_object_set_new(root, "faults", faults);
    json_object_set_new(root, "variants", variants_json(proof->variants, proof->variant_count));
    json_object_set_new(root, "combinations", variants_json(proof->combinations, proof->combination_count));
    json_object_set_new(root, "idle", names_json(proof->idle, proof->idle_count));
    json_object_set_new(root, "faultless_clauses", names_json(proof->faultless, proof->faultless_count));
    json_object_set_new(root, "unvaried_clauses", names_json(proof->unvaried, proof->unvaried_count));
    return root;
}

void proof_json_write(const struct proof *proof, const char *version, struct buf *out)
{
    json_t *root = proof_data(proof, version);
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII);

    if (text != NULL) {
        buf_append_text(out, text);
        buf_append_text(out, "\n");
    }
    free(text);
    json_decref(root);
}
