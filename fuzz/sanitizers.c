/*
 * What targets ask of AddressSanitizer; the environment's ASAN_OPTIONS come on top. An input's memory is not kept from being used
 * again for long after the input, and while fuzzing an allocation does not note who asked for it: that, and not the target,
 * is what most of the time would go for. A finding is run again, and then all of it is noted.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
#ifdef FUZZ_REPLAY
    return "quarantine_size_mb=8:malloc_context_size=12";
#else
    return "quarantine_size_mb=1:malloc_context_size=1";
#endif
}
