/*
 * The machine's inside, shared by the files of exec/.
 *
 *   machine.c    the actor: what is asked, what is told, the outcome
 *   strand.c     steps in order: a strand takes a step, turns it into tasks, and carries them out one by one
 *   tasks.c      the tasks: send, reply, close, ...; each starts, then waits for its link or the time
 *   bring_up.c   the way to a scenario's state: open, TLS, greeting, login, and trying again
 *   exchange.c   AUTH, round by round
 *   replies.c    waiting for a reply, and judging it
 *   link.c       one connection: its conversation, what is sent on it, what came in and is not read yet
 *   safety.c     what may be sent to a target whose mailboxes are not for testing
 *   holes.c      values of holes: what was delivered, what was learnt
 *   settle.c     the end of a case: replies still due, a polite QUIT, the close
 */
#ifndef EXEC_MACHINE_PRIVATE_H
#define EXEC_MACHINE_PRIVATE_H

#include "exec/machine.h"
#include "exec/rows.h"
#include "model/conversation.h"

enum {
    ASKS_MAX = 64,  /* asks not fetched yet; each strand adds a few at a time */
    TASKS_MAX = 24, /* tasks of one step: a login over STLS with SASL takes fewer */
    FRAMES_MAX = 8, /* blocks inside blocks */
    STRANDS_MAX = 1 + CONNECTIONS_MAX,
    NAMES_MAX = 32,                       /* names bound in one scenario */
    UNREAD_OCTETS_MAX = 16 * 1024 * 1024, /* octets of a target that no step reads: past it the case ends */
    BODY_OCTETS_OVER = 64 * 1024 * 1024,  /* over what was delivered, four times: past it a body is endless */
    BODY_LINE_KEPT_MAX = 1024 * 1024,     /* a body line kept whole for a pattern */
    LINE_OCTETS_AWAITED = 64 * 1024,      /* past it a first line is endless */
    LISTING_OCTETS_AWAITED =
        64 * 1024 * 1024,               /* of LIST and UIDL where the mailbox is unknown: a million rows */
    WORDS_OCTETS_AWAITED = 1024 * 1024, /* of lists that no mailbox lengthens: CAPA, AUTH, LANG */
    REPORT_OCTETS_MAX = 4096,           /* of what is quoted in a report */
    EXCHANGE_OCTETS_MAX = 16 * 1024,    /* a SASL message before base 64: far above any mechanism's */
    BODY_TIMEOUTS_MAX = 20,             /* a reply takes at most so many reply timeouts in all */
    LOOK_US = 2,                        /* as long as it takes to see what is there already */
    CROSSING_US = 250 * 1000, /* how long RST may come behind FIN that says that our octets crossed it */
    TAIL_FOLDINGS = 3,
};

/* Past so many octets a message is not waited for where neither the mailbox nor LIST nor STAT says how large it is. */
#define MESSAGE_OCTETS_AWAITED (UINT64_C(256) * 1024 * 1024)

#define PLACE_UNKNOWN UINT64_MAX

enum link_state {
    LINK_CLOSED, /* never opened, or closed by us */
    LINK_OPENING,
    LINK_OPEN,
    LINK_ENDED,  /* the target closed in order */
    LINK_RESET,  /* the target closed by RST */
    LINK_FAILED, /* could not be opened, or its handshake failed */
};

/* Which of the stored messages a message-number meant when the session began. */
struct snapshot {
    size_t *stored; /* indexes into machine->stored */
    size_t count;
    bool taken;
};

/* What was sent last, for the search of words that must not be sent (safety.c): four octets under each folding. */
struct tail {
    uint32_t last_four[TAIL_FOLDINGS];
};

