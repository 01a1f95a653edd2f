/* Reads ten handwritten digits with the float model and its int8 twin, and tells how long
 * a picture takes. Ends with 1 where one is wrong. */
#include "digits.h"
#include "digits_int8.h"

#include <stdalign.h>
#include <stdio.h>
#include <time.h>

typedef struct {
  int label;
  const char *pixels; /* 8 rows of 8, 'a' to 'q'; see ../digits/held_back.h */
} Picture;

static const Picture pictures[] = {
    {0, "aagqnlbaaaqpmqbaadqhangaaeqaakiaaiqaaogaafqhjqfaabpqqqbaaagqogaa"},
    {1, "aaaanqgaaadlqqfaafqqqqeaaekjqqeaaaaanqeaaaaamqeaaaacqqhaaaabmofa"},
    {2, "aalqqhaaacqklpaaaapeeqdaaaddfqbaaaaajnaaaaabqhaaaacmpgebaakqqqqk"},
    {3, "aaiplbaaaakekgaaaaabngaaaaapqcaaaaaeipbaabbaajhaaenfdkiaaahoqpca"},
    {4, "aaabpdaaaaainajhaacpeapfacnolkpaalpnqqkaaaaadqfaaaaajoaaaaacqgaa"},
    {5, "aapopjaaaamkhgeaabocaaaaafqmkeaaaelilpfaaaaaanhaaeqklobaabkqpeaa"},
    {6, "aaagndaaaabolaaaaahpcaaaaakmaaaaaanpqnfaaakqfloaaahpfkoaaaadoqja"},
    {7, "aahoqiaaaaooqoaaaaaakmaaaaeeojcaahqqqqhaagmqlbaaaacqdaaaaagnaaaa"},
    {8, "aaoqiaaaaaqeniiaaamhmofaaaepqfaaaaaooaaaaaiklcaaaanamdaaaaopmbaa"},
    {9, "aaclneaaabnhipaaaglafnaaajhcooaaadopipbaaaaaalfaaalhakhaaaekppda"},
};
enum { kPictures = sizeof(pictures) / sizeof(pictures[0]), kRounds = 20 };

static alignas(DIGITS_ARENA_ALIGN) unsigned char arena[DIGITS_ARENA_BYTES];
static alignas(DIGITS_INT8_ARENA_ALIGN) unsigned char arenaInt8[DIGITS_INT8_ARENA_BYTES];

static int readFloat(const float *image, float *logits) {
  digits_io io;
  digits_io_init(&io);
  io.image = image;
  io.logits = logits;
  return digits_run(&io, arena) == BURIN_OK;
}

static int readInt8(const float *image, float *logits) {
  digits_int8_io io;
  digits_int8_io_init(&io);
  io.image = image;
  io.logits = logits;
  return digits_int8_run(&io, arenaInt8) == BURIN_OK;
}

static double microseconds(void) {
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

/* How many are right, or -1 where the library refuses. */
static int readAll(const char *name, int (*read)(const float *, float *)) {
  int right = 0;
  double start = microseconds();
  for (int round = 0; round < kRounds; ++round) {
    right = 0;
    for (int i = 0; i < kPictures; ++i) {
      float image[DIGITS_IMAGE_ELEMENTS], logits[DIGITS_LOGITS_ELEMENTS];
      for (int p = 0; p < DIGITS_IMAGE_ELEMENTS; ++p)
        image[p] = (float)(pictures[i].pixels[p] - 'a') / 16.0f;
      if (!read(image, logits))
        return -1;
      int best = 0;
      for (int d = 1; d < DIGITS_LOGITS_ELEMENTS; ++d)
        best = logits[d] > logits[best] ? d : best;
      right += best == pictures[i].label;
    }
  }
  double time = (microseconds() - start) / (kRounds * kPictures);
  printf("%-6s %2d of %d right, %8.2f us per picture\n", name, right, (int)kPictures, time);
  return right;
}

int main(void) {
  int full = readAll("float", readFloat);
  int small = readAll("int8", readInt8);
  return full == kPictures && small == kPictures ? 0 : 1;
}
