#include "utf8.h"

static bool is_tail (unsigned char byte) {
  return (byte & 0xc0) == 0x80;
}

bool is_utf8 (const char *text) {
  const unsigned char *at = (const unsigned char *) text;
  while (*at != 0) {
    unsigned char lead = *at++;
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    unsigned char second = *at;
    if (!is_tail(second)) return false;
    if (lead == 0xe0 && second < 0xa0) return false;
    if (lead == 0xed && second > 0x9f) return false;
    if (lead == 0xf0 && second < 0x90) return false;
    if (lead == 0xf4 && second > 0x8f) return false;
    at++;
    int more = lead < 0xe0 ? 0 : lead < 0xf0 ? 1 : 2;
    while (more-- > 0) {
      if (!is_tail(*at)) return false;
      at++;
    }
  }
  return true;
}
