/*
 * What targets ask of AddressSanitizer; the environment's ASAN_OPTIONS come on top. An input's memory is not kept from being used
 * again for long after the input: that, and not the target, is what most of the time would go for.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "quarantine_size_mb=8:malloc_context_size=12";
}
