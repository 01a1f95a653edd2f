//===- QLinearOps.cpp - com.microsoft's operators on quantised tensors ----===//
//
// Part of Burin, under the Apache License v2.0.
//
// Elementwise ones are dequantize, op, quantize; passes find them again in
// this form. Zero points are optional in all of them, so that the registered
// minimum of inputs ends before the first one.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/Pools.h"
#include "compiler/importer/Quantization.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;

/// A tensor and, behind it, its parameters, as f32.
static Value dequantizedOperand(NodeBinder &n, size_t i) {
  return dequantize(n, n.operand(i), readQuantParams(n, i + 1));
}

/// Sets result 0 to y, quantised by the parameters at `first`.
static void setQuantized(NodeBinder &n, Value y, size_t first) {
  QuantParams params = readQuantParams(n, first);
  Type to = params.zp ? n.elementType(params.zp) : n.elementType(0);
  n.setResult(0, quantize(n, y, params, to));
}

/// QLinearAdd, QLinearMul; the variant is the function.
static LogicalResult importQLinearBinary(NodeBinder &n) {
  if (!requireOperands(n, {0, 1, 3, 4, 6}))
    return failure();
  Value y = n.binary(static_cast<nn::BinaryFn>(n.variant()), dequantizedOperand(n, 0),
                     dequantizedOperand(n, 3));
  setQuantized(n, y, 6);
  return success();
}

static LogicalResult importQLinearSigmoid(NodeBinder &n) {
  if (!requireOperands(n, {0, 1, 3}))
    return failure();
  setQuantized(n, n.unary(nn::UnaryFn::sigmoid, dequantizedOperand(n, 0)), 3);
  return success();
}

static LogicalResult importQLinearLeakyRelu(NodeBinder &n) {
  if (!requireOperands(n, {0, 1, 3}))
    return failure();
  Value x = dequantizedOperand(n, 0);
  setQuantized(n, n.unary(nn::UnaryFn::leaky_relu, x, n.floatAttr("alpha", 0.01f)), 3);
  return success();
}

/// Says itself which opset's Softmax it is: before 13 over all axes from
/// `axis` on, later over one.
static LogicalResult importQLinearSoftmax(NodeBinder &n) {
  if (!requireOperands(n, {0, 1, 3}))
    return failure();
  Value x = dequantizedOperand(n, 0);
  int64_t rank = n.rank(0), opset = n.intAttr("opset", 13);
  int64_t axis = n.axisAttr("axis", -1, rank);
  if (n.failed())
    return failure();
  SmallVector<int64_t> axes{axis};
  if (opset < 13)
    axes = llvm::to_vector(llvm::seq<int64_t>(axis, rank));
  Value y = n.create<nn::SoftmaxOp>(x, n.b.getDenseI64ArrayAttr(axes), n.b.getBoolAttr(false));
  setQuantized(n, y, 3);
  return success();
}

/// Parameters of the result, then triples.
static LogicalResult importQLinearConcat(NodeBinder &n) {
  if (n.numOperands() < 4)
    return n.emitError() << "needs a tensor with its scale";
  QuantParams params = readQuantParams(n, 0);
  SmallVector<Value> parts;
  for (size_t i = 2; i < n.numOperands(); i += 3) {
    if (!requireOperands(n, {i, i + 1}))
      return failure();
    Type to = params.zp ? n.elementType(params.zp) : n.elementType(i);
    parts.push_back(quantize(n, dequantizedOperand(n, i), params, to));
  }
  int64_t axis = n.normalizeAxis(n.requiredInt("axis"), n.rank(parts.front()));
  n.setResult(0, n.concat(parts, axis));
  return success();
}

static LogicalResult importQLinearWhere(NodeBinder &n) {
  if (!requireOperands(n, {0, 1, 2, 4, 5, 7}))
    return failure();
  Value y = n.select(n.operand(0), dequantizedOperand(n, 1), dequantizedOperand(n, 4));
  QuantParams params = readQuantParams(n, 7);
  Type to = params.zp ? n.elementType(params.zp) : n.elementType(1);
  n.setResult(0, quantize(n, y, params, to));
  return success();
}

