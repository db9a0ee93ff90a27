/*
 * JUnit XML in the dialect that CI systems read: a test suite for each top folder of ids. An unexpected case is a
 * <failure>, or an <error> where pop3spec could not judge (blocked, error); what was expected to fail is <skipped>.
 */
#include "report/sinks.h"
#include "report/text.h"

#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <string.h>

static const xmlChar *xml(const char *text)
{
    return (const xmlChar *)text;
}

static void write_attribute(xmlTextWriterPtr writer, const char *name, const char *value)
{
    struct buf safe;

    buf_init(&safe, BUF_UNBOUNDED);
    text_append(&safe, value);
    xmlTextWriterWriteAttribute(writer, xml(name), xml(buf_text(&safe)));
    buf_release(&safe);
}

static void write_seconds(xmlTextWriterPtr writer, int64_t elapsed_us)
{
    xmlTextWriterWriteFormatAttribute(writer, xml("time"), "%" PRId64 ".%06" PRId64, elapsed_us / US_PER_S,
                                      elapsed_us % US_PER_S);
}

enum junit_kind { JUNIT_PASSED, JUNIT_FAILURE, JUNIT_ERROR, JUNIT_SKIPPED };

static enum junit_kind kind_of(const struct case_result *result)
{
    if (result->verdict == VERDICT_SKIP || result->verdict == VERDICT_XFAIL)
        return JUNIT_SKIPPED;
    if (!result->unexpected)
        return JUNIT_PASSED;
    if (result->verdict == VERDICT_BLOCKED || result->verdict == VERDICT_ERROR)
        return JUNIT_ERROR;
    return JUNIT_FAILURE;
}

/* How much of an id names its suite: "rfc1939" of "rfc1939/dele/hides-message". */
static size_t suite_size(const char *id)
{
    return strcspn(id, "/");
}

static bool in_suite(const struct case_result *result, const char *suite)
{
    return suite_size(result->id) == suite_size(suite) && strncmp(result->id, suite, suite_size(suite)) == 0;
}

static void write_counts(xmlTextWriterPtr writer, const struct run_result *result, const char *suite)
{
    size_t counts[4] = {0};
    int64_t elapsed_us = 0;

    for (size_t i = 0; i < result->case_count; i++) {
        if (suite != NULL && !in_suite(&result->cases[i], suite))
            continue;
        counts[kind_of(&result->cases[i])]++;
        elapsed_us += result->cases[i].elapsed_us;
    }
    xmlTextWriterWriteFormatAttribute(writer, xml("tests"), "%zu",
                                      counts[0] + counts[1] + counts[2] + counts[3]);
    xmlTextWriterWriteFormatAttribute(writer, xml("failures"), "%zu", counts[JUNIT_FAILURE]);
    xmlTextWriterWriteFormatAttribute(writer, xml("errors"), "%zu", counts[JUNIT_ERROR]);
    xmlTextWriterWriteFormatAttribute(writer, xml("skipped"), "%zu", counts[JUNIT_SKIPPED]);
    write_seconds(writer, suite != NULL ? elapsed_us : result->elapsed_us);
}

static void append_field(void *context, const char *label, const char *value)
{
    buf_append_format(context, "%-9s %s\n", label, value);
}

/* <failure> or <error>: what is wrong, and how to see it again. */
static void write_trouble(xmlTextWriterPtr writer, const char *name, const struct case_result *result)
{
    const char *message = result->actual.text != NULL ? result->actual.text : result->reason.text;
    struct buf details;
    struct field_sink sink = {.field = append_field, .context = &details};

    buf_init(&details, BUF_UNBOUNDED);
    case_fields(result, &sink);
    case_again(result, &sink);
    xmlTextWriterStartElement(writer, xml(name));
    write_attribute(writer, "type", verdict_name(result->verdict));
    write_attribute(writer, "message", message != NULL ? message : result->title);
    xmlTextWriterWriteString(writer, xml(buf_text(&details)));
    xmlTextWriterEndElement(writer);
    buf_release(&details);
}

/* What was said on the wire; of a case that is neither passed nor told as trouble, what is to be known of it as well. */
static void write_output(xmlTextWriterPtr writer, const struct case_result *result, bool with_fields)
{
    struct buf output;
    struct field_sink sink = {.field = append_field, .context = &output};

    buf_init(&output, BUF_UNBOUNDED);
    if (with_fields)
        case_fields(result, &sink);
    text_append_transcript(&output, result, 0, "");
    if (output.size > 0) {
        xmlTextWriterStartElement(writer, xml("system-out"));
        xmlTextWriterWriteString(writer, xml(buf_text(&output)));
        xmlTextWriterEndElement(writer);
    }
    buf_release(&output);
}

