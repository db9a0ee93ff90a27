#include "session_script.h"

enum { CONTROL = 0xFF };

void script_begin(struct script_reader *reader, struct bytes script)
{
    reader->rest = script;
    buf_init(&reader->segment, BUF_UNBOUNDED);
}

void script_end(struct script_reader *reader)
{
    buf_release(&reader->segment);
}

/* The step that CODE behind 0xFF stands for; false where it is no control but octets. */
static bool control_step(uint8_t code, struct script_step *ret_step)
{
    static const struct {
        uint8_t code;
        struct script_step step;
    } controls[] = {
        {'1', {.action = SCRIPT_CLIENT, .client = 0}},
        {'2', {.action = SCRIPT_CLIENT, .client = 1}},
        {'3', {.action = SCRIPT_CLIENT, .client = 2}},
        {'t', {.action = SCRIPT_TLS_DONE}},
        {'T', {.action = SCRIPT_TLS_FAILED}},
        {'e', {.action = SCRIPT_HALF_CLOSE}},
        {'x', {.action = SCRIPT_ABORT}},
        {'d', {.action = SCRIPT_DELIVER}},
        {'~', {.action = SCRIPT_WAIT, .seconds = 10}},
        {'^', {.action = SCRIPT_WAIT, .seconds = 700}},
        {'|', {.action = SCRIPT_SEND}},
    };

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
        if (controls[i].code == code) {
            *ret_step = controls[i].step;
            return true;
        }
    return false;
}

/* Takes octets up to the next control into the segment. */
static void take_octets(struct script_reader *reader)
{
    struct script_step step;

    while (reader->rest.size > 0) {
        uint8_t octet = reader->rest.data[0];

        if (octet == CONTROL && reader->rest.size > 1) {
            if (control_step(reader->rest.data[1], &step))
                return;
            if (reader->rest.data[1] == CONTROL)
                reader->rest = bytes_from(reader->rest, 1);
        }
        buf_append_octet(&reader->segment, octet);
        reader->rest = bytes_from(reader->rest, 1);
    }
}

bool script_next(struct script_reader *reader, struct script_step *ret_step)
{
    for (;;) {
        buf_clear(&reader->segment);
        take_octets(reader);
        if (reader->segment.size > 0) {
            *ret_step = (struct script_step){.action = SCRIPT_SEND, .octets = buf_bytes(&reader->segment)};
            return true;
        }
        if (reader->rest.size == 0)
            return false;
        (void)control_step(reader->rest.data[1], ret_step);
        reader->rest = bytes_from(reader->rest, 2);
        if (ret_step->action != SCRIPT_SEND)
            return true;
    }
}
