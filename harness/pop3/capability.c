#include "pop3/capability.h"

#include <string.h>

const struct registered_capability registered_capabilities[REGISTERED_CAPABILITY_COUNT] = {
#define REGISTERED_CAPABILITY(name, tag, arguments, behind_login)                                            \
    [REGISTERED_CAPABILITY_##name] = {tag, arguments, behind_login},
#include "pop3/capabilities.def"
#undef REGISTERED_CAPABILITY
};

const struct registered_capability *capability_registered(struct bytes tag)
{
    for (size_t i = 0; i < REGISTERED_CAPABILITY_COUNT; i++) {
        if (bytes_equal_nocase(bytes_of(registered_capabilities[i].tag), tag))
            return &registered_capabilities[i];
    }
    return NULL;
}

/*
 * RFC 2449 section 3: a capa-tag is made of cchar, %x21-2D and %x2F-7F. The grammar keeps the dot out so that no line
 * is taken for the terminator; one inside a tag does no harm and is let pass.
 */
static bool is_tag_octet(uint8_t octet)
{
    return ascii_is_visible(octet) || octet == 0x7F;
}

static const char *tag_reason(struct bytes tag)
{
    if (tag.size == 0)
        return "The line does not begin with a capability's name.";
    if (tag.data[0] == '.')
        return "The capability's name begins with a dot.";
    for (size_t i = 0; i < tag.size; i++) {
        if (!is_tag_octet(tag.data[i]))
            return "The capability's name has an octet outside the range 0x21 to 0x7F.";
    }
    return NULL;
}

/* RFC 2449 sections 3 and 5: parameters of visible characters, with a single space before each. */
static const char *parameters_reason(struct bytes parameters)
{
    struct bytes rest = parameters;
    struct bytes parameter;

    while (bytes_split(&rest, ' ', &parameter)) {
        if (parameter.size == 0)
            return "A capability's parameters have two spaces in a row, or a space at the end.";
        for (size_t i = 0; i < parameter.size; i++) {
            if (!ascii_is_visible(parameter.data[i]))
                return "A capability's parameter has an octet outside the range 0x21 to 0x7E.";
        }
    }
    return NULL;
}

static size_t tag_octets_of(struct bytes line)
{
    size_t space = bytes_find_octet(line, ' ');

    return space == BYTES_NOT_FOUND ? line.size : space;
}

static struct capability capability_of(struct bytes line, size_t tag_octets)
{
    return (struct capability){
        .tag = bytes_slice(line, 0, tag_octets),
        .parameters = tag_octets < line.size ? bytes_from(line, tag_octets + 1) : BYTES_EMPTY,
    };
}

const char *capability_parse(struct bytes line, struct capability *ret_capability)
{
    size_t tag_octets = tag_octets_of(line);
    struct capability capability = capability_of(line, tag_octets);
    const char *reason = tag_reason(capability.tag);

    if (reason == NULL && tag_octets < line.size)
        reason = parameters_reason(capability.parameters);
    if (reason == NULL)
        *ret_capability = capability;
    return reason;
}

void capability_set_init(struct capability_set *set)
{
    set->size = 0;
    set->count = 0;
    set->overflowed = false;
}

void capability_set_add(struct capability_set *set, struct bytes line)
{
    size_t tag_octets = tag_octets_of(line);

    if (tag_reason(bytes_slice(line, 0, tag_octets)) != NULL)
        return;
    if (set->count == CAPABILITIES_MAX || line.size > CAPABILITY_STORAGE_OCTETS - set->size) {
        set->overflowed = true;
        return;
    }
    memcpy(set->storage + set->size, line.data, line.size);
    set->entries[set->count].start = set->size;
    set->entries[set->count].tag_octets = tag_octets;
    set->entries[set->count].octets = line.size;
    set->count++;
    set->size += line.size;
}

static struct capability capability_at(const struct capability_set *set, size_t index)
{
    struct bytes line = {set->storage + set->entries[index].start, set->entries[index].octets};

    return capability_of(line, set->entries[index].tag_octets);
}

bool capability_set_find(const struct capability_set *set, struct bytes tag,
                         struct capability *ret_capability)
{
    for (size_t i = 0; i < set->count; i++) {
        struct capability capability = capability_at(set, i);

        if (bytes_equal_nocase(capability.tag, tag)) {
            *ret_capability = capability;
            return true;
        }
    }
    return false;
}

static bool has_parameter(struct bytes parameters, struct bytes wanted)
{
    struct bytes parameter;

    while (bytes_split(&parameters, ' ', &parameter)) {
        if (parameter.size > 0 && bytes_equal_nocase(parameter, wanted))
            return true;
    }
    return false;
}

bool capability_set_has(const struct capability_set *set, struct bytes tag, struct bytes parameter)
{
    for (size_t i = 0; i < set->count; i++) {
        struct capability capability = capability_at(set, i);

        if (bytes_equal_nocase(capability.tag, tag) && has_parameter(capability.parameters, parameter))
            return true;
    }
    return false;
}