/* A reply being read for a task. */
struct expectation {
    bool active;
    bool complete;           /* its END has come */
    const struct step *step; /* NULL for the driver's own commands */
    enum status_indicator indicator;
    bool body_follows;
    bool mismatched;        /* the status line or a body line was not as demanded */
    bool busy;              /* a login was refused with SYS/TEMP */
    enum command_verb verb; /* whose reply it is; set with the first line */
    bool may_be_locked;     /* a login was refused, and no code rules out that the maildrop is locked */
    int alternative;        /* which one met, -1: none */
    const char *why_not;    /* a hole had no value: the step is impossible */
    struct body_matcher *matcher;
    struct buf first_line; /* as on the wire, for reports */
    uint64_t first_offset; /* where the first line stands in what came on the connection */
    struct buf bad_line;   /* the body line that was not as demanded */
    uint64_t line_offset;  /* of the body line being read; PLACE_UNKNOWN: rows are matched out of order */
    uint64_t bad_offset;   /* of the bad line, or PLACE_UNKNOWN */
    struct buf demanded;   /* what was demanded there */
    struct buf line;       /* pieces of the body line being read */
    struct rows rows;      /* a listing's, until it is complete */
    bool in_rows;          /* the body is a listing: its rows may come in any order */
    uint64_t body_lines;
    uint64_t octets;
    uint64_t octets_awaited; /* past it the body is not waited for; set with the first line */
};

/* An AUTH exchange with a client that knows its mechanism. */
struct exchange {
    void *client;                /* of the credentials; NULL: none was begun */
    enum login_method method;    /* its mechanism */
    enum sasl_progress progress; /* of the client's last step */
    struct buf answer;           /* what it says to the last challenge */
    bool answered;               /* `answer` is made already */
    bool held; /* it was too long for an initial response, and waits for the first challenge */
};

struct link {
    enum link_state state;
    int connection;
    struct conversation *conversation; /* NULL until the first open */
    struct buf unread;                 /* octets that no task has read yet */
    struct bytes fresh;                /* octets of the event being told, behind `unread` */
    struct expectation expectation;
    bool secured;                 /* TLS is on */
    enum tls_version tls_version; /* the one that is offered */
    bool tls_pending;
    bool tls_excused; /* a handshake failed that was allowed to: nothing more is demanded here */
    bool tls_failed;
    bool versions_refused; /* ... since the server speaks no version that it should: the rule tells of it */
    bool implicit_tls;     /* opened on the port for it */
    bool truncated;        /* ended without close_notify */
    bool end_noted;        /* the conversation was told of the end, behind the last octet read */
    bool sending;          /* an ASK_SEND is not answered yet: what else is to leave waits behind it */
    bool tls_waits;        /* the handshake is to begin when all has left */
    bool half_close_waits; /* our way is to be closed then */
    /* FIN came instead of a reply: until when RST would explain that; 0: it did not. */
    time_us ending_until_us;
    uint64_t looked_at_octets; /* what was read until it was looked what else came with it */
    size_t sent_ahead;         /* steps to come that were sent already (transport pipelined) */
    bool half_closed;
    bool retrieved;     /* RETR or TOP was sent */
    bool line_open;     /* the last octet sent was not LF */
    bool other_account; /* not account 1's: what was delivered says nothing of this session */
    struct tail tail;
    struct buf reason;   /* of a failed open or handshake */
    struct buf outgoing; /* octets being sent */
    struct buf waiting;  /* octets to be sent when those have left */
    size_t *cuts;
    size_t cut_count;
    enum split_mode split;
    uint64_t split_at;
    int64_t pause_us;
    enum conversation_shape shape;    /* of the next command */
    enum alternative_kind last_reply; /* for `when` */
    bool has_last_reply;
    const struct step *fence;
    struct snapshot snapshot;
    struct buf challenge; /* the last challenge, decoded */
    struct exchange exchange;
};

enum task_kind {
    TASK_OPEN,
    TASK_TLS,
    TASK_GREETING,
    TASK_COMMAND, /* the driver's own: send a line, demand +OK */
    TASK_SASL,
    TASK_SEND,
    TASK_REPLY,
    TASK_CLOSED,
    TASK_QUIET,
    TASK_CLOSE,
    TASK_ABORT,
    TASK_HALF_CLOSE,
    TASK_HOST,
    TASK_JOIN,
    TASK_PAUSE,
    TASK_SETTLE,
};

struct task {
    enum task_kind kind;
    int connection;
    const struct step *step; /* the scenario's step, NULL on the driver's own way */
    bool started;
    int phase;  /* SASL: challenges so far */
    bool ended; /* SASL: the reply that ends it has come */
    time_us deadline_us;
    time_us hard_deadline_us;
    time_us look_until_us; /* what sends begins no earlier, for a close may be there; 0: not known yet */
    time_us progress_us;   /* when the last octet of what is awaited came */
    uint64_t octets_read;  /* on the connection until then */
    time_us
        farewell_us; /* until when a close is waited for that would make a refusal a farewell; 0: it is not */
    const char *line;    /* COMMAND: the line with CRLF, in the arena */
    const char *purpose; /* COMMAND, SASL: "logging in" */
    bool implicit_tls;
    bool other_account; /* COMMAND, SASL: it logs in an account that is not the first */
    enum tls_expectation tls;
    enum tls_version tls_version;
    enum closed_expectation closed;
    int64_t span_us;
    uint64_t account;
    const char *name; /* SASL: mechanism; HOST: verb */
    const char *noun; /* HOST */
};

