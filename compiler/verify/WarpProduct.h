//===- WarpProduct.h - A warp's matrix instruction --------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_WARPPRODUCT_H
#define BURIN_COMPILER_VERIFY_WARPPRODUCT_H

#include "targets/Target.h"

#include <cstddef>
#include <cstdint>

namespace burin::verify {

inline constexpr size_t kWarpThreads = 32;

/// What one thread gives: words of the left and of the right factor, as many as the
/// instruction takes, and four sums, f32 or i32, that the results replace.
struct WarpFragments {
  uint32_t left[4], right[2], sums[4];
};

/// D = A B + C as the PTX ISA describes mma.sync.aligned.m16n8kK.row.col, on the fragments of
/// all threads of a warp. NVIDIA leaves open in which order floats are added, with how many
/// bits. Here all terms are cut one bit below the last one of the largest, summed, and the sum
/// rounded toward zero, after what was measured on chips (Fasi, Higham, Mikaitis, Pranesh,
/// "Numerical behavior of NVIDIA tensor cores", 2021).
void multiplyFragments(const MatrixUnit &unit, WarpFragments *const (&lanes)[kWarpThreads]);

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_WARPPRODUCT_H
