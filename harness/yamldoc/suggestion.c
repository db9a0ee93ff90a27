#include "yamldoc/suggestion.h"

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t edit_distance(struct bytes a, struct bytes b)
{
    /* Rows of the usual table: the one before last (for swaps), the last, and the one being filled. */
    size_t rows[3][SUGGESTION_OCTETS_MAX + 1];

    if (a.size > SUGGESTION_OCTETS_MAX || b.size > SUGGESTION_OCTETS_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above_two = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            uint8_t x = ascii_lower(a.data[i - 1]);
            uint8_t y = ascii_lower(b.data[j - 1]);

            row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == ascii_lower(b.data[j - 2]) && ascii_lower(a.data[i - 2]) == y)
                row[j] = smaller(row[j], above_two[j - 2] + 1);
        }
    }
    return rows[a.size % 3][b.size];
}

void suggestion_init(struct suggestion *suggestion, struct bytes word)
{
    /* A third of the word may be wrong, and always one octet: more than that is another word. */
    *suggestion = (struct suggestion){word, NULL, word.size / 3 + 2};
}

void suggestion_offer(struct suggestion *suggestion, const char *candidate)
{
    size_t distance = edit_distance(suggestion->word, bytes_of(candidate));

    if (distance < suggestion->distance) {
        suggestion->distance = distance;
        suggestion->nearest = candidate;
    }
}
