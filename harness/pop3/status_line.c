#include "pop3/reply.h"

static enum status_indicator indicator_of(struct bytes line, size_t *ret_size)
{
    static const struct bytes ok = {(const uint8_t *)"+OK", 3};
    static const struct bytes err = {(const uint8_t *)"-ERR", 4};

    *ret_size = 0;
    if (bytes_equal_nocase(bytes_slice(line, 0, ok.size), ok)) {
        *ret_size = ok.size;
        return STATUS_OK;
    }
    if (bytes_equal_nocase(bytes_slice(line, 0, err.size), err)) {
        *ret_size = err.size;
        return STATUS_ERR;
    }
    if (line.size > 0 && line.data[0] == '+' && (line.size == 1 || line.data[1] == ' ')) {
        *ret_size = 1;
        return STATUS_CONTINUE;
    }
    return STATUS_NONE;
}

/* Steps over the one blank that parts the indicator from the text, and says when it is not the SP it should
 * be. */
static unsigned step_over_blank(struct bytes *text)
{
    if (text->size == 0)
        return 0;
    if (text->data[0] == ' ' || text->data[0] == '\t') {
        unsigned facts = text->data[0] == '\t' ? STATUS_FACT_OTHER_BLANK : 0;

        *text = bytes_from(*text, 1);
        return facts;
    }
    return STATUS_FACT_GLUED;
}

/* RFC 2449 section 8: the response code stands in square brackets at the beginning of the text. */
static unsigned find_code(struct bytes text, struct bytes *ret_code)
{
    if (text.size == 0 || text.data[0] != '[')
        return 0;
    size_t end = bytes_find_octet(text, ']');

    if (end == BYTES_NOT_FOUND)
        return STATUS_FACT_CODE_UNCLOSED;
    *ret_code = (struct bytes){text.data + 1, end - 1};
    return 0;
}

struct status_line status_line_parse(struct bytes line)
{
    struct status_line status = {.text = line};
    size_t indicator_octets;

    status.indicator = indicator_of(line, &indicator_octets);
    if (status.indicator == STATUS_NONE)
        return status;
    if (bytes_have_lower_case(bytes_slice(line, 0, indicator_octets)))
        status.facts |= STATUS_FACT_LOWER_CASE;
    status.text = bytes_from(line, indicator_octets);
    status.facts |= step_over_blank(&status.text);
    if (status.indicator != STATUS_CONTINUE)
        status.facts |= find_code(status.text, &status.code);
    return status;
}
