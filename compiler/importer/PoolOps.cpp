//===- PoolOps.cpp - Pools, Dropout ---------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/Pools.h"

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;
using nn::UnaryFn;

Value burin::buildPool(NodeBinder &n, nn::PoolFn fn, Value x, const WindowAttrs &window, bool ceil,
                       nn::Layout layout) {
  return n.create<nn::PoolOp>(
      nn::PoolFnAttr::get(n.b.getContext(), fn), x, n.b.getDenseI64ArrayAttr(window.kernel),
      n.b.getDenseI64ArrayAttr(window.strides), n.b.getDenseI64ArrayAttr(window.dilations),
      n.b.getDenseI64ArrayAttr(window.pads), n.b.getBoolAttr(ceil),
      nn::LayoutAttr::get(n.b.getContext(), layout));
}

std::optional<PoolAttrs> burin::readPool(NodeBinder &n, Value x, nn::Layout layout) {
  auto kernel = readKernel(n, {});
  auto window = kernel ? readWindow(n, x, *kernel, layout) : std::nullopt;
  if (!window)
    return std::nullopt;
  // The extent of SAME is what it is.
  std::string autoPad = n.stringAttr("auto_pad", "NOTSET");
  bool ceil = n.boolAttr("ceil_mode", false) && autoPad != "SAME_UPPER" && autoPad != "SAME_LOWER";
  return PoolAttrs{*window, ceil};
}

//===----------------------------------------------------------------------===//
// AveragePool
//===----------------------------------------------------------------------===//

/// How many taps of the window lie inside, for every position along one axis
/// of y, as i64 [extent]. Padding counts where it is told to; what a rounded up
/// extent overhangs never does.
static Value countTaps(NodeBinder &n, Value x, Value y, const WindowAttrs &window, size_t i,
                       int64_t axis, bool countPads) {
  ShapeMath math(n);
  Value start = n.sub(n.mul(math.iota(n.extent(y, axis)), n.index(window.strides[i])),
                      math.vector(window.begin(i)));
  // Taps at start + k * dilation < limit.
  auto tapsBefore = [&](Extent limit) {
    Value room = n.binary(BinaryFn::max, n.sub(math.vector(limit), start), n.index(0));
    Value taps = n.div(n.add(room, n.index(window.dilations[i] - 1)), n.index(window.dilations[i]));
    return n.binary(BinaryFn::min, taps, n.index(window.kernel[i]));
  };
  Extent low = 0, high = n.extent(x, axis);
  if (countPads) {
    low = math.sub(0, window.begin(i));
    high = math.add(high, window.end(i));
  }
  return n.sub(tapsBefore(high), tapsBefore(low));
}

Value burin::buildAveragePool(NodeBinder &n, Value x, const PoolAttrs &attrs, bool countPads,
                              nn::Layout layout) {
  const WindowAttrs &window = attrs.window;
  int64_t rank = n.rank(x), first = layout == nn::Layout::nchw ? 2 : 1;
  Value padded = padAtRun(n, x, window, n.scalarLike(x, 0), layout);
  Value sum = buildPool(n, nn::PoolFn::sum, padded, window, attrs.ceil, layout);
  Value counts;
  for (size_t i = 0; i < window.kernel.size() && !n.failed(); ++i) {
    Value taps = countTaps(n, x, sum, window, i, first + i, countPads);
    // One number for the axis, or one per position.
    auto values = NNBuilder::constantInts(taps);
    if (values && !values->empty() && llvm::all_equal(*values)) {
      taps = n.index(values->front());
    } else {
      SmallVector<Extent> column(rank, Extent(1));
      column[first + i] = n.extent(taps, 0);
      taps = n.reshape(taps, column);
    }
    counts = counts ? n.mul(counts, taps) : taps;
  }
  return n.failed() ? sum : n.div(sum, n.cast(counts, n.elementType(sum)));
}

static LogicalResult importAveragePool(NodeBinder &n) {
  Value x = widen(n, n.operand(0));
  auto attrs = readPool(n, x);
  if (!attrs)
    return failure();
  Value y = buildAveragePool(n, x, *attrs, n.boolAttr("count_include_pad", false));
  n.setResult(0, n.cast(y, n.elementType(0)));
  return success();
}

//===----------------------------------------------------------------------===//
// MaxPool
//===----------------------------------------------------------------------===//

