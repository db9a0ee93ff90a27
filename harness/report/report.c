#include "report/report.h"

#include "base/check.h"
#include "report/sinks.h"

static const struct report_info REPORTS[] = {
#define REPORT(name, flag, write, what) {flag, what, write},
#include "report/reports.def"
#undef REPORT
};

const struct report_info *report_info(enum report_format format)
{
    CHECK(format < REPORT_FORMAT_COUNT);
    return &REPORTS[format];
}

const char *exit_code_meaning(int exit_code)
{
    switch (exit_code) {
    case 0:
        return "nothing unexpected";
    case 1:
        return "something unexpected: a failure, a pass that was expected to fail, or a case that was "
               "blocked";
    case 2:
        return "wrong usage or scenario, or nothing selected";
    case 3:
        return "the target cannot be reached or used; nothing ran";
    case 4:
        return "the target died during the run";
    case 70:
        return "an error of pop3spec itself";
    case 130:
    case 143:
        return "interrupted; the results are those of the cases that had ended";
    default:
        return "not an exit code of a run";
    }
}
