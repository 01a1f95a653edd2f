//===- NormalizationOps.cpp - Normalisations ------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Composites on 16-bit floats compute in f32 and round once.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"
#include "compiler/importer/Windows.h"

using namespace mlir;
using namespace burin;
using nn::ReduceFn;
using nn::UnaryFn;

static Value normalize(NodeBinder &n, nn::NormalizeFn fn, Value x, ArrayRef<int64_t> axes,
                       double epsilon) {
  return n.create<nn::NormalizeOp>(nn::NormalizeFnAttr::get(n.b.getContext(), fn), x,
                                   n.b.getDenseI64ArrayAttr(axes), n.b.getF64FloatAttr(epsilon));
}

static SmallVector<int64_t> axesFrom(NodeBinder &n, Value x, int64_t first) {
  return llvm::to_vector(llvm::seq<int64_t>(first, std::max(n.rank(x), first)));
}

/// x * scale + bias, either of which may be absent, in x's type.
static Value scaleAndShift(NodeBinder &n, Value x, Value scale, Value bias) {
  Type type = NNBuilder::elementType(x);
  if (scale)
    x = n.mul(x, n.cast(scale, type));
  return bias ? n.add(x, n.cast(bias, type)) : x;
}

/// 1 / sqrt(variance + epsilon)
static Value inverseDeviation(NodeBinder &n, Value variance, double epsilon) {
  return n.unary(UnaryFn::rsqrt, n.add(variance, n.scalarLike(variance, epsilon)));
}

/// Mean and population variance over axes, which stay as 1.
static std::pair<Value, Value> moments(NodeBinder &n, Value x, ArrayRef<int64_t> axes) {
  Value mean = n.reduce(ReduceFn::mean, x, axes, true);
  Value centred = n.sub(x, mean);
  return {mean, n.reduce(ReduceFn::mean, n.mul(centred, centred), axes, true)};
}

/// The type in which stash_type lets a normalisation compute.
static Type stashType(NodeBinder &n) {
  int64_t stash = n.intAttr("stash_type", 1);
  Type type = n.dataType(stash);
  if (n.failed())
    return n.b.getF32Type();
  if (!isa<FloatType>(type) || nn::isTinyFloat(type)) {
    n.emitError() << "attribute 'stash_type' must name a float type";
    return n.b.getF32Type();
  }
  return wideType(n, type);
}

//===----------------------------------------------------------------------===//
// BatchNormalization
//===----------------------------------------------------------------------===//

namespace {
/// Parameters of a batch normalisation, shaped to broadcast against x.
struct BatchParameters {
  Value scale, bias, mean, variance;
};
} // namespace

/// y = x * s + b with one s and b per channel; exact in f64 where the
/// parameters are constants, as mostly.
static Value applyBatchParameters(NodeBinder &n, Value x, BatchParameters p, double epsilon) {
  bool known = true;
  for (Value value : {p.scale, p.bias, p.mean, p.variance})
    known &= NNBuilder::constantValue(value) != nullptr;
  Type type = NNBuilder::elementType(x), precise = known ? Type(n.b.getF64Type()) : type;
  for (Value *value : {&p.scale, &p.bias, &p.mean, &p.variance})
    *value = n.cast(*value, precise);
  Value s = n.mul(p.scale, inverseDeviation(n, p.variance, epsilon));
  Value b = n.sub(p.bias, n.mul(p.mean, s));
  return scaleAndShift(n, x, s, b);
}