static LogicalResult importMaxPool(NodeBinder &n) {
  auto layout = static_cast<nn::Layout>(n.variant());
  Value x = n.operand(0);
  auto attrs = readPool(n, x, layout);
  if (!attrs)
    return failure();
  const WindowAttrs &window = attrs->window;
  bool wantsIndices = n.hasResult(1);
  if (wantsIndices && window.hasDynamicPads())
    return n.emitError() << "indices under auto_pad need an input of known extents";
  if (window.hasDynamicPads()) {
    // This padding must never win.
    constexpr double kInf = std::numeric_limits<double>::infinity();
    Value lowest = n.cast(n.scalar(n.b.getF64Type(), -kInf), n.elementType(x));
    x = padAtRun(n, x, window, lowest, layout);
  }
  Value y = buildPool(n, nn::PoolFn::max, x, window, attrs->ceil, layout);
  if (!wantsIndices || n.failed()) {
    n.setResult(0, y);
    return success();
  }
  size_t spatial = window.kernel.size();
  SmallVector<int64_t> ints;
  for (ArrayRef<int64_t> list : {ArrayRef(window.kernel), ArrayRef(window.strides),
                                 ArrayRef(window.dilations), ArrayRef(window.pads)})
    ints.append(list.begin(), list.begin() + spatial);
  ints.push_back(n.intAttr("storage_order", 0));
  auto valueType = cast<RankedTensorType>(y.getType());
  SmallVector<Value> results =
      n.call("max_pool_indices", {valueType, valueType.clone(n.b.getI64Type())}, x, ints);
  n.setResult(0, results[0]);
  n.setResult(1, results[1]);
  return success();
}

/// Values go where their indices say, in a flat tensor of the shape that the
/// pool had as input; output_shape may then pad it (or crop).
static LogicalResult importMaxUnpool(NodeBinder &n) {
  ShapeMath math(n);
  Value x = n.operand(0);
  auto kernel = readKernel(n, {});
  auto window = kernel ? readWindow(n, x, *kernel) : std::nullopt;
  if (!window)
    return failure();
  size_t spatial = kernel->size();
  SmallVector<Extent> inferred{n.extent(x, 0), n.extent(x, 1)};
  for (size_t i = 0; i < spatial; ++i) {
    int64_t fixed = (*kernel)[i] - window->pads[i] - window->pads[spatial + i];
    Extent steps = math.mul(math.sub(n.extent(x, 2 + i), 1), window->strides[i]);
    inferred.push_back(math.add(steps, fixed));
    if (inferred.back().isStatic() && inferred.back().value < 0)
      return n.emitError() << "pads remove more than the whole spatial dimension " << i;
  }
  Value size = math.vector(n.product(inferred));
  Value zeros = n.broadcastTo(n.scalarLike(x, 0), size);
  Value where = n.cast(n.reshape(n.operand(1), ArrayRef<int64_t>{-1}), n.b.getI64Type());
  Value values = n.reshape(x, ArrayRef<int64_t>{-1});
  Value flat = n.create<nn::ScatterOp>(
      nn::ScatterFnAttr::get(n.b.getContext(), nn::ScatterFn::none), zeros, where, values);
  Value y = n.reshape(flat, inferred);
  if (n.hasOperand(2)) {
    auto wanted = math.elements(n.operand(2));
    if (!wanted || wanted->size() != spatial + 2)
      return n.emitError() << "'output_shape' must have " << spatial + 2 << " entries";
    SmallVector<Extent> kept, low(spatial + 2, Extent(0)), high;
    for (auto [own, target] : llvm::zip(inferred, *wanted)) {
      kept.push_back(math.min(own, target));
      high.push_back(math.sub(target, kept.back()));
    }
    y = n.slice(y, n.shapeFrom(low), n.shapeFrom(kept));
    y = n.create<nn::PadOp>(y, n.shapeFrom(low), n.shapeFrom(high), n.scalarLike(x, 0));
  }
  n.setResult(0, y);
  return success();
}

//===----------------------------------------------------------------------===//
// LpPool and the global pools
//===----------------------------------------------------------------------===//

/// |x|^p, and the p-th root of a sum of such.
static Value toPower(NodeBinder &n, Value x, double p) {
  if (p == 2)
    return n.mul(x, x);
  x = n.unary(UnaryFn::abs, x);
  return p == 1 ? x : n.binary(BinaryFn::pow, x, n.scalarLike(x, p));
}

static Value toRoot(NodeBinder &n, Value x, double p) {
  if (p == 1)
    return x;
  return p == 2 ? n.unary(UnaryFn::sqrt, x) : n.binary(BinaryFn::pow, x, n.scalarLike(x, 1 / p));
}

static double readNorm(NodeBinder &n) {
  double p = n.since() < 2 ? n.floatAttr("p", 2) : static_cast<double>(n.intAttr("p", 2));
  if (p <= 0 && !n.failed())
    n.emitError() << "attribute 'p' must be positive, not " << p;
  return p;
}

static LogicalResult importLpPool(NodeBinder &n) {
  double p = readNorm(n);
  Value x = toPower(n, widen(n, n.operand(0)), p);
  auto attrs = readPool(n, x);
  if (!attrs)
    return failure();
  x = padAtRun(n, x, attrs->window, n.scalarLike(x, 0));
  Value sum = buildPool(n, nn::PoolFn::sum, x, attrs->window, attrs->ceil);
  n.setResult(0, n.cast(toRoot(n, sum, p), n.elementType(0)));
  return success();
}

