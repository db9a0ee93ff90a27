#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "yamldoc/suggestion.h"

#include <argp.h>

struct subcommand {
    const char *name;
    const char *arguments;
    const char *what;
    int (*main)(const struct program *program, int argc, char **argv);
    char *title; /* argv[0] of the subcommand, for its help and messages */
};

static const struct subcommand SUBCOMMANDS[] = {
#define SUBCOMMAND(symbol, name, arguments, what)                                                            \
    {name, arguments, what, symbol##_main, (char[]){"pop3spec " name}},
#include "cli/subcommands.def"
#undef SUBCOMMAND
};

enum { SUBCOMMAND_COUNT = sizeof(SUBCOMMANDS) / sizeof(SUBCOMMANDS[0]) };

static void append_usage(struct buf *out)
{
    buf_append_text(out,
                    "Usage: pop3spec SUBCOMMAND [ARGUMENTS]\n\n"
                    "Does a POP3 server keep every sentence of the standard, and can anything break it?\n\n");
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        buf_append_format(out, "  %-13s %s\n                %s\n", SUBCOMMANDS[i].name,
                          SUBCOMMANDS[i].arguments, SUBCOMMANDS[i].what);
    buf_append_text(out, "\n`pop3spec SUBCOMMAND --help' says more; `pop3spec --version' the version.\n"
                         "`pop3spec run' alone tests the built-in server.\n");
}

static int usage(bool asked)
{
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    append_usage(&text);
    bool written = asked ? output_write(&text) : output_error(&text);

    buf_release(&text);
    return asked && written ? PROGRAM_OK : PROGRAM_USAGE;
}

static int version(const struct program *program)
{
    output_line("pop3spec %s", program->version);
    if (program->commit[0] != '\0')
        output_line("commit     %s", program->commit);
    output_line("built by   %s", program->build);
    output_line("libraries  %s", program->libraries);
    return output_finish() ? PROGRAM_OK : PROGRAM_USAGE;
}

/* The subcommands, as DESCRIBE_OPTION behind one prints its options. */
static int describe(void)
{
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) {
        struct buf line;

        buf_init(&line, BUF_UNBOUNDED);
        buf_append_format(&line, "subcommand\t%s\t%s\t%s\n", SUBCOMMANDS[i].name, SUBCOMMANDS[i].arguments,
                          SUBCOMMANDS[i].what);
        output_write(&line);
        buf_release(&line);
    }
    return output_finish() ? PROGRAM_OK : PROGRAM_USAGE;
}

static int unknown_subcommand(const char *name)
{
    struct suggestion suggestion;
    struct error error;

    suggestion_init(&suggestion, bytes_of(name));
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        suggestion_offer(&suggestion, SUBCOMMANDS[i].name);
    error_set(&error, ERROR_USAGE, "there is no subcommand '%s'", name);
    if (suggestion.nearest != NULL)
        error_hint(&error, "did you mean `pop3spec %s'?", suggestion.nearest);
    else
        error_hint(&error, "to test a server: pop3spec run %s; `pop3spec --help' lists the subcommands",
                   name);
    return output_failure(&error);
}

int cli_main(const struct program *program, int argc, char **argv)
{
    argp_err_exit_status = PROGRAM_USAGE;
    signals_prepare();
    if (argc < 2)
        return usage(false);
    const char *name = argv[1];

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return usage(true);
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        return version(program);
    }
    if (strcmp(name, DESCRIBE_OPTION) == 0)
        return describe();
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) {
        if (strcmp(name, SUBCOMMANDS[i].name) == 0) {
            argv[1] = SUBCOMMANDS[i].title;
            return SUBCOMMANDS[i].main(program, argc - 1, argv + 1);
        }
    }
    return unknown_subcommand(name);
}
