/*
 * The languages of the server's texts (RFC 6856 section 3), from languages.def. Two sets: the server's own, and those of
 * the RFC's example.
 */
#ifndef REFSERVER_LANGUAGES_H
#define REFSERVER_LANGUAGES_H

#include <stdbool.h>

enum language {
#define LANGUAGE(name, tag, description, own, rfc) LANGUAGE_##name,
#define SENTENCE(language, text, words)
#include "refserver/languages.def"
#undef SENTENCE
#undef LANGUAGE
    LANGUAGE_COUNT
};

struct language_info {
    const char *tag;         /* RFC 5646 */
    const char *description; /* in the language itself; "" for none */
    bool own;                /* one of the server's own */
    bool rfc;                /* one of RFC 6856's example */
};

const struct language_info *language_info(enum language language);

#endif
