#include "cli/probe_look.h"

#include <inttypes.h>
#include <string.h>

enum { CONNECTION = 1, LOOK_ARENA_OCTETS_MAX = 1024 * 1024, LINE_OCTETS_SHOWN = 512 };

static void observe(void *context, const struct observation *observation)
{
    struct look *look = context;

    for (size_t i = 0; i < look->note_count; i++) {
        if (look->notes[i].rule == observation->rule) {
            look->notes[i].count++;
            return;
        }
    }
    look->notes[look->note_count++] =
        (struct look_breach){.rule = observation->rule,
                             .actual = printable_sentence(&look->arena, NULL, observation->actual).text,
                             .count = 1};
}

void look_init(struct look *look, const struct look_options *options)
{
    *look = (struct look){.options = *options};
    arena_init(&look->arena, LOOK_ARENA_OCTETS_MAX);
    look->conversation = conversation_new(&(struct conversation_options){
        .connection = CONNECTION, .observer = {.observe = observe, .context = look}});
}

void look_release(struct look *look)
{
    conversation_free(look->conversation);
    arena_release(&look->arena);
}

static void go(struct look *look, enum look_step step)
{
    look->step = step;
    look->asked = false;
}

static void give_up(struct look *look, const char *reason)
{
    if (look->failure == NULL)
        look->failure = printable_sentence(&look->arena, NULL, reason).text;
    go(look, LOOK_CLOSE);
}

static const char *command_of(enum look_step step)
{
    switch (step) {
    case LOOK_CAPA:
    case LOOK_CAPA_TLS:
        return "CAPA\r\n";
    case LOOK_STLS:
        return "STLS\r\n";
    case LOOK_QUIT:
        return "QUIT\r\n";
    case LOOK_OPEN:
    case LOOK_GREETING:
    case LOOK_TLS:
    case LOOK_END:
    case LOOK_CLOSE:
    case LOOK_DONE:
        break;
    }
    return NULL;
}

static struct ask ask_for_step(struct look *look)
{
    const char *command = command_of(look->step);

    if (command != NULL) {
        conversation_sent(look->conversation, bytes_of(command), CONVERSATION_BY_COMMAND);
        return (struct ask){.kind = ASK_SEND, .connection = CONNECTION, .bytes = bytes_of(command)};
    }
    if (look->step == LOOK_OPEN)
        return (struct ask){
            .kind = ASK_OPEN, .connection = CONNECTION, .implicit_tls = look->options.implicit_tls};
    if (look->step == LOOK_TLS)
        return (struct ask){
            .kind = ASK_START_TLS, .connection = CONNECTION, .tls_version = look->options.version};
    return (struct ask){.kind = ASK_WAIT, .until_us = look->deadline_us};
}

static void look_next(void *actor, time_us now_us, struct ask *ret_ask)
{
    struct look *look = actor;

    if (look->step == LOOK_CLOSE) {
        go(look, LOOK_DONE);
        *ret_ask = (struct ask){.kind = look->opened ? ASK_ABORT : ASK_DONE, .connection = CONNECTION};
    } else if (look->step == LOOK_DONE) {
        *ret_ask = (struct ask){.kind = ASK_DONE};
    } else if (!look->asked) {
        look->asked = true;
        /* One deadline for each step, however many octets trickle in meanwhile. */
        look->deadline_us = time_after(now_us, look->options.reply_timeout_us);
        *ret_ask = ask_for_step(look);
    } else {
        *ret_ask = (struct ask){.kind = ASK_WAIT,
                                .until_us = look->step == LOOK_OPEN ? TIME_NEVER : look->deadline_us};
    }
}

static struct look_capabilities *capabilities_of(struct look *look)
{
    return look->step == LOOK_CAPA_TLS || look->secured ? &look->tls : &look->plain;
}

static void read_body_line(struct look *look, const struct reply_event *reply)
{
    struct look_capabilities *capabilities = capabilities_of(look);

    if (reply->first_piece && capabilities->count < LOOK_LINES_MAX)
        capabilities->lines[capabilities->count++] =
            printable_make(&look->arena, NULL, reply->text, LINE_OCTETS_SHOWN);
}

static void read_status(struct look *look, const struct conversation_event *event)
{
    look->positive = event->status.indicator == STATUS_OK;
    if (event->greeting)
        look->greeting = printable_make(&look->arena, NULL, event->reply.wire, LINE_OCTETS_SHOWN);
}

static bool stls_is_listed(const struct look *look)
{
    const struct capability_set *set = conversation_capabilities(look->conversation);
    struct capability capability;

    return set != NULL && capability_set_find(set, BYTES_LITERAL("STLS"), &capability);
}

static void finish_capa(struct look *look)
{
    struct look_capabilities *capabilities = capabilities_of(look);

    capabilities->asked = true;
    capabilities->positive = look->positive;
    if (!look->secured)
        look->stls_offered = stls_is_listed(look);
    go(look, look->stls_offered && !look->secured && look->options.starttls ? LOOK_STLS : LOOK_QUIT);
}

