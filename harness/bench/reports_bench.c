/*
 * Reports: each format of a run of 5,000 cases with 100,000 lines of transcript, in time and in memory above what the result itself
 * takes. Each is written in a process of its own, so that the memory of one is not that of another.
 */
#include "bench.h"

#include "base/buf.h"
#include "report/report.h"
#include "result/gather.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CASES = 5000,
    LINES = 20,
    CASES_FAILING = 10, /* one in so many */
    ROUNDS = 3,
    WRITE_MS_MOST = 1000,
    MEMORY_MB_MOST = 256,
};

struct subject {
    struct arena arena;
    struct run_result result;
    enum report_format format; /* REPORT_FORMAT_COUNT: the result alone */
};

static void make_case(struct subject *subject, size_t index, struct clause_result *clause)
{
    static const char *const texts[] = {"NOOP\\r\\n",
                                        "+OK nothing done by this server, and at some length\\r\\n"};
    struct case_result *result = &subject->result.cases[index];
    bool fails = index % CASES_FAILING == 0;

    *result = (struct case_result){
        .id = arena_format(&subject->arena, "bench/file-%zu/scenario-%zu/case-%zu", index / 100, index / 10,
                           index),
        .group = arena_format(&subject->arena, "bench/file-%zu/scenario-%zu", index / 100, index / 10),
        .transport = "lines",
        .title = "A command is answered as its clause demands",
        .impact = "clients wait for what never comes",
        .verdict = fails ? VERDICT_FAIL : VERDICT_PASS,
        .unexpected = fails,
        .clauses = clause,
        .clause_count = 1,
        .file = "scenarios/bench.yaml",
        .line = 14,
        .elapsed_us = 1500,
        .again = {.text = "pop3spec run 127.0.0.1:110 -u test -p ... bench/file/scenario"},
    };
    if (fails) {
        result->expected.text = "+OK";
        result->actual.text = "-ERR no\\r\\n";
    }
    result->transcript_count = LINES;
    result->transcript = arena_new_array(&subject->arena, LINES, sizeof(*result->transcript));
    for (size_t i = 0; i < LINES; i++)
        result->transcript[i] =
            (struct transcript_line){.direction = i % 2 == 0 ? DIRECTION_CLIENT : DIRECTION_SERVER,
                                     .connection = 1,
                                     .at_us = (int64_t)i * 75,
                                     .text = {.text = texts[i % 2]}};
}

static void make_subject(struct subject *subject)
{
    static struct clause_result clauses[] = {{.id = "rfc1939-5-noop-ok",
                                              .level = "stated",
                                              .section = "RFC 1939 section 5",
                                              .demand = "NOOP gets +OK and changes nothing.",
                                              .verdict = VERDICT_FAIL}};
    struct run_result *result = &subject->result;

    arena_init(&subject->arena, SIZE_MAX);
    *result = (struct run_result){.target = {.name = "bench", .tls = "none"},
                                  .selection = "all",
                                  .started = "2026-01-02T03:04:05Z",
                                  .clauses = clauses,
                                  .clause_count = 1,
                                  .case_count = CASES,
                                  .exit_code = 1};
    result->cases = arena_new_array(&subject->arena, CASES, sizeof(*result->cases));
    for (size_t i = 0; i < CASES; i++)
        make_case(subject, i, &clauses[0]);
    result_count(result);
}

static uint64_t write_report(void *context)
{
    const struct subject *subject = context;
    struct buf out;

    buf_init(&out, BUF_UNBOUNDED);
    report_info(subject->format)->write(&subject->result, "bench", &out);
    uint64_t size = out.size;

    buf_release(&out);
    return size;
}

/* Megabytes at most in use by a process that makes the subject and writes FORMAT, unless that is none. */
static double peak_mb(enum report_format format)
{
    struct rusage usage;
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        struct subject subject = {.format = format};

        make_subject(&subject);
        _exit(format != REPORT_FORMAT_COUNT && write_report(&subject) == 0);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
        return -1;
    return (double)usage.ru_maxrss / 1024;
}

int main(void)
{
    double alone_mb = peak_mb(REPORT_FORMAT_COUNT);
    double peaks_mb[REPORT_FORMAT_COUNT];
    struct subject subject;
    uint64_t sum = 0;
    char name[80];

    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++)
        peaks_mb[i] = peak_mb((enum report_format)i);
    make_subject(&subject);
    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++) {
        const char *flag = report_info((enum report_format)i)->flag;

        subject.format = (enum report_format)i;
        snprintf(name, sizeof(name), "report of %d cases: --%s", CASES, flag);
        bench_row_at_most(name, (double)bench_best_ns(write_report, &subject, ROUNDS, &sum) / 1e6, "ms",
                          WRITE_MS_MOST);
        snprintf(name, sizeof(name), "report of %d cases: --%s, memory above the result", CASES, flag);
        bench_row_at_most(name, peaks_mb[i] - alone_mb, "MB", MEMORY_MB_MOST);
    }
    arena_release(&subject.arena);
    return sum == 0;
}