struct frame {
    const struct step *steps;
    size_t count;
    size_t index;
    int only;   /* inside `together`: this connection's steps alone; 0: all */
    bool leads; /* ... and those of no connection */
};

struct strand {
    bool active;
    struct frame frames[FRAMES_MAX];
    size_t frame_count;
    struct task tasks[TASKS_MAX];
    size_t task_first;
    size_t task_count;
    time_us wake_us;        /* when it must be looked at again if nothing happens */
    time_us retry_until_us; /* bringing up: until when a refused login is tried again; 0: it is not */
    int64_t backoff_us;
    bool retry_login; /* what to bring up again */
    bool replaced;    /* a task has put others in the place of all */
    int retry_connection;
    size_t children; /* strands of `together` it waits for */
    struct strand *parent;
};

/* A message in the maildrop of account 1, as far as the machine knows. */
struct stored {
    const struct fixture *fixture;
    struct bytes octets;
    bool ascii;
    bool there;             /* delivered and not removed by a session that ended in QUIT */
    struct bytes unique_id; /* the first one seen in this scenario, in the arena; data NULL if none */
};

struct bound_name {
    const char *name;
    struct bytes value; /* in the arena */
};

struct machine {
    struct machine_options options;
    struct arena arena;
    struct link links[CONNECTIONS_MAX];
    struct strand strands[STRANDS_MAX];
    struct ask asks[ASKS_MAX];
    size_t ask_first;
    size_t ask_count;
    bool begun;
    bool host_busy;
    bool host_failed;
    bool host_impossible; /* by nobody's fault */
    struct buf host_reason;
    bool settling;
    bool uncertain;      /* QUIT was refused: what was marked may be there or not (RFC 1939 section 6) */
    size_t strand_turns; /* strands begun and ended so far */
    bool done;
    bool
        session_dropped; /* on a connection that was opened anew, a session ended without QUIT: its lock may outlive it */
    bool trouble_told; /* a login was refused with SYS/TEMP, and the scenario took it */
    bool point_ahead;  /* the scenario has a `point`, and the strand has not come to it */
    time_us now_us;
    int64_t reply_timeout_us;
    struct stored *stored;
    size_t stored_count;
    size_t stored_capacity;
    struct message_hint *hints; /* for conversations, by message-number, at the last login */
    struct bound_name names[NAMES_MAX];
    size_t name_count;
    struct buf hole_texts[HOLE_VALUES_MAX];
    struct buf hole_why;
    struct resolver resolver;
    struct transcript transcript;
    struct outcome outcome;
};

/* ---- machine.c ---- */
struct link *machine_link(struct machine *machine, int connection);
void machine_ask(struct machine *machine, struct ask ask);
/* Ends the case with KIND, unless it has ended already. FORMAT makes the reason. */
void machine_end(struct machine *machine, enum outcome_kind kind, const struct step *step, int connection,
                 const char *format, ...) PRINTF_LIKE(5, 6);
/* Ends it as FAILED. EXPECTED and ACTUAL may quote the target. */
void machine_fail(struct machine *machine, const struct step *step, int connection, struct bytes expected,
                  struct bytes actual);
bool machine_ended(const struct machine *machine);
/* True when a connection of the case ended, or was left, in TRANSACTION: its session's lock may still be there. */
bool session_was_dropped(const struct machine *machine);
/* The model's and the auditor's observer: marks the octet in the transcript, and hands the observation on. MACHINE is its context. */
void machine_observe(void *machine, const struct observation *observation);
int64_t machine_scaled(const struct machine *machine, int64_t span_us);

/* ---- strand.c ---- */
/* Runs STRAND as far as it gets. */
void strand_run(struct machine *machine, struct strand *strand);
void strand_start(struct machine *machine, struct strand *strand, const struct frame *frame,
                  struct strand *parent);
