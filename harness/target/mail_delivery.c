#include "target/mail_delivery.h"

#include "base/memory.h"
#include "target/adapters.h"
#include "target/target_text.h"

enum {
    REPLY_LINE_OCTETS_MAX = 4096, /* RFC 5321 section 4.5.3.1.5 says 512; some say more */
    REPLY_LINES_MAX = 100,
    CONNECTION = 1,
};

/* What was sent last, and so what the next reply answers. */
enum mail_stage {
    MAIL_CONNECT,
    MAIL_GREETING,
    MAIL_HELLO,     /* LHLO or EHLO */
    MAIL_OLD_HELLO, /* HELO, where EHLO is unknown */
    MAIL_SENDER,    /* MAIL FROM */
    MAIL_RECIPIENT, /* RCPT TO */
    MAIL_DATA,      /* DATA */
    MAIL_CONTENT,   /* the message and its dot */
    MAIL_FAREWELL,  /* QUIT: whatever comes of it */
    MAIL_OVER,
};

struct mail_delivery {
    const struct target *target;
    const char *user;
    struct bytes message;
    enum mail_stage stage;
    bool begun;     /* ASK_OPEN is out */
    bool sending;   /* OUT is on its way */
    bool send_due;  /* OUT is to be sent */
    bool eight_bit; /* the server lists 8BITMIME */
    bool utf8;      /* the server lists SMTPUTF8 */
    struct buf out;
    struct buf line; /* of the reply, as far as it has come */
    unsigned lines;  /* of this reply */
    time_us deadline_us;
    enum provision_result result;
    struct error error;
};

static const char *const stage_names[] = {
    [MAIL_CONNECT] = "connecting", [MAIL_GREETING] = "the greeting",
    [MAIL_HELLO] = "the hello",    [MAIL_OLD_HELLO] = "HELO",
    [MAIL_SENDER] = "MAIL FROM",   [MAIL_RECIPIENT] = "RCPT TO",
    [MAIL_DATA] = "DATA",          [MAIL_CONTENT] = "the message",
    [MAIL_FAREWELL] = "QUIT",      [MAIL_OVER] = "",
};

static bool is_lmtp(const struct mail_delivery *delivery)
{
    return delivery->target->provision == TARGET_PROVISION_LMTP;
}

bool mail_recipient(const char *pattern, const char *user, struct buf *ret_recipient, struct error *error)
{
    struct bytes recipient;

    target_fill_user(pattern, user, ret_recipient);
    recipient = buf_bytes(ret_recipient);
    for (size_t i = 0; i < recipient.size; i++)
        if (!ascii_is_visible(recipient.data[i]) || strchr("<>\"\\(),:;", recipient.data[i]) != NULL) {
            error_set(error, ERROR_USAGE, "\"%s\" is no address that mail can be sent to",
                      buf_text(ret_recipient));
            return error_hint(error, "say it by recipient: \"{user}@example.org\", with plain names");
        }
    if (recipient.size == 0 || ret_recipient->overflowed)
        return error_set(error, ERROR_USAGE, "the address of account \"%s\" is empty or too long", user);
    return true;
}

/* ---- giving up, and leaving ---- */

static void fail(struct mail_delivery *delivery, enum provision_result result, const char *text)
{
    const struct target *target = delivery->target;
    bool bracketed = strchr(target->mail_host, ':') != NULL;

    if (delivery->stage == MAIL_OVER)
        return;
    delivery->result = result;
    error_set(&delivery->error, ERROR_UNREACHABLE, "%s to %s%s%s:%u for account \"%s\": %s: %s",
              is_lmtp(delivery) ? "LMTP" : "SMTP", bracketed ? "[" : "", target->mail_host,
              bracketed ? "]" : "", target->mail_port, delivery->user, stage_names[delivery->stage], text);
    delivery->stage = MAIL_OVER;
}

/* ---- sending ---- */

static void say(struct mail_delivery *delivery, enum mail_stage stage)
{
    delivery->stage = stage;
    delivery->send_due = true;
}

static bool has_eight_bit(struct bytes octets)
{
    for (size_t i = 0; i < octets.size; i++)
        if (octets.data[i] >= 0x80)
            return true;
    return false;
}

static struct bytes header_of(struct bytes message)
{
    return bytes_slice(message, 0, bytes_find(message, BYTES_LITERAL("\r\n\r\n")));
}

static void say_sender(struct mail_delivery *delivery)
{
    buf_append_text(&delivery->out, "MAIL FROM:<>");
    if (delivery->eight_bit && has_eight_bit(delivery->message))
        buf_append_text(&delivery->out, " BODY=8BITMIME");
    if (delivery->utf8 && has_eight_bit(header_of(delivery->message)))
        buf_append_text(&delivery->out, " SMTPUTF8");
    buf_append_text(&delivery->out, "\r\n");
    say(delivery, MAIL_SENDER);
}

