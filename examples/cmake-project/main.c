/* Runs two libraries made of one model, in plain C. */

#include "digits.h"
#include "portable.h"

#include <stdio.h>

/* The size of the arena is known when the program is compiled. */
typedef char arenas_are_small[DIGITS_ARENA_BYTES + PORTABLE_ARENA_BYTES < 100000 ? 1 : -1];

#if defined(__GNUC__)
#define ALIGNED(bytes) __attribute__((aligned(bytes)))
#else
#define ALIGNED(bytes)
#endif

static unsigned char arena[DIGITS_ARENA_BYTES + 1] ALIGNED(DIGITS_ARENA_ALIGN);
static unsigned char portable_arena[PORTABLE_ARENA_BYTES + 1] ALIGNED(PORTABLE_ARENA_ALIGN);

/* A seven. */
static const char picture[] = "  ####  "
                              "     #  "
                              "     #  "
                              "   #### "
                              "    #   "
                              "    #   "
                              "   #    "
                              "   #    ";

static int largest(const float *scores, int count) {
  int best = 0, i;
  for (i = 1; i < count; ++i)
    if (scores[i] > scores[best])
      best = i;
  return best;
}

int main(void) {
  float image[DIGITS_IMAGE_ELEMENTS], scores[DIGITS_LOGITS_ELEMENTS];
  float portable_scores[PORTABLE_LOGITS_ELEMENTS];
  digits_io io;
  portable_io portable;
  int i, status;
  for (i = 0; i < 64; ++i)
    image[i] = picture[i] == '#' ? 1.0f : 0.0f;

  digits_io_init(&io);
  io.image = image;
  io.logits = scores;
  portable_io_init(&portable);
  portable.image = image;
  portable.logits = portable_scores;
  status = (int)digits_run(&io, arena);
  if (status == BURIN_OK)
    status = (int)portable_run(&portable, portable_arena);
  if (status != BURIN_OK) {
    fprintf(stderr, "status %d\n", status);
    return 1;
  }
  printf("compiled for %s: %d\n", digits_descriptor.target, largest(scores, 10));
  printf("compiled for %s: %d\n", portable_descriptor.target, largest(portable_scores, 10));
  return largest(scores, 10) == largest(portable_scores, 10) ? 0 : 1;
}
