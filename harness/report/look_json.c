#include "report/json_text.h"
#include "report/look.h"

enum { LOOK_SCHEMA = 1 };

static int append_chunk(const char *chunk, size_t size, void *context)
{
    return buf_append((struct buf *)context, bytes_make(chunk, size)) ? 0 : -1;
}

static json_t *list_json(const struct look_list *list)
{
    json_t *array;

    if (!list->asked || !list->supported)
        return json_null();
    array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_text(list->lines[i].text));
    return array;
}

static json_t *versions_json(const char *const *versions)
{
    json_t *array = json_array();

    for (; *versions != NULL; versions++)
        json_array_append_new(array, json_text(*versions));
    return array;
}

static json_t *tls_json(const struct look_report *report)
{
    json_t *object = json_object();

    json_set_text(object, "way", report->tls);
    json_set_text(object, "session", report->tls_text);
    json_set_text(object, "certificate", report->certificate);
    json_object_set_new(object, "versions_taken", versions_json(report->versions_taken));
    json_object_set_new(object, "versions_refused", versions_json(report->versions_refused));
    return object;
}

static json_t *breaches_json(const struct look_report *report)
{
    json_t *array = json_array();

    for (size_t i = 0; i < report->breach_count; i++) {
        const struct look_breach *breach = &report->breaches[i];
        const struct rule_info *info = rule_info(breach->rule);
        json_t *object = json_object();

        json_set_text(object, "rule", info->id);
        json_set_text(object, "what", info->what);
        json_set_text(object, "clause", info->clause);
        json_set_text(object, "actual", breach->actual);
        json_object_set_new(object, "times", json_integer((json_int_t)breach->count));
        json_array_append_new(array, object);
    }
    return array;
}

void look_json_write(const struct look_report *report, const char *version, struct buf *out)
{
    json_t *root = json_object();
    json_t *capabilities = json_object();

    json_set_text(root, "pop3spec", version);
    json_object_set_new(root, "schema", json_integer(LOOK_SCHEMA));
    json_set_text(root, "target", report->target);
    json_set_text(root, "greeting", report->greeting);
    json_object_set_new(root, "apop", json_boolean(report->apop));
    json_object_set_new(capabilities, "plain", list_json(&report->plain));
    json_object_set_new(capabilities, "tls", list_json(&report->secured));
    json_object_set_new(root, "capabilities", capabilities);
    json_object_set_new(root, "tls", tls_json(report));
    json_object_set_new(root, "broken", breaches_json(report));
    json_set_text(root, "failure", report->failure);
    json_dump_callback(root, append_chunk, out, JSON_INDENT(1));
    buf_append_octet(out, '\n');
    json_decref(root);
}
