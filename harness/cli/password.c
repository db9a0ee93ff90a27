#include "cli/password.h"

#include "base/buf.h"
#include "cli/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Reads up to and without the line end, octet by octet, so that what stands behind it stays for others to read. */
static bool read_line(int descriptor, const char *source, struct error *error, struct buf *ret_line)
{
    for (;;) {
        char octet;
        ssize_t size = read(descriptor, &octet, 1);

        if (size < 0)
            return error_set(error, ERROR_USAGE, "no password from %s: %s", source, strerror(errno));
        if (size == 0 || octet == '\n')
            break;
        if (octet == '\0' || !buf_append_octet(ret_line, (uint8_t)octet))
            return error_set(error, ERROR_USAGE, "the password from %s has a NUL or more than %d octets",
                             source, PASSWORD_OCTETS_MAX);
    }
    if (ret_line->size > 0 && ret_line->data[ret_line->size - 1] == '\r') {
        ret_line->size--;
        ret_line->data[ret_line->size] = '\0';
    }
    if (ret_line->size == 0)
        return error_set(error, ERROR_USAGE, "the password from %s is empty", source);
    return true;
}

static char *take_line(int descriptor, const char *source, struct error *error)
{
    struct buf line;

    buf_init(&line, PASSWORD_OCTETS_MAX);
    if (read_line(descriptor, source, error, &line))
        return buf_take_text(&line);
    buf_release(&line);
    return NULL;
}

static void prompt(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));

    (void)written; /* a prompt that nobody sees is no reason to stop */
}

char *password_ask(struct error *error)
{
    struct termios before;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;

    signals_end_program(terminal ? &before : NULL);
    if (terminal) {
        struct termios silent = before;

        /* Silent before it prompts: whoever types at once is neither echoed nor flushed away. */
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        prompt("Password: ");
    }
    char *password = take_line(STDIN_FILENO, "standard input", error);

    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        prompt("\n");
    }
    signals_watch();
    return password;
}

char *password_read(const char *file, struct error *error)
{
    int descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (descriptor < 0) {
        error_set(error, ERROR_USAGE, "--pass-file: %s: %s", file, strerror(errno));
        return NULL;
    }
    char *password = take_line(descriptor, file, error);

    close(descriptor);
    return password;
}
