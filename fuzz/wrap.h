/* A function that stands before one of the product, by ld's --wrap; CMake reads these macros to name it to the linker. */
#ifndef FUZZ_WRAP_H
#define FUZZ_WRAP_H

/* Begins the definition of a function that stands for the product's FUNCTION; REAL(FUNCTION) is that one. */
#define WRAP(type, function, ...)                                                                            \
    type __real_##function(__VA_ARGS__);                                                                     \
    type __wrap_##function(__VA_ARGS__);                                                                     \
    type __wrap_##function(__VA_ARGS__)
#define REAL(function) __real_##function

#endif
