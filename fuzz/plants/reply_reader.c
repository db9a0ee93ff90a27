#include "plants.h"

#include "pop3/reply.h"
#include "pop3/stuffing.h"

WRAP(void, reply_reader_next, struct reply_reader *reader, struct bytes *input, struct reply_event *ret_event)
{
    static const uint8_t elsewhere[4096];
    struct bytes before = *input;

    if (PLANTED("stalls-at-a-refusal", "reply-progress") && bytes_start_with(before, BYTES_LITERAL("-ERR"))) {
        *ret_event = (struct reply_event){.kind = REPLY_NONE};
        return;
    }
    REAL(reply_reader_next)(reader, input, ret_event);
    if (ret_event->kind == REPLY_NONE)
        return;
    if (PLANTED("answers-other-octets", "reply-bound") && ret_event->text.size > 0)
        ret_event->text.data = elsewhere;
    if (PLANTED("loses-a-fact", "reply-naive"))
        ret_event->facts = 0;
    if (PLANTED("joins-no-pieces", "reply-cut") && before.size == 1 && ret_event->text.size > 1)
        ret_event->text = bytes_from(ret_event->text, 1);
}

WRAP(bool, stuff_append, struct bytes message, struct buf *ret_wire)
{
    return PLANTED("stuffs-nothing", "reply-stuffing") ? buf_append(ret_wire, message)
                                                       : REAL(stuff_append)(message, ret_wire);
}

WRAP(bool, unstuff_append, struct bytes wire, struct buf *ret_message)
{
    if (PLANTED("stuffs-nothing", "reply-stuffing"))
        return buf_append(ret_message, wire);
    bool ok = REAL(unstuff_append)(wire, ret_message);

    if (PLANTED("adds-an-octet", "reply-stuffing"))
        buf_append_octet(ret_message, '.');
    return ok;
}

WRAP(size_t, reply_reader_plain_lines, struct reply_reader *reader, struct bytes *input,
     struct bytes *ret_texts, size_t texts_max)
{
    size_t count = REAL(reply_reader_plain_lines)(reader, input, ret_texts, texts_max);

    if (PLANTED("loses-the-last-octet", "reply-passes") && count > 0 && ret_texts[0].size > 0)
        ret_texts[0].size--;
    return count;
}
