//===- ReductionOps.cpp - Operators that fold along axes ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;
using nn::ReduceFn;
using nn::UnaryFn;

//===----------------------------------------------------------------------===//
// Reduce*
//===----------------------------------------------------------------------===//

namespace {
enum class Fold : uint8_t { Sum, Mean, Prod, Min, Max, L1, L2, LogSum, LogSumExp, SumSquare };

struct ReduceOperator {
  const char *opType;
  Fold fold;
  int64_t axesInput; ///< since when axes are an input
};
} // namespace

static constexpr ReduceOperator kReduceOperators[] = {
    {"ReduceSum", Fold::Sum, 13},
    {"ReduceMean", Fold::Mean, 18},
    {"ReduceProd", Fold::Prod, 18},
    {"ReduceMin", Fold::Min, 18},
    {"ReduceMax", Fold::Max, 18},
    {"ReduceL1", Fold::L1, 18},
    {"ReduceL2", Fold::L2, 18},
    {"ReduceLogSum", Fold::LogSum, 18},
    {"ReduceLogSumExp", Fold::LogSumExp, 18},
    {"ReduceSumSquare", Fold::SumSquare, 18},
};

/// What a type is computed in: composites of 16-bit floats in f32, functions
/// that only floats have in f64 for integers.
static Type insideType(NodeBinder &n, Type type, Fold fold) {
  bool composite = fold >= Fold::L2;
  if (!composite)
    return type;
  if (type.isF16() || type.isBF16())
    return n.b.getF32Type();
  if (isa<IntegerType>(type) && fold != Fold::SumSquare)
    return n.b.getF64Type();
  return type;
}

/// The part of the operator that is left when there is nothing to reduce.
static Value mapOnly(NodeBinder &n, Fold fold, Value x) {
  switch (fold) {
  case Fold::L1:
  case Fold::L2:
    return n.unary(UnaryFn::abs, x);
  case Fold::LogSum: {
    Type type = n.NNBuilder::elementType(x);
    return n.cast(n.unary(UnaryFn::log, n.cast(x, insideType(n, type, fold))), type);
  }
  case Fold::SumSquare:
    return n.mul(x, x);
  default:
    return x;
  }
}

static Value fold(NodeBinder &n, Fold fold, Value x, ArrayRef<int64_t> axes, bool keepDims) {
  Type type = n.NNBuilder::elementType(x);
  Value wide = n.cast(x, insideType(n, type, fold));
  auto reduce = [&](ReduceFn fn, Value value) { return n.reduce(fn, value, axes, keepDims); };
  Value y;
  switch (fold) {
  case Fold::Sum:
    y = reduce(ReduceFn::sum, wide);
    break;
  case Fold::Mean:
    y = reduce(ReduceFn::mean, wide);
    break;
  case Fold::Prod:
    y = reduce(ReduceFn::prod, wide);
    break;
  case Fold::Min:
    y = reduce(ReduceFn::min, wide);
    break;
  case Fold::Max:
    y = reduce(ReduceFn::max, wide);
    break;
  case Fold::L1:
    y = reduce(ReduceFn::sum, n.unary(UnaryFn::abs, wide));
    break;
  case Fold::L2:
    y = n.unary(UnaryFn::sqrt, reduce(ReduceFn::sum, n.mul(wide, wide)));
    break;
  case Fold::LogSum:
    y = n.unary(UnaryFn::log, reduce(ReduceFn::sum, wide));
    break;
  case Fold::SumSquare:
    y = reduce(ReduceFn::sum, n.mul(wide, wide));
    break;
  case Fold::LogSumExp: {
    // The largest is taken out, unless it is not finite.
    Value largest = n.reduce(ReduceFn::max, wide, axes, true);
    Value infinity = n.scalarLike(wide, std::numeric_limits<double>::infinity());
    Value finite = n.compare(CompareFn::lt, n.unary(UnaryFn::abs, largest), infinity);
    Value shift = n.select(finite, largest, n.scalarLike(wide, 0));
    Value sum = n.reduce(ReduceFn::sum, n.unary(UnaryFn::exp, n.sub(wide, shift)), axes, true);
    y = n.add(shift, n.unary(UnaryFn::log, sum));
    if (!keepDims) {
      SmallVector<Extent> kept;
      for (auto [axis, extent] : llvm::enumerate(n.extents(x)))
        if (!llvm::is_contained(axes, static_cast<int64_t>(axis)))
          kept.push_back(extent);
      y = n.reshape(y, kept);
    }
    break;
  }
  }
  return n.cast(y, type);
}

