#include "mutate.h"

#include <string.h>

enum { OPERATORS_MAX = 4, TRIES_MAX = 16 };

#define ANYBODY (SPEAKER_CLIENT | SPEAKER_SERVER | SPEAKER_FILE)

static const struct format FORMATS[] = {
#define FORMAT(target, head, speaker, controls) {#target, head, speaker, controls},
#include "formats.def"
#undef FORMAT
};

static const struct {
    const char *name;
    unsigned speakers;
    bool (*apply)(struct editing *editing, const struct format *format);
} OPERATORS[] = {
#define OPERATOR(symbol, speakers) {#symbol, speakers, operator_##symbol},
#include "operators.def"
#undef OPERATOR
};

const struct format *format_of(const char *target)
{
    for (size_t i = 0; i < sizeof(FORMATS) / sizeof(FORMATS[0]); i++)
        if (strcmp(FORMATS[i].target, target) == 0)
            return &FORMATS[i];
    return NULL;
}

bool operator_suits(enum operator which, const struct format *format)
{
    bool about_controls = strncmp(OPERATORS[which].name, "CONTROL", strlen("CONTROL")) == 0;

    return (OPERATORS[which].speakers & format->speaker) != 0 &&
           (!about_controls || format->controls[0] != '\0');
}

bool operator_apply(enum operator which, struct editing *editing, const struct format *format)
{
    return OPERATORS[which].apply(editing, format);
}

static void begin(struct editing *editing, const struct format *format, uint8_t *data, size_t size,
                  size_t size_max, uint64_t seed)
{
    editing_init(editing, data, size, size_max, seed);
    editing->head = format->head;
    editing->controls = format->controls;
}

static void apply_one(struct editing *editing, const struct format *format)
{
    for (int i = 0; i < TRIES_MAX; i++) {
        enum operator which =(enum operator) editing_choose(editing, OPERATOR_COUNT);

        editing_take_apart(editing);
        if (operator_suits(which, format) && operator_apply(which, editing, format))
            return;
    }
}

size_t mutate(const struct format *format, uint8_t *data, size_t size, size_t size_max, uint64_t seed)
{
    struct editing editing;

    begin(&editing, format, data, size, size_max, seed);
    if (editing.size < format->head && size_max >= format->head)
        editing_fill(&editing, editing.size, editing.size, '@', format->head - editing.size);
    for (size_t i = 1 + editing_choose(&editing, OPERATORS_MAX); i > 0; i--)
        apply_one(&editing, format);
    return editing.size;
}

/* Where to cut OCTETS: at the border of a piece. */
static size_t cut(struct editing *editing, const struct format *format, struct bytes octets, uint64_t seed)
{
    /* Only read: the data are not changed between taking apart and choosing. */
    begin(editing, format, (uint8_t *)(uintptr_t)octets.data, octets.size, octets.size, seed);
    editing_take_apart(editing);
    return editing_border(editing);
}

size_t mutate_join(const struct format *format, struct bytes a, struct bytes b, uint8_t *out, size_t size_max,
                   uint64_t seed)
{
    struct editing editing;
    size_t head = cut(&editing, format, a, seed);
    size_t tail = b.size - cut(&editing, format, b, seed + 1);

    head = head < size_max ? head : size_max;
    tail = tail < size_max - head ? tail : size_max - head;
    if (head > 0)
        memcpy(out, a.data, head);
    if (tail > 0)
        memcpy(out + head, b.data + (b.size - tail), tail);
    return head + tail;
}
