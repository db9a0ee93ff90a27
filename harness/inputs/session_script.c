#include "inputs/session_script.h"

#include "base/check.h"
#include "inputs/controls.h"

enum { SEGMENT_END = '|' };

void script_begin(struct script_reader *reader, struct bytes script)
{
    reader->rest = script;
    buf_init(&reader->segment, BUF_UNBOUNDED);
}

void script_end(struct script_reader *reader)
{
    buf_release(&reader->segment);
}

static const struct {
    uint8_t code;
    struct script_step step;
} CONTROLS[] = {
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
    {SEGMENT_END, {.action = SCRIPT_SEND}},
};

enum { CONTROL_COUNT = sizeof(CONTROLS) / sizeof(CONTROLS[0]) };

/* The step that CODE behind 0xFF stands for; false where it is no control but octets. */
static bool control_step(uint8_t code, struct script_step *ret_step)
{
    for (size_t i = 0; i < CONTROL_COUNT; i++)
        if (CONTROLS[i].code == code) {
            *ret_step = CONTROLS[i].step;
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

        if (octet == INPUT_CONTROL && reader->rest.size > 1) {
            if (control_step(reader->rest.data[1], &step))
                return;
            if (reader->rest.data[1] == INPUT_CONTROL)
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

static uint8_t code_of(const struct script_step *step)
{
    for (size_t i = 0; i < CONTROL_COUNT; i++) {
        const struct script_step *other = &CONTROLS[i].step;

        if (other->action == step->action && other->client == step->client && other->seconds == step->seconds)
            return CONTROLS[i].code;
    }
    CHECK(false);
}

void script_append(struct script_writer *writer, const struct script_step *step)
{
    bool sends = step->action == SCRIPT_SEND;

    if (sends && step->octets.size == 0)
        return;
    if (sends && writer->in_segment)
        input_append_control(writer->out, SEGMENT_END);
    if (sends)
        input_append_octets(writer->out, step->octets);
    else
        input_append_control(writer->out, code_of(step));
    writer->in_segment = sends;
}
