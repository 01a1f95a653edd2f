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
#include <random>

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

TEST_CASE("operands of a concat are computed in its result", "[memory]") {
  Planned joined(std::string(kGroups) + R"(
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %s = nn.constant dense<[1, 8]> : tensor<2xi64>
      %0 = call @a(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %1 = call @b(%0) : (tensor<8xf32>) -> tensor<8xf32>
      %2 = nn.concat %x, %0 {axis = 0} : (tensor<8xf32>, tensor<8xf32>) -> tensor<16xf32>
      %v = nn.reshape %1, %s : (tensor<8xf32>, tensor<2xi64>) -> tensor<1x8xf32>
      %t = nn.constant dense<[1, 16]> : tensor<2xi64>
      %w = nn.reshape %2, %t : (tensor<16xf32>, tensor<2xi64>) -> tensor<1x16xf32>
      %3 = nn.concat %v, %w {axis = 1} : (tensor<1x8xf32>, tensor<1x16xf32>) -> tensor<1x24xf32>
      %4 = call @e(%3) : (tensor<1x24xf32>) -> tensor<8xf32>
      return %4 : tensor<8xf32>
    }
    func.func private @e(tensor<1x24xf32>) -> tensor<8xf32>)");
  ArrayRef<Buffer> buffers = joined.plan->buffers();
  SmallVector<nn::ConcatOp> concats(joined.entry.getOps<nn::ConcatOp>());
  unsigned inner = joined.plan->indexOf(concats[0]), outer = joined.plan->indexOf(concats[1]);
  auto isSlice = [&](unsigned index, unsigned of, int64_t start) {
    return buffers[index].kind == Buffer::Kind::Slice && buffers[index].index == of &&
           buffers[index].start.constant() == start;
  };
  CHECK(isSlice(joined.call(0), inner, 32));
  CHECK(isSlice(joined.call(1), outer, 0));
  CHECK(isSlice(inner, outer, 32));
  CHECK(buffers[outer].kind == Buffer::Kind::Arena);
  CHECK(joined.plan->staticBytes() == 128);
  // It lives from its first producer, the second op, to its reader, the tenth.
  CHECK(buffers[outer].first == 2);
  CHECK(buffers[outer].last == 17);
}

TEST_CASE("slices of a concat start where the inputs' extents say", "[memory]") {
  const char *text = R"(
    func.func private @a(tensor<?x8xf32> {nn.dims = ["N", 8]}) -> (tensor<?x8xf32> {nn.dims = ["N", 8]})
    func.func private @b(tensor<?x8xf32> {nn.dims = ["N", 8]}) -> (tensor<?x8xf32> {nn.dims = [RESULT, 8]})
    func.func private @c(tensor<?x8xf32>) -> tensor<f32>
    func.func @main(%x: tensor<?x8xf32> {nn.dims = ["N", 8]}) -> tensor<f32>
        attributes {nn.dim_ranges = {N = [1, 4]}} {
      %0 = call @a(%x) : (tensor<?x8xf32>) -> tensor<?x8xf32>
      %1 = call @b(%x) : (tensor<?x8xf32>) -> tensor<?x8xf32>
      %2 = nn.concat %0, %x, %1 {axis = 0} : (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
      %3 = call @c(%2) : (tensor<?x8xf32>) -> tensor<f32>
      return %3 : tensor<f32>
    })";
  auto withResult = [&](const char *dim) {
    std::string all = text;
    return all.replace(all.find("RESULT"), strlen("RESULT"), dim);
  };
  Planned joined(withResult("\"2*N\""));
  ArrayRef<Buffer> buffers = joined.plan->buffers();
  unsigned target = joined.plan->indexOf(*joined.entry.getOps<nn::ConcatOp>().begin());
  auto startAt3 = [](const Buffer &buffer) {
    return buffer.start.evaluate([](const nn::DimSymbol &) { return std::optional<int64_t>(3); });
  };
  for (auto [call, start] : {std::pair(0, 0), std::pair(1, 2 * 3 * 32)}) {
    const Buffer &slice = buffers[joined.call(call)];
    REQUIRE(slice.kind == Buffer::Kind::Slice);
    CHECK(slice.index == target);
    CHECK(startAt3(slice) == start);
  }
  CHECK(joined.plan->staticLiveSet() == 4 * 4 * 32);
}

TEST_CASE("a slice is needed as long as its operand", "[memory]") {
  Planned later(std::string(kGroups) + R"(
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %0 = call @a(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %1 = nn.concat %0, %x {axis = 0} : (tensor<8xf32>, tensor<8xf32>) -> tensor<16xf32>
      %2 = call @e(%1) : (tensor<16xf32>) -> tensor<16xf32>
      %3 = call @f(%2, %0) : (tensor<16xf32>, tensor<8xf32>) -> tensor<8xf32>
      return %3 : tensor<8xf32>
    }
    func.func private @e(tensor<16xf32>) -> tensor<16xf32>
        attributes {nn.inplace = [array<i64: 0, 0>]}
    func.func private @f(tensor<16xf32>, tensor<8xf32>) -> tensor<8xf32>)");
  unsigned slice = later.call(0);
  REQUIRE(later.plan->buffers()[slice].kind == Buffer::Kind::Slice);
  CHECK(later.plan->buffers()[slice].index != later.call(1));
}

