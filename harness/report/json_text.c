#include "report/json_text.h"

#include "report/text.h"

json_t *json_text(const char *text)
{
    struct buf safe;

    if (text == NULL)
        return json_null();
    if (text_is_plain(text))
        return json_string_nocheck(text);
    buf_init(&safe, BUF_UNBOUNDED);
    text_append(&safe, text);
    json_t *value = json_stringn(buf_text(&safe), safe.size);

    buf_release(&safe);
    return value;
}

void json_set_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new_nocheck(object, key, json_text(text));
}

json_t *json_span(const struct printable_span *span)
{
    json_t *array = json_array();

    json_array_append_new(array, json_integer((json_int_t)span->from));
    json_array_append_new(array, json_integer((json_int_t)span->to));
    return array;
}