static LogicalResult importBatchNormalization(NodeBinder &n) {
  Value x = widen(n, n.operand(0));
  Type type = NNBuilder::elementType(x);
  double epsilon = n.floatAttr("epsilon", 1e-5f), momentum = n.floatAttr("momentum", 0.9f);
  // Parameters of all elements of a sample instead of one per channel.
  bool spatial = n.since() >= 9 || n.boolAttr("spatial", true);
  bool training;
  if (n.since() >= 14)
    training = n.boolAttr("training_mode", false);
  else if (n.since() < 7)
    training = !n.boolAttr("is_test", false) && n.hasResult(1);
  else
    training = n.hasResult(1);
  auto shaped = [&](Value value) {
    return spatial && n.rank(x) > 1 ? perChannel(n, value, n.rank(x)) : value;
  };
  BatchParameters p{shaped(n.operand(1)), shaped(n.operand(2)), shaped(n.operand(3)),
                    shaped(n.operand(4))};
  if (!training) {
    n.setResult(0, n.cast(applyBatchParameters(n, x, p, epsilon), n.elementType(0)));
    // The statistics stay what they are.
    for (size_t i = 1; i < n.numResults(); ++i)
      if (n.hasResult(i))
        n.setResult(i, n.operand(i % 2 == 1 ? 3 : 4));
    return success();
  }
  SmallVector<int64_t> axes{0};
  if (spatial)
    axes.append(axesFrom(n, x, 2));
  auto [mean, variance] = moments(n, x, axes);
  Value y = n.mul(n.sub(x, mean), inverseDeviation(n, variance, epsilon));
  y = scaleAndShift(n, y, p.scale, p.bias);
  n.setResult(0, n.cast(y, n.elementType(0)));
  // running = old * momentum + batch * (1 - momentum)
  auto running = [&](size_t operand, Value batch) {
    Value old = n.cast(n.operand(operand), type);
    batch = n.reshape(batch, n.extents(old));
    Value sum =
        n.add(n.mul(old, n.scalar(type, momentum)), n.mul(batch, n.scalar(type, 1 - momentum)));
    return n.cast(sum, n.elementType(operand));
  };
  auto saved = [&](size_t operand, Value batch) {
    return n.cast(n.reshape(batch, n.extents(n.operand(operand))), n.elementType(operand));
  };
  if (n.hasResult(1))
    n.setResult(1, running(3, mean));
  if (n.hasResult(2))
    n.setResult(2, running(4, variance));
  if (n.hasResult(3))
    n.setResult(3, saved(3, mean));
  if (n.hasResult(4))
    n.setResult(4, saved(4, variance));
  return success();
}

//===----------------------------------------------------------------------===//
// Instance, group, layer and root mean square
//===----------------------------------------------------------------------===//

static LogicalResult importInstanceNormalization(NodeBinder &n) {
  Value x = widen(n, n.operand(0));
  if (!n.requireMinRank(x, 3, "the input"))
    return failure();
  Value y =
      normalize(n, nn::NormalizeFn::layer, x, axesFrom(n, x, 2), n.floatAttr("epsilon", 1e-5f));
  y = scaleAndShift(n, y, perChannel(n, n.operand(1), n.rank(x)),
                    perChannel(n, n.operand(2), n.rank(x)));
  n.setResult(0, n.cast(y, n.elementType(0)));
  return success();
}

static LogicalResult importGroupNormalization(NodeBinder &n) {
  ShapeMath math(n);
  // Version 18 has scale and bias per group, later ones per channel.
  bool perGroup = n.since() < 21;
  Type type = perGroup ? wideType(n, n.elementType(0)) : stashType(n);
  Value x = n.cast(n.operand(0), type);
  int64_t groups = n.requiredInt("num_groups");
  if (!n.requireMinRank(x, 2, "the input"))
    return failure();
  int64_t channels = n.dim(x, 1);
  if (groups < 1 || (!ShapedType::isDynamic(channels) && channels % groups))
    return n.emitError() << "num_groups " << groups << " does not divide " << channels
                         << " channels";
  SmallVector<Extent> whole = n.extents(x), parts(whole.begin() + 1, whole.end());
  parts[0] = math.div(parts[0], groups);
  SmallVector<Extent> grouped{whole[0], Extent(groups), n.product(parts)};
  Value y = normalize(n, nn::NormalizeFn::layer, n.reshape(x, grouped), {2},
                      n.floatAttr("epsilon", 1e-5f));
  if (perGroup)
    y = scaleAndShift(n, y, n.reshape(n.operand(1), ArrayRef<int64_t>{groups, 1}),
                      n.reshape(n.operand(2), ArrayRef<int64_t>{groups, 1}));
  y = n.reshape(y, whole);
  if (!perGroup)
    y = scaleAndShift(n, y, perChannel(n, n.operand(1), n.rank(x)),
                      perChannel(n, n.operand(2), n.rank(x)));
  n.setResult(0, n.cast(y, n.elementType(0)));
  return success();
}

