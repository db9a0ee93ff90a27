#include "target/health.h"

#include "base/memory.h"
#include "yamldoc/files.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PROCESS_FILE_OCTETS_MAX = 64,
    LOG_READ_OCTETS = 64 * 1024,
    LOG_LINE_OCTETS_MAX = 16 * 1024, /* the rest of a longer line is not looked at */
};

struct health {
    const struct target *target;
    struct buf process; /* what the process file said at the beginning */
    off_t log_offset;
    struct buf line; /* the log's last line, still without its end */
    regex_t pattern;
    bool has_pattern;
};

static bool begin_log(struct health *health, struct error *error)
{
    const char *file = health->target->health_log;
    const char *pattern = health->target->health_log_pattern;
    struct stat status;

    if (file == NULL)
        return true;
    if (stat(file, &status) != 0)
        return error_set(error, ERROR_HOST, "cannot read the log %s: %s", file, strerror(errno));
    health->log_offset = status.st_size;
    if (pattern == NULL)
        return true;
    if (regcomp(&health->pattern, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return error_set(error, ERROR_USAGE, "log-pattern is no extended regular expression");
    health->has_pattern = true;
    return true;
}

struct health *health_begin(const struct target *target, struct error *error)
{
    struct health *health = (struct health *)memory_new(sizeof(*health));

    health->target = target;
    buf_init(&health->process, PROCESS_FILE_OCTETS_MAX);
    buf_init(&health->line, LOG_LINE_OCTETS_MAX);
    if ((target->health_pid_file != NULL && !file_read(target->health_pid_file, error, &health->process)) ||
        !begin_log(health, error)) {
        health_free(health);
        return NULL;
    }
    return health;
}

void health_free(struct health *health)
{
    if (health == NULL)
        return;
    if (health->has_pattern)
        regfree(&health->pattern);
    buf_release(&health->process);
    buf_release(&health->line);
    free(health);
}

bool health_process_lives(const struct health *health, struct buf *ret_what)
{
    const char *file = health->target->health_pid_file;
    struct error error;
    struct buf now;
    bool same = true;

    if (file == NULL)
        return true;
    buf_init(&now, PROCESS_FILE_OCTETS_MAX);
    if (!file_read(file, &error, &now)) {
        buf_append_format(ret_what, "the process file %s is gone", file);
        same = false;
    } else if (!bytes_equal(buf_bytes(&now), buf_bytes(&health->process))) {
        buf_append_format(ret_what, "the process file %s names another process than at the beginning", file);
        same = false;
    }
    buf_release(&now);
    return same;
}

/* True when the line at hand meets the pattern; it is then appended to OUT. */
static bool line_is_bad(const struct health *health, struct buf *out)
{
    if (regexec(&health->pattern, buf_text(&health->line), 0, NULL, 0) != 0)
        return false;
    buf_append(out, buf_bytes(&health->line));
    buf_append_octet(out, '\n');
    return true;
}

static bool take_octets(struct health *health, struct bytes octets, struct buf *ret_lines)
{
    bool quiet = true;

    for (size_t i = 0; i < octets.size; i++) {
        if (octets.data[i] != '\n') {
            buf_append_octet(&health->line, octets.data[i] == '\0' ? ' ' : octets.data[i]);
            continue;
        }
        quiet = !line_is_bad(health, ret_lines) && quiet;
        buf_clear(&health->line);
    }
    return quiet;
}

bool health_log_is_quiet(struct health *health, struct buf *ret_lines)
{
    uint8_t *octets;
    bool quiet = true;
    ssize_t count;
    int file;

    if (!health->has_pattern)
        return true;
    file = open(health->target->health_log, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return true; /* rotated away: what comes next is in another file */
    octets = (uint8_t *)memory_new(LOG_READ_OCTETS);
    while ((count = pread(file, octets, LOG_READ_OCTETS, health->log_offset)) > 0) {
        health->log_offset += count;
        quiet = take_octets(health, bytes_make(octets, (size_t)count), ret_lines) && quiet;
    }
    free(octets);
    close(file);
    return quiet;
}
