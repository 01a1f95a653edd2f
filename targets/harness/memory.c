/*===- memory.c - The three functions that a library may ask for ---*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 * What a C library would bring. Compiled without knowledge of themselves, or the
 * loops would become calls.
 *
 *===----------------------------------------------------------------------===*/

#include <stddef.h>
#include <stdint.h>

typedef uintptr_t __attribute__((may_alias)) word;

/* Words where both sides start at one: unaligned words are not for every machine. */
static int share_words(const void *a, const void *b) {
  return (((uintptr_t)a | (uintptr_t)b) & (sizeof(word) - 1)) == 0;
}

void *memcpy(void *to, const void *from, size_t bytes) {
  unsigned char *t = to;
  const unsigned char *f = from;
  if (share_words(to, from))
    for (; bytes >= sizeof(word); bytes -= sizeof(word)) {
      *(word *)t = *(const word *)f;
      t += sizeof(word);
      f += sizeof(word);
    }
  for (; bytes > 0; --bytes)
    *t++ = *f++;
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  unsigned char *t = to;
  const unsigned char *f = from;
  if ((uintptr_t)t - (uintptr_t)f >= bytes)
    return memcpy(to, from, bytes);
  while (bytes-- > 0)
    t[bytes] = f[bytes];
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  unsigned char *t = to;
  if (share_words(to, to)) {
    word all = (unsigned char)value * (UINTPTR_MAX / 0xFF);
    for (; bytes >= sizeof(word); bytes -= sizeof(word)) {
      *(word *)t = all;
      t += sizeof(word);
    }
  }
  for (; bytes > 0; --bytes)
    *t++ = (unsigned char)value;
  return to;
}
