/*
 * What challenges say, where a standard has it: how often SCRAM has the client hash (RFC 5802 section 5.1, RFC 7677
 * section 4). Whether a client can answer is its own affair, and judged by the exchange.
 */
#include "base/base64.h"
#include "model/conversation_private.h"

enum { SCRAM_ITERATIONS_DUE = 4096, CHALLENGE_OCTETS_MAX = 4096 };

/* True for "AUTH SCRAM-SHA-256", with whatever stands behind it. */
static bool begins_scram(struct bytes command)
{
    static const char *const mechanisms[] = {"SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256",
                                             "SCRAM-SHA-256-PLUS"};
    struct bytes word;

    if (!bytes_split(&command, ' ', &word) || !bytes_split(&command, ' ', &word))
        return false;
    for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
        if (bytes_equal_nocase(word, bytes_of(mechanisms[i])))
            return true;
    }
    return false;
}

/* The attribute i of MESSAGE; false when that is no first message of SCRAM's server. */
static bool find_iterations(struct bytes message, uint64_t *ret_iterations)
{
    struct bytes attribute;

    if (!bytes_start_with(message, BYTES_LITERAL("r=")))
        return false;
    while (bytes_split(&message, ',', &attribute)) {
        if (bytes_start_with(attribute, BYTES_LITERAL("i=")))
            return bytes_to_u64(bytes_from(attribute, 2), ret_iterations);
    }
    return false;
}

void challenges_status(struct conversation *conversation, const struct conversation_event *event,
                       time_us now_us)
{
    uint64_t iterations;
    struct buf message;

    if (!begins_scram(bytes_of(conversation->current.text)))
        return;
    buf_init(&message, CHALLENGE_OCTETS_MAX);
    if (base64_decode(event->status.text, &message) && find_iterations(buf_bytes(&message), &iterations) &&
        iterations < SCRAM_ITERATIONS_DUE)
        conversation_observe(conversation, RULE_SCRAM_ITERATIONS, event->reply.offset, now_us,
                             event->reply.wire, "a challenge that asks for 4096 iterations or more",
                             "it asks for %llu", (unsigned long long)iterations);
    buf_release(&message);
}
