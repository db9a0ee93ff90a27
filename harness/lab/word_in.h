/* Lists of words separated by spaces, as the tables of faults and variants have them. */
#ifndef LAB_WORD_IN_H
#define LAB_WORD_IN_H

#include "base/bytes.h"

static inline bool word_in(const char *words, const char *word)
{
    struct bytes rest = bytes_of(words);
    struct bytes each;

    while (bytes_split(&rest, ' ', &each)) {
        if (bytes_equal(each, bytes_of(word)))
            return true;
    }
    return false;
}

#endif
