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

/* A file beside PATH, with a name of its own that the caller frees; NOT_OPEN if there cannot be one. */
static int make_beside(const char *path, char **ret_name)
{
    struct buf name;

    buf_init(&name, BUF_UNBOUNDED);
    buf_append_format(&name, "%s.XXXXXX", path);
    *ret_name = buf_take_text(&name);
    int descriptor = mkostemp(*ret_name, O_CLOEXEC);

    if (descriptor >= 0)
        allow_reading(descriptor);
    return descriptor;
}

/* True when a file can be made beside PATH. */
static bool try_beside(const char *path)
{
    char *name;
    int descriptor = make_beside(path, &name);
    int reason = errno;

    if (descriptor >= 0) {
        close(descriptor);
        unlink(name);
    }
    free(name);
    errno = reason;
    return descriptor >= 0;
}

bool pending_file_open(struct pending_file *file, const char *option, const char *path, struct error *error)
{
    bool in_place = exists_otherwise(path);
    bool ready = true;

    *file = (struct pending_file){.path = path, .descriptor = NOT_OPEN};
    if (strcmp(path, "-") == 0)
        file->descriptor = STDOUT_FILENO;
    else if (in_place)
        ready = (file->descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)) >= 0;
    else
        ready = try_beside(path);
    if (ready)
        return true;
    error_set(error, ERROR_HOST, "%s: %s cannot be written: %s", option, path, strerror(errno));
    error_hint(error, "its folder must be there and allow writing");
    *file = (struct pending_file){.descriptor = NOT_OPEN};
    return false;
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

/* Writes TEXT and closes. False with the reason in errno. */
static bool write_and_close(int descriptor, struct bytes text)
{
    bool written = write_all(descriptor, text);
    int reason = errno;

    if (descriptor != STDOUT_FILENO && close(descriptor) != 0 && written) {
        written = false;
        reason = errno;
    }
    errno = reason;
    return written;
}

static bool write_beside_and_rename(const char *path, struct bytes text)
{
    char *name;
    int descriptor = make_beside(path, &name);
    bool written = descriptor >= 0 && write_and_close(descriptor, text) && rename(name, path) == 0;
    int reason = errno;

    if (descriptor >= 0 && !written)
        unlink(name);
    free(name);
    errno = reason;
    return written;
}

bool pending_file_finish(struct pending_file *file, struct bytes text, struct error *error)
{
    bool written = file->descriptor != NOT_OPEN ? write_and_close(file->descriptor, text)
                                                : write_beside_and_rename(file->path, text);

    if (!written)
        error_set(error, ERROR_HOST, "%s cannot be written: %s",
                  file->descriptor == STDOUT_FILENO ? "standard output" : file->path, strerror(errno));
    *file = (struct pending_file){.descriptor = NOT_OPEN};
    return written;
}

void pending_file_abandon(struct pending_file *file)
{
    if (file->path != NULL && file->descriptor != NOT_OPEN && file->descriptor != STDOUT_FILENO)
        close(file->descriptor);
    *file = (struct pending_file){.descriptor = NOT_OPEN};
}

void run_reports_choose(const char **paths, enum report_format format, const char *file,
                        const struct argp_state *state)
{
    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++)
        if (strcmp(file, "-") == 0 && i != format && paths[i] != NULL && strcmp(paths[i], "-") == 0)
            argp_error(state, "--%s and --%s cannot both go to standard output: give one a file",
                       report_info((enum report_format)i)->flag, report_info(format)->flag);
    paths[format] = file;
}

bool run_reports_wanted(const char *const *paths)
{
    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++)
        if (paths[i] != NULL)
            return true;
    return false;
}

bool run_reports_use_output(const char *const *paths)
{
    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++)
        if (paths[i] != NULL && strcmp(paths[i], "-") == 0)
            return true;
    return false;
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
