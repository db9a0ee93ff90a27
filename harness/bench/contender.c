#include "contender.h"

#include "bench.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* execvp() promises not to write to its arguments, and cannot say so in its type. */
static void become(const char *const *arguments)
{
    union {
        const char *const *promised;
        char *const *taken;
    } list = {.promised = arguments};

    execvp(arguments[0], list.taken);
    _exit(127);
}

bool contender_run(const char *const *arguments, struct contender_cost *ret_cost)
{
    struct rusage usage;
    uint64_t start_ns = bench_now_ns();
    pid_t process = fork();
    int status;

    if (process == 0)
        become(arguments);
    if (process < 0 || wait4(process, &status, 0, &usage) != process)
        return false;
    *ret_cost = (struct contender_cost){
        .wall_s = (double)(bench_now_ns() - start_ns) / 1e9,
        .processor_s = seconds(&usage.ru_utime) + seconds(&usage.ru_stime),
        .memory_mib = (double)usage.ru_maxrss / 1024, /* Linux counts it in KiB */
    };
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
