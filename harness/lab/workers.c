#include "lab/workers.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct job_list {
    job_work work;
    size_t count;
    atomic_size_t next;
    atomic_bool failed;
};

struct worker_thread {
    struct job_list *list;
    void *worker;
    pthread_t thread;
};

static void *do_jobs(void *context)
{
    struct worker_thread *self = (struct worker_thread *)context;
    struct job_list *list = self->list;

    while (!atomic_load(&list->failed)) {
        size_t index = atomic_fetch_add(&list->next, 1);

        if (index >= list->count)
            break;
        if (!list->work(self->worker, index))
            atomic_store(&list->failed, true);
    }
    return NULL;
}

bool workers_do(void *const *workers, size_t worker_count, size_t count, job_work work)
{
    struct job_list list = {.work = work, .count = count};
    struct worker_thread *threads =
        (struct worker_thread *)memory_new_array(worker_count, sizeof(struct worker_thread));
    size_t started = 1;

    for (size_t i = 0; i < worker_count; i++)
        threads[i] = (struct worker_thread){.list = &list, .worker = workers[i]};
    while (started < worker_count && started < count &&
           pthread_create(&threads[started].thread, NULL, do_jobs, &threads[started]) == 0)
        started++;
    do_jobs(&threads[0]);
    for (size_t i = 1; i < started; i++)
        pthread_join(threads[i].thread, NULL);
    free(threads);
    return !atomic_load(&list.failed);
}
