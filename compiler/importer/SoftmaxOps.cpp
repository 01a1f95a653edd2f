//===- SoftmaxOps.cpp - Softmax and simple normalisations -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;
using nn::CompareFn;
using nn::ReduceFn;
using nn::UnaryFn;

/// Softmax and LogSoftmax (variant 1). Before version 13 all axes from `axis` on
/// are one.
static LogicalResult importSoftmax(NodeBinder &n) {
  int64_t rank = n.rank(0);
  bool joined = n.since() < 13;
  if (!joined && !n.requireMinRank(n.operand(0), 1, "the input"))
    return failure();
  // Joined axes may also be none, at the end.
  int64_t axis = n.intAttr("axis", joined ? 1 : -1);
  axis = joined && axis == rank ? rank : n.normalizeAxis(axis, rank);
  if (n.failed())
    return failure();
  SmallVector<int64_t> axes;
  for (int64_t i = axis; i < (joined ? rank : axis + 1); ++i)
    axes.push_back(i);
  n.setResult(0, n.create<nn::SoftmaxOp>(n.operand(0), n.b.getDenseI64ArrayAttr(axes),
                                         n.b.getBoolAttr(n.variant() == 1)));
  return success();
}

static LogicalResult importHardmax(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  int64_t rank = n.rank(0);
  bool joined = n.since() < 13;
  int64_t axis = n.axisAttr("axis", joined ? 1 : -1, rank);
  if (n.failed())
    return failure();
  SmallVector<Extent> extents = n.extents(x);
  if (joined) {
    x = n.reshape(x, {n.product(ArrayRef(extents).take_front(axis)),
                      n.product(ArrayRef(extents).drop_front(axis))});
    axis = 1;
  }
  Value first = n.create<nn::ArgReduceOp>(nn::ArgFnAttr::get(n.b.getContext(), nn::ArgFn::max), x,
                                          n.b.getI64IntegerAttr(axis), n.b.getBoolAttr(false),
                                          n.b.getBoolAttr(true));
  SmallVector<Extent> line(NNBuilder::rank(x), Extent(1));
  line[axis] = n.extent(x, axis);
  Value position = n.reshape(math.iota(line[axis]), line);
  Value y = n.cast(n.compare(CompareFn::eq, position, first), n.elementType(0));
  n.setResult(0, joined ? n.reshape(y, extents) : y);
  return success();
}

/// x itself, or in f32 where its own type is too narrow for intermediates.
static Value widen(NodeBinder &n, Value x) {
  Type type = NNBuilder::elementType(x);
  return type.isF16() || type.isBF16() ? n.cast(x, n.b.getF32Type()) : x;
}

static LogicalResult importLpNormalization(NodeBinder &n) {
  int64_t axis = n.axisAttr("axis", -1, n.rank(0)), p = n.intAttr("p", 2);
  if (p != 1 && p != 2)
    return n.emitError() << "p is " << p << ", only 1 and 2 are defined";
  Value x = widen(n, n.operand(0));
  Value terms = p == 1 ? n.unary(UnaryFn::abs, x) : n.mul(x, x);
  Value norm = n.reduce(ReduceFn::sum, terms, {axis}, true);
  if (p == 2)
    norm = n.unary(UnaryFn::sqrt, norm);
  Value zero = n.scalarLike(x, 0);
  Value y = n.select(n.compare(CompareFn::eq, norm, zero), zero, n.div(x, norm));
  n.setResult(0, n.cast(y, n.elementType(0)));
  return success();
}

static LogicalResult importMeanVarianceNormalization(NodeBinder &n) {
  SmallVector<int64_t> axes = n.normalizeAxes(n.intsAttr("axes", {0, 2, 3}), n.rank(0));
  if (n.failed())
    return failure();
  llvm::sort(axes);
  Value x = widen(n, n.operand(0));
  Value mean = n.reduce(ReduceFn::mean, x, axes, true);
  Value squares = n.reduce(ReduceFn::mean, n.mul(x, x), axes, true);
  Value deviation = n.unary(UnaryFn::sqrt, n.sub(squares, n.mul(mean, mean)));
  Value y = n.div(n.sub(x, mean), n.add(deviation, n.scalarLike(x, 1e-9)));
  n.setResult(0, n.cast(y, n.elementType(0)));
  return success();
}

static LogicalResult importLRN(NodeBinder &n) {
  if (!n.requireMinRank(n.operand(0), 2, "the input"))
    return failure();
  int64_t size = n.requiredInt("size");
  if (!n.failed() && (size < 1 || size > (int64_t(1) << 31)))
    return n.emitError() << "size " << size << " is not positive";
  double alpha = n.floatAttr("alpha", 1e-4f), beta = n.floatAttr("beta", 0.75);
  Value x = widen(n, n.operand(0));
  // A window over channels: they become the first spatial axis.
  SmallVector<Extent> extents = n.extents(x);
  Extent pixels = n.product(ArrayRef(extents).drop_front(2));
  Value squares = n.reshape(n.mul(x, x), {extents[0], Extent(1), extents[1], pixels});
  auto list = [&](ArrayRef<int64_t> values) { return n.b.getDenseI64ArrayAttr(values); };
  int64_t before = (size - 1) / 2;
  Value sums = n.create<nn::PoolOp>(nn::PoolFnAttr::get(n.b.getContext(), nn::PoolFn::sum), squares,
                                    list({size, 1}), list({1, 1}), list({1, 1}),
                                    list({before, 0, size - 1 - before, 0}), n.b.getBoolAttr(false),
                                    nn::LayoutAttr::get(n.b.getContext(), nn::Layout::nchw));
  Value scale = n.scalarLike(x, alpha / static_cast<double>(size));
  Value base =
      n.add(n.scalarLike(x, n.floatAttr("bias", 1)), n.mul(scale, n.reshape(sums, extents)));
  Value y = n.div(x, n.binary(nn::BinaryFn::pow, base, n.scalarLike(x, beta)));
  n.setResult(0, n.cast(y, n.elementType(0)));
  return success();
}

void burin::registerSoftmaxOps(OpRegistry &registry) {
  for (int64_t since : {1, 13}) {
    registry.add("Softmax", since, 1, importSoftmax, 0);
    registry.add("LogSoftmax", since, 1, importSoftmax, 1);
    registry.add("Hardmax", since, 1, importHardmax);
  }
  registry.add("LpNormalization", 1, 1, importLpNormalization);
  registry.add("MeanVarianceNormalization", 9, 1, importMeanVarianceNormalization);
  registry.add("LRN", 1, 1, importLRN);
}
