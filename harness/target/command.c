#include "target/command.h"

#include "base/buf.h"
#include "base/memory.h"
#include "target/adapters.h"
#include "target/mailbox_path.h"
#include "target/target_text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    COMMAND_OCTETS_MAX = 65536,
    OUTPUT_OCTETS_MAX = 4096, /* of what a command prints, the end is quoted */
    EXIT_REFUSED = 65,        /* EX_DATAERR */
};

/* A look at the process costs next to nothing, but each wakes us: at first after this long, then more and more rarely. */
#define FIRST_LOOK_US  (1 * US_PER_MS)
#define LOOKS_APART_US (20 * US_PER_MS)

struct command {
    const struct target *target;
    const char *what;
    const char *command;
    const char *user;
    struct bytes input;
    int output;    /* what it prints; -1: none */
    pid_t process; /* of the shell, which leads a process group; 0: none runs */
    bool begun;
    bool done;
    int64_t patience_us; /* until the next look */
    time_us deadline_us;
    enum provision_result result;
    struct error error;
};

bool command_user_is_safe(const char *user)
{
    if (user[0] == '\0' || user[0] == '-' || !mailbox_user_is_safe(user))
        return false;
    for (const char *octet = user; *octet != '\0'; octet++)
        if (!ascii_is_letter((uint8_t)*octet) && !ascii_is_digit((uint8_t)*octet) &&
            strchr("._+@-", *octet) == NULL)
            return false;
    return true;
}

static void fail(struct command *command, const char *trouble)
{
    command->done = true;
    command->result = PROVISION_FAILED;
    error_set(&command->error, ERROR_UNREACHABLE, "the %s command for account \"%s\" %s", command->what,
              command->user, trouble);
}

/* ---- beginning ---- */

/* A file in memory that holds OCTETS and is read from its beginning; -1 when there is none to have. */
static int memory_file(const char *name, struct bytes octets)
{
    int file = memfd_create(name, MFD_CLOEXEC);

    if (file >= 0 && adapter_write(file, octets) && lseek(file, 0, SEEK_SET) == 0)
        return file;
    if (file >= 0)
        close(file);
    return -1;
}

static bool compose(const struct command *command, struct buf *out)
{
    if (strstr(command->command, "{user}") != NULL && !command_user_is_safe(command->user))
        return false;
    target_fill_user(command->command, command->user, out);
    return !out->overflowed;
}

extern char **environ;