static void say_recipient(struct mail_delivery *delivery)
{
    struct error error;
    struct buf recipient;

    buf_init(&recipient, MAIL_RECIPIENT_OCTETS_MAX);
    if (mail_recipient(delivery->target->mail_recipient, delivery->user, &recipient, &error)) {
        buf_append_format(&delivery->out, "RCPT TO:<%s>\r\n", buf_text(&recipient));
        say(delivery, MAIL_RECIPIENT);
    } else {
        fail(delivery, PROVISION_FAILED, error.text);
    }
    buf_release(&recipient);
}

/* RFC 5321 section 4.5.2: a dot in front of each line that begins with one; the last line has its end. */
static void say_content(struct mail_delivery *delivery)
{
    bool at_line_start = true;

    for (size_t i = 0; i < delivery->message.size; i++) {
        if (at_line_start && delivery->message.data[i] == '.')
            buf_append_octet(&delivery->out, '.');
        buf_append_octet(&delivery->out, delivery->message.data[i]);
        at_line_start = delivery->message.data[i] == '\n' && i > 0 && delivery->message.data[i - 1] == '\r';
    }
    buf_append_text(&delivery->out, at_line_start ? ".\r\n" : "\r\n.\r\n");
    say(delivery, MAIL_CONTENT);
}

static void say_text(struct mail_delivery *delivery, const char *text, enum mail_stage stage)
{
    buf_append_text(&delivery->out, text);
    say(delivery, stage);
}

/* ---- replies ---- */

static void refuse(struct mail_delivery *delivery)
{
    /* 552 and 554 are about this message; anything before it would meet any other message too. */
    bool of_message = delivery->stage == MAIL_CONTENT && delivery->line.data[0] == '5';
    struct buf quoted;

    buf_init(&quoted, REPLY_LINE_OCTETS_MAX + 1);
    target_quote_plain(buf_bytes(&delivery->line), &quoted);
    fail(delivery, of_message ? PROVISION_REFUSED : PROVISION_FAILED, buf_text(&quoted));
    buf_release(&quoted);
}

/* The last line of the reply to what was said has come, with a code that begins with CLASS. */
static void go_on(struct mail_delivery *delivery, char class)
{
    char wanted = delivery->stage == MAIL_DATA ? '3' : '2';

    if (delivery->stage == MAIL_HELLO && class == '5' && !is_lmtp(delivery)) {
        say_text(delivery, "HELO localhost\r\n", MAIL_OLD_HELLO);
        return;
    }
    if (class != wanted && delivery->stage != MAIL_FAREWELL) {
        refuse(delivery);
        return;
    }
    switch (delivery->stage) {
    case MAIL_GREETING:
        say_text(delivery, is_lmtp(delivery) ? "LHLO localhost\r\n" : "EHLO localhost\r\n", MAIL_HELLO);
        return;
    case MAIL_HELLO:
    case MAIL_OLD_HELLO:
        say_sender(delivery);
        return;
    case MAIL_SENDER:
        say_recipient(delivery);
        return;
    case MAIL_RECIPIENT:
        say_text(delivery, "DATA\r\n", MAIL_DATA);
        return;
    case MAIL_DATA:
        say_content(delivery);
        return;
    case MAIL_CONTENT:
        say_text(delivery, "QUIT\r\n", MAIL_FAREWELL);
        return;
    case MAIL_FAREWELL:
    case MAIL_CONNECT:
    case MAIL_OVER:
        delivery->stage = MAIL_OVER;
        return;
    }
}

static void note_extension(struct mail_delivery *delivery, struct bytes line)
{
    struct bytes keyword = bytes_from(line, 4);

    if (delivery->stage != MAIL_HELLO)
        return;
    delivery->eight_bit |= bytes_equal_nocase(keyword, BYTES_LITERAL("8BITMIME"));
    delivery->utf8 |= bytes_equal_nocase(keyword, BYTES_LITERAL("SMTPUTF8"));
}

/* RFC 5321 section 4.2.1: three digits, then "-" on all lines but the last. */
static void take_line(struct mail_delivery *delivery)
{
    struct bytes line = buf_bytes(&delivery->line);

    if (bytes_end_with(line, BYTES_LITERAL("\r")))
        line.size--;
    for (size_t i = 0; i < 3; i++)
        if (i >= line.size || !ascii_is_digit(line.data[i])) {
            fail(delivery, PROVISION_FAILED, "what came is no reply");
            return;
        }
    if (++delivery->lines > REPLY_LINES_MAX) {
        fail(delivery, PROVISION_FAILED, "the reply does not end");
        return;
    }
    note_extension(delivery, line);
    if (line.size > 3 && line.data[3] == '-')
        return;
    delivery->lines = 0;
    go_on(delivery, (char)line.data[0]);
}

