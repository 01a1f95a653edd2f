/* Classifies ten digits on a Cortex-M4 without operating system, heap or C library, and
 * tells what that takes. run.sh builds it and starts it under QEMU. */

#include "board.h"
#include "digits_int8.h"
#include "images.h"
#ifdef WITH_SECOND_MODEL
#include "digits.h"
#endif

/* Known at compile time: the linker would notice, but not in words. */
_Static_assert(DIGITS_INT8_ARENA_BYTES <= 16 * 1024, "the arena outgrows its share of the RAM");

static _Alignas(DIGITS_INT8_ARENA_ALIGN) unsigned char arena[DIGITS_INT8_ARENA_BYTES];

static int best_of(const float *scores, int count) {
  int best = 0;
  for (int i = 1; i < count; ++i)
    if (scores[i] > scores[best])
      best = i;
  return best;
}

int main(void) {
  static float image[DIGITS_INT8_IMAGE_ELEMENTS], scores[DIGITS_INT8_LOGITS_ELEMENTS];
  digits_int8_io io;
  digits_int8_io_init(&io);
  io.image = image;
  io.logits = scores;

  int right = 0;
  unsigned long instructions = 0;
  board_paint_stack();
  for (int digit = 0; digit < 10; ++digit) {
    for (int i = 0; i < DIGITS_INT8_IMAGE_ELEMENTS; ++i)
      image[i] = (float)(kImages[digit][i] - 'a') / 16.0f;
    board_count_start();
    burin_status status = digits_int8_run(&io, arena);
    instructions = board_count_stop();
    if (status != BURIN_OK) {
      board_print("error ");
      board_print_number((unsigned long)status);
      board_print("\n");
      return 1;
    }
    int guess = best_of(scores, DIGITS_INT8_LOGITS_ELEMENTS);
    board_print("image of ");
    board_print_number((unsigned long)digit);
    board_print(": ");
    board_print_number((unsigned long)guess);
    board_print("\n");
    right += guess == digit;
  }
  unsigned long stack = board_stack_bytes();

#ifdef WITH_SECOND_MODEL
  /* Another model in the same image, with an arena of its own. */
  static _Alignas(DIGITS_ARENA_ALIGN) unsigned char second[DIGITS_ARENA_BYTES];
  digits_io other;
  digits_io_init(&other);
  other.image = image;
  other.logits = scores;
  if (digits_run(&other, second) != BURIN_OK || best_of(scores, DIGITS_LOGITS_ELEMENTS) != 9) {
    board_print("the second model is wrong\n");
    return 1;
  }
  board_print("both models agree on the last image\n");
#endif

  const struct {
    const char *name;
    unsigned long value;
  } table[] = {{"right answers of 10       ", (unsigned long)right},
               {"instructions per inference", instructions},
               {"flash, bytes              ", board_flash_bytes()},
               {"arena, bytes              ", DIGITS_INT8_ARENA_BYTES},
               {"stack, bytes              ", stack},
               {"stack, promised at most   ", DIGITS_INT8_STACK_BYTES}};
  for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); ++i) {
    board_print(table[i].name);
    board_print("  ");
    board_print_number(table[i].value);
    board_print("\n");
  }
  return right < 9;
}