/// Whether reducing `shape` over the axes of a bit mask can give `wanted`.
static bool gives(ArrayRef<int64_t> shape, unsigned mask, bool keepDims, ArrayRef<int64_t> wanted) {
  SmallVector<int64_t> result;
  for (auto [axis, extent] : llvm::enumerate(shape)) {
    if (!(mask >> axis & 1))
      result.push_back(extent);
    else if (keepDims)
      result.push_back(1);
  }
  if (result.size() != wanted.size())
    return false;
  for (auto [a, b] : llvm::zip(result, wanted))
    if (a != b && !ShapedType::isDynamic(a))
      return false;
  return true;
}

/// Axes that only the run knows: every choice that the declared result allows,
/// selected by the run.
static LogicalResult reduceByDeclaration(NodeBinder &n, Fold kind, bool keepDims, bool noop) {
  Value x = n.operand(0);
  ArrayRef<int64_t> shape = n.shape(0);
  auto declared = ShapeMath(n).declaredShape(0);
  constexpr size_t kMaxRank = 6, kMaxChoices = 8;
  SmallVector<unsigned> choices;
  int64_t count = n.dim(n.operand(1), 0);
  if (declared && shape.size() <= kMaxRank)
    for (unsigned mask = 0; mask < 1u << shape.size(); ++mask) {
      // No axes at all means all of them, or none under `noop`.
      bool everything = mask == (1u << shape.size()) - 1;
      bool possible = count < 0 || llvm::popcount(mask) == count || (everything && count == 0);
      if (possible && mask != 0 && gives(shape, mask, keepDims, *declared))
        choices.push_back(mask);
    }
  if (choices.empty() || choices.size() > kMaxChoices || (noop && count <= 0))
    return n.emitError() << "axes must be constant";
  Value result;
  Value given = wrapIndices(n, n.operand(1), static_cast<int64_t>(shape.size()));
  auto none = nn::ScatterFnAttr::get(n.b.getContext(), nn::ScatterFn::none);
  for (unsigned mask : choices) {
    SmallVector<int64_t> axes, marks(shape.size(), 0);
    for (size_t axis = 0; axis < shape.size(); ++axis)
      if (mask >> axis & 1) {
        axes.push_back(axis);
        marks[axis] = 1;
      }
    Value y = fold(n, kind, x, axes, keepDims);
    if (!result) {
      result = y;
      continue;
    }
    Value ones = n.broadcastTo(n.index(1), n.shapeOf(given));
    Value marked =
        n.create<nn::ScatterOp>(none, n.ints(SmallVector<int64_t>(shape.size(), 0)), given, ones);
    Value same =
        n.reduce(ReduceFn::min, n.compare(CompareFn::eq, marked, n.ints(marks)), {0}, false);
    result = n.select(same, y, result);
  }
  n.setResult(0, n.reshape(result, *declared));
  return success();
}

static LogicalResult importReduce(NodeBinder &n) {
  const ReduceOperator &op = kReduceOperators[n.variant()];
  Value x = n.operand(0);
  bool keepDims = n.boolAttr("keepdims", true), noop = false;
  std::optional<SmallVector<int64_t>> axes;
  if (n.since() < op.axesInput) {
    axes = n.optionalInts("axes");
  } else {
    noop = n.boolAttr("noop_with_empty_axes", false);
    if (n.hasOperand(1)) {
      axes = n.constantInts(1);
      if (!axes && n.dim(n.operand(1), 0) != 0)
        return reduceByDeclaration(n, op.fold, keepDims, noop);
    }
  }
  if (!axes || axes->empty()) {
    if (noop) {
      n.setResult(0, mapOnly(n, op.fold, x));
      return success();
    }
    axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(0)));
  }
  SmallVector<int64_t> sorted = n.normalizeAxes(*axes, n.rank(0));
  if (n.failed())
    return failure();
  llvm::sort(sorted);
  n.setResult(0, fold(n, op.fold, x, sorted, keepDims));
  return success();
}

