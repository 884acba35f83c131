#include "run/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The character at s, and its length in *bytes; a byte that does not begin a character counts as one of its own. */
static uint32_t decode(const char *s, size_t *bytes)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t length = u[0] >= 0xf0 && u[0] < 0xf8 ? 4 : u[0] >= 0xe0 ? 3 : u[0] >= 0xc2 ? 2 : 1;
    if (u[0] >= 0xf8) length = 1;
    uint32_t c = length == 1 ? u[0] : u[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            *bytes = 1;
            return u[0];
        }
        c = c << 6 | (u[i] & 0x3f);
    }
    *bytes = length;
    return c;
}

static bool within(uint32_t c, const uint32_t (*ranges)[2], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1]) return true;
    return false;
}

static int columns_of(uint32_t c)
{
    static const uint32_t none[][2] = {{0x300, 0x36f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
    static const uint32_t two[][2] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},
                                      {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    if (within(c, none, sizeof none / sizeof none[0])) return 0;
    return within(c, two, sizeof two / sizeof two[0]) ? 2 : 1;
}

int dt_text_width(const char *s, size_t bytes)
{
    int width = 0;
    for (size_t i = 0, length; i < bytes && s[i]; i += length) width += columns_of(decode(s + i, &length));
    return width;
}

size_t dt_text_fit(const char *s, int columns)
{
    size_t i = 0, length;
    for (int width = 0; s[i]; i += length) {
        width += columns_of(decode(s + i, &length));
        if (width > columns) break;
    }
    return i;
}

size_t dt_text_line(const char *s, int columns)
{
    size_t fit = dt_text_fit(s, columns);
    if (s[fit] == '\0' || (fit > 0 && s[fit] == ' ')) return fit;
    size_t i = fit;
    while (i > 0 && s[i - 1] != ' ') i--;
    while (i > 0 && s[i - 1] == ' ') i--;
    if (i > 0) return i;
    if (fit == 0) decode(s, &fit); /* one character wider than the line */
    return fit;
}

static void spaces(FILE *out, int n)
{
    for (; n > 0; n--) putc(' ', out);
}

void dt_text_pad(FILE *out, const char *s, int columns)
{
    fputs(s, out);
    spaces(out, columns - dt_text_width(s, strlen(s)));
}

void dt_text_wrap(FILE *out, const char *s, int indent, int columns)
{
    for (bool first = true; *s || first; first = false) {
        size_t n = dt_text_line(s, columns - indent);
        if (!first) spaces(out, indent);
        fprintf(out, "%.*s\n", (int)n, s);
        s += n;
        s += strspn(s, " ");
    }
}

const char *dt_text_duration(double seconds, char *buf, size_t size)
{
    if (!(seconds < 1e9)) {
        snprintf(buf, size, "unknown");
        return buf;
    }
    long s = (long)(seconds + 0.5);
    if (s < 60)
        snprintf(buf, size, "%ld s", s);
    else if (s < 3600)
        snprintf(buf, size, "%ld min %02ld s", s / 60, s % 60);
    else
        snprintf(buf, size, "%ld h %02ld min", s / 3600, s % 3600 / 60);
    return buf;
}
