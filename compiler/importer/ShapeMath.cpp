//===- ShapeMath.cpp - Arithmetic on extents of a model -------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/ShapeMath.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;

/// The function on numbers; nullopt on overflow.
static std::optional<int64_t> evaluate(BinaryFn fn, int64_t a, int64_t b) {
  int64_t result;
  switch (fn) {
  case BinaryFn::add:
    return llvm::AddOverflow(a, b, result) ? std::nullopt : std::optional(result);
  case BinaryFn::sub:
    return llvm::SubOverflow(a, b, result) ? std::nullopt : std::optional(result);
  case BinaryFn::mul:
    return llvm::MulOverflow(a, b, result) ? std::nullopt : std::optional(result);
  case BinaryFn::div:
    if (b == 0)
      return 0;
    return a == INT64_MIN && b == -1 ? std::nullopt : std::optional(a / b);
  case BinaryFn::min:
    return std::min(a, b);
  default:
    return std::max(a, b);
  }
}

Extent ShapeMath::binary(BinaryFn fn, Extent a, Extent b) {
  if (a.isStatic() && b.isStatic()) {
    if (std::optional<int64_t> result = evaluate(fn, a.value, b.value))
      return *result;
    n.emitError() << "arithmetic on its extents overflows";
    return 0;
  }
  bool neutral = b.isStatic() && (((fn == BinaryFn::add || fn == BinaryFn::sub) && b.value == 0) ||
                                  ((fn == BinaryFn::mul || fn == BinaryFn::div) && b.value == 1));
  if (neutral)
    return a;
  if (a.isStatic() &&
      ((fn == BinaryFn::add && a.value == 0) || (fn == BinaryFn::mul && a.value == 1)))
    return b;
  return fromValue(n.binary(fn, vector(a), vector(b)));
}

Extent ShapeMath::wrap(Extent x, Extent extent) {
  if (x.isStatic())
    return x.value < 0 ? add(extent, x) : x;
  Value negative = n.compare(nn::CompareFn::lt, x.dynamic, n.ints({0}));
  return fromValue(n.select(negative, vector(add(x, extent)), x.dynamic));
}

Extent ShapeMath::broadcast(Extent a, Extent b) {
  if (a.isStatic())
    return a.value == 1 ? b : a;
  // A known extent other than 1 is what both must be.
  if (b.isStatic())
    return b.value == 1 ? a : b;
  if (a.dynamic == b.dynamic)
    return a;
  Value isOne = n.compare(nn::CompareFn::eq, a.dynamic, n.ints({1}));
  return fromValue(n.select(isOne, b.dynamic, a.dynamic));
}

Extent ShapeMath::fromValue(Value value) {
  if (auto values = NNBuilder::constantInts(value); values && values->size() == 1)
    return values->front();
  Value wide = n.cast(value, n.b.getI64Type());
  if (NNBuilder::rank(wide) != 1)
    wide = n.reshape(wide, ArrayRef<int64_t>{1});
  return wide;
}

std::optional<SmallVector<Extent>> ShapeMath::elements(Value value) {
  SmallVector<Extent> result;
  if (auto values = NNBuilder::constantInts(value)) {
    result.append(values->begin(), values->end());
    return result;
  }
  if (NNBuilder::rank(value) == 0)
    return SmallVector<Extent>{fromValue(value)};
  int64_t length = NNBuilder::dim(value, 0);
  constexpr int64_t kMaxRank = 64;
  if (NNBuilder::rank(value) != 1 || length < 0 || length > kMaxRank)
    return std::nullopt;
  if (auto concat = value.getDefiningOp<nn::ConcatOp>()) {
    for (Value part : concat.getXs()) {
      auto inner = elements(part);
      if (!inner)
        return std::nullopt;
      result.append(*inner);
    }
    return result;
  }
  Value wide = n.cast(value, n.b.getI64Type());
  for (int64_t i = 0; i < length; ++i)
    result.push_back(length == 1 ? fromValue(wide)
                                 : fromValue(n.slice(wide, n.ints({i}), n.ints({1}))));
  return result;
}

std::optional<SmallVector<int64_t>> ShapeMath::declaredShape(size_t i) {
  RankedTensorType type = n.declaredType(i);
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  return SmallVector<int64_t>(type.getShape());
}

Value burin::wrapIndices(NodeBinder &n, Value indices, Extent extent) {
  Value wide = n.cast(indices, n.b.getI64Type());
  Value negative = n.compare(nn::CompareFn::lt, wide, n.index(0));
  return n.select(negative, n.add(wide, ShapeMath(n).scalar(extent)), wide);
}

static bool holdsExtents(Value value, unsigned depth) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return false;
  if (isa<nn::ShapeOfOp>(op))
    return true;
  if (auto values = NNBuilder::constantInts(value))
    return llvm::all_of(*values, [](int64_t element) { return element > 0; });
  auto all = [&](ValueRange operands) {
    return llvm::all_of(operands,
                        [&](Value operand) { return ::holdsExtents(operand, depth - 1); });
  };
  if (auto binary = dyn_cast<nn::BinaryOp>(op))
    return (binary.getFn() == BinaryFn::add || binary.getFn() == BinaryFn::mul ||
            binary.getFn() == BinaryFn::div || binary.getFn() == BinaryFn::min ||
            binary.getFn() == BinaryFn::max) &&
           all(op->getOperands());
  if (isa<nn::ConcatOp>(op))
    return all(op->getOperands());
  if (auto reduce = dyn_cast<nn::ReduceOp>(op))
    return reduce.getFn() != nn::ReduceFn::mean && all(op->getOperands());
  if (isa<nn::SliceOp, nn::GatherOp, nn::ReshapeOp, nn::CastOp, nn::TransposeOp, nn::BroadcastToOp>(
          op))
    return all(op->getOperands().take_front(1));
  return false;
}

bool burin::holdsExtents(Value value) { return ::holdsExtents(value, 32); }
