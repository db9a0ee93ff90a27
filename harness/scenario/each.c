#include "scenario/each.h"

#include "scenario/diagnostics.h"
#include "yamldoc/node.h"
#include "yamldoc/suggestion.h"

#include <string.h>

static struct arena *arena_of(const struct each *each)
{
    return &each->source->suite->arena;
}

static bool refuse(const struct each *each, const struct error *error)
{
    diagnostics_add(each->source->diagnostics, error);
    return false;
}

/* "did you mean" for WORD, from the labels of AXIS. */
static void suggest_label(struct error *error, struct bytes word, const struct axis *axis)
{
    struct suggestion suggestion;

    suggestion_init(&suggestion, word);
    for (size_t i = 0; i < axis->count; i++)
        suggestion_offer(&suggestion, axis->values[i].label);
    if (suggestion.nearest != NULL)
        error_hint(error, "did you mean '%s'?", suggestion.nearest);
}

/* ---- values ---- */

/* A value as part of an id: lower case, "-" for anything else than letters and digits. */
static const char *label_of(struct arena *arena, struct bytes value)
{
    char *label = arena_text(arena, value);

    for (size_t i = 0; i < value.size; i++) {
        uint8_t octet = ascii_lower((uint8_t)label[i]);

        label[i] = (char)((octet >= 'a' && octet <= 'z') || ascii_is_digit(octet) ? octet : '-');
    }
    return label;
}

/* An id made of dashes alone says nothing. */
static bool label_is_telling(const char *label)
{
    return name_is_valid(bytes_of(label)) && strspn(label, "-") < strlen(label);
}

static bool check_label(const struct each *each, struct place place, const char *label,
                        const struct axis *axis)
{
    struct error error;

    for (size_t i = 0; i < axis->count; i++) {
        if (strcmp(axis->values[i].label, label) != 0)
            continue;
        error_at(&error, place, "two values get the label '%.60s'", label);
        error_hint(&error, "write a map, LABEL: VALUE, with labels that differ");
        return refuse(each, &error);
    }
    if (label_is_telling(label))
        return true;
    error_at(&error, place, "'%.60s' is not a label", label);
    error_hint(&error,
               "write a map, LABEL: VALUE; a label is made of lower-case letters, digits and '-', one of "
               "them no '-'");
    return refuse(each, &error);
}

/* The text of one value, or of one column of a row, as it stands in the file. */
static bool read_text(const struct each *each, const struct node *node, const char *name,
                      struct bytes *ret_text)
{
    const struct document *document = each->source->documents[0];
    const char *swallowed = NULL;
    struct error error;

    if (!node_expect(node, NODE_SCALAR, name, &error))
        return refuse(each, &error);
    if (node->place.file == document->file)
        swallowed = scalar_swallowed(document, node);
    if (swallowed != NULL)
        diagnostics_say(each->source->diagnostics, node->place, NULL, "%s", swallowed);
    if (!text_is_visible(node->text)) {
        error_at(&error, node->place, "YAML made a control character of an escape in this text");
        error_hint(&error, "use single quotes, so that \\r and \\n stay as they are");
        return refuse(each, &error);
    }
    *ret_text = arena_copy(arena_of(each), node->text);
    return true;
}

/* ---- rows ---- */

static bool read_column_name(struct each *each, struct axis *axis, const struct node *key)
{
    struct error error;
    const char *name;

    if (!node_name(key, "column", &error, &name))
        return refuse(each, &error);
    if (each->name_count + axis->name_count == PARAMETERS_MAX) {
        error_at(&error, key->place, "'each' has more than %d names", PARAMETERS_MAX);
        return refuse(each, &error);
    }
    axis->names[axis->name_count++] = arena_text(arena_of(each), key->text);
    return true;
}

/* The names that an axis gives a value: its own, or those of its first row. */
static bool read_names(struct each *each, struct axis *axis, const struct node *first)
{
    struct error error;

    axis->names = (const char **)arena_new_array(arena_of(each), PARAMETERS_MAX, sizeof(*axis->names));
    if (first->kind != NODE_MAP) {
        axis->names[axis->name_count++] = axis->name;
        return true;
    }
    if (first->count == 0) {
        error_at(&error, first->place, "a row has at least one column");
        return refuse(each, &error);
    }
    for (const struct node *key = first->first; key != NULL; key = key->next) {
        if (!read_column_name(each, axis, key))
            return false;
    }
    return true;
}

/* Two parameters of one name would make one of them unreachable. */
static bool check_names(const struct each *each, const struct axis *axis, struct place place)
{
    struct error error;

    for (size_t i = 0; i < each->axis_count; i++) {
        for (size_t k = 0; k < each->axes[i].name_count * axis->name_count; k++) {
            const char *name = axis->names[k % axis->name_count];

            if (strcmp(each->axes[i].names[k / axis->name_count], name) != 0)
                continue;
            error_at(&error, place, "'%.60s' gets a value from '%.60s' already", name, each->axes[i].name);
            return refuse(each, &error);
        }
    }
    return true;
}

