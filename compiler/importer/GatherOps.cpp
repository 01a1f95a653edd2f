//===- GatherOps.cpp - Operators that pick elements by index --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/IndexMath.h"
#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;

static LogicalResult importGather(NodeBinder &n) {
  int64_t axis = n.axisAttr("axis", 0, n.rank(0));
  Value indices = wrapIndices(n, n.operand(1), n.extent(n.operand(0), axis));
  n.setResult(0, n.gather(n.operand(0), indices, axis));
  return success();
}

static LogicalResult importGatherElements(NodeBinder &n) {
  Value x = n.operand(0), indices = n.operand(1);
  int64_t rank = n.rank(0);
  if (!n.requireMinRank(x, 1, "the input") || !n.requireRank(indices, rank, "'indices'"))
    return failure();
  int64_t axis = n.axisAttr("axis", 0, rank);
  if (n.failed())
    return failure();
  indices = wrapIndices(n, indices, n.extent(x, axis));
  // Off the axis, indices may cover only the first part of the data.
  SmallVector<Extent> sizes = n.extents(indices);
  sizes[axis] = n.extent(x, axis);
  if (n.shape(0).take_front(axis) != n.shape(1).take_front(axis) ||
      n.shape(0).drop_front(axis + 1) != n.shape(1).drop_front(axis + 1))
    x = n.slice(x, n.ints(SmallVector<int64_t>(rank, 0)), n.shapeFrom(sizes));
  // All other axes are batch axes; the gathered one comes last for that.
  SmallVector<int64_t> swap(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  std::swap(swap[axis], swap[rank - 1]);
  bool last = axis == rank - 1;
  if (!last) {
    x = n.transpose(x, swap);
    indices = n.transpose(indices, swap);
  }
  Value y = n.gather(x, indices, rank - 1, rank - 1);
  n.setResult(0, last ? y : n.transpose(y, swap));
  return success();
}

static LogicalResult importGatherND(NodeBinder &n) {
  Value x = n.operand(0), indices = n.operand(1);
  int64_t batch = n.since() < 12 ? 0 : n.intAttr("batch_dims", 0);
  if (!n.requireMinRank(indices, 1, "'indices'"))
    return failure();
  int64_t depth = n.dim(indices, n.rank(1) - 1);
  if (depth < 0)
    return n.emitError() << "the last extent of 'indices' must be known";
  if (batch < 0 || batch >= n.rank(1) || batch + depth > n.rank(0))
    return n.emitError() << "batch_dims " << batch << " and index depth " << depth
                         << " exceed the rank " << n.rank(0) << " of the input";
  SmallVector<Extent> extents = n.extents(x);
  ArrayRef<Extent> indexed = ArrayRef(extents).slice(batch, depth);
  SmallVector<Extent> merged(ArrayRef(extents).take_front(batch));
  merged.push_back(n.product(indexed));
  llvm::append_range(merged, ArrayRef(extents).drop_front(batch + depth));
  n.setResult(0, n.gather(n.reshape(x, merged), linearIndex(n, indices, indexed), batch, batch));
  return success();
}

static LogicalResult importOneHot(NodeBinder &n) {
  ShapeMath math(n);
  int64_t rank = n.rank(0) + 1, axis = n.axisAttr("axis", -1, rank);
  if (n.failed())
    return failure();
  Extent depth = math.fromValue(n.cast(n.operand(1), n.b.getI64Type()));
  auto declared = math.declaredShape(0);
  if (!depth.isStatic() && declared && static_cast<int64_t>(declared->size()) == rank)
    depth = (*declared)[axis];
  SmallVector<Extent> extents = n.extents(n.operand(0));
  extents.insert(extents.begin() + axis, Extent(1));
  Value indices = n.reshape(wrapIndices(n, n.operand(0), depth), extents);
  SmallVector<Extent> line(rank, Extent(1));
  line[axis] = depth;
  Value hot = n.compare(CompareFn::eq, indices, n.reshape(math.iota(depth), line));
  auto value = [&](int64_t i) {
    return n.reshape(n.slice(n.operand(2), n.ints({i}), n.ints({1})), ArrayRef<int64_t>{});
  };
  n.setResult(0, n.select(hot, value(1), value(0)));
  return success();
}

static LogicalResult importArrayFeatureExtractor(NodeBinder &n) {
  Value x = n.operand(0);
  if (n.rank(0) == 1)
    x = n.reshape(x, {Extent(1), n.extent(x, 0)});
  Value indices = n.reshape(n.operand(1), ArrayRef<int64_t>{-1});
  int64_t axis = NNBuilder::rank(x) - 1;
  if (!n.requireMinRank(x, 1, "the input"))
    return failure();
  n.setResult(0, n.gather(x, n.cast(indices, n.b.getI64Type()), axis));
  return success();
}

//===----------------------------------------------------------------------===//
// Results of data-dependent size
//===----------------------------------------------------------------------===//

/// The first `count` (0-D) entries along axis 0.
static Value takeFirst(NodeBinder &n, Value x, Value count) {
  SmallVector<Extent> sizes = n.extents(x);
  sizes[0] = ShapeMath(n).fromValue(count);
  return n.slice(x, n.ints(SmallVector<int64_t>(sizes.size(), 0)), n.shapeFrom(sizes));
}

/// Row-major positions of what is not 0, as i64 [count].
static Value nonZeroPositions(NodeBinder &n, Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  Type i64 = n.b.getI64Type();
  int64_t bound = type.hasStaticShape() ? type.getNumElements() : ShapedType::kDynamic;
  SmallVector<Value> found =
      n.call("nonzero", {RankedTensorType::get({bound}, i64), RankedTensorType::get({}, i64)}, {x});
  return n.failed() ? n.ints({}) : takeFirst(n, found[0], found[1]);
}

static LogicalResult importCompress(NodeBinder &n) {
  Value x = n.operand(0);
  int64_t axis = 0;
  if (n.hasAttr("axis"))
    axis = n.axisAttr("axis", 0, n.rank(0));
  else
    x = n.reshape(x, {n.product(n.extents(x))});
  n.setResult(0, n.gather(x, nonZeroPositions(n, n.operand(1)), axis));
  return success();
}

static LogicalResult importNonZero(NodeBinder &n) {
  Value x = n.operand(0);
  SmallVector<Extent> extents = n.extents(x);
  int64_t rank = n.rank(0);
  Value positions = n.reshape(nonZeroPositions(n, x), ArrayRef<int64_t>{1, -1});
  if (rank == 1) {
    n.setResult(0, positions);
    return success();
  }
  // Coordinate a is position / stride_a mod extent_a: a row each.
  SmallVector<int64_t> column{rank, 1};
  Value strides = n.reshape(n.shapeFrom(rowMajorExtents(n, extents)), column);
  Value bounds = n.reshape(n.shapeFrom(extents), column);
  n.setResult(0, n.binary(BinaryFn::mod, n.div(positions, strides), bounds));
  return success();
}

static LogicalResult importUnique(NodeBinder &n) {
  Value x = n.operand(0);
  SmallVector<int64_t> swap;
  if (n.hasAttr("axis")) {
    int64_t axis = n.axisAttr("axis", 0, n.rank(0));
    if (n.failed())
      return failure();
    swap = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(0)));
    std::swap(swap[0], swap[axis]);
    x = axis == 0 ? x : n.transpose(x, swap);
  } else {
    x = n.reshape(x, {n.product(n.extents(x))});
  }
  Type i64 = n.b.getI64Type();
  auto list = RankedTensorType::get({n.dim(x, 0)}, i64);
  SmallVector<Value> found = n.call("unique", {list, list, list, RankedTensorType::get({}, i64)},
                                    {x}, {n.boolAttr("sorted", true)});
  if (n.failed())
    return failure();
  Value first = takeFirst(n, found[0], found[3]);
  Value y = n.gather(x, first, 0);
  n.setResult(0, swap.empty() || swap[0] == 0 ? y : n.transpose(y, swap));
  n.setResult(1, first);
  n.setResult(2, found[1]);
  n.setResult(3, takeFirst(n, found[2], found[3]));
  return success();
}

void burin::registerGatherOps(OpRegistry &registry) {
  registry.add("Gather", 1, 2, importGather);
  registry.add("GatherElements", 11, 2, importGatherElements);
  registry.add("GatherND", 11, 2, importGatherND);
  registry.add("GatherND", 12, 2, importGatherND);
  registry.add("OneHot", 9, 3, importOneHot);
  registry.addTo(OpRegistry::kMlDomain, "ArrayFeatureExtractor", 1, 2, importArrayFeatureExtractor);
  registry.add("Compress", 9, 2, importCompress);
  registry.add("NonZero", 9, 1, importNonZero);
  registry.add("Unique", 11, 1, importUnique);
}
