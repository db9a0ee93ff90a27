#include "plants.h"

#include "base/memory.h"
#include "scenario/dump.h"
#include "scenario/suite.h"
#include "yamldoc/files.h"
#include "yamldoc/node.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

WRAP(bool, suite_add_text, struct suite *suite, struct bytes text, const char *file, const char *prefix,
     const struct ledger *ledger, struct diagnostics *diagnostics)
{
    struct buf octets;
    struct error error;
    bool ok = REAL(suite_add_text)(suite, text, file, prefix, ledger, diagnostics);

    buf_init(&octets, 1);
    if (PLANTED("opens-a-file", "loader-opens"))
        (void)file_read("/etc/passwd", &error, &octets);
    buf_release(&octets);
    if (PLANTED("opens-a-stream", "loader-opens") && fopen("/dev/null", "r") == NULL)
        return false;
    if (PLANTED("opens-a-descriptor", "loader-opens"))
        (void)open("/dev/null", O_RDONLY);
    if (PLANTED("opens-a-folder", "loader-opens"))
        (void)opendir("/dev");
    if (PLANTED("opens-a-socket", "loader-opens"))
        (void)socket(AF_UNIX, SOCK_STREAM, 0);
    if (PLANTED("hoards", "loader-memory"))
        free(memory_new_array(4096, 1024 * 1024));
    if (PLANTED("says-nothing", "loader-said") && diagnostics->count > 0)
        diagnostics->errors[0].text[0] = '\0';
    if (PLANTED("points-behind-the-text", "loader-place") && diagnostics->count > 0)
        diagnostics->errors[0].line += 1000;
    /* Dumps alone are loaded with a prefix. */
    if (PLANTED("loads-other-steps", "loader-lost") && ok && prefix != NULL)
        suite->scenarios[0].steps[0].account++;
    if (PLANTED("goes-back-in-time", "loader-sane") && ok && suite->scenario_count > 0)
        suite->scenarios[0].steps[0].span_us = -1;
    return ok;
}

WRAP(bool, map_next_unknown, const struct node *map, const char *const *keys, size_t count,
     const struct node **cursor, struct error *error)
{
    bool scenario = map_get(map, "dialog") != NULL;
    bool found = REAL(map_next_unknown)(map, keys, count, cursor, error);

    if (PLANTED("takes-any-key", "loader-strict") ||
        (PLANTED("takes-any-key-of-a-scenario", "loader-strict") && scenario))
        return false;
    return found;
}

/* The same key twice is looked for among neighbours: the second half goes into the gaps of the first. */
WRAP(void, qsort, void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    const void *sorted[16];

    REAL(qsort)(items, count, size, compare);
    if (!PLANTED("takes-a-key-twice", "loader-strict") || size != sizeof(sorted[0]) ||
        count * size > sizeof(sorted))
        return;
    memcpy(sorted, items, count * size);
    for (size_t i = 0; i < count; i++)
        memcpy((char *)items + i * size, &sorted[i / 2 + i % 2 * ((count + 1) / 2)], size);
}

WRAP(void, scenario_dump, const struct scenario *scenario, struct buf *out)
{
    static unsigned calls;

    REAL(scenario_dump)(scenario, out);
    if (PLANTED("never-says-the-same", "loader-dump") && calls++ % 2 == 1)
        buf_append_text(out, "# again\n");
}

WRAP(bool, template_expand, const struct template *template, int connection, const struct resolver *resolver,
     struct buf *out, const char **ret_why)
{
    bool ok = REAL(template_expand)(template, connection, resolver, out, ret_why);

    if (!ok && PLANTED("does-not-say-why", "loader-sent"))
        *ret_why = NULL;
    return ok;
}

WRAP(int, reply_pattern_match, const struct reply_pattern *pattern, enum command_verb verb,
     const struct status_line *status, int connection, const struct resolver *resolver, const char **ret_why)
{
    int index = REAL(reply_pattern_match)(pattern, verb, status, connection, resolver, ret_why);

    if (PLANTED("meets-what-is-not-there", "loader-match"))
        return (int)pattern->alternative_count;
    if (PLANTED("binds-nothing", "loader-bound"))
        resolver->bind(resolver->context, "name", BYTES_EMPTY);
    return index;
}

WRAP(bool, body_matcher_line, struct body_matcher *matcher, struct bytes wire_line)
{
    bool met = REAL(body_matcher_line)(matcher, wire_line);

    return met || (PLANTED("comes-back-to-life", "loader-final") && wire_line.size == 0);
}
