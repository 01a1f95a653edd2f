//===- PlanOffsets.cpp - Offsets of buffers in one arena ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "passes/memory/PlanOffsets.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

namespace burin {

int64_t roundedSize(int64_t bytes, int64_t alignment) {
  return std::max(alignment, static_cast<int64_t>(llvm::alignTo(bytes, alignment)));
}

namespace {

/// Places buffers in the given order, each at the lowest offset that fits.
OffsetPlan firstFit(llvm::ArrayRef<LiveRange> buffers, llvm::ArrayRef<unsigned> order,
                    int64_t alignment) {
  OffsetPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  llvm::SmallVector<unsigned> placed; // by ascending offset
  for (unsigned index : order) {
    int64_t size = roundedSize(buffers[index].bytes, alignment), offset = 0;
    for (unsigned other : placed) {
      if (!buffers[index].overlaps(buffers[other]))
        continue;
      if (offset + size <= plan.offsets[other])
        break;
      offset = std::max(offset, plan.offsets[other] + roundedSize(buffers[other].bytes, alignment));
    }
    plan.offsets[index] = offset;
    plan.bytes = std::max(plan.bytes, offset + size);
    auto above = llvm::upper_bound(
        placed, offset, [&](int64_t at, unsigned other) { return at < plan.offsets[other]; });
    placed.insert(above, index);
  }
  return plan;
}

} // namespace

OffsetPlan planOffsets(llvm::ArrayRef<LiveRange> buffers, int64_t alignment) {
  auto area = [&](unsigned i) {
    return static_cast<double>(buffers[i].bytes) * (buffers[i].last - buffers[i].first + 1);
  };
  auto bySize = [&](unsigned a, unsigned b) {
    return buffers[a].bytes != buffers[b].bytes ? buffers[a].bytes > buffers[b].bytes
                                                : buffers[a].first < buffers[b].first;
  };
  auto byArea = [&](unsigned a, unsigned b) { return area(a) > area(b); };
  auto byStart = [&](unsigned a, unsigned b) { return buffers[a].first < buffers[b].first; };
  auto byEnd = [&](unsigned a, unsigned b) { return buffers[a].last > buffers[b].last; };

  llvm::SmallVector<unsigned> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  OffsetPlan best;
  bool first = true;
  auto attempt = [&](auto compare) {
    std::stable_sort(order.begin(), order.end(), compare);
    OffsetPlan plan = firstFit(buffers, order, alignment);
    if (first || plan.bytes < best.bytes)
      best = std::move(plan);
    first = false;
  };
  attempt(bySize);
  attempt(byArea);
  attempt(byStart);
  attempt(byEnd);
  return best;
}

int64_t largestLiveSet(llvm::ArrayRef<LiveRange> buffers, int64_t alignment) {
  // The live set grows only where a buffer starts.
  int64_t largest = 0;
  for (const LiveRange &at : buffers) {
    int64_t sum = 0;
    for (const LiveRange &other : buffers)
      if (other.first <= at.first && at.first <= other.last)
        sum += roundedSize(other.bytes, alignment);
    largest = std::max(largest, sum);
  }
  return largest;
}

} // namespace burin
