#include "refserver/gs2.h"

bool gs2_decode_name(struct bytes text, struct buf *ret_name)
{
    for (size_t i = 0; i < text.size; i++) {
        struct bytes code = bytes_slice(text, i, i + 3);

        if (text.data[i] != '=') {
            buf_append_octet(ret_name, text.data[i]);
            continue;
        }
        if (!bytes_equal(code, BYTES_LITERAL("=2C")) && !bytes_equal(code, BYTES_LITERAL("=3D")))
            return false;
        buf_append_octet(ret_name, code.data[2] == 'C' ? ',' : '=');
        i += 2;
    }
    return text.size > 0 && !ret_name->overflowed;
}

bool gs2_take_header(struct bytes *rest, struct buf *ret_identity)
{
    struct bytes flag;
    struct bytes identity;

    if (!bytes_split(rest, ',', &flag) || rest->data == NULL ||
        (!bytes_equal(flag, BYTES_LITERAL("n")) && !bytes_equal(flag, BYTES_LITERAL("y"))) ||
        !bytes_split(rest, ',', &identity) || rest->data == NULL)
        return false;
    return identity.size == 0 || (bytes_start_with(identity, BYTES_LITERAL("a=")) &&
                                  gs2_decode_name(bytes_from(identity, 2), ret_identity));
}
