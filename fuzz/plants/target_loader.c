#include "plants.h"

#include "base/memory.h"
#include "run/expectations.h"
#include "target/target.h"

WRAP(bool, target_load_text, struct target *target, struct bytes text, const char *file, struct error *error)
{
    bool ok = REAL(target_load_text)(target, text, file, error);

    if (!ok && PLANTED("says-nothing", "files-said"))
        error->text[0] = '\0';
    if (!ok && PLANTED("points-behind-the-text", "files-place"))
        error->line += 1000;
    if (ok && PLANTED("lets-a-command-in", "target-sane") && target->account_count > 0)
        target->accounts[0].user = "a\r\nDELE 1";
    if (PLANTED("hoards", "files-memory"))
        free(memory_new_array(1024, 1024 * 1024));
    return ok;
}

WRAP(const char *, target_address_text, struct target *target)
{
    const char *text = REAL(target_address_text)(target);

    return PLANTED("loses-the-bracket", "target-address") && text[0] == '[' ? text + 1 : text;
}

WRAP(bool, expectations_load_text, struct expectations *expectations, struct bytes text, const char *file,
     struct error *error)
{
    bool ok = REAL(expectations_load_text)(expectations, text, file, error);

    for (size_t i = 0; PLANTED("ends-in-the-next-file", "expectations-sane") && i < expectations->count; i++)
        expectations->entries[i].line_end += 1000;
    return ok;
}

WRAP(bool, expectations_update, const struct expectations *expectations, struct bytes old,
     const struct run_result *result, struct buf *ret_text, struct error *error)
{
    bool ok = REAL(expectations_update)(expectations, old, result, ret_text, error);

    if (PLANTED("adds-a-line-each-time", "expectations-update"))
        buf_append_text(ret_text, "# checked\n");
    return ok;
}