/* Our environment with POP3SPEC_USER in place of any that is there; the caller frees both. */
static char **environment_with(const char *user, char **ret_variable)
{
    struct buf variable;
    size_t count = 0;
    size_t kept = 0;
    char **copy;

    while (environ[count] != NULL)
        count++;
    copy = (char **)memory_new_array(count + 2, sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        if (!bytes_start_with(bytes_of(environ[i]), BYTES_LITERAL("POP3SPEC_USER=")))
            copy[kept++] = environ[i];
    buf_init(&variable, BUF_UNBOUNDED);
    buf_append_format(&variable, "POP3SPEC_USER=%s", user);
    *ret_variable = buf_take_text(&variable);
    copy[kept] = *ret_variable;
    return copy;
}

/* A process group of its own, which a signal from the terminal does not reach, and no signal ignored or blocked. */
static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t signals;

    posix_spawnattr_init(attributes);
    posix_spawnattr_setflags(attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(attributes, 0);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(attributes, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(attributes, &signals);
}

static void set_files(posix_spawn_file_actions_t *actions, const struct command *command, int input)
{
    posix_spawn_file_actions_init(actions);
    if (command->target->command_folder != NULL)
        posix_spawn_file_actions_addchdir_np(actions, command->target->command_folder);
    posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(actions, command->output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(actions, command->output, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

/* The number of what went wrong, or 0. */
static int spawn(struct command *command, const char *text, int input)
{
    char *arguments[] = {(char[]){"sh"}, (char[]){"-c"}, memory_copy_text(text), NULL};
    char *variable;
    char **environment = environment_with(command->user, &variable);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int trouble;

    set_files(&actions, command, input);
    set_attributes(&attributes);
    trouble = posix_spawn(&command->process, "/bin/sh", &actions, &attributes, arguments, environment);
    if (trouble != 0)
        command->process = 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    free(environment);
    free(variable);
    free(arguments[2]);
    return trouble;
}

static void begin(struct command *command, time_us now_us)
{
    struct buf text;
    int input;
    int trouble = 0;

    command->begun = true;
    command->deadline_us = time_after(now_us, command->target->provision_timeout_us);
    buf_init(&text, COMMAND_OCTETS_MAX);
    if (!compose(command, &text)) {
        fail(command, "cannot be made: the name cannot stand in a command as {user}, or it is too long");
        buf_release(&text);
        return;
    }
    input = memory_file("pop3spec-message", command->input);
    command->output = memory_file("pop3spec-output", BYTES_EMPTY);
    if (input < 0 || command->output < 0)
        trouble = errno;
    else
        trouble = spawn(command, buf_text(&text), input);
    if (trouble != 0)
        fail(command, strerror(trouble));
    if (input >= 0)
        close(input);
    buf_release(&text);
}

/* ---- the end ---- */

/* The end of what it printed, its lines joined, as far as it is plain text. */
static void read_output(const struct command *command, struct buf *out)
{
    uint8_t octets[OUTPUT_OCTETS_MAX];
    off_t end = lseek(command->output, 0, SEEK_END);
    off_t from = end > (off_t)sizeof(octets) ? end - (off_t)sizeof(octets) : 0;
    ssize_t count = pread(command->output, octets, sizeof(octets), from);

    target_quote_plain(bytes_make(octets, count < 0 ? 0 : (size_t)count), out);
}

static void judge(struct command *command, int status)
{
    struct buf printed;
    struct buf text;

    command->done = true;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    buf_init(&printed, 2 * OUTPUT_OCTETS_MAX);
    buf_init(&text, BUF_UNBOUNDED);
    read_output(command, &printed);
    if (WIFEXITED(status))
        buf_append_format(&text, "ended with %d", WEXITSTATUS(status));
    else
        buf_append_format(&text, "was ended by signal %d", WTERMSIG(status));
    if (printed.size > 0)
        buf_append_format(&text, ": %.300s", buf_text(&printed));
    fail(command, buf_text(&text));
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_REFUSED)
        command->result = PROVISION_REFUSED;
    buf_release(&text);
    buf_release(&printed);
}

/* Ends the shell and what it started. */
static void kill_group(struct command *command)
{
    if (command->process == 0)
        return;
    kill(-command->process, SIGKILL);
    while (waitpid(command->process, NULL, 0) < 0 && errno == EINTR)
        continue;
    command->process = 0;
}

static void look(struct command *command, time_us now_us)
{
    int status;
    pid_t ended = waitpid(command->process, &status, WNOHANG);

    if (ended == command->process) {
        command->process = 0;
        judge(command, status);
    } else if (now_us >= command->deadline_us) {
        kill_group(command);
        fail(command, "does not end: it was killed when its time was up (timeouts: {provision: ...})");
    }
}

/* ---- the actor ---- */

static void command_next(void *actor, time_us now_us, struct ask *ret_ask)
{
    struct command *command = (struct command *)actor;

    if (!command->begun)
        begin(command, now_us);
    else if (!command->done)
        look(command, now_us);
    if (command->done) {
        *ret_ask = (struct ask){.kind = ASK_DONE};
        return;
    }
    *ret_ask = (struct ask){.kind = ASK_WAIT,
                            .until_us =
                                time_earlier(time_after(now_us, command->patience_us), command->deadline_us)};
    command->patience_us =
        2 * command->patience_us < LOOKS_APART_US ? 2 * command->patience_us : LOOKS_APART_US;
}

static void command_tell(void *actor, const struct told *told)
{
    (void)actor;
    (void)told;
}

static enum provision_result command_finish(const void *actor, struct error *error)
{
    const struct command *command = (const struct command *)actor;

    *error = command->error;
    return command->result;
}

static void command_free(void *actor)
{
    struct command *command = (struct command *)actor;

    kill_group(command);
    if (command->output >= 0)
        close(command->output);
    free(command);
}

struct errand command_new(const struct target *target, const char *what, const char *command_text,
                          const char *user, struct bytes input)
{
    static const struct actor_ops ops = {.next = command_next, .tell = command_tell};
    struct command *command = (struct command *)memory_new(sizeof(*command));

    *command = (struct command){
        .target = target,
        .what = what,
        .command = command_text,
        .user = user,
        .input = input,
        .output = -1,
        .patience_us = FIRST_LOOK_US,
        .result = PROVISION_DONE,
    };
    return (struct errand){ERRAND_ON_HOST, &ops, command, command_finish, command_free};
}

/* ---- the provisioner ---- */

static struct errand send_reset(void *context, const char *user)
{
    const struct target *target = ((const struct adapter *)context)->target;

    return command_new(target, "reset", target->command_reset, user, BYTES_EMPTY);
}

static struct errand send_message(void *context, const char *user, struct bytes message)
{
    const struct target *target = ((const struct adapter *)context)->target;

    return command_new(target, "deliver", target->command_deliver, user, message);
}

struct provisioner command_provisioner(const struct target *target)
{
    static const struct provisioner_ops with_reset = {
        .send_reset = send_reset, .send_message = send_message, .free = free};
    static const struct provisioner_ops without_reset = {.send_message = send_message, .free = free};

    return (struct provisioner){target->command_reset != NULL ? &with_reset : &without_reset,
                                adapter_new(target)};
}
