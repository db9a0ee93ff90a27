#include "cli/run_progress.h"

#include "report/text.h"

enum { PROGRESS_COLUMNS = 76 };

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

static void case_finished(void *context, const struct case_result *result, size_t finished_count,
                          size_t total_count)
{
    struct run_progress *progress = context;
    struct buf text;

    if (!progress->live)
        return;
    buf_init(&text, BUF_UNBOUNDED);
    buf_append_format(&text, "[%zu/%zu] %s ", finished_count, total_count, verdict_name(result->verdict));
    text_append_case_name(&text, result);
    show(progress, &text);
    buf_release(&text);
}

static void note(void *context, const char *sentence)
{
    struct run_progress *progress = context;
    struct buf text;

    if (!progress->live && !progress->verbose)
        return;
    buf_init(&text, BUF_UNBOUNDED);
    text_append(&text, sentence);
    if (progress->verbose)
        fprintf(progress->stream, "%s\n", buf_text(&text));
    else
        show(progress, &text);
    buf_release(&text);
}

static void wire(void *context, const char *id, const char *transport, const struct transcript_line *line)
{
    struct run_progress *progress = context;
    struct case_result named = {.id = id, .transport = transport};
    struct buf text;

    if (!progress->verbose)
        return;
    buf_init(&text, BUF_UNBOUNDED);
    text_append_case_name(&text, &named);
    buf_append_text(&text, "  ");
    text_append_wire(&text, line);
    run_progress_clear(progress);
    fprintf(progress->stream, "%s\n", buf_text(&text));
    buf_release(&text);
}

struct run_watcher run_progress_watcher(struct run_progress *progress)
{
    return (struct run_watcher){
        .case_finished = case_finished, .note = note, .wire = wire, .context = progress};
}
