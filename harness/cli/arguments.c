#include "cli/arguments.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "base/time.h"
#include "cli/output.h"
#include "yamldoc/suggestion.h"

#include <stdlib.h>
#include <string.h>

/* What argp adds to every parser. */
static const char *const ARGP_OPTIONS[] = {"help", "usage"};

static const struct argp_option *find_long(const struct argp *argp, struct bytes name)
{
    for (const struct argp_option *option = argp->options; option->name != NULL || option->doc != NULL;
         option++)
        if (option->name != NULL && bytes_equal(bytes_of(option->name), name))
            return option;
    return NULL;
}

static const struct argp_option *find_short(const struct argp *argp, char key)
{
    for (const struct argp_option *option = argp->options; option->name != NULL || option->doc != NULL;
         option++)
        if (option->key == key)
            return option;
    return NULL;
}

static bool is_argp_option(struct bytes name)
{
    for (size_t i = 0; i < sizeof(ARGP_OPTIONS) / sizeof(ARGP_OPTIONS[0]); i++)
        if (bytes_equal(bytes_of(ARGP_OPTIONS[i]), name))
            return true;
    return false;
}

static int unknown_option(const struct argp *argp, const char *program, struct bytes name)
{
    struct suggestion suggestion;
    struct error error;

    suggestion_init(&suggestion, name);
    for (const struct argp_option *option = argp->options; option->name != NULL || option->doc != NULL;
         option++)
        if (option->name != NULL)
            suggestion_offer(&suggestion, option->name);
    error_set(&error, ERROR_USAGE, "there is no option --%.*s", (int)name.size, (const char *)name.data);
    if (suggestion.nearest != NULL)
        error_hint(&error, "did you mean --%s?", suggestion.nearest);
    else
        error_hint(&error, "`%s --help' lists the options", program);
    return output_failure(&error);
}

/* True when the word behind ARGUMENT, a cluster of short options, is the value of its last one. */
static bool cluster_takes_next(const struct argp *argp, const char *argument)
{
    for (const char *key = argument + 1; *key != '\0'; key++) {
        const struct argp_option *option = find_short(argp, *key);

        if (option != NULL && option->arg != NULL)
            return key[1] == '\0';
    }
    return false;
}

/* TEXT on one line; NULL prints nothing. */
static void append_field(struct buf *out, const char *text)
{
    for (const char *c = text != NULL ? text : ""; *c != '\0'; c++)
        buf_append_octet(out, *c == '\n' || *c == '\t' ? ' ' : *c == '\v' ? '\n' : (uint8_t)*c);
}

/* "KIND<TAB>TEXT", and for an option its name, key, argument and what it does. */
static void append_option(struct buf *out, const struct argp_option *option)
{
    if (option->name == NULL) {
        buf_append_format(out, "group\t%s\n", option->doc);
        return;
    }
    buf_append_format(out, "option\t%s\t", option->name);
    if (option->key > ' ' && option->key < 0x7F)
        buf_append_octet(out, (uint8_t)option->key);
    buf_append_format(out, "\t%s\t", option->arg != NULL ? option->arg : "");
    append_field(out, option->doc);
    buf_append_octet(out, '\n');
}

static void append_description(struct buf *out, const struct argp *argp)
{
    struct buf doc;

    buf_init(&doc, BUF_UNBOUNDED);
    append_field(&doc, argp->doc);
    size_t about = strcspn(buf_text(&doc), "\n");

    buf_append_format(out, "arguments\t%s\n", argp->args_doc != NULL ? argp->args_doc : "");
    buf_append_format(out, "about\t%.*s\n", (int)about, buf_text(&doc));
    if (about < doc.size)
        buf_append_format(out, "more\t%s\n", buf_text(&doc) + about + 1);
    for (const struct argp_option *option = argp->options; option->name != NULL || option->doc != NULL;
         option++)
        append_option(out, option);
    buf_release(&doc);
}

static int describe(const struct argp *argp)
{
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    append_description(&text, argp);
    bool written = output_write(&text);

    buf_release(&text);
    return written ? 0 : argp_err_exit_status;
}

static void check_long_options(const struct argp *argp, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *argument = argv[i];

        if (strcmp(argument, "--") == 0)
            return;
        if (strncmp(argument, "--", 2) != 0) {
            if (argument[0] == '-' && cluster_takes_next(argp, argument))
                i++;
            continue;
        }
        struct bytes name = bytes_make(argument + 2, strcspn(argument + 2, "="));
        const struct argp_option *option = find_long(argp, name);

        if (option == NULL && !is_argp_option(name))
            exit(unknown_option(argp, argv[0], name));
        if (option != NULL && option->arg != NULL && argument[2 + name.size] != '=')
            i++;
    }
}

static error_t parse_short_help(int key, char *text, struct argp_state *state)
{
    (void)text;
    if (key != 'h')
        return ARGP_ERR_UNKNOWN;
    argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
    return 0;
}

/* argp's own short option for help is -?, which nobody tries first. */
static const struct argp SHORT_HELP = {
    .options = (const struct argp_option[]){{NULL, 'h', NULL, OPTION_HIDDEN, NULL, 0}, {0}},
    .parser = parse_short_help,
};

void command_line_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    const struct argp_child children[] = {{&SHORT_HELP, 0, NULL, 0}, {0}};
    struct argp whole = *argp;

    if (argc == 2 && strcmp(argv[1], DESCRIBE_OPTION) == 0)
        exit(describe(argp));
    check_long_options(argp, argc, argv);
    whole.children = children;
    argp_parse(&whole, argc, argv, 0, NULL, input);
}

unsigned long long argument_number(const struct argp_state *state, const char *option, const char *text,
                                   unsigned long long smallest, unsigned long long largest)
{
    uint64_t number;

    if (!bytes_to_u64(bytes_of(text), &number) || number < smallest || number > largest)
        argp_error(state, "%s takes a number from %llu to %llu, not '%s'", option, smallest, largest, text);
    return number;
}

int64_t argument_span_us(const struct argp_state *state, const char *option, const char *text)
{
    static const double longest_s = 24 * 3600;
    char *unit;
    double number = strtod(text, &unit);
    double factor = strcmp(unit, "ms") == 0 ? 0.001 : *unit == '\0' || strcmp(unit, "s") == 0 ? 1 : 60;
    bool known = factor != 60 || strcmp(unit, "m") == 0;

    if (unit == text || !known || !(number * factor >= 0.001) || number * factor > longest_s)
        argp_error(state, "%s takes a time such as 300ms, 10s or 2m, not '%s'", option, text);
    return (int64_t)(number * factor * (double)US_PER_S);
}

bool arguments_hint_flag(struct error *error, const char *flag)
{
    if (error->line == 0 && error->hint[0] == '\0')
        error_hint(error, "%s names this file", flag);
    return false;
}
