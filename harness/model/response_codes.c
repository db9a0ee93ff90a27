/*
 * Rules about response codes: their form (RFC 2449 sections 3 and 8), and behind which indicator and to which commands
 * those of the registry may stand (RFC 2449 section 8.1, RFC 3206 sections 4 and 5). Only where RESP-CODES is announced:
 * elsewhere a bracket is text.
 */
#include "model/conversation_private.h"
#include "pop3/response_code.h"

/* The rule about where CODE may stand; RULE_COUNT for a code that has none. */
static enum rule rule_of_place(enum response_code code)
{
    switch (code) {
    case RESPONSE_CODE_LOGIN_DELAY:
        return RULE_LOGIN_DELAY_CODE;
    case RESPONSE_CODE_IN_USE:
        return RULE_IN_USE_CODE;
    case RESPONSE_CODE_SYS_TEMP:
    case RESPONSE_CODE_SYS_PERM:
        return RULE_SYSTEM_CODE;
    case RESPONSE_CODE_AUTH:
        return RULE_AUTH_CODE;
    case RESPONSE_CODE_UTF8: /* RFC 6856 is judged by scenarios alone */
    case RESPONSE_CODE_COUNT:
        break;
    }
    return RULE_COUNT;
}

static void check_form(struct conversation *conversation, const struct conversation_event *event,
                       time_us now_us)
{
    const struct status_line *status = &event->status;

    if ((status->facts & STATUS_FACT_CODE_UNCLOSED) != 0)
        conversation_observe(conversation, RULE_RESPONSE_CODE, event->reply.offset, now_us, event->reply.wire,
                             "a response code in brackets, for RESP-CODES is announced",
                             "the text begins with [ and has no ]");
    else if (status->code.data != NULL && !response_code_has_levels(status->code))
        conversation_observe(conversation, RULE_RESPONSE_CODE, event->reply.offset, now_us, event->reply.wire,
                             "a response code of one or more levels, with a slash between two",
                             "one of its levels is empty");
}

static void check_place(struct conversation *conversation, const struct conversation_event *event,
                        enum response_code code, time_us now_us)
{
    enum rule rule = rule_of_place(code);
    bool negative = event->status.indicator == STATUS_ERR;

    if (rule == RULE_COUNT || (negative && response_code_may_answer(code, event->verb)))
        return;
    conversation_observe(conversation, rule, event->reply.offset, now_us, event->reply.wire,
                         "another response code, or none", "%s behind %s to %s", response_code_name(code),
                         negative ? "-ERR" : "+OK", conversation->current.text);
}

/* RFC 3206 section 5: who gives the code with any failed login lists the capability. */
static void check_listed(struct conversation *conversation, const struct conversation_event *event,
                         time_us now_us)
{
    if (conversation->options.auth_resp_code || conversation->announced_auth_codes)
        return;
    conversation_observe(conversation, RULE_AUTH_CODE_LISTED, event->reply.offset, now_us, event->reply.wire,
                         "AUTH-RESP-CODE in CAPA's list, for the code AUTH is given",
                         "CAPA lists RESP-CODES alone");
}

void response_codes_status(struct conversation *conversation, const struct conversation_event *event,
                           time_us now_us)
{
    enum response_code code;

    if (!conversation_has_codes(conversation))
        return;
    check_form(conversation, event, now_us);
    /* What was sent must be plain, or the command that was understood may be another. */
    if (!conversation->agreed || !conversation->current.canonical || event->status.code.data == NULL ||
        !response_code_find(event->status.code, &code))
        return;
    check_place(conversation, event, code, now_us);
    if (code == RESPONSE_CODE_AUTH && event->status.indicator == STATUS_ERR)
        check_listed(conversation, event, now_us);
}
