/*
 * struct error: trouble with the host, a file or an argument, as a value. It is made where it is known, carries the
 * place (file, line, column) and what to do, travels up unchanged, and is printed only in cli/. What a target did is
 * never an error but an observation (result/observation.h); a mistake of our own is a CHECK.
 *
 * Functions that can fail take `struct error *error` as their last parameter before any ret_ parameter, return bool,
 * and fill it in exactly when they return false.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stdint.h>

enum error_kind {
    ERROR_NONE,
    ERROR_USAGE,       /* flag, argument, scenario or target file: exit code 2 */
    ERROR_UNREACHABLE, /* the target cannot be reached or used: exit code 3 */
    ERROR_HOST,        /* files, sockets, memory of this machine: exit code 2 */
};

struct place {
    const char *file; /* borrowed; NULL: no file, as for a command line */
    uint32_t line;    /* from 1; 0: unknown */
    uint32_t column;  /* from 1, in octets; 0: unknown */
};

enum { ERROR_TEXT_SIZE = 512, ERROR_FILE_SIZE = 256 };

struct error {
    enum error_kind kind;
    char file[ERROR_FILE_SIZE]; /* "" for none; a copy, so that an error outlives what it is about */
    uint32_t line;
    uint32_t column;
    char text[ERROR_TEXT_SIZE]; /* one sentence: what is wrong; cut, never overrun */
    char hint[ERROR_TEXT_SIZE]; /* what to do ("did you mean ...?"), or "" */
};

/* Each fills ERROR in and returns false, so that a caller can `return error_at(...)`. */
bool error_set(struct error *error, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
bool error_at(struct error *error, struct place place, const char *format, ...) PRINTF_LIKE(3, 4);
/* Adds what to do about it; returns false as well. */
bool error_hint(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
