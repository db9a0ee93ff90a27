/*
 * The maildrop as one session opened it (RFC 1939 section 4): the messages that were there at login, in order, each
 * with its mark. Message n of the protocol is messages[n - 1] here. It borrows nothing: every message is referred to
 * until opened_maildrop_close().
 */
#ifndef REFSERVER_MAILDROP_H
#define REFSERVER_MAILDROP_H

#include "refserver/store.h"

struct opened_message {
    struct stored_message *stored; /* one reference */
    bool marked;                   /* as deleted */
    bool retrieved;                /* by RETR, in this session */
};

struct opened_maildrop {
    struct opened_message *messages;
    size_t count;
    size_t last_before; /* what `last` began with */
    size_t last;        /* highest message-number accessed (RFC 1460, LAST) */
    bool newest_first;  /* the store's last message is number 1 */
};

/* Fills MAILDROP, which is empty but for `newest_first`, from STORE. */
bool opened_maildrop_open(struct opened_maildrop *maildrop, struct store *store, struct error *error);
/* Lists STORE again; marks stay with their messages. What cannot be listed leaves MAILDROP as it is. */
void opened_maildrop_refresh(struct opened_maildrop *maildrop, struct store *store);
/* How many of its messages are marked. */
size_t opened_maildrop_marked(const struct opened_maildrop *maildrop);
/* Gives all references back; MAILDROP is empty afterwards. */
void opened_maildrop_close(struct opened_maildrop *maildrop);

#endif
