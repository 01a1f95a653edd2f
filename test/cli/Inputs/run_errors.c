/* Errors that come up while a model runs: the status says which, and the outputs
 * are as they were. */
#include "checking.h"
#include "refusing.h"
#include "sorting.h"

#define ALIGNED __attribute__((aligned(64)))
static unsigned char ALIGNED checkingArena[CHECKING_ARENA_BYTES];
static unsigned char ALIGNED refusingArena[REFUSING_ARENA_BYTES];
static unsigned char ALIGNED sortingArena[SORTING_ARENA_BYTES];
static float numbers[1000000];

static int isFilled(const float *values, int count, float with) {
  int i;
  for (i = 0; i < count; ++i)
    if (values[i] != with)
      return 0;
  return 1;
}

static void fill(float *values, int count, float with) {
  int i;
  for (i = 0; i < count; ++i)
    values[i] = with;
}

static int refusing(void) {
  float x[16], rois[4] = {0, 0, 3, 3}, early[16], late[4];
  int64_t image = 0;
  refusing_io io;
  refusing_io_init(&io);
  io.x = x, io.rois = rois, io.image = &image, io.early = early, io.late = late;
  fill(x, 16, 2);
  fill(early, 16, 7);
  fill(late, 4, 7);
  image = 5; /* there is one image */
  if (refusing_run(&io, refusingArena) != BURIN_ERROR_DATA)
    return 1;
  if (!isFilled(early, 16, 7) || !isFilled(late, 4, 7))
    return 2;
  image = 0;
  if (refusing_run(&io, refusingArena) != BURIN_OK)
    return 3;
  return isFilled(early, 16, 2) && isFilled(late, 4, 2) ? 0 : 4;
}

static int checking(void) {
  float x[4], early[4], sum[4];
  int64_t limit = 2, steps = 3;
  checking_io io;
  checking_io_init(&io);
  io.x = x, io.limit = &limit, io.steps = &steps, io.early = early, io.sum = sum;
  fill(x, 4, 1);
  fill(early, 4, 7);
  fill(sum, 4, 7);
  if (checking_run(&io, checkingArena) != BURIN_ERROR_CHECK)
    return 11;
  if (!isFilled(early, 4, 7) || !isFilled(sum, 4, 7))
    return 12;
  steps = 2;
  if (checking_run(&io, checkingArena) != BURIN_OK)
    return 13;
  if (!isFilled(early, 4, 1) || !isFilled(sum, 4, 3))
    return 14;
  steps = limit = 0; /* the loop is not reached */
  if (checking_run(&io, checkingArena) != BURIN_OK)
    return 15;
  return isFilled(sum, 4, 1) ? 0 : 16;
}

static int sorting(void) {
  float values[3];
  int64_t indices[3];
  sorting_io io;
  int i;
  sorting_io_init(&io);
  io.x = numbers, io.values = values, io.indices = indices;
  for (i = 0; i < 1000000; ++i)
    numbers[i] = (float)(i % 999983);
  if (sorting_run(&io, sortingArena) != BURIN_OK)
    return 21;
  return indices[0] == 999982 && indices[2] == 999980 && values[1] == 999981.0f ? 0 : 22;
}

int main(void) {
  int status = refusing();
  if (status == 0)
    status = checking();
  return status ? status : sorting();
}
