//===- ScatterOps.cpp - Operators that write elements by index ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/IndexMath.h"
#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace burin;
using nn::CompareFn;
using nn::ScatterFn;

/// The attribute `reduction`.
static std::optional<ScatterFn> readReduction(NodeBinder &n) {
  std::string name = n.stringAttr("reduction", "none");
  auto fn = llvm::StringSwitch<std::optional<ScatterFn>>(name)
                .Case("none", ScatterFn::none)
                .Case("add", ScatterFn::add)
                .Case("mul", ScatterFn::mul)
                .Case("min", ScatterFn::min)
                .Case("max", ScatterFn::max)
                .Default(std::nullopt);
  if (!fn)
    n.emitError() << "reduction '" << name << "' is not defined";
  return fn;
}

static Value scatter(NodeBinder &n, ScatterFn fn, Value data, Value indices, Value updates) {
  return n.create<nn::ScatterOp>(nn::ScatterFnAttr::get(n.b.getContext(), fn), data, indices,
                                 updates);
}

static LogicalResult importScatterElements(NodeBinder &n) {
  ShapeMath math(n);
  Value data = n.operand(0), indices = n.operand(1), updates = n.operand(2);
  int64_t rank = n.rank(0);
  auto fn = readReduction(n);
  if (!fn || !n.requireMinRank(data, 1, "the data") || !n.requireRank(indices, rank, "'indices'") ||
      !n.requireRank(updates, rank, "'updates'"))
    return failure();
  int64_t axis = n.axisAttr("axis", 0, rank);
  if (n.failed())
    return failure();
  // The row-major position in the data of every update.
  SmallVector<Extent> extents = n.extents(data), strides = rowMajorExtents(n, extents);
  Value position = n.mul(wrapIndices(n, indices, extents[axis]), math.scalar(strides[axis]));
  for (int64_t other = 0; other < rank; ++other) {
    if (other == axis)
      continue;
    SmallVector<Extent> line(rank, Extent(1));
    line[other] = n.extent(indices, other);
    Value along = n.reshape(n.mul(math.iota(line[other]), math.scalar(strides[other])), line);
    position = n.add(position, along);
  }
  Value flat = n.reshape(data, {n.product(extents)});
  n.setResult(0, n.reshape(scatter(n, *fn, flat, position, updates), extents));
  return success();
}

static LogicalResult importScatterND(NodeBinder &n) {
  Value data = n.operand(0), indices = n.operand(1);
  auto fn = readReduction(n);
  if (!fn || !n.requireMinRank(indices, 1, "'indices'"))
    return failure();
  int64_t depth = n.dim(indices, n.rank(1) - 1);
  if (depth < 0)
    return n.emitError() << "the last extent of 'indices' must be known";
  if (depth > n.rank(0))
    return n.emitError() << "index depth " << depth << " exceeds the rank " << n.rank(0)
                         << " of the data";
  SmallVector<Extent> extents = n.extents(data);
  ArrayRef<Extent> indexed = ArrayRef(extents).take_front(depth);
  SmallVector<Extent> merged{n.product(indexed)};
  llvm::append_range(merged, ArrayRef(extents).drop_front(depth));
  Value rows =
      scatter(n, *fn, n.reshape(data, merged), linearIndex(n, indices, indexed), n.operand(2));
  n.setResult(0, n.reshape(rows, extents));
  return success();
}

static LogicalResult importTensorScatter(NodeBinder &n) {
  ShapeMath math(n);
  Value cache = n.operand(0), update = n.operand(1);
  int64_t rank = n.rank(0);
  if (!n.requireMinRank(cache, 2, "the cache") || !n.requireRank(update, rank, "'update'"))
    return failure();
  int64_t axis = n.axisAttr("axis", -2, rank);
  std::string mode = n.stringAttr("mode", "linear");
  if (n.failed())
    return failure();
  if (axis == 0 || (mode != "linear" && mode != "circular"))
    return n.emitError() << "axis " << axis << " or mode '" << mode << "' is not defined";
  // Rows are what lies behind the axis; position is the row within one sequence.
  SmallVector<Extent> extents = n.extents(cache), updated = n.extents(update);
  Value length = math.scalar(extents[axis]);
  SmallVector<int64_t> batch(axis + 1, 1);
  batch[0] = -1;
  Value position = math.iota(updated[axis]);
  if (n.hasOperand(2))
    position = n.add(n.reshape(n.cast(n.operand(2), n.b.getI64Type()), batch), position);
  if (mode == "circular")
    position = n.binary(nn::BinaryFn::mod, position, length);
  // Past the end nothing is written.
  Value inside = n.compare(CompareFn::lt, position, length);
  Value row = position;
  Extent stride = extents[axis];
  for (int64_t other = axis; other-- > 0;) {
    SmallVector<Extent> line(axis + 1, Extent(1));
    line[other] = extents[other];
    row = n.add(row, n.reshape(n.mul(math.iota(extents[other]), math.scalar(stride)), line));
    stride = math.mul(stride, extents[other]);
  }
  row = n.select(inside, row, n.index(-1));
  SmallVector<Extent> merged{n.product(ArrayRef(extents).take_front(axis + 1))};
  llvm::append_range(merged, ArrayRef(extents).drop_front(axis + 1));
  Value rows = scatter(n, ScatterFn::none, n.reshape(cache, merged), row, update);
  n.setResult(0, n.reshape(rows, extents));
  return success();
}

void burin::registerScatterOps(OpRegistry &registry) {
  registry.add("Scatter", 9, 3, importScatterElements);
  registry.remove(OpRegistry::kOnnxDomain, "Scatter", 11, "ScatterElements");
  registry.add("ScatterElements", 11, 3, importScatterElements);
  registry.add("ScatterND", 11, 3, importScatterND);
  registry.add("TensorScatter", 24, {2, 3}, importTensorScatter);
}
