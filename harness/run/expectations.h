/*
 * The expectation file of a target (design section 4): the failures that are known, each with its reason.
 *
 *   - case: rfc1939/dele-?@stls      glob over id@transport; without @ every transport
 *     verdict: fail                  fail, warn, blocked or skip
 *     clause: rfc1939-5-dele-error   optional: only when this clause is among the broken ones
 *     reason: known since 2.3        required
 *     bug: https://...               optional
 *     version: ">= 2.3, < 2.4"       optional: only of these versions of the target's software
 *     varies: true                   optional: it may come out as the verdict says, or pass
 */
#ifndef RUN_EXPECTATIONS_H
#define RUN_EXPECTATIONS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "result/result.h"

struct expectation {
    const char *pattern; /* glob over "id@transport", or over the id alone */
    enum verdict verdict;
    const char *clause; /* NULL: any */
    const char *reason;
    const char *bug;     /* NULL: none */
    const char *version; /* a condition (versions.h); NULL: any version */
    bool set_aside;      /* the target is of another version, or of one that is not known */
    bool varies;
    struct place place;
    uint32_t line_end; /* last line of the entry in the file */
};

struct expectations {
    struct arena arena;
    const char *file;
    struct expectation *entries;
    size_t count;
};

void expectations_init(struct expectations *expectations);
void expectations_release(struct expectations *expectations);
/* False with ERROR at the first thing that is wrong; must be released either way. */
bool expectations_load(struct expectations *expectations, const char *file, struct error *error);
bool expectations_load_text(struct expectations *expectations, struct bytes text, const char *file,
                            struct error *error);

/*
 * Says what the target's SOFTWARE is ("Dovecot 2.3.19.1", or NULL): entries for other versions are set aside. Until this is called,
 * all that name a version are.
 */
void expectations_set_software(struct expectations *expectations, const char *software);

/* True when ENTRY is not set aside and its pattern meets the case of RESULT. */
bool expectation_names(const struct expectation *entry, const struct case_result *result);

/* The first entry that says what RESULT turned out to be; NULL if there is none. EXPECTATIONS may be NULL. */
const struct expectation *expectations_foresee(const struct expectations *expectations,
                                               const struct case_result *result);

/*
 * Judges the finished RESULT by EXPECTATIONS: verdicts that an entry foresees become xfail, a pass that an
 * entry said would fail becomes xpass; `unexpected` and the counts follow. Entries that met no case,
 * though they could have, are noted in the target's notes. Texts go to ARENA. EXPECTATIONS may be NULL: only `unexpected` and counts
 * are set.
 */
void expectations_apply(const struct expectations *expectations, struct run_result *result,
                        struct arena *arena);

/*
 * The text of the expectation file brought up to what RESULT found: entries whose case passes are taken out,
 * cases that fail unexpectedly are put in behind the last one with a reason to be filled in; comments and
 * order stay. OLD is the file's text (empty for a new file). Appended to RET_TEXT.
 */
bool expectations_update(const struct expectations *expectations, struct bytes old,
                         const struct run_result *result, struct buf *ret_text, struct error *error);

#endif
