/*
 * What a conversation has observed, on its way to who listens: at once, held back until what follows says how it is meant, or
 * not at all.
 */
#include "model/conversation_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One reply too many, one that never ends, or none at all where one is due: later replies are taken for others. */
void conversation_derail(struct conversation *conversation, enum rule rule)
{
    if (conversation->derailed)
        return;
    conversation->derailed = true;
    conversation->derailed_by = rule;
}

static void note_derailment(struct conversation *conversation, enum rule rule)
{
    if (rule == RULE_STATUS_INDICATOR || rule == RULE_ONE_REPLY || rule == RULE_GREETING ||
        rule == RULE_AFTER_QUIT || rule == RULE_TERMINATOR)
        conversation_derail(conversation, rule);
}

static struct deferred make_deferred(enum rule rule, uint64_t offset, time_us now_us, struct bytes wire,
                                     const char *expected, const char *actual)
{
    struct deferred deferred = {.rule = rule, .offset = offset, .at_us = now_us};

    snprintf(deferred.expected, sizeof(deferred.expected), "%s", expected);
    snprintf(deferred.actual, sizeof(deferred.actual), "%s", actual);
    wire = bytes_slice(wire, 0, sizeof(deferred.wire));
    if (wire.size > 0)
        memcpy(deferred.wire, wire.data, wire.size);
    deferred.wire_size = wire.size;
    return deferred;
}

void conversation_observe(struct conversation *conversation, enum rule rule, uint64_t offset, time_us now_us,
                          struct bytes wire, const char *expected, const char *format, ...)
{
    char actual[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(actual, sizeof(actual), format, arguments);
    va_end(arguments);
    if (conversation->clear_spoken) {
        if (!conversation->clear_held)
            conversation->clear = make_deferred(rule, offset, now_us, wire, expected, actual);
        conversation->clear_held = true;
        return;
    }
    note_derailment(conversation, rule);
    if (conversation->silent || conversation->options.observer.observe == NULL)
        return;
    struct observation observation = {
        .rule = rule,
        .connection = conversation->options.connection,
        .offset = offset,
        .at_us = now_us,
        .expected = expected,
        .actual = actual,
        .wire = bytes_slice(wire, 0, OBSERVED_WIRE_OCTETS),
    };
    conversation->options.observer.observe(conversation->options.observer.context, &observation);
}

void conversation_defer(struct conversation *conversation, enum rule rule, uint64_t offset, time_us now_us,
                        struct bytes wire, const char *expected, const char *actual)
{
    if (!conversation->clear_spoken)
        note_derailment(conversation, rule);
    if (conversation->deferred_count < DEFERRED_MAX)
        conversation->deferred[conversation->deferred_count++] =
            make_deferred(rule, offset, now_us, wire, expected, actual);
}

static void report(struct conversation *conversation, const struct deferred *deferred)
{
    conversation_observe(conversation, deferred->rule, deferred->offset, deferred->at_us,
                         bytes_make(deferred->wire, deferred->wire_size), deferred->expected, "%s",
                         deferred->actual);
}

void conversation_report_deferred(struct conversation *conversation)
{
    size_t count = conversation->deferred_count;

    conversation->deferred_count = 0;
    for (size_t i = 0; i < count; i++)
        report(conversation, &conversation->deferred[i]);
}

void conversation_end_clear_speech(struct conversation *conversation)
{
    bool held = conversation->clear_held;

    conversation->clear_spoken = conversation->clear_held = false;
    if (held)
        report(conversation, &conversation->clear);
}
