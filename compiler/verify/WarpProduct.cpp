//===- WarpProduct.cpp - A warp's matrix instruction ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/WarpProduct.h"

#include "llvm/ADT/bit.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace burin;
using namespace burin::verify;

namespace {
constexpr unsigned kRows = 16, kColumns = 8, kMaxDepth = 32;

/// Whole matrices. Every factor and every product of two is exact in a double.
struct Matrices {
  double left[kRows][kMaxDepth], right[kMaxDepth][kColumns];
};

/// Position of an element in a matrix.
struct Place {
  unsigned row, column;
};
} // namespace

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static unsigned elementsPerWord(MatrixUnit::Factor factor) {
  switch (factor) {
  case MatrixUnit::f16:
  case MatrixUnit::bf16:
    return 2;
  case MatrixUnit::tf32:
    return 1;
  case MatrixUnit::s8:
  case MatrixUnit::u8:
    return 4;
  }
  return 1;
}

static double halfValue(uint32_t bits) {
  double sign = bits & 0x8000 ? -1 : 1;
  int exponent = bits >> 10 & 31, fraction = bits & 0x3ff;
  if (exponent == 31)
    return fraction ? std::numeric_limits<double>::quiet_NaN()
                    : sign * std::numeric_limits<double>::infinity();
  return exponent ? sign * std::ldexp(1024 + fraction, exponent - 25)
                  : sign * std::ldexp(fraction, -24);
}

static double valueOf(MatrixUnit::Factor factor, uint32_t word, unsigned number) {
  uint32_t bits = word >> (32 / elementsPerWord(factor) * number);
  switch (factor) {
  case MatrixUnit::f16:
    return halfValue(bits & 0xffff);
  case MatrixUnit::bf16:
    return llvm::bit_cast<float>(bits << 16);
  case MatrixUnit::tf32:
    return llvm::bit_cast<float>(bits & 0xffffe000);
  case MatrixUnit::s8:
    return static_cast<int8_t>(bits);
  case MatrixUnit::u8:
    return static_cast<uint8_t>(bits);
  }
  return 0;
}

//===----------------------------------------------------------------------===//
// Where a thread's elements lie, as the ISA's formulas for m16n8kK put it
//===----------------------------------------------------------------------===//

/// a_i of a thread.
static Place leftPlace(const MatrixUnit &unit, unsigned lane, unsigned i) {
  unsigned group = lane >> 2, inGroup = lane % 4;
  switch (elementsPerWord(unit.left)) {
  case 1:
    return {i == 0 || i == 2 ? group : group + 8, i < 2 ? inGroup : inGroup + 4};
  case 2:
    return {i < 2 || (i >= 4 && i < 6) ? group : group + 8,
            inGroup * 2 + (i & 1) + (i < 4 ? 0 : 8)};
  default:
    return {i < 4 || (i >= 8 && i < 12) ? group : group + 8,
            inGroup * 4 + (i & 3) + (i < 8 ? 0 : 16)};
  }
}

/// b_i of a thread.
static Place rightPlace(const MatrixUnit &unit, unsigned lane, unsigned i) {
  unsigned group = lane >> 2, inGroup = lane % 4;
  switch (elementsPerWord(unit.right)) {
  case 1:
    return {inGroup + (i == 0 ? 0 : 4), group};
  case 2:
    return {inGroup * 2 + (i & 1) + (i < 2 ? 0 : 8), group};
  default:
    return {inGroup * 4 + (i & 3) + (i < 4 ? 0 : 16), group};
  }
}

/// c_i and d_i of a thread.
static Place sumPlace(unsigned lane, unsigned i) {
  return {(lane >> 2) + (i < 2 ? 0 : 8), lane % 4 * 2 + (i & 1)};
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

static float towardZero(double value) {
  float nearest = static_cast<float>(value);
  return std::fabs(nearest) > std::fabs(value) ? std::nextafter(nearest, 0.0F) : nearest;
}

/// Products of a row and a column, and what they are added to.
static float sumOfFloats(const Matrices &m, Place place, unsigned depth, float start) {
  double terms[kMaxDepth + 1], largest = std::fabs(start), plain = start;
  terms[depth] = start;
  for (unsigned k = 0; k < depth; ++k) {
    terms[k] = m.left[place.row][k] * m.right[k][place.column];
    largest = std::max(largest, std::fabs(terms[k]));
    plain += terms[k];
  }
  if (!std::isfinite(plain) || largest == 0)
    return static_cast<float>(plain);
  // The unit of the largest term's last place in f32, and one bit more.
  double scale = std::ldexp(1.0, 24 - std::ilogb(largest));
  int64_t sum = 0;
  for (unsigned k = 0; k <= depth; ++k)
    sum += static_cast<int64_t>(terms[k] * scale);
  return towardZero(static_cast<double>(sum) / scale);
}

/// Modulo 2^32, as without .satfinite.
static uint32_t sumOfBytes(const Matrices &m, Place place, unsigned depth, uint32_t start) {
  int64_t sum = static_cast<int32_t>(start);
  for (unsigned k = 0; k < depth; ++k)
    sum += static_cast<int64_t>(m.left[place.row][k] * m.right[k][place.column]);
  return static_cast<uint32_t>(sum);
}

void burin::verify::multiplyFragments(const MatrixUnit &unit,
                                      WarpFragments *const (&lanes)[kWarpThreads]) {
  Matrices matrices;
  unsigned perWord = elementsPerWord(unit.left);
  unsigned leftElements = kRows * unit.depth / kWarpThreads;
  unsigned rightElements = kColumns * unit.depth / kWarpThreads;
  for (unsigned lane = 0; lane < kWarpThreads; ++lane) {
    for (unsigned i = 0; i < leftElements; ++i) {
      Place place = leftPlace(unit, lane, i);
      matrices.left[place.row][place.column] =
          valueOf(unit.left, lanes[lane]->left[i / perWord], i % perWord);
    }
    for (unsigned i = 0; i < rightElements; ++i) {
      Place place = rightPlace(unit, lane, i);
      matrices.right[place.row][place.column] =
          valueOf(unit.right, lanes[lane]->right[i / perWord], i % perWord);
    }
  }
  for (unsigned lane = 0; lane < kWarpThreads; ++lane)
    for (unsigned i = 0; i < 4; ++i) {
      uint32_t &sum = lanes[lane]->sums[i];
      Place place = sumPlace(lane, i);
      sum = unit.sumsFloats() ? llvm::bit_cast<uint32_t>(sumOfFloats(matrices, place, unit.depth,
                                                                     llvm::bit_cast<float>(sum)))
                              : sumOfBytes(matrices, place, unit.depth, sum);
    }
}
