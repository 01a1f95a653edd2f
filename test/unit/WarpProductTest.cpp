//===- WarpProductTest.cpp - A warp's matrix instruction ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The emulator finds a matrix's element by the PTX ISA's formulas for each element of a
// thread; here they are placed the other way, as the ISA's figures show it.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/WarpProduct.h"

#include "llvm/ADT/bit.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace burin;
using namespace burin::verify;

namespace {
struct Warp {
  WarpFragments fragments[kWarpThreads] = {};

  void multiply(const MatrixUnit &unit) {
    WarpFragments *lanes[kWarpThreads];
    for (size_t i = 0; i < kWarpThreads; ++i)
      lanes[i] = &fragments[i];
    multiplyFragments(unit, lanes);
  }
};
} // namespace

static unsigned bitsOf(MatrixUnit::Factor factor) {
  return factor == MatrixUnit::tf32 ? 32 : factor <= MatrixUnit::bf16 ? 16 : 8;
}

/// A whole number's bits as element of a factor.
static uint32_t encode(MatrixUnit::Factor factor, int value) {
  float real = static_cast<float>(value);
  uint32_t word = llvm::bit_cast<uint32_t>(real);
  switch (factor) {
  case MatrixUnit::f16:
    // Small whole numbers: the exponent's bias differs, and the fraction's length.
    return value ? (word >> 16 & 0x8000) | ((word & 0x7fffffff) - (112U << 23)) >> 13 : 0;
  case MatrixUnit::bf16:
    return word >> 16;
  case MatrixUnit::tf32:
    return word;
  default:
    return static_cast<uint32_t>(value) & 0xff;
  }
}

static void place(uint32_t &word, MatrixUnit::Factor factor, unsigned number, uint32_t bits) {
  word |= bits << (bitsOf(factor) * number);
}

/// Rows 0 to 7 are in the first word, 8 to 15 in the second, four threads a row; what follows
/// behind four words of a row is in the next two.
static void placeLeft(Warp &warp, const MatrixUnit &unit, unsigned row, unsigned k, uint32_t bits) {
  unsigned perWord = 32 / bitsOf(unit.left), word = k / perWord;
  place(warp.fragments[row % 8 * 4 + word % 4].left[row / 8 + word / 4 * 2], unit.left, k % perWord,
        bits);
}

static void placeRight(Warp &warp, const MatrixUnit &unit, unsigned k, unsigned column,
                       uint32_t bits) {
  unsigned perWord = 32 / bitsOf(unit.right), word = k / perWord;
  place(warp.fragments[column * 4 + word % 4].right[word / 4], unit.right, k % perWord, bits);
}

static uint32_t &sumAt(Warp &warp, unsigned row, unsigned column) {
  return warp.fragments[row % 8 * 4 + column / 2].sums[row / 8 * 2 + column % 2];
}

static std::vector<MatrixUnit> allUnits() {
  std::vector<MatrixUnit> units;
  for (const char *name : {"nvptx-sm75", "nvptx-sm80", "nvptx-sm90"})
    for (const MatrixUnit &unit : findTarget(name)->device->matrixUnits)
      units.push_back(unit);
  return units;
}

static int pick(MatrixUnit::Factor factor, std::mt19937 &random) {
  bool isByte = factor == MatrixUnit::s8 || factor == MatrixUnit::u8;
  int low = factor == MatrixUnit::u8 ? 0 : isByte ? -128 : -15;
  int high = factor == MatrixUnit::u8 ? 255 : isByte ? 127 : 15;
  return std::uniform_int_distribution<int>(low, high)(random);
}

TEST_CASE("matrix instructions multiply in every layout", "[gpu]") {
  std::mt19937 random(7);
  for (const MatrixUnit &unit : allUnits()) {
    INFO(unit.intrinsic << " " << unit.left << " " << unit.right << " " << unit.depth);
    int left[16][32], right[32][8], sums[16][8];
    Warp warp;
    for (unsigned k = 0; k < unit.depth; ++k) {
      for (unsigned row = 0; row < 16; ++row) {
        left[row][k] = pick(unit.left, random);
        placeLeft(warp, unit, row, k, encode(unit.left, left[row][k]));
      }
      for (unsigned column = 0; column < 8; ++column) {
        right[k][column] = pick(unit.right, random);
        placeRight(warp, unit, k, column, encode(unit.right, right[k][column]));
      }
    }
    for (unsigned row = 0; row < 16; ++row)
      for (unsigned column = 0; column < 8; ++column) {
        int sum = sums[row][column] = static_cast<int>(random() % 2001) - 1000;
        sumAt(warp, row, column) =
            unit.sumsFloats() ? llvm::bit_cast<uint32_t>(static_cast<float>(sum)) : sum;
      }
    warp.multiply(unit);
    for (unsigned row = 0; row < 16; ++row)
      for (unsigned column = 0; column < 8; ++column) {
        int expected = sums[row][column];
        for (unsigned k = 0; k < unit.depth; ++k)
          expected += left[row][k] * right[k][column];
        uint32_t bits = sumAt(warp, row, column);
        CHECK(expected == (unit.sumsFloats() ? static_cast<int>(llvm::bit_cast<float>(bits))
                                             : static_cast<int>(bits)));
      }
  }
}

TEST_CASE("a thread's elements lie where the ISA's figures show them", "[gpu]") {
  // m16n8k16: a6, a7 of thread 5 are row 9, columns 10 and 11; b2, b3 rows 10 and 11 of
  // column 1; c3 is row 9, column 3.
  MatrixUnit unit{MatrixUnit::f16, MatrixUnit::f16, 16, ""};
  Warp warp;
  warp.fragments[5].left[3] = 0x40003c00;  // 1, 2
  warp.fragments[5].right[1] = 0x44004200; // 3, 4
  warp.multiply(unit);
  for (unsigned lane = 0; lane < kWarpThreads; ++lane)
    for (unsigned i = 0; i < 4; ++i) {
      float sum = llvm::bit_cast<float>(warp.fragments[lane].sums[i]);
      // Row 9, column 1: thread 4's c3.
      CHECK(sum == (lane == 4 && i == 3 ? 11.0F : 0.0F));
    }
}

static float oneSum(float start, uint32_t left, uint32_t right) {
  MatrixUnit unit{MatrixUnit::tf32, MatrixUnit::tf32, 8, ""};
  Warp warp;
  placeLeft(warp, unit, 0, 0, left);
  placeRight(warp, unit, 0, 0, right);
  sumAt(warp, 0, 0) = llvm::bit_cast<uint32_t>(start);
  warp.multiply(unit);
  return llvm::bit_cast<float>(sumAt(warp, 0, 0));
}

TEST_CASE("tensor cores round toward zero and see 19 bits of a tf32", "[gpu]") {
  uint32_t one = llvm::bit_cast<uint32_t>(1.0F), inf = 0x7f800000;
  CHECK(oneSum(0, 0x3f801fff, one) == 1.0F);
  CHECK(oneSum(0, 0x3f802000, one) == 1.0F + 0x1p-10F);
  CHECK(oneSum(1, llvm::bit_cast<uint32_t>(0x1.8p-24F), one) == 1.0F); // nearest: above
  CHECK(oneSum(1, llvm::bit_cast<uint32_t>(-0x1p-24F), one) == 1.0F - 0x1p-24F);
  CHECK(oneSum(1, llvm::bit_cast<uint32_t>(-0x1p-26F), one) == 1.0F);
  CHECK(oneSum(1, inf, one) == std::numeric_limits<float>::infinity());
  CHECK(std::isnan(oneSum(1, inf, 0)));
}
