/*
 * Comparing a report with its golden file in reports/golden/. With POP3SPEC_UPDATE_GOLDEN=1 in the environment the files
 * are written anew, to be looked at and committed.
 */
#ifndef TESTS_REPORT_GOLDEN_H
#define TESTS_REPORT_GOLDEN_H

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define GOLDEN_FOLDER SOURCE_DIR "/reports/golden/"

static inline void golden_write(const char *path, struct bytes text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.size, file), text.size);
    assert_int_equal(fclose(file), 0);
}

static inline void golden_read(const char *path, struct buf *ret_text)
{
    FILE *file = fopen(path, "rb");
    char block[4096];
    size_t size;

    if (file == NULL)
        fail_msg("%s cannot be opened", path);
    while ((size = fread(block, 1, sizeof(block), file)) > 0)
        buf_append(ret_text, bytes_make(block, size));
    fclose(file);
}

static inline void assert_golden(const char *path, const struct buf *report)
{
    struct buf golden;

    if (getenv("POP3SPEC_UPDATE_GOLDEN") != NULL)
        golden_write(path, buf_bytes(report));
    buf_init(&golden, BUF_UNBOUNDED);
    golden_read(path, &golden);
    assert_string_equal(buf_text(report), buf_text(&golden));
    buf_release(&golden);
}

/* Puts "..." between each START and the END behind it. */
static inline void golden_elide(struct buf *page, const char *start, const char *end)
{
    struct bytes rest = buf_bytes(page);
    struct buf elided;
    size_t found;

    buf_init(&elided, BUF_UNBOUNDED);
    while ((found = bytes_find(rest, bytes_of(start))) != BYTES_NOT_FOUND) {
        size_t inside = found + bytes_of(start).size;
        size_t size = bytes_find(bytes_from(rest, inside), bytes_of(end));

        assert_true(size != BYTES_NOT_FOUND);
        buf_append(&elided, bytes_slice(rest, 0, inside));
        buf_append_text(&elided, "...");
        rest = bytes_from(rest, inside + size);
    }
    buf_append(&elided, rest);
    buf_clear(page);
    buf_append(page, buf_bytes(&elided));
    buf_release(&elided);
}

/* The same for a page, whose style and script are in reports/ themselves: only what was written into it counts. */
static inline void assert_page_golden(const char *path, struct buf *page)
{
    golden_elide(page, "<style>", "</style>");
    golden_elide(page, "<script>", "</script>");
    golden_elide(page, "'sha256-", "'");
    assert_golden(path, page);
}

#endif