static bool read_row(const struct each *each, const struct axis *axis, const struct node *row,
                     struct bytes *texts)
{
    const struct node *cursor = NULL;
    struct error error;

    if (!node_expect(row, NODE_MAP, "row", &error) ||
        map_next_unknown(row, axis->names, axis->name_count, &cursor, &error))
        return refuse(each, &error);
    for (size_t i = 0; i < axis->name_count; i++) {
        const struct node *text = map_get(row, axis->names[i]);

        if (text == NULL) {
            error_at(&error, row->place, "this row has no '%.60s', as the first one has", axis->names[i]);
            return refuse(each, &error);
        }
        if (!read_text(each, text, axis->names[i], &texts[i]))
            return false;
    }
    return true;
}

/* ---- axes ---- */

static bool read_value(const struct each *each, const struct node *value, const char *label, bool rows,
                       struct axis *axis)
{
    struct bytes *texts = arena_new_array(arena_of(each), axis->name_count, sizeof(*texts));

    if (!(rows ? read_row(each, axis, value, texts) : read_text(each, value, axis->name, texts)) ||
        !check_label(each, value->place, label, axis))
        return false;
    axis->values[axis->count++] = (struct axis_value){label, texts};
    return true;
}

static bool read_values(struct each *each, struct axis *axis, const struct node *values)
{
    bool labelled = values->kind == NODE_MAP;
    const struct node *first = labelled ? values->first->value : values->first;
    bool rows = labelled && first->kind == NODE_MAP;
    bool ok = read_names(each, axis, labelled ? first : values) && check_names(each, axis, first->place);

    axis->values = arena_new_array(arena_of(each), values->count, sizeof(*axis->values));
    for (const struct node *item = values->first; ok && item != NULL; item = item->next) {
        const char *label =
            labelled ? arena_text(arena_of(each), item->text) : label_of(arena_of(each), item->text);

        ok = read_value(each, labelled ? item->value : item, label, rows, axis);
    }
    return ok;
}

/* The values themselves, or those of the table that is named in their place; NULL when there are none. */
static const struct node *find_values(const struct each *each, const struct node *values)
{
    const struct node *table = values;
    struct error error;

    if (values->kind == NODE_SCALAR) {
        const char *name = "";

        if (!node_name(values, "table", &error, &name)) {
            error_at(&error, values->place,
                     "a parameter has a list or map of values, or the name of a table");
            refuse(each, &error);
            return NULL;
        }
        table = source_table(each->source, name);
        if (table == NULL) {
            source_refuse_table(each->source, values);
            return NULL;
        }
    }
    if (table->kind != NODE_SCALAR && table->count > 0 && table->count <= CASES_MAX)
        return table;
    error_at(&error, table->place, "a parameter has a list or map of 1 to %d values", CASES_MAX);
    refuse(each, &error);
    return NULL;
}

static bool read_axis(struct each *each, const struct node *key)
{
    struct axis *axis = &each->axes[each->axis_count];
    const struct node *values;
    struct error error;
    const char *name;

    if (each->axis_count == AXES_MAX) {
        error_at(&error, key->place, "'each' has more than %d parameters", AXES_MAX);
        return refuse(each, &error);
    }
    if (!node_name(key, "parameter", &error, &name))
        return refuse(each, &error);
    *axis = (struct axis){.name = arena_text(arena_of(each), key->text)};
    values = find_values(each, key->value);
    if (values == NULL || !read_values(each, axis, values))
        return false;
    each->axis_count++;
    each->name_count += axis->name_count;
    return true;
}

/* How many cases the parameters make; more than CASES_MAX are refused. */
static bool count_cases(struct each *each, struct place place)
{
    struct error error;

    each->case_count = 1;
    for (size_t i = 0; i < each->axis_count; i++) {
        each->case_count *= each->axes[i].count;
        if (each->case_count > CASES_MAX) {
            error_at(&error, place, "'each' makes more than %d cases", CASES_MAX);
            return refuse(each, &error);
        }
    }
    return true;
}

/* ---- except ---- */

static bool find_axis(const struct each *each, const struct node *key, size_t *ret_axis)
{
    const char *names[AXES_MAX];
    struct error error;

    for (size_t i = 0; i < each->axis_count; i++) {
        names[i] = each->axes[i].name;
        if (bytes_equal(key->text, bytes_of(names[i]))) {
            *ret_axis = i;
            return true;
        }
    }
    error_at(&error, key->place, "'each' has no parameter '%.*s'",
             (int)(key->text.size < 60 ? key->text.size : 60), (const char *)key->text.data);
    error_suggest(&error, key->text, names, each->axis_count);
    return refuse(each, &error);
}

