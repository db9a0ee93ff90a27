/*
 * How fast a target is: runs it over and over on the files of a folder, from memory, for some seconds of processor time, and
 * prints how many inputs, how many of their octets and how many conditions of oracles that were a second; and how many
 * inputs, if all took as long as the one that half of them are faster than: a few large ones make most of the mean. The
 * main function of speed_<name>, which has the flags of a fuzzer: speed_<name> FOLDER SECONDS
 */
#include "check.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* A target may have it. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argument_count, char ***arguments);

unsigned long long fuzz_check_count;

enum { INPUTS_MAX = 4096, PATH_OCTETS_MAX = 4096 };

struct input {
    uint8_t *data;
    size_t size;
};

/* In an allocation of exactly its size, as an engine hands it over. */
static bool read_input(const char *path, struct input *ret_input)
{
    struct stat status;
    FILE *file = fopen(path, "rb");

    if (file == NULL || fstat(fileno(file), &status) != 0) {
        perror(path);
        return false;
    }
    ret_input->size = (size_t)status.st_size;
    ret_input->data = malloc(ret_input->size > 0 ? ret_input->size : 1);
    bool ok = ret_input->data != NULL && fread(ret_input->data, 1, ret_input->size, file) == ret_input->size;

    fclose(file);
    return ok;
}

static size_t read_folder(const char *folder, struct input *inputs)
{
    DIR *directory = opendir(folder);
    size_t count = 0;

    if (directory == NULL) {
        perror(folder);
        return 0;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL && count < INPUTS_MAX;
         entry = readdir(directory)) {
        char path[PATH_OCTETS_MAX];
        int length = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);

        if (entry->d_name[0] != '.' && length > 0 && (size_t)length < sizeof(path) &&
            read_input(path, &inputs[count]))
            count++;
    }
    closedir(directory);
    return count;
}

static double processor_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare_seconds(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

/* Seconds that the input takes which half of them are faster than. */
static double median_s(const struct input *inputs, size_t count)
{
    enum { REPETITIONS = 16 }; /* reading the clock takes its time as well */
    static double seconds[INPUTS_MAX];

    for (size_t i = 0; i < count; i++) {
        double start = processor_s();

        for (int again = 0; again < REPETITIONS; again++)
            LLVMFuzzerTestOneInput(inputs[i].data, inputs[i].size);
        seconds[i] = (processor_s() - start) / REPETITIONS;
    }
    qsort(seconds, count, sizeof(seconds[0]), compare_seconds);
    return seconds[count / 2];
}

int main(int argument_count, char **arguments)
{
    static struct input inputs[INPUTS_MAX];
    size_t count = argument_count == 3 ? read_folder(arguments[1], inputs) : 0;
    unsigned long long runs = 0;
    unsigned long long octets = 0;
    double seconds = count > 0 ? strtod(arguments[2], NULL) : 0;

    if (count == 0) {
        fputs("usage: speed_NAME FOLDER SECONDS, with inputs in the folder\n", stderr);
        return EXIT_FAILURE;
    }
    if (LLVMFuzzerInitialize != NULL)
        LLVMFuzzerInitialize(&argument_count, &arguments);
    for (size_t i = 0; i < count; i++)
        octets += inputs[i].size;
    double median = median_s(inputs, count);
    double spent = 0;
    double start = processor_s();

    fuzz_check_count = 0;

    do {
        for (size_t i = 0; i < count; i++)
            LLVMFuzzerTestOneInput(inputs[i].data, inputs[i].size);
        runs += count;
        spent = processor_s() - start;
    } while (spent < seconds);
    printf("%.0f inputs/s %.0f median-inputs/s %.0f octets/s %.0f conditions/s\n", (double)runs / spent,
           1 / median, (double)octets * (double)(runs / count) / spent, (double)fuzz_check_count / spent);
    for (size_t i = 0; i < count; i++)
        free(inputs[i].data);
    return EXIT_SUCCESS;
}
