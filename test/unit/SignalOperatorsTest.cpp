//===- SignalOperatorsTest.cpp - Spectra, windows, determinants -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OperatorRun.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;
using Catch::Matchers::Contains;

TEST_CASE("DFT", "[importer][families]") {
  auto dft = [] { return OperatorRun("DFT", 20).input({1, 4, 1}, {1, 2, 3, 4}); };
  checkValues(dft().value(), {1, 4, 2}, {10, 0, -2, 2, -2, 0, -2, -2});
  checkValues(dft().set("onesided", 1).value(), {1, 3, 2}, {10, 0, -2, 2, -2, 0});
  checkValues(dft().constant({}, {2}, kInt64).value(), {1, 2, 2}, {3, 0, -1, 0});
  // Padded with a zero: 1, 2, 3, 4, 0, 0 has the sum 10 and the alternating sum -2.
  Values padded = dft().constant({}, {6}, kInt64).value();
  CHECK(padded.shape == std::vector<int64_t>{1, 6, 2});
  CHECK(padded.elements[0] == Approx(10));
  CHECK(padded.elements[6] == Approx(-2));
  checkValues(OperatorRun("DFT", 17)
                  .input({1, 4, 2}, {10, 0, -2, 2, -2, 0, -2, -2})
                  .set("inverse", 1)
                  .value(),
              {1, 4, 2}, {1, 0, 2, 0, 3, 0, 4, 0});
  checkValues(OperatorRun("DFT", 20)
                  .input({1, 3, 2}, {10, 0, -2, 2, -2, 0})
                  .set("inverse", 1)
                  .set("onesided", 1)
                  .value(),
              {1, 4, 1}, {1, 2, 3, 4});
}

TEST_CASE("DFT refuses what it cannot transform", "[importer][families]") {
  auto dft = [](std::initializer_list<int64_t> shape, int32_t type = kFloat) {
    return OperatorRun("DFT", 20).input(shape, {}, type);
  };
  CHECK_THAT(dft({4}).error(), Contains("rank"));
  CHECK_THAT(dft({1, 4, 1}, kInt32).error(), Contains("must be floating point"));
  CHECK_THAT(dft({1, 4, 3}).error(), Contains("must be 1 (real) or 2 (complex)"));
  CHECK_THAT(dft({1, 0, 1}).error(), Contains("cannot transform 0 points"));
  for (double length : {0.0, -4.0, 1e12})
    CHECK_THAT(dft({1, 4, 1}).constant({}, {length}, kInt64).error(),
               Contains("expected a positive length"));
  CHECK_THAT(dft({1, 4, 1}).input({}, {}, kInt64).error(), Contains("dft_length"));
  CHECK_THAT(dft({1, 4, 1}).missing().constant({}, {2}, kInt64).error(),
             Contains("holds the real and imaginary parts"));
  CHECK_THAT(dft({1, 4, 1}).missing().constant({}, {7}, kInt64).error(), Contains("axis"));
}

TEST_CASE("STFT", "[importer][families]") {
  auto stft = [] { return OperatorRun("STFT", 17).input({1, 6, 1}, {1, 2, 3, 4, 5, 6}); };
  auto framed = [&] { return stft().constant({}, {2}, kInt64).input({2}, {1, 0.5}); };
  checkValues(framed().value(), {1, 3, 2, 2}, {2, 0, 0, 0, 5, 0, 1, 0, 8, 0, 2, 0});
  // Without a window; the frames overlap.
  checkValues(stft().constant({}, {1}, kInt64).missing().constant({}, {2}, kInt64).value(),
              {1, 5, 2, 2}, {3, 0, -1, 0, 5, 0, -1, 0, 7, 0, -1, 0, 9, 0, -1, 0, 11, 0, -1, 0});

  CHECK_THAT(stft().constant({}, {0}, kInt64).input({2}, {}).error(),
             Contains("'frame_step' is 0"));
  CHECK_THAT(stft().constant({}, {1}, kInt64).input({7}, {}).error(),
             Contains("a frame of 7 points is longer than the signal of 6"));
  CHECK_THAT(stft().constant({}, {1}, kInt64).input({2, 1}, {}).error(), Contains("the window"));
  CHECK_THAT(
      OperatorRun("STFT", 17).input({6}, {}).constant({}, {1}, kInt64).input({2}, {}).error(),
      Contains("rank"));
}

TEST_CASE("windows", "[importer][families]") {
  auto window = [](const char *name, double size) {
    return OperatorRun(name, 17).constant({}, {size}, kInt64);
  };
  checkValues(window("HannWindow", 4).value(), {4}, {0, 0.5, 1, 0.5});
  checkValues(window("HannWindow", 5).set("periodic", 0).value(), {5}, {0, 0.5, 1, 0.5, 0});
  checkValues(window("HammingWindow", 4).value(), {4}, {4 / 46.0, 25 / 46.0, 1, 25 / 46.0});
  checkValues(window("BlackmanWindow", 4).value(), {4}, {0, 0.34, 1, 0.34});
  CHECK(window("HannWindow", 4).set("output_datatype", 11).value().elements[1] == Approx(0.5));
  CHECK_THAT(window("HannWindow", 4).set("output_datatype", 99).error(), Contains("99"));
  OperatorRun("HannWindow", 17).constant({}, {-3}, kInt64).error();
}

TEST_CASE("MelWeightMatrix", "[importer][families]") {
  auto mel = [](double bands) {
    return OperatorRun("MelWeightMatrix", 17)
        .constant({}, {bands}, kInt64)
        .constant({}, {16}, kInt64)
        .constant({}, {8192}, kInt64)
        .constant({}, {0})
        .constant({}, {4096});
  };
  checkValues(mel(2).value(), {9, 2}, {1, 0, 0.5, 0.5, 0, 1, 0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  mel(-5).error();
}

TEST_CASE("Det", "[importer][families]") {
  checkValues(OperatorRun("Det", 22).input({2, 2, 2}, {1, 2, 3, 4, 2, 0, 0, 3}).value(), {2},
              {-2, 6});
  checkValues(OperatorRun("Det", 11).input({3, 3}, {0, 1, 0, 1, 0, 0, 0, 0, 5}).value(), {}, {-5});
  CHECK_THAT(OperatorRun("Det", 22).input({2, 3}, {}).error(),
             Contains("a matrix of 2 x 3 has no determinant"));
  CHECK_THAT(OperatorRun("Det", 22).input({3}, {}).error(), Contains("rank"));
}
