#include "run/glob.h"

#include <fnmatch.h>

bool glob_is_pattern(const char *pattern)
{
    return strpbrk(pattern, "*?[") != NULL;
}

bool glob_match(const char *pattern, const char *text)
{
    return fnmatch(pattern, text, 0) == 0;
}
