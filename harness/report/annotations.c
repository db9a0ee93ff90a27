#include "report/annotations.h"

#include "report/text.h"

#include <inttypes.h>
#include <string.h>

/* Made harmless, with what ends a command or, in a PROPERTY, a value written as %XX. */
static void append_text(struct buf *out, const char *text, bool property)
{
    struct buf safe;

    buf_init(&safe, BUF_UNBOUNDED);
    text_append(&safe, text);
    for (size_t i = 0; i < safe.size; i++) {
        uint8_t octet = safe.data[i];

        if (octet == '%' || (property && (octet == ':' || octet == ',')))
            buf_append_format(out, "%%%02X", octet);
        else
            buf_append_octet(out, octet);
    }
    buf_release(&safe);
}

static const char *below(const char *file, const char *folder)
{
    size_t size = folder != NULL ? strlen(folder) : 0;

    while (size > 0 && folder[size - 1] == '/')
        size--;
    return size > 0 && strncmp(file, folder, size) == 0 && file[size] == '/' ? file + size + 1 : file;
}

static void append_field(void *context, const char *label, const char *value)
{
    struct buf *out = (struct buf *)context;

    buf_append_text(out, "%0A");
    buf_append_text(out, label);
    buf_append_text(out, ": ");
    append_text(out, value, false);
}

static void append_annotation(struct buf *out, const char *kind, const struct case_result *result,
                              const char *folder)
{
    const struct field_sink sink = {.field = append_field, .context = out};
    struct buf name;

    buf_init(&name, BUF_UNBOUNDED);
    text_append_case_name(&name, result);
    buf_append_format(out, "::%s ", kind);
    if (result->file != NULL) {
        buf_append_text(out, "file=");
        append_text(out, below(result->file, folder), true);
        buf_append_format(out, ",line=%" PRIu32 ",", result->line > 0 ? result->line : 1);
    }
    buf_append_text(out, "title=");
    append_text(out, buf_text(&name), true);
    buf_append_text(out, "::");
    append_text(out, verdict_name(result->verdict), false);
    buf_append_text(out, result->flaky ? ", flaky: " : ": ");
    append_text(out, result->title, false);
    case_fields(result, &sink);
    buf_append_octet(out, '\n');
    buf_release(&name);
}

void annotations_write(const struct run_result *result, const char *folder, struct buf *out)
{
    size_t errors = 0;
    size_t warnings = 0;

    for (size_t i = 0; i < result->case_count; i++) {
        const struct case_result *one = &result->cases[i];

        if (one->unexpected && errors++ < ANNOTATIONS_MAX)
            append_annotation(out, "error", one, folder);
        else if (!one->unexpected && (one->flaky || one->verdict == VERDICT_WARN) &&
                 warnings++ < ANNOTATIONS_MAX)
            append_annotation(out, "warning", one, folder);
    }
}