TEST_CASE("a slice of an output is not written before all that may fail", "[memory]") {
  Planned checked(std::string(kGroups) + R"(
    func.func @main(%x: tensor<8xf32>, %c: tensor<i1>) -> tensor<16xf32> {
      %0 = call @a(%x) : (tensor<8xf32>) -> tensor<8xf32>
      nn.check %c, 5, "no" : tensor<i1>
      %1 = call @d(%0) : (tensor<8xf32>) -> tensor<8xf32>
      %2 = nn.concat %0, %1 {axis = 0} : (tensor<8xf32>, tensor<8xf32>) -> tensor<16xf32>
      return %2 : tensor<16xf32>
    })");
  ArrayRef<Buffer> buffers = checked.plan->buffers();
  CHECK(buffers[checked.call(0)].kind == Buffer::Kind::Arena);
  REQUIRE(buffers[checked.call(1)].kind == Buffer::Kind::Slice);
  CHECK(buffers[buffers[checked.call(1)].index].kind == Buffer::Kind::Output);
}

namespace {

/// Offset and end of every arena buffer for an extent of N, by the recurrence that
/// the entry computes.
std::vector<std::pair<int64_t, int64_t>> placesAt(const ArenaPlan &plan, int64_t n) {
  std::vector<std::pair<int64_t, int64_t>> places(plan.buffers().size(), {0, 0});
  auto sizeOf = [&](const Buffer &buffer) {
    return *buffer.bytes.evaluate([&](const nn::DimSymbol &) { return std::optional(n); });
  };
  for (auto [i, buffer] : llvm::enumerate(plan.buffers()))
    if (buffer.kind == Buffer::Kind::Arena && buffer.end)
      places[i] = {*buffer.offset, *buffer.end};
  for (unsigned i : plan.dynamicOrder()) {
    const Buffer &buffer = plan.buffers()[i];
    int64_t offset = buffer.base;
    for (unsigned below : buffer.below)
      offset = std::max(offset, places[below].second);
    CHECK((!buffer.offset || *buffer.offset == offset));
    places[i] = {offset, offset + (sizeOf(buffer) + 63) / 64 * 64};
  }
  return places;
}

int64_t bytesAt(const ArenaPlan &plan, int64_t n) {
  auto places = placesAt(plan, n);
  for (auto [i, a] : llvm::enumerate(plan.buffers()))
    for (auto [j, b] : llvm::enumerate(plan.buffers().take_front(i)))
      if (a.kind == Buffer::Kind::Arena && b.kind == a.kind && a.first <= b.last &&
          b.first <= a.last) {
        INFO("buffers " << i << " and " << j << " for N = " << n);
        CHECK((places[i].second <= places[j].first || places[j].second <= places[i].first));
      }
  int64_t bytes = 0;
  for (auto [offset, end] : places)
    bytes = std::max(bytes, end);
  return bytes;
}

/// `count` groups in a row, every third of which has a result of static size; each
/// reads the last result and the one `distance(i)` before it, 3 or a multiple.
std::string chain(
    int count, const std::string &attributes,
    llvm::function_ref<int(int)> distance = [](int) { return 3; }) {
  const std::string dims = " {nn.dims = [\"N\", 16]}";
  std::string groups, body;
  auto isDynamic = [](int i) { return i % 3 != 2; };
  auto type = [&](int i) {
    return std::string(isDynamic(i) ? "tensor<?x16xf32>" : "tensor<40xf32>");
  };
  auto border = [&](int i) { return type(i) + (isDynamic(i) ? dims : ""); };
  for (int i = 0; i < count; ++i) {
    int before = std::max(i - 1, 0), far = std::max(i - distance(i), i % 3);
    far = std::min(far, before);
    std::string name = std::to_string(i);
    std::string operands =
        i == 0 ? "%x, %x" : "%v" + std::to_string(before) + ", %v" + std::to_string(far);
    groups += "func.func private @g" + name + "(" + border(before) + ", " + border(far) + ") -> (" +
              border(i) + ")\n";
    body += "%v" + name + " = call @g" + name + "(" + operands + ") : (" + type(before) + ", " +
            type(far) + ") -> " + type(i) + "\n";
  }
  std::string last = type(count - 1);
  return groups + "func.func @main(%x: " + border(0) + ") -> " + last + attributes + " {\n" + body +
         "return %v" + std::to_string(count - 1) + " : " + last + "\n}";
}

} // namespace

TEST_CASE("symbolic buffers share bytes with those that are dead", "[memory]") {
  // Four tensors are alive at a time.
  Planned open(chain(30, ""));
  REQUIRE(!open.plan->isStatic());
  for (int64_t n : {0, 1, 2, 3, 7, 64, 1000})
    CHECK(bytesAt(*open.plan, n) <= 5 * std::max<int64_t>(n * 64, 192));

  // At the upper bound the arena is as small as that of the fixed size.
  Planned bounded(chain(30, " attributes {nn.dim_ranges = {N = [1, 40]}}"));
  for (int64_t n : {1, 3, 20})
    bytesAt(*bounded.plan, n);
  CHECK(bytesAt(*bounded.plan, 40) <= 1.1 * bounded.plan->staticLiveSet());

  // Values of very different ages stand on many that follow each other.
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    Planned mixed(chain(40, "", [&](int) { return 3 * static_cast<int>(1 + random() % 8); }));
    for (int64_t n : {0, 1, 2, 3, 5, 64, 100})
      bytesAt(*mixed.plan, n);
  }
}
