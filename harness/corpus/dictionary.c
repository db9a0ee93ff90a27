#include "corpus/dictionary.h"

#include "base/check.h"
#include "pop3/command.h"

struct dictionary {
    struct buf *text;
    struct bytes words[DICTIONARY_WORDS_MAX]; /* of constants, or of `storage` */
    size_t count;
    uint8_t storage[DICTIONARY_WORDS_MAX * DICTIONARY_WORD_OCTETS_MAX];
    size_t used;
};

static bool is_known(const struct dictionary *dictionary, struct bytes word)
{
    for (size_t i = 0; i < dictionary->count; i++)
        if (bytes_equal(dictionary->words[i], word))
            return true;
    return false;
}

/* The name of an entry is made of letters, digits and "_". */
static void append_name(struct buf *text, const char *name)
{
    for (; *name != '\0'; name++) {
        uint8_t octet = ascii_lower((uint8_t)*name);

        buf_append_octet(text, ascii_is_letter(octet) || ascii_is_digit(octet) ? octet : '_');
    }
}

static void append_value(struct buf *text, struct bytes word)
{
    for (size_t i = 0; i < word.size; i++) {
        uint8_t octet = word.data[i];

        if (octet == '"' || octet == '\\')
            buf_append_format(text, "\\%c", octet);
        else if (octet >= ' ' && octet <= '~')
            buf_append_octet(text, octet);
        else
            buf_append_format(text, "\\x%02x", octet);
    }
}

/* WORD must outlive DICTIONARY. One that is there already stays as it is. */
static void add(struct dictionary *dictionary, const char *name, const char *suffix, struct bytes word)
{
    CHECK(word.size > 0 && word.size <= DICTIONARY_WORD_OCTETS_MAX);
    if (is_known(dictionary, word))
        return;
    CHECK(dictionary->count < DICTIONARY_WORDS_MAX);
    dictionary->words[dictionary->count++] = word;
    append_name(dictionary->text, name);
    append_name(dictionary->text, suffix);
    buf_append_text(dictionary->text, "=\"");
    append_value(dictionary->text, word);
    buf_append_text(dictionary->text, "\"\n");
}

static void begin_section(struct dictionary *dictionary, const char *title)
{
    buf_append_format(dictionary->text, "\n# %s\n", title);
}

/* The word PREFIX KEYWORD SUFFIX, in storage that lasts. */
static struct bytes joined(struct dictionary *dictionary, const char *prefix, const char *keyword,
                           const char *suffix)
{
    const char *const parts[] = {prefix, keyword, suffix};
    size_t start = dictionary->used;

    for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++)
        for (const char *at = parts[part]; *at != '\0'; at++) {
            CHECK(dictionary->used < sizeof(dictionary->storage));
            dictionary->storage[dictionary->used++] = (uint8_t)*at;
        }
    return bytes_make(dictionary->storage + start, dictionary->used - start);
}

static struct bytes in_lower_case(struct dictionary *dictionary, const char *keyword)
{
    struct bytes word = joined(dictionary, "", keyword, "");
    uint8_t *octets = dictionary->storage + dictionary->used - word.size;

    for (size_t i = 0; i < word.size; i++)
        octets[i] = ascii_lower(octets[i]);
    return word;
}

static void add_commands(struct dictionary *dictionary)
{
    begin_section(dictionary, "Commands");
    for (int verb = COMMAND_UNKNOWN + 1; verb < COMMAND_VERB_COUNT; verb++) {
        const struct command_info *info = command_info((enum command_verb)verb);

        if (info->arguments_max > 0)
            add(dictionary, info->keyword, "", joined(dictionary, "", info->keyword, " "));
        add(dictionary, info->keyword, "_alone", joined(dictionary, "", info->keyword, "\r\n"));
        add(dictionary, info->keyword, "_lower_case", in_lower_case(dictionary, info->keyword));
    }
}

static void add_capabilities(struct dictionary *dictionary)
{
    begin_section(dictionary, "Capabilities");
#define REGISTERED_CAPABILITY(name, tag, arguments, behind_login)                                            \
    add(dictionary, tag, "_capability", BYTES_LITERAL(tag));
#include "pop3/capabilities.def"
#undef REGISTERED_CAPABILITY
}

static void add_response_codes(struct dictionary *dictionary)
{
    begin_section(dictionary, "Response codes");
#define REGISTERED_RESPONSE_CODE(name, code, commands)                                                       \
    add(dictionary, code, "_code", BYTES_LITERAL("[" code "]"));
#include "pop3/response_codes.def"
#undef REGISTERED_RESPONSE_CODE
}

static void add_mechanisms(struct dictionary *dictionary)
{
    begin_section(dictionary, "SASL mechanisms");
#define MECHANISM(name, mechanism, keyword, client_first, secret)                                            \
    add(dictionary, mechanism, "_mechanism", BYTES_LITERAL(mechanism));
#include "pop3/mechanisms.def"
#undef MECHANISM
}

static void add_words(struct dictionary *dictionary)
{
#define SECTION(title)     begin_section(dictionary, title);
#define WORD(name, octets) add(dictionary, name, "", BYTES_LITERAL(octets));
#include "corpus/dictionary_words.def"
#undef WORD
#undef SECTION
}

void dictionary_write(struct buf *ret_text)
{
    static const char HEAD[] =
        "# What stands in POP3 sessions, both ways, and what has broken POP3 programs.\n"
        "# Made by `pop3spec export-corpus --dictionary` from the tables of harness/pop3/ and\n"
        "# harness/corpus/dictionary_words.def: change those.\n";
    struct dictionary dictionary = {.text = ret_text};

    buf_append_text(ret_text, HEAD);
    add_commands(&dictionary);
    add_capabilities(&dictionary);
    add_response_codes(&dictionary);
    add_mechanisms(&dictionary);
    add_words(&dictionary);
}
