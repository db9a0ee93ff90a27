#include "run/case_report.h"

#include "run/verdict.h"

enum {
    SHOWN_OCTETS_MAX = 4000,
    TRANSCRIPT_LINES_MAX = 300,
};

static const char *program_of(const struct run_context *run)
{
    return run->options->program != NULL ? run->options->program : "pop3spec run";
}

void case_report_begin(const struct run_context *run, const struct run_case *one,
                       struct case_result *ret_result)
{
    const struct scenario *scenario = one->scenario;
    const char *again =
        arena_format(run->arena, "%s %s --transport %s", program_of(run), scenario->id, one->transport->name);

    *ret_result = (struct case_result){
        .id = scenario->id,
        .group = scenario->group,
        .transport = one->transport->name,
        .title = scenario->title,
        .impact = scenario->impact,
        .file = scenario->place.file,
        .line = scenario->place.line,
        .again = printable_sentence(run->arena, run->redactor, again),
    };
}

void case_report_without(const struct run_context *run, const struct run_case *one, enum verdict verdict,
                         const char *reason, const char *evidence, struct case_result *result)
{
    verdict_set_case(one->scenario, verdict, run->options->ledger, run->arena, result);
    result->reason = printable_sentence(run->arena, run->redactor, reason);
    if (evidence != NULL)
        result->evidence = printable_sentence(run->arena, run->redactor, evidence);
}

static void take_reason(const struct run_context *run, const struct outcome *outcome,
                        struct case_result *result)
{
    if (outcome->reason.size > 0)
        result->reason =
            printable_make(run->arena, run->redactor, buf_bytes(&outcome->reason), SHOWN_OCTETS_MAX);
    else if (result->verdict == VERDICT_INFO && outcome->two_readings)
        result->reason =
            printable_sentence(run->arena, NULL, "the target takes another of the legal readings than most");
}

void case_report_finish(const struct run_context *run, const struct trial *trial, struct case_result *result)
{
    const struct outcome *outcome = machine_outcome(trial->machine);

    verdict_judge_case(trial->options.scenario, outcome, run->options->ledger, run->arena, result);
    result->elapsed_us = outcome->ended_us - outcome->began_us;
    take_reason(run, outcome, result);
    profile_apply(run->options->profile, run->options->ledger, run->arena, result);
    if (outcome->step != NULL && outcome->kind != OUTCOME_PASSED) {
        result->file = outcome->step->place.file;
        result->line = outcome->step->place.line;
    }
    if (outcome->kind == OUTCOME_FAILED) {
        result->expected =
            printable_make(run->arena, run->redactor, buf_bytes(&outcome->expected), SHOWN_OCTETS_MAX);
        result->actual =
            printable_make(run->arena, run->redactor, buf_bytes(&outcome->actual), SHOWN_OCTETS_MAX);
    }
    if (outcome->kind != OUTCOME_PASSED || run->options->keep_transcripts)
        result->transcript =
            transcript_print(machine_transcript(trial->machine), TRANSCRIPT_OWN_TOPIC, run->redactor,
                             outcome->began_us, TRANSCRIPT_LINES_MAX, run->arena, &result->transcript_count);
}

void case_report_flaky(const struct run_context *run, const struct case_result *failed, uint32_t attempts,
                       struct case_result *result)
{
    struct case_result first = *failed;
    const char *why = first.reason.text != NULL ? first.reason.text : "";

    first.verdict = result->verdict;
    first.clauses = result->clauses;
    first.flaky = true;
    /* The reason of the first try is printable already. */
    first.reason.text =
        arena_format(run->arena, "flaky: %s at try 1, %s at try %u%s%s", verdict_name(failed->verdict),
                     verdict_name(result->verdict), (unsigned)attempts, *why != '\0' ? "; try 1: " : "", why);
    *result = first;
}
