/*
 * What one session said of its maildrop: how many messages, their sizes, unique-ids and contents. Only what the target
 * said itself is held here, so that the rules compare the target with itself; what was delivered comes in as hints,
 * which only loosen rules.
 */
#ifndef MODEL_MAILDROP_H
#define MODEL_MAILDROP_H

#include "base/arena.h"
#include "pop3/listing.h"

enum {
    /* Messages kept track of; a larger maildrop is not compared. */
    MAILDROP_MESSAGES_MAX = 65536,
    /* Lines of a message kept as hashes; of a longer one only the head is compared. */
    MESSAGE_LINES_MAX = 1 << 20,
    /* Lines kept of all messages of a session: what would pass it is compared with nothing. */
    MAILDROP_LINES_MAX = 4 << 20,
};

/* What is known of a message from its delivery. */
struct message_hint {
    bool clean; /* CRLF line ends only, no NUL, no overlong line, a header */
    bool final_newline;
    const void *same_as; /* messages with the same pointer have the same octets but for their Message-ID */
    bool identical;      /* ... and have no Message-ID that tells them apart: they may share a unique-id */
    bool eight_bit;      /* not all ASCII: a server with UTF8 may refuse it (RFC 6856 section 2.1) */
};

/* A message's lines as hashes of the line and all before it, so that one is a prefix of another at a glance. */
struct line_chain {
    uint64_t *hashes; /* behind each line */
    size_t count;
    size_t capacity;
    size_t header_lines; /* lines up to and with the blank one; 0: no blank line seen */
    uint64_t octets;     /* un-stuffed, line ends counted as two */
    bool whole;          /* the reply that sent it has ended */
    bool overflowed;
};

struct message {
    bool size_known;
    uint64_t size;   /* as LIST said */
    bool size_fresh; /* since then neither RETR nor TOP nor UIDL made the server look into the message */
    bool unique_id_known;
    struct bytes unique_id; /* in the maildrop's arena */
    struct line_chain retrieved;
    struct line_chain top; /* the longest TOP so far */
    uint64_t top_lines;    /* lines of body asked for in it */
};

struct maildrop {
    struct arena arena;
    bool count_known;
    uint64_t count;           /* messages, marked ones included */
    bool octets_known;        /* STAT was answered */
    uint64_t octets;          /* the most that STAT said of all messages together */
    struct message *messages; /* messages[0] is number 1; `capacity` of them */
    size_t capacity;
    size_t line_count; /* of all chains kept */
    bool too_large;    /* past MAILDROP_MESSAGES_MAX: not followed */
};

void maildrop_init(struct maildrop *maildrop);
void maildrop_release(struct maildrop *maildrop);
/* The message with NUMBER, made if need be; NULL for 0 and where the maildrop is too large to follow. */
struct message *maildrop_message(struct maildrop *maildrop, uint64_t number);
/* The same without making it; NULL if nothing is known of it. */
const struct message *maildrop_known(const struct maildrop *maildrop, uint64_t number);

/* Feeds a chain with one piece of a line; LAST ends the line. */
struct line_feed {
    uint64_t hash;
    uint64_t line_octets;
};
void line_chain_piece(struct line_chain *chain, struct line_feed *feed, struct bytes piece, bool last);
void line_chain_release(struct line_chain *chain);
/*
 * Puts CHAIN, whose storage it takes over, in the place of *SLOT, a chain of one of MAILDROP's messages. False where
 * that would pass MAILDROP_LINES_MAX: the slot is empty then.
 */
bool maildrop_keep(struct maildrop *maildrop, struct line_chain *slot, struct line_chain *chain);
/* True when the first COUNT lines of both are the same. */
bool line_chain_agree(const struct line_chain *a, const struct line_chain *b, size_t count);

#endif
