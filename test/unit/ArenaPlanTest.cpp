//===- ArenaPlanTest.cpp - Where every value of the entry lives -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "passes/memory/ArenaPlan.h"
#include "test/unit/GroupTestSupport.h"

#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Parser/Parser.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace mlir;

namespace {

/// The plan of @main of a module behind form-groups.
struct Planned {
  explicit Planned(const std::string &text)
      : module(parseSourceString<ModuleOp>(text, &test::context())) {
    REQUIRE(module);
    entry = module->lookupSymbol<func::FuncOp>("main");
    shapes.emplace(entry, dims);
    auto planned = ArenaPlan::compute(entry, *shapes, 64);
    REQUIRE(succeeded(planned));
    plan = std::move(*planned);
  }
  /// The buffer of the result of the `n`-th call.
  unsigned call(unsigned n) {
    SmallVector<func::CallOp> calls;
    entry.walk([&](func::CallOp call) { calls.push_back(call); });
    return plan->indexOf(calls[n].getResult(0));
  }

  OwningOpRef<ModuleOp> module;
  func::FuncOp entry;
  nn::DimContext dims;
  std::optional<nn::SymbolicShapes> shapes;
  std::optional<ArenaPlan> plan;
};

/// Groups that compute nothing: a plan looks at their borders only.
constexpr const char *kGroups = R"(
  func.func private @a(tensor<8xf32>) -> tensor<8xf32>
  func.func private @b(tensor<8xf32>) -> tensor<8xf32> attributes {nn.inplace = [array<i64: 0, 0>]}
  func.func private @c(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      attributes {nn.inplace = [array<i64: 0, 0>]}
  func.func private @d(tensor<8xf32>) -> tensor<8xf32>
)";

} // namespace

TEST_CASE("an operand that nobody reads again is overwritten", "[memory]") {
  Planned dies(std::string(kGroups) + R"(
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %0 = call @a(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %1 = call @b(%0) : (tensor<8xf32>) -> tensor<8xf32>
      %2 = call @d(%1) : (tensor<8xf32>) -> tensor<8xf32>
      return %2 : tensor<8xf32>
    })");
  CHECK(dies.call(0) == dies.call(1));
  CHECK(dies.plan->staticBytes() == 64);
  // The result of the last group is computed in the output.
  CHECK(dies.plan->buffers()[dies.call(2)].kind == Buffer::Kind::Output);
}

TEST_CASE("what is read again is not overwritten", "[memory]") {
  Planned later(std::string(kGroups) + R"(
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %0 = call @a(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %1 = call @b(%0) : (tensor<8xf32>) -> tensor<8xf32>
      %2 = call @c(%1, %0) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      %3 = call @d(%2) : (tensor<8xf32>) -> tensor<8xf32>
      return %3 : tensor<8xf32>
    })");
  CHECK(later.call(0) != later.call(1));
  CHECK(later.call(1) == later.call(2));

  // By a view of it.
  Planned view(std::string(kGroups) + R"(
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %s = nn.constant dense<[2, 4]> : tensor<2xi64>
      %t = nn.constant dense<8> : tensor<1xi64>
      %0 = call @a(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %v = nn.reshape %0, %s : (tensor<8xf32>, tensor<2xi64>) -> tensor<2x4xf32>
      %1 = call @b(%0) : (tensor<8xf32>) -> tensor<8xf32>
      %w = nn.reshape %v, %t : (tensor<2x4xf32>, tensor<1xi64>) -> tensor<8xf32>
      %2 = call @c(%1, %w) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      %3 = call @d(%2) : (tensor<8xf32>) -> tensor<8xf32>
      return %3 : tensor<8xf32>
    })");
  CHECK(view.call(0) != view.call(1));

  // By another operand of the same call.
  Planned twice(std::string(kGroups) + R"(
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %0 = call @a(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %1 = call @c(%0, %0) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      %2 = call @d(%1) : (tensor<8xf32>) -> tensor<8xf32>
      return %2 : tensor<8xf32>
    })");
  CHECK(twice.call(0) != twice.call(1));
}

TEST_CASE("buffers of others are not overwritten", "[memory]") {
  Planned input(std::string(kGroups) + R"(
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %c = nn.constant dense<1.0> : tensor<8xf32>
      %0 = call @b(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %1 = call @c(%c, %0) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      %2 = call @d(%1) : (tensor<8xf32>) -> tensor<8xf32>
      return %2 : tensor<8xf32>
    })");
  CHECK(input.plan->buffers()[input.call(0)].kind == Buffer::Kind::Arena);
  CHECK(input.plan->buffers()[input.call(1)].kind == Buffer::Kind::Arena);

  // A result made outside of a loop is read in every round; a carried one is the
  // loop's.
  Planned loop(std::string(kGroups) + R"(
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %0 = call @a(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %1 = scf.for %i = %c0 to %c1 step %c1 iter_args(%k = %x) -> tensor<8xf32> {
        %2 = func.call @c(%0, %k) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
        %3 = func.call @d(%k) : (tensor<8xf32>) -> tensor<8xf32>
        %4 = func.call @b(%k) : (tensor<8xf32>) -> tensor<8xf32>
        %5 = func.call @e(%2, %3, %4) : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
        scf.yield %5 : tensor<8xf32>
      }
      return %1 : tensor<8xf32>
    }
    func.func private @e(tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>)");
  CHECK(loop.call(0) != loop.call(1));
  auto carried =
      cast<LoopLikeOpInterface>(*loop.entry.getBody().front().getTerminator()->getPrevNode())
          .getRegionIterArgs()[0];
  CHECK(loop.plan->indexOf(carried) != loop.call(3));
}

TEST_CASE("a group that is called twice overwrites nothing", "[memory]") {
  Planned twice(std::string(kGroups) + R"(
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %0 = call @a(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %1 = call @b(%0) : (tensor<8xf32>) -> tensor<8xf32>
      %2 = call @b(%1) : (tensor<8xf32>) -> tensor<8xf32>
      %3 = call @d(%2) : (tensor<8xf32>) -> tensor<8xf32>
      return %3 : tensor<8xf32>
    })");
  CHECK(twice.call(0) != twice.call(1));
  CHECK(twice.call(1) != twice.call(2));
}
