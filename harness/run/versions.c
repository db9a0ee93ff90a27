#include "run/versions.h"

enum { NUMBER_MAX = 1000 * 1000 * 1000 };

static struct bytes skip_blanks(struct bytes text)
{
    while (text.size > 0 && text.data[0] == ' ')
        text = bytes_from(text, 1);
    return text;
}

/* The digits and dots that TEXT begins with; a last dot is none of a version's. */
static struct bytes leading_version(struct bytes text)
{
    size_t size = 0;

    while (size < text.size && (ascii_is_digit(text.data[size]) || text.data[size] == '.'))
        size++;
    while (size > 0 && text.data[size - 1] == '.')
        size--;
    return bytes_slice(text, 0, size);
}

struct bytes version_of(const char *software)
{
    struct bytes rest = software != NULL ? bytes_of(software) : BYTES_EMPTY;
    struct bytes word;

    while (bytes_split(&rest, ' ', &word))
        if (word.size > 0 && ascii_is_digit(word.data[0]))
            return leading_version(word);
    return BYTES_EMPTY;
}

/* Takes a number and the dot behind it. A number that is not there is 0, one that is too large is cut. */
static uint64_t take_number(struct bytes *version)
{
    uint64_t number = 0;

    while (version->size > 0 && ascii_is_digit(version->data[0])) {
        if (number < NUMBER_MAX)
            number = number * 10 + (uint64_t)(version->data[0] - '0');
        *version = bytes_from(*version, 1);
    }
    if (version->size > 0)
        *version = bytes_from(*version, 1);
    return number;
}

/* Below 0, 0 or above 0, as VERSION is before, at or behind WANTED, as far as that goes. */
static int compare(struct bytes version, struct bytes wanted)
{
    while (wanted.size > 0) {
        uint64_t left = take_number(&version);
        uint64_t right = take_number(&wanted);

        if (left != right)
            return left < right ? -1 : 1;
    }
    return 0;
}

struct comparison_sign {
    struct bytes text;
    bool holds_before;
    bool holds_at;
    bool holds_behind;
};

/* The longer signs first, for the shorter are their beginnings. */
static const struct comparison_sign SIGNS[] = {
    {BYTES_LITERAL("<="), true, true, false}, {BYTES_LITERAL(">="), false, true, true},
    {BYTES_LITERAL("<"), true, false, false}, {BYTES_LITERAL(">"), false, false, true},
    {BYTES_LITERAL("="), false, true, false},
};

/* Parts "<= 2.3" into its sign and version. */
static bool part(struct bytes text, const struct comparison_sign **ret_sign, struct bytes *ret_version)
{
    text = skip_blanks(text);
    for (size_t i = 0; i < sizeof(SIGNS) / sizeof(SIGNS[0]); i++) {
        if (!bytes_start_with(text, SIGNS[i].text))
            continue;
        struct bytes behind = skip_blanks(bytes_from(text, SIGNS[i].text.size));

        *ret_sign = &SIGNS[i];
        *ret_version = leading_version(behind);
        return ret_version->size > 0 && ascii_is_digit(ret_version->data[0]) &&
               skip_blanks(bytes_from(behind, ret_version->size)).size == 0;
    }
    return false;
}

bool version_condition_is_valid(const char *condition)
{
    const struct comparison_sign *sign;
    struct bytes rest = bytes_of(condition);
    struct bytes text;
    struct bytes version;
    size_t count = 0;

    while (bytes_split(&rest, ',', &text)) {
        count++;
        if (!part(text, &sign, &version))
            return false;
    }
    return count > 0;
}

bool version_condition_holds(const char *condition, struct bytes version)
{
    const struct comparison_sign *sign;
    struct bytes rest = bytes_of(condition);
    struct bytes text;
    struct bytes wanted;

    while (bytes_split(&rest, ',', &text)) {
        if (!part(text, &sign, &wanted))
            return false;
        int order = compare(version, wanted);

        if (!(order < 0 ? sign->holds_before : order == 0 ? sign->holds_at : sign->holds_behind))
            return false;
    }
    return true;
}
