//===- PlanOffsets.h - Offsets of buffers in one arena ----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_PASSES_MEMORY_PLANOFFSETS_H
#define BURIN_PASSES_MEMORY_PLANOFFSETS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace burin {

/// A buffer that must keep its bytes from position `first` to `last`, both
/// included.
struct LiveRange {
  int64_t bytes = 0;
  unsigned first = 0;
  unsigned last = 0;

  bool overlaps(const LiveRange &other) const { return first <= other.last && other.first <= last; }
};

/// The result of planning: one offset per buffer and the arena's size.
struct OffsetPlan {
  llvm::SmallVector<int64_t> offsets;
  int64_t bytes = 0;
};

/// The bytes that a buffer takes in the arena: an empty one still gets an
/// address of its own.
int64_t roundedSize(int64_t bytes, int64_t alignment);

/// Gives buffers that live at the same time disjoint bytes. Sizes are rounded
/// up to `alignment`, offsets are multiples of it. Greedy by size with first
/// fit (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
/// Inference", 2020), over a few orders of which the best is kept; the result
/// is often, but not always, the lower bound.
OffsetPlan planOffsets(llvm::ArrayRef<LiveRange> buffers, int64_t alignment);

/// The most bytes alive at one position, sizes rounded up to `alignment`: no
/// plan can be smaller.
int64_t largestLiveSet(llvm::ArrayRef<LiveRange> buffers, int64_t alignment);

} // namespace burin

#endif // BURIN_PASSES_MEMORY_PLANOFFSETS_H
