/*
 * Runs a fuzz target once on each file named, and on each file in each folder named, in the order of their names: the
 * main function of replay_<name>, which any compiler builds. Ends with 1 when a file cannot be read or none is found.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* A target may have it. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argument_count, char ***arguments);

enum { PATH_OCTETS_MAX = 4096 };

static bool complain(const char *path)
{
    perror(path);
    return false;
}

/* In an allocation of exactly its size, so that AddressSanitizer sees a read behind it. */
static bool run_octets(FILE *file, const char *path, size_t size)
{
    uint8_t *data = malloc(size > 0 ? size : 1);

    if (data == NULL || fread(data, 1, size, file) != size) {
        free(data);
        return complain(path);
    }
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return true;
}

static bool run_file(const char *path, size_t size, size_t *count)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return complain(path);
    bool ok = run_octets(file, path, size);

    fclose(file);
    *count += ok ? 1 : 0;
    return ok;
}

static bool run_path(const char *path, size_t *count);

static int is_not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool run_folder(const char *path, size_t *count)
{
    struct dirent **entries;
    int entry_count = scandir(path, &entries, is_not_hidden, alphasort);
    bool ok = true;

    if (entry_count < 0)
        return complain(path);
    for (int i = 0; i < entry_count; i++) {
        char inner[PATH_OCTETS_MAX];
        int length = snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);

        if (length < 0 || (size_t)length >= sizeof(inner))
            ok = complain(entries[i]->d_name);
        else
            ok = run_path(inner, count) && ok;
        free(entries[i]);
    }
    free(entries);
    return ok;
}

static bool run_path(const char *path, size_t *count)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return complain(path);
    if (S_ISDIR(status.st_mode))
        return run_folder(path, count);
    return run_file(path, (size_t)status.st_size, count);
}

int main(int argument_count, char **arguments)
{
    size_t count = 0;
    bool ok = true;

    if (LLVMFuzzerInitialize != NULL)
        LLVMFuzzerInitialize(&argument_count, &arguments);
    for (int i = 1; i < argument_count; i++)
        ok = run_path(arguments[i], &count) && ok;
    printf("%zu inputs replayed\n", count);
    if (count == 0)
        fputs("no input found: name files, or folders of them\n", stderr);
    return ok && count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
