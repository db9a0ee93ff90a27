#include "cli/library.h"

#include "base/memory.h"
#include "cli/output.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>

static bool has_scenarios(const char *directory)
{
    struct buf clauses;
    struct stat status;

    buf_init(&clauses, BUF_UNBOUNDED);
    buf_append_format(&clauses, "%s/clauses", directory);
    bool found = stat(buf_text(&clauses), &status) == 0 && S_ISDIR(status.st_mode);

    buf_release(&clauses);
    return found;
}

/* PREFIX/share/pop3spec/scenarios of a program that is PREFIX/bin/pop3spec; the caller frees it. NULL: unknown. */
static char *beside_program(void)
{
    char program[PATH_MAX];

    if (realpath("/proc/self/exe", program) == NULL &&
        realpath((const char *)getauxval(AT_EXECFN), program) == NULL) /* where /proc is not mounted */
        return NULL;
    struct bytes path = bytes_of(program);
    struct buf directory;

    for (int i = 0; i < 2; i++)
        while (path.size > 0 && path.data[--path.size] != '/')
            continue;
    buf_init(&directory, BUF_UNBOUNDED);
    buf_append(&directory, path);
    buf_append_text(&directory, "/share/pop3spec/scenarios");
    return buf_take_text(&directory);
}

static char *find_directory(const struct program *program)
{
    char *beside = beside_program();

    if (beside != NULL && has_scenarios(beside))
        return beside;
    free(beside);
    if (has_scenarios(program->source_scenarios))
        return memory_copy_text(program->source_scenarios);
    return memory_copy_text(program->install_scenarios);
}

static bool load_ledger(struct library *library)
{
    struct error error;
    struct buf clauses;

    if (!has_scenarios(library->directory)) {
        error_set(&error, ERROR_USAGE, "'%s' holds no scenarios: it has no folder clauses/",
                  library->directory);
        error_hint(&error, "--scenarios DIR names the folder scenarios/ of pop3spec");
        output_failure(&error);
        return false;
    }
    buf_init(&clauses, BUF_UNBOUNDED);
    buf_append_format(&clauses, "%s/clauses", library->directory);
    bool loaded = ledger_load(&library->ledger, buf_text(&clauses), &error);

    buf_release(&clauses);
    if (!loaded)
        output_failure(&error);
    return loaded;
}

bool library_load(struct library *library, const struct program *program, const char *directory)
{
    *library = (struct library){0};
    suite_init(&library->suite);
    library->directory = directory != NULL ? memory_copy_text(directory) : find_directory(program);
    if (!load_ledger(library))
        return false;
    struct diagnostics *diagnostics = memory_new(sizeof(*diagnostics));
    bool loaded = suite_load(&library->suite, library->directory, &library->ledger, diagnostics);

    if (!loaded)
        output_diagnostics(diagnostics);
    free(diagnostics);
    return loaded;
}

void library_release(struct library *library)
{
    suite_release(&library->suite);
    ledger_release(&library->ledger);
    free(library->directory);
}

static const char *without_yaml(struct arena *arena, const char *name)
{
    struct bytes bytes = bytes_of(name);

    return arena_text(arena, bytes_slice(bytes, 0, bytes.size - strlen(".yaml")));
}

/* The prefix of FILE's ids if it lies in the library's directory, else NULL. */
static const char *known_prefix(struct library *library, const char *file)
{
    char directory[PATH_MAX];
    char path[PATH_MAX];

    if (realpath(library->directory, directory) == NULL || realpath(file, path) == NULL)
        return NULL;
    size_t size = strlen(directory);

    if (strncmp(path, directory, size) != 0 || path[size] != '/')
        return NULL;
    return without_yaml(&library->suite.arena, path + size + 1);
}

const char *library_add_file(struct library *library, const char *file)
{
    const char *prefix = known_prefix(library, file);

    if (prefix != NULL)
        return prefix;
    const char *slash = strrchr(file, '/');
    struct diagnostics *diagnostics = memory_new(sizeof(*diagnostics));

    prefix = without_yaml(&library->suite.arena, slash != NULL ? slash + 1 : file);
    bool added = suite_add_file(&library->suite, file, prefix, &library->ledger, diagnostics);

    if (!added)
        output_diagnostics(diagnostics);
    free(diagnostics);
    return added ? prefix : NULL;
}