/* Puts a task at the end of STRAND's queue; the result may be filled in further. */
struct task *strand_push(struct strand *strand, enum task_kind kind, int connection, const struct step *step);
void strand_clear_tasks(struct strand *strand);
/*
 * The INDEXth (from 0) of the steps behind the current one that can be sent ahead of the replies that stand between
 * (RFC 2449 section 6.6): lines of text that wait for nothing learnt. NULL if there are not so many.
 */
const struct step *strand_ahead(const struct strand *strand, int connection, size_t index);

/* ---- tasks.c ---- */
enum task_state { TASK_WAITS, TASK_DONE };
/* Carries TASK on. When it waits, the strand's wake_us says until when at most. */
enum task_state task_run(struct machine *machine, struct strand *strand, struct task *task);
/*
 * A server may close right behind a reply (RFC 1939 section 3: until the connection is closed). False until
 * task->look_until_us, by when it is known what came together with the last reply on LINK: nothing is sent before.
 */
bool task_has_looked(const struct machine *machine, struct link *link, struct task *task);

/* ---- replies.c ---- */
/* Starts reading the next reply of LINK for STEP (NULL: the driver's own). */
void expectation_begin(struct link *link, const struct step *step);
void expectation_release(struct expectation *expectation);
/* What came of the reply that is awaited: its first line, a line of its body (or a piece of one), its terminator at OFFSET. */
void expectation_take_status(struct machine *machine, struct link *link,
                             const struct conversation_event *event);
void expectation_take_body_line(struct expectation *expectation, const struct reply_event *event);
void expectation_take_end(struct expectation *expectation, uint64_t offset);
/* The reply is complete without the body that the scenario would look at: neither right nor wrong. */
void expectation_take_bodiless_end(struct expectation *expectation);
enum task_state task_run_reply(struct machine *machine, struct strand *strand, struct task *task);
/* The rest of it, once LINK has been read: judges the reply that is there, or waits on. */
enum task_state reply_await(struct machine *machine, struct strand *strand, struct link *link,
                            struct task *task);
/* Starts TASK's deadlines; LINK may be NULL where nothing is awaited of it. */
void deadlines_begin(const struct machine *machine, const struct link *link, struct task *task);
/* Moves the deadline while something goes on coming: slowness breaks no rule. There is an end to it all the same. */
void deadlines_extend(const struct machine *machine, const struct link *link, struct task *task);
/* True when the deadline has come in silence, and not only because all of it took too long. */
bool deadlines_silent(const struct machine *machine, const struct task *task);
/* True while it is worth to wait for a close that would make what LINK's target said last a farewell. */
bool awaits_farewell(const struct machine *machine, const struct link *link, struct task *task);

/* ---- bring_up.c ---- */
/* True when the login that was just refused on LINK may have met the lock of an earlier case's session. */
bool earlier_lock_may_stay(const struct machine *machine, const struct link *link);
/* Ends the case as skipped for such a lock, and says what to do about it. */
void end_for_lock(struct machine *machine, const struct task *task);
/* Queues what brings CONNECTION up: open, TLS, greeting, and login where LOGIN; refused logins are tried again. */
void bring_up(struct machine *machine, struct strand *strand, int connection, bool login);
void bring_up_open(struct machine *machine, struct strand *strand, int connection, bool implicit_tls,
                   const struct step *step);
void bring_up_login(struct machine *machine, struct strand *strand, int connection, uint64_t account,
                    const struct step *step);
/* The driver's own way: the greeting, and commands that must get +OK; else it is tried again, or the case is blocked. */
enum task_state task_run_greeting(struct machine *machine, struct strand *strand, struct task *task);
enum task_state task_run_command(struct machine *machine, struct strand *strand, struct task *task);
/* Waits for the reply to TASK's command: +OK, or the way there is blocked. */
enum task_state own_way_await(struct machine *machine, struct strand *strand, struct task *task);
/* False when TASK's link is not open any more: what follows from that is done. */
bool own_way_may_begin(struct machine *machine, struct strand *strand, const struct task *task);

