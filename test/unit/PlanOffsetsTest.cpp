//===- PlanOffsetsTest.cpp - Buffers in one arena -------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "passes/memory/PlanOffsets.h"

#include <catch2/catch.hpp>
#include <random>

using namespace burin;

/// Checks that no two buffers alive together share bytes.
static void checkDisjoint(llvm::ArrayRef<LiveRange> buffers, const OffsetPlan &plan,
                          int64_t alignment) {
  for (size_t i = 0; i < buffers.size(); ++i) {
    REQUIRE(plan.offsets[i] % alignment == 0);
    REQUIRE(plan.offsets[i] + buffers[i].bytes <= plan.bytes);
    for (size_t j = 0; j < i; ++j)
      if (buffers[i].overlaps(buffers[j]))
        REQUIRE((plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                 plan.offsets[j] + buffers[j].bytes <= plan.offsets[i]));
  }
}

TEST_CASE("a chain of equal buffers needs two", "[memory]") {
  std::vector<LiveRange> chain;
  for (unsigned i = 0; i < 10; ++i)
    chain.push_back({1000, i, i + 1});
  OffsetPlan plan = planOffsets(chain, 64);
  checkDisjoint(chain, plan, 64);
  CHECK(plan.bytes == 2048);
  CHECK(largestLiveSet(chain, 64) == 2048);
}

TEST_CASE("an empty buffer has an address", "[memory]") {
  OffsetPlan plan = planOffsets({{0, 0, 1}, {64, 0, 1}}, 64);
  CHECK(plan.offsets[0] != plan.offsets[1]);
  CHECK(plan.bytes == 128);
}

TEST_CASE("random live ranges stay near the lower bound", "[memory]") {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<LiveRange> buffers;
    for (int i = 0; i < 60; ++i) {
      unsigned first = random() % 100, length = random() % 12;
      buffers.push_back({static_cast<int64_t>(random() % 5000), first, first + length});
    }
    OffsetPlan plan = planOffsets(buffers, 64);
    checkDisjoint(buffers, plan, 64);
    CHECK(plan.bytes <= 1.25 * largestLiveSet(buffers, 64));
  }
}
