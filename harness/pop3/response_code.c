#include "pop3/response_code.h"

#define VERB(name) (UINT64_C(1) << COMMAND_##name)
#define ANY_VERB   UINT64_MAX

_Static_assert(COMMAND_VERB_COUNT <= 64, "verbs are kept as bits of 64");

static const struct {
    const char *code;
    uint64_t commands;
} registry[RESPONSE_CODE_COUNT] = {
#define REGISTERED_RESPONSE_CODE(name, code, commands) [RESPONSE_CODE_##name] = {code, commands},
#include "pop3/response_codes.def"
#undef REGISTERED_RESPONSE_CODE
};

const char *response_code_name(enum response_code code)
{
    return registry[code].code;
}

bool response_code_find(struct bytes code, enum response_code *ret_code)
{
    for (size_t i = 0; i < RESPONSE_CODE_COUNT; i++) {
        struct bytes name = bytes_of(registry[i].code);
        bool ends_there = code.size == name.size || (code.size > name.size && code.data[name.size] == '/');

        if (ends_there && bytes_equal_nocase(bytes_slice(code, 0, name.size), name)) {
            *ret_code = (enum response_code)i;
            return true;
        }
    }
    return false;
}

bool response_code_may_answer(enum response_code code, enum command_verb verb)
{
    return (registry[code].commands & UINT64_C(1) << verb) != 0;
}

bool response_code_has_levels(struct bytes code)
{
    struct bytes rest = code;
    struct bytes level;

    while (bytes_split(&rest, '/', &level)) {
        if (level.size == 0)
            return false;
    }
    return true;
}
