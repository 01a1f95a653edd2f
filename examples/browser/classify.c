/* What the page calls: buffers in the module's memory and one function. No C library,
 * no emscripten; build.sh links this with the compiled model. */
#include "digits.h"

#define EXPORT(name) __attribute__((export_name(#name)))

static _Alignas(DIGITS_ARENA_ALIGN) unsigned char arena[DIGITS_ARENA_BYTES];
static float image[DIGITS_IMAGE_ELEMENTS];
static float logits[DIGITS_LOGITS_ELEMENTS];

EXPORT(image) float *imageAddress(void) { return image; }
EXPORT(logits) float *logitsAddress(void) { return logits; }
EXPORT(arenaBytes) int arenaBytes(void) { return DIGITS_ARENA_BYTES; }

/* 0, or the library's error. */
EXPORT(classify) int classify(void) {
  digits_io io;
  digits_io_init(&io);
  io.image = image;
  io.logits = logits;
  return (int)digits_run(&io, arena);
}