static SmallVector<int64_t> spatialAxes(NodeBinder &n, Value x) {
  return llvm::to_vector(llvm::seq<int64_t>(2, std::max<int64_t>(n.rank(x), 2)));
}

static LogicalResult importGlobalLpPool(NodeBinder &n) {
  double p = readNorm(n);
  Value x = widen(n, n.operand(0));
  Value sum = n.reduce(nn::ReduceFn::sum, toPower(n, x, p), spatialAxes(n, x), true);
  n.setResult(0, n.cast(toRoot(n, sum, p), n.elementType(0)));
  return success();
}

/// The variant is the fold.
static LogicalResult importGlobalPool(NodeBinder &n) {
  Value x = n.operand(0);
  if (!n.requireMinRank(x, 2, "the input"))
    return failure();
  n.setResult(0, n.reduce(static_cast<nn::ReduceFn>(n.variant()), x, spatialAxes(n, x), true));
  return success();
}

//===----------------------------------------------------------------------===//
// Dropout
//===----------------------------------------------------------------------===//

static void setIdentity(NodeBinder &n) {
  Value x = n.operand(0);
  n.setResult(0, x);
  if (!n.hasResult(1))
    return;
  Type mask = n.since() < 10 ? n.elementType(x) : Type(n.b.getI1Type());
  n.setResult(1, n.broadcastTo(n.scalar(mask, 1), n.shapeOf(x)));
}

/// Dropout before opset 12, which has no input that asks for training.
static LogicalResult importDropout1(NodeBinder &n) {
  if (n.since() < 7 && !n.boolAttr("is_test", false))
    n.emitWarning() << "this version of Dropout means training unless 'is_test' is 1; imported "
                       "for inference";
  setIdentity(n);
  return success();
}

static LogicalResult importDropout(NodeBinder &n) {
  Value x = n.operand(0), training = n.operand(2);
  auto ratioValue = n.hasOperand(1) ? n.constantFloats(1) : SmallVector<double>{0.5};
  auto trains = training ? n.constantInts(2) : SmallVector<int64_t>{0};
  bool none = ratioValue && ratioValue->size() == 1 && ratioValue->front() == 0;
  if (none || (trains && trains->size() == 1 && trains->front() == 0)) {
    setIdentity(n);
    return success();
  }
  Type f32 = n.b.getF32Type();
  Value ratio = n.hasOperand(1) ? n.cast(n.reshape(n.operand(1), ArrayRef<int64_t>{}), f32)
                                : n.scalar(f32, 0.5);
  Value random = n.create<nn::RandomOp>(n.shapeOf(x), n.b.getI64IntegerAttr(n.intAttr("seed", 0)),
                                        TypeAttr::get(f32));
  Value mask = n.compare(CompareFn::ge, random, ratio);
  if (!trains)
    mask = n.binary(BinaryFn::or_, mask,
                    n.unary(UnaryFn::not_, n.reshape(training, ArrayRef<int64_t>{})));
  Value keep = n.sub(n.scalar(f32, 1), ratio);
  if (!trains)
    keep = n.select(n.reshape(training, ArrayRef<int64_t>{}), keep, n.scalar(f32, 1));
  Value scaled = n.div(widen(n, x), n.cast(keep, wideType(n, n.elementType(x))));
  n.setResult(0, n.select(mask, n.cast(scaled, n.elementType(x)), n.scalarLike(x, 0)));
  if (n.hasResult(1))
    n.setResult(1, mask);
  return success();
}

void burin::registerPoolOps(OpRegistry &registry) {
  registry.add("AveragePool", 1, 1, importAveragePool);
  registry.add("MaxPool", 1, 1, importMaxPool, static_cast<int64_t>(nn::Layout::nchw));
  registry.addTo(OpRegistry::kMicrosoftDomain, "NhwcMaxPool", 1, 1, importMaxPool,
                 static_cast<int64_t>(nn::Layout::nhwc));
  registry.add("MaxUnpool", 9, {2, 3}, importMaxUnpool);
  for (int64_t since : {1, 2}) {
    registry.add("LpPool", since, 1, importLpPool);
    registry.add("GlobalLpPool", since, 1, importGlobalLpPool);
  }
  registry.add("GlobalAveragePool", 1, 1, importGlobalPool,
               static_cast<int64_t>(nn::ReduceFn::mean));
  registry.add("GlobalMaxPool", 1, 1, importGlobalPool, static_cast<int64_t>(nn::ReduceFn::max));
  for (int64_t since : {1, 7, 10})
    registry.add("Dropout", since, 1, importDropout1);
  registry.add("Dropout", 12, {1, 3}, importDropout);
}
