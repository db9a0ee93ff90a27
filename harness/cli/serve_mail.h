/* The messages of `pop3spec serve' for maildrops in memory: fixtures, so that a fault has something to show itself on. */
#ifndef CLI_SERVE_MAIL_H
#define CLI_SERVE_MAIL_H

#include "cli/library.h"
#include "cli/run_arguments.h"

enum { SERVE_MESSAGES_MAX = 1000 };

/* The default, as words of --fixture: two ordinary messages and one with lines that begin with dots. */
extern const char *const SERVE_DEFAULT_FIXTURES[];
extern const size_t SERVE_DEFAULT_FIXTURE_COUNT;

struct serve_mail {
    struct buf octets[SERVE_MESSAGES_MAX];
    struct bytes messages[SERVE_MESSAGES_MAX]; /* as they are in `octets` */
    size_t count;
};

/*
 * Makes a copy of each fixture named in NAMES, each with a Message-ID of its own, in their order. False once it has
 * printed which name is unknown; must be released either way.
 */
bool serve_mail_make(struct serve_mail *mail, const struct program *program, const char *const *names,
                     size_t name_count);
void serve_mail_release(struct serve_mail *mail);

#endif
