// Classifies the held-back digits on the GPU and on the processor, and compares what both
// say. Without a GPU it tells so and ends well.

#include "../digits/held_back.h"
#include "digits.h"
#include "digits_host.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace {

using Image = std::array<float, DIGITS_IMAGE_ELEMENTS>;
using Scores = std::array<float, DIGITS_LOGITS_ELEMENTS>;

constexpr float kTolerance = 1e-4f;

Image toImage(const HeldBackImage &held) {
  Image image;
  for (std::size_t i = 0; i < image.size(); ++i)
    image[i] = static_cast<float>(held.pixels[i] - 'a') / 16.0f;
  return image;
}

} // namespace

int main() {
  // All memory of the host is ours; that of the device belongs to the context.
  alignas(DIGITS_GPU_CONTEXT_ALIGN) static unsigned char context[DIGITS_GPU_CONTEXT_BYTES];
  alignas(DIGITS_ARENA_ALIGN) static unsigned char arena[DIGITS_ARENA_BYTES];
  alignas(DIGITS_HOST_ARENA_ALIGN) static unsigned char hostArena[DIGITS_HOST_ARENA_BYTES];

  burin_status status = digits_gpu_create(context, 0);
  if (status == BURIN_ERROR_NO_DEVICE) {
    std::puts("There is no NVIDIA GPU here, or no driver for it, or it is older than the model's "
              "target.\nThe kernels can still be emulated: burin verify digits.onnx --target "
              "nvptx-sm75 --emulate");
    return 0;
  }
  if (status != BURIN_OK) {
    std::fprintf(stderr, "the GPU's driver reports an error (%d)\n", status);
    return 1;
  }

  int right = 0;
  float largest = 0;
  for (const HeldBackImage &held : kHeldBack) {
    const Image image = toImage(held);
    Scores scores, expected;
    digits_io io;
    digits_io_init(&io);
    io.image = image.data();
    io.logits = scores.data();
    digits_host_io hostIo;
    digits_host_io_init(&hostIo);
    hostIo.image = image.data();
    hostIo.logits = expected.data();
    // The default stream; a CUstream goes here too.
    status = digits_gpu_run(context, &io, arena, nullptr);
    if (status == BURIN_OK)
      status = digits_host_run(&hostIo, hostArena);
    if (status != BURIN_OK) {
      std::fprintf(stderr, "the model failed (%d)\n", status);
      digits_gpu_destroy(context);
      return 1;
    }
    for (std::size_t i = 0; i < scores.size(); ++i)
      largest = std::max(largest, std::fabs(scores[i] - expected[i]));
    const auto best = std::max_element(scores.begin(), scores.end());
    right += static_cast<int>(best - scores.begin()) == held.label;
  }
  digits_gpu_destroy(context);
  std::printf("%d of %zu digits are right; GPU and processor differ by at most %g\n", right,
              std::size(kHeldBack), static_cast<double>(largest));
  return largest < kTolerance ? 0 : 1;
}