static nn::Layout channelLayout(NodeBinder &n) {
  return n.boolAttr("channels_last", false) ? nn::Layout::nhwc : nn::Layout::nchw;
}

static LogicalResult importQLinearAveragePool(NodeBinder &n) {
  if (!requireOperands(n, {0, 1, 3}))
    return failure();
  nn::Layout layout = channelLayout(n);
  Value x = dequantizedOperand(n, 0);
  auto attrs = readPool(n, x, layout);
  if (!attrs)
    return failure();
  bool countPads = n.boolAttr("count_include_pad", false);
  setQuantized(n, buildAveragePool(n, x, *attrs, countPads, layout), 3);
  return success();
}

/// Sums are exact in i32; the factor xs / (ys * size) rounds once.
static LogicalResult importQLinearGlobalAveragePool(NodeBinder &n) {
  if (!requireOperands(n, {0, 1, 3}))
    return failure();
  Value x = n.operand(0);
  if (!n.requireMinRank(x, 3, "the input"))
    return failure();
  QuantParams xq = readQuantParams(n, 1), yq = readQuantParams(n, 3);
  int64_t first = channelLayout(n) == nn::Layout::nchw ? 2 : 1;
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(first, first + n.rank(x) - 2));
  Type i32 = n.b.getI32Type(), f32 = n.b.getF32Type();
  Value wide = n.cast(x, i32);
  if (xq.zp)
    wide = n.sub(wide, n.cast(xq.zp, i32));
  Value acc = n.reduce(nn::ReduceFn::sum, wide, axes, true);
  SmallVector<Extent> extents;
  for (int64_t axis : axes)
    extents.push_back(n.extent(x, axis));
  Value size = n.cast(ShapeMath(n).scalar(n.product(extents)), f32);
  Value factor = n.div(xq.scale, n.mul(yq.scale, size));
  Type to = yq.zp ? n.elementType(yq.zp) : n.elementType(x);
  n.setResult(0, requantize(n, acc, factor, yq.zp, to));
  return success();
}

static LogicalResult importQLinearReduceMean(NodeBinder &n) {
  if (!requireOperands(n, {0, 1, 3}))
    return failure();
  Value x = dequantizedOperand(n, 0);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)));
  if (auto given = n.optionalInts("axes"); given && !given->empty())
    axes = n.normalizeAxes(*given, n.rank(x));
  if (n.failed())
    return failure();
  llvm::sort(axes);
  setQuantized(n, n.reduce(nn::ReduceFn::mean, x, axes, n.boolAttr("keepdims", true)), 3);
  return success();
}

void burin::registerQLinearOps(OpRegistry &registry) {
  StringRef domain = OpRegistry::kMicrosoftDomain;
  registry.addTo(domain, "QLinearAdd", 1, {2, 8}, importQLinearBinary,
                 static_cast<int64_t>(nn::BinaryFn::add));
  registry.addTo(domain, "QLinearMul", 1, {2, 8}, importQLinearBinary,
                 static_cast<int64_t>(nn::BinaryFn::mul));
  registry.addTo(domain, "QLinearSigmoid", 1, {2, 5}, importQLinearSigmoid);
  registry.addTo(domain, "QLinearLeakyRelu", 1, {2, 5}, importQLinearLeakyRelu);
  registry.addTo(domain, "QLinearSoftmax", 1, {2, 5}, importQLinearSoftmax);
  registry.addTo(domain, "QLinearConcat", 1, {1, 3 * 1024 + 2}, importQLinearConcat);
  registry.addTo(domain, "QLinearWhere", 1, {3, 9}, importQLinearWhere);
  registry.addTo(domain, "QLinearAveragePool", 1, {2, 5}, importQLinearAveragePool);
  registry.addTo(domain, "QLinearGlobalAveragePool", 1, {2, 5}, importQLinearGlobalAveragePool);
  registry.addTo(domain, "QLinearReduceMean", 1, {2, 5}, importQLinearReduceMean);
}