/// The optional results of a layer normalisation.
static void setStatistics(NodeBinder &n, Value x, ArrayRef<int64_t> axes, double epsilon,
                          std::optional<size_t> meanResult, size_t inverseResult, bool rms) {
  bool wantsMean = meanResult && n.hasResult(*meanResult);
  if (!wantsMean && !n.hasResult(inverseResult))
    return;
  if (rms) {
    Value square = n.reduce(ReduceFn::mean, n.mul(x, x), axes, true);
    n.setResult(inverseResult, inverseDeviation(n, square, epsilon));
    return;
  }
  auto [mean, variance] = moments(n, x, axes);
  if (wantsMean)
    n.setResult(*meanResult, mean);
  if (n.hasResult(inverseResult))
    n.setResult(inverseResult, inverseDeviation(n, variance, epsilon));
}

/// LayerNormalization, RMSNormalization, and SimplifiedLayerNormalization before it.
/// The variant tells whether it is the root mean square form, which has neither mean
/// nor shift.
static LogicalResult importLayerNormalization(NodeBinder &n) {
  bool rms = n.variant();
  Type type = stashType(n);
  if (n.elementType(0).isF64())
    type = n.b.getF64Type();
  Value x = n.cast(n.operand(0), type);
  int64_t axis = n.axisAttr("axis", -1, n.rank(x));
  double epsilon = n.floatAttr("epsilon", 1e-5f);
  if (n.failed())
    return failure();
  SmallVector<int64_t> axes = axesFrom(n, x, axis);
  Value y = normalize(n, rms ? nn::NormalizeFn::rms : nn::NormalizeFn::layer, x, axes, epsilon);
  y = scaleAndShift(n, y, n.operand(1), rms ? Value() : n.operand(2));
  n.setResult(0, n.cast(y, n.elementType(rms ? 1 : 0)));
  setStatistics(n, x, axes, epsilon, rms ? std::nullopt : std::optional<size_t>(1), rms ? 1 : 2,
                rms);
  return success();
}

/// The sum of input, skip and bias, normalised; the sum is a result too. The
/// variant tells whether it is the simplified form, which has no beta.
static LogicalResult importSkipNormalization(NodeBinder &n) {
  bool rms = n.variant();
  Value x = n.add(widen(n, n.operand(0)), widen(n, n.operand(1)));
  if (Value bias = n.operand(rms ? 3 : 4))
    x = n.add(x, widen(n, bias));
  if (!n.requireMinRank(x, 1, "the input"))
    return failure();
  double epsilon = n.floatAttr("epsilon", 1e-12f);
  SmallVector<int64_t> axes{n.rank(x) - 1};
  Value y = normalize(n, rms ? nn::NormalizeFn::rms : nn::NormalizeFn::layer, x, axes, epsilon);
  y = scaleAndShift(n, y, n.operand(2), rms ? Value() : n.operand(3));
  n.setResult(0, n.cast(y, n.elementType(0)));
  setStatistics(n, x, axes, epsilon, rms ? std::nullopt : std::optional<size_t>(1), 2, rms);
  if (n.hasResult(3))
    n.setResult(3, n.cast(x, n.elementType(0)));
  return success();
}

void burin::registerNormalizationOps(OpRegistry &registry) {
  for (int64_t since : {1, 7, 9, 14})
    registry.add("BatchNormalization", since, 5, importBatchNormalization);
  registry.add("InstanceNormalization", 1, 3, importInstanceNormalization);
  registry.add("GroupNormalization", 18, 3, importGroupNormalization);
  registry.add("GroupNormalization", 21, 3, importGroupNormalization);
  // Files of optimisers hold it in older opsets too.
  registry.add("LayerNormalization", 1, {2, 3}, importLayerNormalization, 0);
  registry.add("RMSNormalization", 23, 2, importLayerNormalization, 1);
  StringRef microsoft = OpRegistry::kMicrosoftDomain;
  for (StringRef domain : {StringRef(OpRegistry::kOnnxDomain), microsoft})
    registry.addTo(domain, "SimplifiedLayerNormalization", 1, 2, importLayerNormalization, 1);
  registry.addTo(microsoft, "SkipLayerNormalization", 1, {3, 5}, importSkipNormalization, 0);
  registry.addTo(microsoft, "SkipSimplifiedLayerNormalization", 1, {3, 4}, importSkipNormalization,
                 1);
}
