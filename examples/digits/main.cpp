// Classifies the held-back digits through two compiled libraries, the float model and
// its int8 twin, and tells how often they are right and how long an image takes.

#include "digits.hpp"
#include "digits_int8.hpp"
#include "held_back.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace {

using Image = std::array<float, digits::Image::elements>;
using Scores = std::array<float, digits::Logits::elements>;

constexpr int kPictures = 6;
constexpr int kRounds = 30;
constexpr double kExpectedPercent = 97;

Image toImage(const HeldBackImage &held) {
  Image image;
  for (std::size_t i = 0; i < image.size(); ++i)
    image[i] = static_cast<float>(held.pixels[i] - 'a') / 16.0f;
  return image;
}

struct Outcome {
  std::vector<int> guesses;
  double percent = 0;
  double nanoseconds = 0; // per image, median of the rounds
};

/// Both models have the same interface, so that one function serves both.
template <class Model> bool classify(Model &model, const char *name, Outcome &outcome) {
  std::vector<Image> images;
  for (const HeldBackImage &held : kHeldBack)
    images.push_back(toImage(held));
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    outcome.guesses.clear();
    const auto start = std::chrono::steady_clock::now();
    for (const Image &image : images) {
      Scores scores;
      if (burin::Result result = model.run({.image = image, .logits = scores}); !result) {
        std::fprintf(stderr, "%s: %s\n", name, result.message());
        return false;
      }
      const auto best = std::max_element(scores.begin(), scores.end());
      outcome.guesses.push_back(static_cast<int>(best - scores.begin()));
    }
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
    rounds.push_back(time.count() / static_cast<double>(images.size()));
  }
  std::nth_element(rounds.begin(), rounds.begin() + kRounds / 2, rounds.end());
  outcome.nanoseconds = rounds[kRounds / 2];
  int right = 0;
  for (std::size_t i = 0; i < images.size(); ++i)
    right += outcome.guesses[i] == kHeldBack[i].label;
  outcome.percent = 100.0 * right / static_cast<double>(images.size());
  return true;
}

void printPictures(const Outcome &full, const Outcome &small) {
  constexpr char shades[] = " .:-=+*#%@";
  for (int row = 0; row < 8; ++row) {
    for (int picture = 0; picture < kPictures; ++picture) {
      for (int column = 0; column < 8; ++column) {
        const int value = kHeldBack[picture].pixels[8 * row + column] - 'a';
        const char shade = shades[value * 9 / 16];
        std::printf("%c%c", shade, shade);
      }
      std::printf("  ");
    }
    std::printf("\n");
  }
  const auto line = [](const char *name, auto digit) {
    for (int picture = 0; picture < kPictures; ++picture)
      std::printf("%-5s %d           ", name, digit(static_cast<std::size_t>(picture)));
    std::printf("\n");
  };
  line("label", [](std::size_t i) { return kHeldBack[i].label; });
  line("float", [&](std::size_t i) { return full.guesses[i]; });
  line("int8", [&](std::size_t i) { return small.guesses[i]; });
}

} // namespace

int main() {
  // Memory is the caller's: here it is static, and nothing uses the heap but the test.
  static digits::Arena arena;
  static digits_int8::Arena arenaInt8;
  digits::Model model(arena);
  digits_int8::Model modelInt8(arenaInt8);

  Outcome full, small;
  if (!classify(model, "digits", full) || !classify(modelInt8, "digits_int8", small))
    return 1;
  printPictures(full, small);
  std::printf("\n%-6s %10s %14s %12s %14s\n", "model", "right", "time/image", "arena", "weights");
  std::printf("%-6s %8.2f %% %11.2f us %8d B %12d B\n", "float", full.percent,
              full.nanoseconds / 1000, int{DIGITS_ARENA_BYTES}, int{DIGITS_WEIGHTS_BYTES});
  std::printf("%-6s %8.2f %% %11.2f us %8d B %12d B\n", "int8", small.percent,
              small.nanoseconds / 1000, int{DIGITS_INT8_ARENA_BYTES},
              int{DIGITS_INT8_WEIGHTS_BYTES});
  if (full.percent < kExpectedPercent || small.percent < kExpectedPercent) {
    std::fprintf(stderr, "fewer right than in training: something is broken\n");
    return 1;
  }
  return 0;
}