/* ---- exchange.c ---- */
void exchange_init(struct exchange *exchange);
void exchange_release(const struct machine_options *options, struct exchange *exchange);
/* The client is done with. */
void exchange_end(const struct machine_options *options, struct exchange *exchange);
/* The client's answer to LINK's last challenge, before base 64, until the next one; false when there is none. */
bool exchange_answer(struct machine *machine, struct link *link, struct bytes *ret_answer);
/* True for the verb `sasl`, false for the driver's own login. */
bool exchange_is_scenarios(const struct task *task);
enum task_state task_run_sasl(struct machine *machine, struct strand *strand, struct task *task);

/* ---- settle.c ---- */
/* The steps are through: reads replies still due, says QUIT where that is safe and due, closes what is open. */
enum task_state task_run_settle(struct machine *machine, struct strand *strand, struct task *task);
/* The case ended otherwise: closes LINK at once. */
void settle_at_once(struct machine *machine, struct link *link);

/* ---- link.c ---- */
/* No more is waited for: a reply whose body may be missing is complete without it. */
void link_settle_body(struct link *link);
void link_init(struct link *link, int connection, const struct machine_options *options);
void link_release(struct link *link, const struct machine_options *options);
/* Makes LINK ready for a new connection: a new conversation, nothing unread. */
void link_renew(struct machine *machine, struct link *link);
/* Sends OCTETS in the link's way of cutting. False when a safety rule forbids it: the case has ended then. */
bool link_send(struct machine *machine, struct link *link, struct bytes octets, const struct step *step);
/* Begins a TLS handshake, once all that is to be sent has left: a server may answer what it has not got whole. */
void link_start_tls(struct machine *machine, struct link *link);
/* The handshake came about: what is still unread of the clear text is judged as such. */
void link_secured(struct machine *machine, struct link *link);
/* Closes our way, likewise. */
void link_half_close(struct machine *machine, struct link *link);
/* TOLD_SENT: goes on with what waits. */
void link_was_sent(struct machine *machine, struct link *link);
/* Reads what has come in, as far as the expectation, if any, goes; unasked lines always. */
void link_read(struct machine *machine, struct link *link);
/* Reads everything, whether asked for or not. */
void link_read_all(struct machine *machine, struct link *link);
bool link_has_unread(const struct link *link);
bool link_is_open(const struct link *link);
bool link_has_ended(const struct link *link);
/*
 * The target sent FIN. Where a reply is due, the command may have crossed it, and then none is owed (RFC 1939 section 3: until the
 * connection is closed): RST, which tells that our octets found nobody to read them, is waited for first.
 */
void link_told_end(struct machine *machine, struct link *link, bool truncated);
void link_told_reset(struct machine *machine, struct link *link);
/* True while it is not known what LINK's end means: until *RET_WAKE_US at most. Nothing is read or sent then. */
bool link_is_pending(struct machine *machine, struct link *link, time_us *ret_wake_us);
/* Ends the case because LINK closed before STEP could be carried out: legally (skipped) or not (failed, blocked). */
/* What is owed did not come in time: the conversation judges that, and the outcome tells that it was awaited in vain. */
void link_timed_out(struct machine *machine, struct link *link);
void link_ended_early(struct machine *machine, struct link *link, const struct step *step,
                      struct bytes expected);

/* ---- safety.c ---- */
/* Why OCTETS may not be sent on LINK; NULL when they may. */
const char *safety_refuses(const struct machine *machine, const struct link *link, struct bytes octets);
/* OCTETS are sent. True when messages may have been retrieved or marked on LINK. */
bool safety_note_sent(struct link *link, struct bytes octets);
/* True when LINK may only be left by RST: some servers take any other end for QUIT, and what was retrieved is gone. */
bool safety_wants_abort(const struct machine *machine, const struct link *link);

/* ---- holes.c ---- */
void holes_resolve(void *context, int connection, const struct hole *hole, struct hole_value *ret_value);
void holes_bind(void *context, const char *name, struct bytes value);
/* A session on LINK began: message-numbers are what is stored now, unless it is another account's or nobody knows. */
void holes_take_snapshot(struct machine *machine, struct link *link);
/* The session on LINK ended by QUIT; GRANTED: what was marked is gone, else nobody knows. */
void holes_commit(struct machine *machine, struct link *link, bool granted);
/* Keeps the unique-ids that LINK's session saw. */
void holes_keep_unique_ids(struct machine *machine, struct link *link);
void holes_add_stored(struct machine *machine, const struct fixture *fixture, struct bytes octets);

#endif