//===----------------------------------------------------------------------===//
// Orders
//===----------------------------------------------------------------------===//

static LogicalResult importArg(NodeBinder &n) {
  int64_t axis = n.axisAttr("axis", 0, n.rank(0));
  auto fn = nn::ArgFnAttr::get(n.b.getContext(), static_cast<nn::ArgFn>(n.variant()));
  n.setResult(0, n.create<nn::ArgReduceOp>(fn, n.operand(0), n.b.getI64IntegerAttr(axis),
                                           n.b.getBoolAttr(n.boolAttr("select_last_index", false)),
                                           n.b.getBoolAttr(n.boolAttr("keepdims", true))));
  return success();
}

static LogicalResult importTopK(NodeBinder &n) {
  ShapeMath math(n);
  int64_t axis = n.axisAttr("axis", -1, n.rank(0));
  Extent count = 0;
  if (n.since() < 10)
    count = n.requiredInt("k");
  else
    count = math.fromValue(n.operand(1));
  for (size_t i : {0, 1})
    if (auto declared = math.declaredShape(i);
        !count.isStatic() && declared && static_cast<int64_t>(declared->size()) == n.rank(0))
      count = (*declared)[axis];
  if (n.failed())
    return failure();
  SmallVector<Value> found =
      n.create<nn::TopKOp>(n.operand(0), math.scalar(count), n.b.getI64IntegerAttr(axis),
                           n.b.getBoolAttr(n.since() < 11 || n.boolAttr("largest", true)));
  n.setResult(0, found[0]);
  n.setResult(1, found[1]);
  return success();
}

static LogicalResult importCumulate(NodeBinder &n) {
  auto fn = nn::CumulateFnAttr::get(n.b.getContext(), static_cast<nn::CumulateFn>(n.variant()));
  BoolAttr exclusive = n.b.getBoolAttr(n.boolAttr("exclusive", false));
  BoolAttr reverse = n.b.getBoolAttr(n.boolAttr("reverse", false));
  int64_t rank = n.rank(0);
  if (!n.requireMinRank(n.operand(0), 1, "the input"))
    return failure();
  auto along = [&](int64_t axis) {
    return n.create<nn::CumulateOp>(fn, n.operand(0), n.b.getI64IntegerAttr(axis), exclusive,
                                    reverse);
  };
  if (auto axis = n.constantInts(1); axis && axis->size() == 1) {
    n.setResult(0, along(n.normalizeAxis(axis->front(), rank)));
    return success();
  }
  // An axis that only the run knows selects among all.
  ShapeMath math(n);
  Value chosen = wrapIndices(n, math.scalar(math.fromValue(n.operand(1))), rank);
  Value result = along(0);
  for (int64_t axis = 1; axis < rank; ++axis)
    result = n.select(n.compare(CompareFn::eq, chosen, n.index(axis)), along(axis), result);
  n.setResult(0, result);
  return success();
}

void burin::registerReductionOps(OpRegistry &registry) {
  for (auto [i, op] : llvm::enumerate(kReduceOperators)) {
    registry.add(op.opType, 1, 1, importReduce, static_cast<int64_t>(i));
    registry.add(op.opType, op.axesInput, {1, 2}, importReduce, static_cast<int64_t>(i));
  }
  registry.add("ArgMax", 1, 1, importArg, static_cast<int64_t>(nn::ArgFn::max));
  registry.add("ArgMin", 1, 1, importArg, static_cast<int64_t>(nn::ArgFn::min));
  registry.add("TopK", 1, 1, importTopK);
  registry.add("TopK", 10, 2, importTopK);
  registry.add("TopK", 11, 2, importTopK);
  registry.add("CumSum", 11, 2, importCumulate, static_cast<int64_t>(nn::CumulateFn::sum));
  registry.add("CumProd", 26, 2, importCumulate, static_cast<int64_t>(nn::CumulateFn::prod));
}
