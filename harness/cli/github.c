#include "cli/github.h"

#include "cli/output.h"
#include "report/annotations.h"
#include "report/report.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_set(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0';
}

static bool annotate(const struct run_result *result, FILE *stream)
{
    char here[PATH_MAX];
    const char *folder = is_set("GITHUB_WORKSPACE") ? getenv("GITHUB_WORKSPACE") : getcwd(here, sizeof(here));
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    annotations_write(result, folder, &text);
    bool written = stream == stdout ? output_write(&text) : output_error(&text);

    buf_release(&text);
    return written;
}

static bool summarise(const struct run_result *result, const char *version, const char *path)
{
    FILE *file = fopen(path, "ae");
    struct error error;
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    report_info(REPORT_SUMMARY)->write(result, version, &text);
    bool written = file != NULL && fwrite(buf_text(&text), 1, text.size, file) == text.size;

    if (file != NULL && fclose(file) != 0)
        written = false;
    buf_release(&text);
    if (!written) {
        error_set(&error, ERROR_HOST, "GITHUB_STEP_SUMMARY: %s cannot be written: %s", path, strerror(errno));
        output_failure(&error);
    }
    return written;
}

bool github_tell(const struct run_result *result, const char *version, bool wanted, FILE *stream)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    bool annotated = true;
    bool summarised = true;

    if (wanted || (actions != NULL && strcmp(actions, "true") == 0))
        annotated = annotate(result, stream);
    if (is_set("GITHUB_STEP_SUMMARY"))
        summarised = summarise(result, version, getenv("GITHUB_STEP_SUMMARY"));
    return annotated && summarised;
}