static void write_outcome(xmlTextWriterPtr writer, const struct case_result *result)
{
    switch (kind_of(result)) {
    case JUNIT_FAILURE:
        write_trouble(writer, "failure", result);
        write_output(writer, result, false);
        break;
    case JUNIT_ERROR:
        write_trouble(writer, "error", result);
        write_output(writer, result, false);
        break;
    case JUNIT_SKIPPED:
        xmlTextWriterStartElement(writer, xml("skipped"));
        write_attribute(writer, "message", result->reason.text);
        xmlTextWriterEndElement(writer);
        if (result->verdict == VERDICT_XFAIL)
            write_output(writer, result, true);
        break;
    case JUNIT_PASSED:
        if (result->verdict != VERDICT_PASS || result->flaky)
            write_output(writer, result, true);
        break;
    }
}

static void write_case(xmlTextWriterPtr writer, const struct case_result *result)
{
    const char *slash = strrchr(result->id, '/');
    struct buf class_name;
    struct buf name;

    buf_init(&class_name, BUF_UNBOUNDED);
    buf_init(&name, BUF_UNBOUNDED);
    text_append_case_name(&name, result);
    for (const char *c = result->id; slash != NULL && c < slash; c++)
        buf_append_octet(&class_name, *c == '/' ? '.' : (uint8_t)*c);
    xmlTextWriterStartElement(writer, xml("testcase"));
    write_attribute(writer, "classname", buf_text(&class_name));
    write_attribute(writer, "name", buf_text(&name));
    write_seconds(writer, result->elapsed_us);
    if (result->file != NULL) {
        write_attribute(writer, "file", result->file);
        xmlTextWriterWriteFormatAttribute(writer, xml("line"), "%" PRIu32, result->line);
    }
    write_outcome(writer, result);
    xmlTextWriterEndElement(writer);
    buf_release(&name);
    buf_release(&class_name);
}

static void write_property(xmlTextWriterPtr writer, const char *name, const char *value)
{
    xmlTextWriterStartElement(writer, xml("property"));
    write_attribute(writer, "name", name);
    write_attribute(writer, "value", value);
    xmlTextWriterEndElement(writer);
}

static void write_properties(xmlTextWriterPtr writer, const struct run_result *result, const char *version)
{
    char seed[24];

    snprintf(seed, sizeof(seed), "%" PRIu64, result->seed);
    xmlTextWriterStartElement(writer, xml("properties"));
    write_property(writer, "pop3spec", version);
    write_property(writer, "target", result->target.address);
    write_property(writer, "tls", result->target.tls);
    write_property(writer, "selection", result->selection);
    write_property(writer, "seed", seed);
    xmlTextWriterEndElement(writer);
}

static size_t write_suite(xmlTextWriterPtr writer, const struct run_result *result, size_t first,
                          const char *version)
{
    const char *suite = result->cases[first].id;
    struct buf name;
    size_t next = first;

    buf_init(&name, BUF_UNBOUNDED);
    buf_append(&name, bytes_make(suite, suite_size(suite)));
    xmlTextWriterStartElement(writer, xml("testsuite"));
    write_attribute(writer, "name", buf_text(&name));
    write_attribute(writer, "timestamp", result->started);
    write_counts(writer, result, suite);
    write_properties(writer, result, version);
    while (next < result->case_count && in_suite(&result->cases[next], suite))
        write_case(writer, &result->cases[next++]);
    xmlTextWriterEndElement(writer);
    buf_release(&name);
    return next;
}

void junit_write(const struct run_result *result, const char *version, struct buf *out)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr writer = xmlNewTextWriterMemory(buffer, 0);

    xmlTextWriterSetIndent(writer, 1);
    xmlTextWriterStartDocument(writer, NULL, "UTF-8", NULL);
    xmlTextWriterStartElement(writer, xml("testsuites"));
    write_attribute(writer, "name", "pop3spec");
    write_counts(writer, result, NULL);
    for (size_t next = 0; next < result->case_count;)
        next = write_suite(writer, result, next, version);
    xmlTextWriterEndElement(writer);
    xmlTextWriterEndDocument(writer);
    xmlFreeTextWriter(writer);
    buf_append(out, bytes_make(xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer)));
    xmlBufferFree(buffer);
}
