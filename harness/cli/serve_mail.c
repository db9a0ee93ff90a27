#include "cli/serve_mail.h"

#include "base/check.h"
#include "cli/output.h"
#include "yamldoc/suggestion.h"

const char *const SERVE_DEFAULT_FIXTURES[] = {"short", "numbered", "dotted"};
const size_t SERVE_DEFAULT_FIXTURE_COUNT = sizeof(SERVE_DEFAULT_FIXTURES) / sizeof(SERVE_DEFAULT_FIXTURES[0]);

static void refuse_name(const struct fixture_set *set, const char *name)
{
    struct suggestion suggestion;
    struct error error;

    suggestion_init(&suggestion, bytes_of(name));
    for (size_t i = 0; i < set->count; i++)
        suggestion_offer(&suggestion, set->fixtures[i].name);
    error_set(&error, ERROR_USAGE, "--fixture: there is no fixture '%s'", name);
    if (suggestion.nearest != NULL)
        error_hint(&error, "did you mean %s?", suggestion.nearest);
    else
        error_hint(&error, "`pop3spec list fixtures' names them");
    output_failure(&error);
}

static bool add_copy(struct serve_mail *mail, const struct fixture_set *set, const char *name)
{
    const struct fixture *fixture = fixture_find(set, name);
    struct buf *octets = &mail->octets[mail->count];

    if (fixture == NULL) {
        refuse_name(set, name);
        return false;
    }
    buf_init(octets, BUF_UNBOUNDED);
    CHECK(fixture_deliver(fixture, mail->count + 1, octets));
    mail->messages[mail->count++] = buf_bytes(octets);
    return true;
}

bool serve_mail_make(struct serve_mail *mail, const struct program *program, const char *const *names,
                     size_t name_count)
{
    struct library library;

    mail->count = 0;
    bool made = library_load(&library, program, NULL);

    CHECK(name_count <= SERVE_MESSAGES_MAX);
    for (size_t i = 0; made && i < name_count; i++)
        made = add_copy(mail, &library.suite.fixtures, names[i]);
    library_release(&library);
    return made;
}

void serve_mail_release(struct serve_mail *mail)
{
    for (size_t i = 0; i < mail->count; i++)
        buf_release(&mail->octets[i]);
    mail->count = 0;
}
