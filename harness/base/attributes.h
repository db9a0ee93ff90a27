/* Compiler attributes under names that say what they promise. */
#ifndef BASE_ATTRIBUTES_H
#define BASE_ATTRIBUTES_H

#define MUST_USE                               __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first_index) __attribute__((format(printf, format_index, first_index)))
/* For what a busy function calls seldom: the busy one stays small. */
#define OUT_OF_LINE __attribute__((noinline))
#define NO_RETURN   __attribute__((noreturn))

#endif
