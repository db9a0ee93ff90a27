#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "pop3spec: internal error at %s:%d: %s\n", file, line, expression);
    abort();
}