/* A whole reply to what the step sent was read. */
static void finish_reply(struct look *look)
{
    switch (look->step) {
    case LOOK_GREETING:
        look->greeted = look->positive;
        look->timestamp = conversation_timestamp(look->conversation);
        if (look->positive)
            go(look, LOOK_CAPA);
        else
            give_up(look, "the server's first line is no positive greeting");
        break;
    case LOOK_CAPA:
    case LOOK_CAPA_TLS:
        finish_capa(look);
        break;
    case LOOK_STLS:
        look->stls_refused = !look->positive;
        go(look, look->positive ? LOOK_TLS : LOOK_QUIT);
        break;
    case LOOK_QUIT:
        go(look, LOOK_END);
        break;
    case LOOK_OPEN:
    case LOOK_TLS:
    case LOOK_END:
    case LOOK_CLOSE:
    case LOOK_DONE:
        break;
    }
}

static void read_octets(struct look *look, struct bytes bytes, time_us now_us)
{
    struct conversation_event event;

    look->octets += bytes.size;
    for (;;) {
        conversation_next(look->conversation, &bytes, now_us, &event);
        if (event.reply.kind == REPLY_NONE)
            break;
        if (event.unasked)
            continue;
        if (event.reply.kind == REPLY_STATUS)
            read_status(look, &event);
        else if (event.reply.kind == REPLY_BODY)
            read_body_line(look, &event.reply);
        else
            finish_reply(look);
    }
    if (look->octets > LOOK_OCTETS_MAX)
        give_up(look, "the server sends without end");
}

static void tell_tls(struct look *look, const struct told *told)
{
    look->tls_text = printable_sentence(&look->arena, NULL, told->reason != NULL ? told->reason : "").text;
    if (told->kind == TOLD_TLS_FAILED) {
        give_up(look, look->tls_text);
        return;
    }
    look->secured = true;
    if (look->options.handshake_only) {
        go(look, LOOK_CLOSE);
    } else if (look->options.implicit_tls) {
        go(look, LOOK_GREETING);
    } else {
        conversation_secured(look->conversation, BYTES_EMPTY, told->now_us);
        go(look, LOOK_CAPA_TLS);
    }
}

static const char *awaited(enum look_step step)
{
    switch (step) {
    case LOOK_OPEN:
        return "the connection";
    case LOOK_GREETING:
        return "the greeting";
    case LOOK_CAPA:
    case LOOK_CAPA_TLS:
        return "the reply to CAPA";
    case LOOK_STLS:
        return "the reply to STLS";
    case LOOK_TLS:
        return "the TLS handshake";
    case LOOK_QUIT:
        return "the reply to QUIT";
    case LOOK_END:
    case LOOK_CLOSE:
    case LOOK_DONE:
        break;
    }
    return "the close behind QUIT";
}

static void tell_time(struct look *look, time_us now_us)
{
    char reason[128];

    conversation_timed_out(look->conversation, now_us);
    snprintf(reason, sizeof(reason), "waited %" PRId64 " ms in vain for %s",
             look->options.reply_timeout_us / US_PER_MS, awaited(look->step));
    give_up(look, reason);
}

static void tell_end(struct look *look, const struct told *told)
{
    char reason[128];

    conversation_ended(look->conversation, told->kind == TOLD_RESET, told->now_us);
    if (look->step == LOOK_END) {
        go(look, LOOK_CLOSE);
        return;
    }
    snprintf(reason, sizeof(reason), "the server %s while %s was waited for",
             told->kind == TOLD_RESET ? "reset the connection" : "closed the connection",
             awaited(look->step));
    give_up(look, reason);
}

static void look_tell(void *actor, const struct told *told)
{
    struct look *look = actor;

    if (look->step >= LOOK_CLOSE)
        return;
    switch (told->kind) {
    case TOLD_OPENED:
        look->opened = true;
        go(look, look->options.implicit_tls ? LOOK_TLS : LOOK_GREETING);
        break;
    case TOLD_OPEN_FAILED:
        give_up(look, told->reason != NULL ? told->reason : "the connection cannot be opened");
        break;
    case TOLD_BYTES:
        read_octets(look, told->bytes, told->now_us);
        break;
    case TOLD_END:
    case TOLD_RESET:
        tell_end(look, told);
        break;
    case TOLD_TLS_DONE:
    case TOLD_TLS_FAILED:
        tell_tls(look, told);
        break;
    case TOLD_TIME:
        if (told->now_us >= look->deadline_us)
            tell_time(look, told->now_us);
        break;
    case TOLD_SENT:
    case TOLD_HOST_DONE:
    case TOLD_HOST_FAILED:
    case TOLD_HOST_IMPOSSIBLE:
        break;
    }
}

const struct actor_ops look_actor_ops = {.next = look_next, .tell = look_tell};
