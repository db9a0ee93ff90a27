#include "cli/run_reports.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOT_OPEN = -1 };

/* mkstemp makes files that only their owner may read; reports are for everybody whom the umask lets. */
static void allow_reading(int descriptor)
{
    mode_t mask = umask(0);

    umask(mask);
    fchmod(descriptor, 0666 & ~mask);
}

static bool exists_otherwise(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

bool pending_file_open(struct pending_file *file, const char *option, const char *path, struct error *error)
{
    *file = (struct pending_file){.path = path, .descriptor = NOT_OPEN};
    if (strcmp(path, "-") == 0) {
        file->descriptor = STDOUT_FILENO;
        return true;
    }
    if (exists_otherwise(path)) {
        file->descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    } else {
        struct buf name;

        buf_init(&name, BUF_UNBOUNDED);
        buf_append_format(&name, "%s.XXXXXX", path);
        file->temporary = buf_take_text(&name);
        file->descriptor = mkostemp(file->temporary, O_CLOEXEC);
        if (file->descriptor >= 0)
            allow_reading(file->descriptor);
    }
    if (file->descriptor < 0) {
        error_set(error, ERROR_HOST, "%s: %s cannot be written: %s", option, path, strerror(errno));
        error_hint(error, "its folder must be there and allow writing");
        free(file->temporary);
        *file = (struct pending_file){.descriptor = NOT_OPEN};
        return false;
    }
    return true;
}

static bool write_all(int descriptor, struct bytes text)
{
    while (text.size > 0) {
        ssize_t written = write(descriptor, text.data, text.size);

        if (written < 0 && errno != EINTR)
            return false;
        text = bytes_from(text, written > 0 ? (size_t)written : 0);
    }
    return true;
}

bool pending_file_finish(struct pending_file *file, struct bytes text, struct error *error)
{
    bool standard_output = file->descriptor == STDOUT_FILENO;
    bool written = write_all(file->descriptor, text);
    int reason = errno;

    if (!standard_output && close(file->descriptor) != 0 && written) {
        written = false;
        reason = errno;
    }
    file->descriptor = NOT_OPEN;
    if (written && file->temporary != NULL && rename(file->temporary, file->path) != 0) {
        written = false;
        reason = errno;
    }
    if (!written && file->temporary != NULL)
        unlink(file->temporary);
    if (!written)
        error_set(error, ERROR_HOST, "%s cannot be written: %s",
                  standard_output ? "standard output" : file->path, strerror(reason));
    free(file->temporary);
    file->temporary = NULL;
    file->path = NULL;
    return written;
}

void pending_file_abandon(struct pending_file *file)
{
    if (file->path == NULL)
        return;
    if (file->descriptor != STDOUT_FILENO)
        close(file->descriptor);
    if (file->temporary != NULL)
        unlink(file->temporary);
    free(file->temporary);
    *file = (struct pending_file){.descriptor = NOT_OPEN};
}

bool run_reports_open(struct run_reports *reports, const char *const *paths, struct error *error)
{
    *reports = (struct run_reports){0};
    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++) {
        char option[16];

        if (paths[i] == NULL)
            continue;
        snprintf(option, sizeof(option), "--%s", report_info((enum report_format)i)->flag);
        if (!pending_file_open(&reports->files[i], option, paths[i], error)) {
            run_reports_abandon(reports);
            return false;
        }
    }
    return true;
}

bool run_reports_finish(struct run_reports *reports, const struct run_result *result, const char *version,
                        struct error *error)
{
    bool finished = true;

    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++) {
        struct buf text;
        struct error trouble;

        if (reports->files[i].path == NULL)
            continue;
        buf_init(&text, BUF_UNBOUNDED);
        report_info((enum report_format)i)->write(result, version, &text);
        if (!pending_file_finish(&reports->files[i], buf_bytes(&text), &trouble) && finished) {
            *error = trouble;
            finished = false;
        }
        buf_release(&text);
    }
    return finished;
}

void run_reports_abandon(struct run_reports *reports)
{
    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++)
        pending_file_abandon(&reports->files[i]);
}
