#include "cli/run_progress.h"

#include "report/text.h"

#include <inttypes.h>
#include <time.h>

enum { PROGRESS_COLUMNS = 76 };

/* Nobody reads a line that changes more often; and before a rate means anything, none is said. */
#define APART_US      (50 * US_PER_MS)
#define RATE_AFTER_US (2 * US_PER_S)

static time_us now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (time_us)time.tv_sec * US_PER_S + (time_us)time.tv_nsec / 1000;
}

void run_progress_clear(struct run_progress *progress)
{
    if (!progress->shown)
        return;
    fputs("\r\033[K", progress->stream);
    fflush(progress->stream);
    progress->shown = false;
}

static void show(struct run_progress *progress, const struct buf *text)
{
    run_progress_clear(progress);
    fprintf(progress->stream, "%.*s", PROGRESS_COLUMNS, buf_text(text));
    fflush(progress->stream);
    progress->shown = true;
}

/* "412/s, 9 s left": by the cases that have run so far. */
static void append_rate(const struct run_progress *progress, size_t finished_count, size_t total_count,
                        time_us now_us, struct buf *out)
{
    time_us elapsed_us = now_us - progress->began_us;
    size_t ran_count = finished_count - progress->skipped_count;

    if (progress->began_us == 0 || elapsed_us < RATE_AFTER_US || ran_count == 0)
        return;
    double each_us = (double)elapsed_us / (double)ran_count;
    int64_t left_s = (int64_t)((double)(total_count - finished_count) * each_us) / US_PER_S;

    if (each_us < (double)US_PER_S)
        buf_append_format(out, "%.0f/s, ", (double)US_PER_S / each_us);
    if (left_s < 120)
        buf_append_format(out, "%" PRId64 " s left  ", left_s);
    else
        buf_append_format(out, "%" PRId64 " min left  ", (left_s + 59) / 60);
}

static void case_started(void *context, const char *id, const char *transport)
{
    struct run_progress *progress = (struct run_progress *)context;

    (void)id;
    (void)transport;
    if (progress->began_us == 0)
        progress->began_us = now();
}

static void show_case(struct run_progress *progress, const struct case_result *result, size_t finished_count,
                      size_t total_count)
{
    time_us now_us = now();
    struct buf text;

    if (progress->began_us == 0)
        progress->skipped_count = finished_count;
    if (now_us - progress->shown_us < APART_US)
        return;
    progress->shown_us = now_us;
    buf_init(&text, BUF_UNBOUNDED);
    buf_append_format(&text, "[%zu/%zu] ", finished_count, total_count);
    append_rate(progress, finished_count, total_count, now_us, &text);
    buf_append_format(&text, "%s ", verdict_name(result->verdict));
    text_append_case_name(&text, result);
    show(progress, &text);
    buf_release(&text);
}

static void print_line(struct run_progress *progress, const struct buf *text)
{
    run_progress_clear(progress);
    fprintf(progress->stream, "%s\n", buf_text(text));
    fflush(progress->stream);
}

static void print_end(struct run_progress *progress, const struct case_result *result)
{
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    text_append_case_name(&text, result);
    buf_append_format(&text, "  %" PRId64 ".%03" PRId64 "  == %s", result->elapsed_us / US_PER_S,
                      result->elapsed_us / US_PER_MS % 1000, verdict_name(result->verdict));
    print_line(progress, &text);
    buf_release(&text);
}

static void case_finished(void *context, const struct case_result *result, size_t finished_count,
                          size_t total_count)
{
    struct run_progress *progress = (struct run_progress *)context;

    if (progress->live)
        show_case(progress, result, finished_count, total_count);
    if (progress->verbose && result->attempts > 0)
        print_end(progress, result);
}

static void note(void *context, const char *sentence)
{
    struct run_progress *progress = (struct run_progress *)context;
    struct buf text;

    if (!progress->live && !progress->verbose)
        return;
    buf_init(&text, BUF_UNBOUNDED);
    text_append(&text, sentence);
    if (progress->verbose)
        print_line(progress, &text);
    else
        show(progress, &text);
    buf_release(&text);
}

static void wire(void *context, const char *id, const char *transport, const struct transcript_line *line)
{
    struct run_progress *progress = (struct run_progress *)context;
    struct case_result named = {.id = id, .transport = transport};
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    text_append_case_name(&text, &named);
    buf_append_text(&text, "  ");
    text_append_wire(&text, line);
    print_line(progress, &text);
    buf_release(&text);
}

struct run_watcher run_progress_watcher(struct run_progress *progress)
{
    return (struct run_watcher){
        .case_started = case_started,
        .case_finished = case_finished,
        .note = note,
        .wire = progress->verbose ? wire : NULL,
        .context = progress,
    };
}