/* An answer to what was not said yet cannot be one; but a message may be refused before all of it is sent. */
static bool is_early(const struct mail_delivery *delivery)
{
    bool refusal =
        delivery->stage == MAIL_CONTENT && delivery->line.size > 0 && delivery->line.data[0] != '2';

    return delivery->send_due || (delivery->sending && !refusal);
}

static void take_bytes(struct mail_delivery *delivery, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.size && delivery->stage != MAIL_OVER; i++) {
        if (bytes.data[i] != '\n') {
            buf_append_octet(&delivery->line, bytes.data[i]);
            if (delivery->line.overflowed)
                fail(delivery, PROVISION_FAILED, "the reply does not end");
            continue;
        }
        if (is_early(delivery))
            fail(delivery, PROVISION_FAILED, "a reply came that nothing had asked for");
        else
            take_line(delivery);
        buf_clear(&delivery->line);
    }
}

/* ---- the actor ---- */

static void mail_next(void *actor, time_us now_us, struct ask *ret_ask)
{
    struct mail_delivery *delivery = (struct mail_delivery *)actor;

    if (!delivery->begun) {
        delivery->begun = true;
        delivery->deadline_us = time_after(now_us, delivery->target->provision_timeout_us);
        *ret_ask = (struct ask){.kind = ASK_OPEN, .connection = CONNECTION};
        return;
    }
    if (now_us >= delivery->deadline_us)
        fail(delivery, PROVISION_FAILED, "no answer before the time was up (timeouts: {provision: ...})");
    if (delivery->stage == MAIL_OVER) {
        *ret_ask = (struct ask){.kind = ASK_DONE};
    } else if (delivery->send_due) {
        delivery->send_due = false;
        delivery->sending = true;
        *ret_ask =
            (struct ask){.kind = ASK_SEND, .connection = CONNECTION, .bytes = buf_bytes(&delivery->out)};
    } else {
        *ret_ask = (struct ask){.kind = ASK_WAIT, .until_us = delivery->deadline_us};
    }
}

/* The message is delivered already when QUIT is on its way. */
static void lose(struct mail_delivery *delivery, const char *reason)
{
    if (delivery->stage == MAIL_FAREWELL)
        delivery->stage = MAIL_OVER;
    else
        fail(delivery, PROVISION_FAILED, reason != NULL ? reason : "the connection was closed");
}

static void mail_tell(void *actor, const struct told *told)
{
    struct mail_delivery *delivery = (struct mail_delivery *)actor;

    switch (told->kind) {
    case TOLD_OPENED:
        delivery->stage = MAIL_GREETING;
        return;
    case TOLD_SENT:
        delivery->sending = false;
        buf_clear(&delivery->out);
        return;
    case TOLD_BYTES:
        take_bytes(delivery, told->bytes);
        return;
    case TOLD_OPEN_FAILED:
    case TOLD_END:
    case TOLD_RESET:
        lose(delivery, told->reason);
        return;
    case TOLD_TLS_DONE:
    case TOLD_TLS_FAILED:
    case TOLD_HOST_DONE:
    case TOLD_HOST_FAILED:
    case TOLD_HOST_IMPOSSIBLE:
    case TOLD_TIME:
        return;
    }
}

static enum provision_result mail_finish(const void *actor, struct error *error)
{
    const struct mail_delivery *delivery = (const struct mail_delivery *)actor;

    *error = delivery->error;
    return delivery->result;
}

static void mail_free(void *actor)
{
    struct mail_delivery *delivery = (struct mail_delivery *)actor;

    buf_release(&delivery->out);
    buf_release(&delivery->line);
    free(delivery);
}

struct errand mail_delivery_new(const struct target *target, const char *user, struct bytes message)
{
    static const struct actor_ops ops = {.next = mail_next, .tell = mail_tell};
    struct mail_delivery *delivery = (struct mail_delivery *)memory_new(sizeof(*delivery));

    *delivery =
        (struct mail_delivery){.target = target, .user = user, .message = message, .result = PROVISION_DONE};
    buf_init(&delivery->out, BUF_UNBOUNDED);
    buf_init(&delivery->line, REPLY_LINE_OCTETS_MAX);
    return (struct errand){ERRAND_BY_MAIL, &ops, delivery, mail_finish, mail_free};
}

/* ---- the provisioner ---- */

static struct errand send_message(void *context, const char *user, struct bytes message)
{
    return mail_delivery_new(((const struct adapter *)context)->target, user, message);
}

struct provisioner mail_provisioner(const struct target *target)
{
    static const struct provisioner_ops lmtp = {.send_message = send_message, .free = free};
    static const struct provisioner_ops smtp = {
        .send_message = send_message, .may_arrive_later = true, .free = free};

    return (struct provisioner){target->provision == TARGET_PROVISION_SMTP ? &smtp : &lmtp,
                                adapter_new(target)};
}
