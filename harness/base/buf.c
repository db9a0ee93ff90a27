#include "base/buf.h"

#include "base/check.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST_CAPACITY = 64 };

void buf_init(struct buf *buf, size_t size_max)
{
    *buf = (struct buf){.size_max = size_max};
}

void buf_release(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->size_max);
}

void buf_clear(struct buf *buf)
{
    buf->size = 0;
    buf->overflowed = false;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

static bool buf_reserve(struct buf *buf, size_t more)
{
    if (more > buf->size_max || buf->size > buf->size_max - more) {
        buf->overflowed = true;
        return false;
    }
    size_t needed = buf->size + more + 1;

    if (needed > buf->capacity) {
        size_t capacity = buf->capacity > 0 ? buf->capacity : BUF_FIRST_CAPACITY;

        while (capacity < needed)
            capacity *= 2;
        buf->data = memory_resize_array(buf->data, capacity, 1);
        buf->capacity = capacity;
    }
    return true;
}

bool buf_append(struct buf *buf, struct bytes bytes)
{
    if (!buf_reserve(buf, bytes.size))
        return false;
    if (bytes.size > 0)
        memcpy(buf->data + buf->size, bytes.data, bytes.size);
    buf->size += bytes.size;
    buf->data[buf->size] = '\0';
    return true;
}

bool buf_append_octet(struct buf *buf, uint8_t octet)
{
    return buf_append(buf, (struct bytes){&octet, 1});
}

bool buf_append_text(struct buf *buf, const char *text)
{
    return buf_append(buf, bytes_of(text));
}

bool buf_append_format(struct buf *buf, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    bool fitted = buf_append_format_list(buf, format, arguments);

    va_end(arguments);
    return fitted;
}

bool buf_append_format_list(struct buf *buf, const char *format, va_list arguments)
{
    va_list measured;

    va_copy(measured, arguments);
    int length = vsnprintf(NULL, 0, format, measured);

    va_end(measured);
    CHECK(length >= 0);
    if (!buf_reserve(buf, (size_t)length))
        return false;
    CHECK(vsnprintf((char *)buf->data + buf->size, (size_t)length + 1, format, arguments) == length);
    buf->size += (size_t)length;
    return true;
}

void buf_consume(struct buf *buf, size_t count)
{
    if (count > buf->size)
        count = buf->size;
    if (count == 0)
        return;
    memmove(buf->data, buf->data + count, buf->size - count + 1);
    buf->size -= count;
}

void buf_truncate(struct buf *buf, size_t size)
{
    if (size >= buf->size)
        return;
    buf->size = size;
    buf->data[size] = '\0';
}

struct bytes buf_bytes(const struct buf *buf)
{
    return (struct bytes){buf->data, buf->size};
}

const char *buf_text(const struct buf *buf)
{
    return buf->data != NULL ? (const char *)buf->data : "";
}

char *buf_take_text(struct buf *buf)
{
    char *text = buf->data != NULL ? (char *)buf->data : memory_copy_text("");

    buf_init(buf, buf->size_max);
    return text;
}
