/*
 * The dictionary of the fuzz targets that speak POP3, in the syntax that libFuzzer and AFL++ read: the commands,
 * capabilities, response codes and mechanisms of pop3/, in every form a fuzzer needs, and dictionary_words.def.
 */
#ifndef CORPUS_DICTIONARY_H
#define CORPUS_DICTIONARY_H

#include "base/buf.h"

enum {
    DICTIONARY_WORDS_MAX = 200,       /* AFL++ takes no more than these for certain */
    DICTIONARY_WORD_OCTETS_MAX = 128, /* AFL++ refuses longer ones */
};

/* Appends the whole file to RET_TEXT. */
void dictionary_write(struct buf *ret_text);

#endif
