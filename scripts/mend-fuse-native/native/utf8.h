#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>

/* Whether a text is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF. */
bool is_utf8 (const char *text);

#endif
