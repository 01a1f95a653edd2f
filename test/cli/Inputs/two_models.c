/* Runs two models in one program; both must agree, and refuse bad arguments. */
#include "one.h"
#include "two.h"

static unsigned char
    __attribute__((aligned(ONE_ARENA_ALIGN))) arena[ONE_ARENA_BYTES + TWO_ARENA_BYTES];

int main(void) {
  float image[ONE_IMAGE_ELEMENTS], first[ONE_LOGITS_ELEMENTS], second[TWO_LOGITS_ELEMENTS];
  one_io a;
  two_io b;
  int i;
  for (i = 0; i < ONE_IMAGE_ELEMENTS; ++i)
    image[i] = (float)(i % 7);
  one_io_init(&a);
  two_io_init(&b);
  a.image = b.image = image;
  a.logits = first;
  b.logits = second;
  if (one_run(&a, arena) != BURIN_OK || two_run(&b, arena) != BURIN_OK)
    return 1;
  for (i = 0; i < ONE_LOGITS_ELEMENTS; ++i)
    if (first[i] != second[i])
      return 2;
  if (one_run(&a, arena + 1) != BURIN_ERROR_ALIGN || one_run(&a, 0) != BURIN_ERROR_NULL)
    return 3;
  a.image = 0;
  return one_run(&a, arena) == BURIN_ERROR_NULL ? 0 : 4;
}