static bool mark_label(const struct each *each, const struct axis *axis, const struct node *label,
                       bool *values)
{
    struct error error;

    if (!node_expect(label, NODE_SCALAR, axis->name, &error))
        return refuse(each, &error);
    for (size_t i = 0; i < axis->count; i++) {
        if (bytes_equal(label->text, bytes_of(axis->values[i].label))) {
            values[i] = true;
            return true;
        }
    }
    error_at(&error, label->place, "'%.60s' has no value with the label '%.*s'", axis->name,
             (int)(label->text.size < 60 ? label->text.size : 60), (const char *)label->text.data);
    suggest_label(&error, label->text, axis);
    return refuse(each, &error);
}

/* A label, or a list of them. */
static bool read_labels(const struct each *each, const struct axis *axis, const struct node *labels,
                        const bool **ret_values)
{
    bool *values = arena_new_array(arena_of(each), axis->count, sizeof(*values));
    bool ok = true;

    *ret_values = values;
    if (labels->kind != NODE_SEQUENCE)
        return mark_label(each, axis, labels, values);
    for (const struct node *label = labels->first; label != NULL && ok; label = label->next)
        ok = mark_label(each, axis, label, values);
    return ok;
}

static bool read_exception(struct each *each, const struct node *map)
{
    struct exception *exception = &each->exceptions[each->exception_count++];
    struct error error;

    if (!node_expect(map, NODE_MAP, "except", &error))
        return refuse(each, &error);
    for (const struct node *key = map->first; key != NULL; key = key->next) {
        size_t axis;

        if (!find_axis(each, key, &axis) ||
            !read_labels(each, &each->axes[axis], key->value, &exception->values[axis]))
            return false;
    }
    return true;
}

static bool read_exceptions(struct each *each, const struct node *list)
{
    struct error error;
    bool ok = true;

    if (!node_expect(list, NODE_SEQUENCE, "except", &error))
        return refuse(each, &error);
    if (list->count > EXCEPTIONS_MAX) {
        error_at(&error, list->place, "'except' has more than %d items", EXCEPTIONS_MAX);
        return refuse(each, &error);
    }
    each->exceptions = arena_new_array(arena_of(each), list->count, sizeof(*each->exceptions));
    for (const struct node *item = list->first; item != NULL && ok; item = item->next)
        ok = read_exception(each, item);
    return ok;
}

static bool is_excepted(const struct each *each)
{
    for (size_t i = 0; i < each->exception_count; i++) {
        bool meets = true;

        for (size_t k = 0; k < each->axis_count && meets; k++) {
            const bool *values = each->exceptions[i].values[k];

            meets = values == NULL || values[each->at[k]];
        }
        if (meets)
            return true;
    }
    return false;
}

/* A scenario without a case would be forgotten. */
static bool check_some_are_left(struct each *each, const struct node *except)
{
    struct error error;

    for (size_t i = 0; i < each->case_count; i++) {
        if (each_select(each, i))
            return true;
    }
    error_at(&error, except->place, "'except' leaves no case");
    return refuse(each, &error);
}

/* ---- all ---- */

bool each_read(struct each *each, struct source *source, const struct node *map, const struct node *except)
{
    bool ok = true;
    struct error error;

    *each = (struct each){.source = source, .case_count = 1};
    if (map != NULL) {
        if (!node_expect(map, NODE_MAP, "each", &error))
            return refuse(each, &error);
        for (const struct node *key = map->first; key != NULL && ok; key = key->next)
            ok = read_axis(each, key);
        ok = ok && count_cases(each, map->place);
    }
    if (ok && except != NULL)
        ok = read_exceptions(each, except) && check_some_are_left(each, except);
    return ok;
}

bool each_select(struct each *each, size_t number)
{
    size_t count = 0;

    for (size_t i = each->axis_count; i-- > 0;) {
        each->at[i] = number % each->axes[i].count;
        number /= each->axes[i].count;
    }
    for (size_t i = 0; i < each->axis_count; i++) {
        const struct axis *axis = &each->axes[i];

        for (size_t k = 0; k < axis->name_count; k++)
            each->current[count++] = (struct parameter){axis->names[k], axis->values[each->at[i]].texts[k]};
    }
    each->parameters = (struct parameters){each->current, count};
    return !is_excepted(each);
}

void each_append_labels(const struct each *each, struct buf *out)
{
    for (size_t i = 0; i < each->axis_count; i++)
        buf_append_format(out, "/%s", each->axes[i].values[each->at[i]].label);
}
