#include "target/mailbox_path.h"

#include "target/target_text.h"

bool mailbox_user_is_safe(const char *user)
{
    struct bytes name = bytes_of(user);

    if (name.size == 0 || bytes_equal(name, BYTES_LITERAL(".")) || bytes_equal(name, BYTES_LITERAL("..")))
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] == '/' || name.data[i] < 0x20 || name.data[i] == 0x7F)
            return false;
    return true;
}

bool mailbox_path(const char *pattern, const char *user, struct buf *ret_path, struct error *error)
{
    if (!mailbox_user_is_safe(user)) {
        error_set(error, ERROR_USAGE, "the account name \"%s\" cannot stand in the path \"%s\"", user,
                  pattern);
        return error_hint(error,
                          "names with a slash or a control character, \".\" and \"..\" could lead out of it");
    }
    target_fill_user(pattern, user, ret_path);
    if (ret_path->overflowed)
        return error_set(error, ERROR_USAGE, "the mailbox path of account \"%s\" is too long", user);
    return true;
}
