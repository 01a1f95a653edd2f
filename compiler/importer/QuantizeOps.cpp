//===- QuantizeOps.cpp - Quantisation and its ONNX operators --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Products of bytes are exact in i32 and rounded once at the end: with the
// factor xs * ws / ys in f32, which is ONNX Runtime's rule to the last bit.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/Quantization.h"

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/Products.h"
#include "compiler/importer/ShapeMath.h"
#include "compiler/importer/Windows.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;

bool burin::requireOperands(NodeBinder &n, ArrayRef<size_t> operands) {
  for (size_t i : operands)
    if (!n.hasOperand(i)) {
      n.emitError() << "input " << i << " is missing";
      return false;
    }
  return true;
}

QuantParams burin::readQuantParams(NodeBinder &n, size_t first) {
  QuantParams params;
  if (Value scale = n.operand(first))
    params.scale = n.cast(scalarIfSingle(n, scale), n.b.getF32Type());
  if (Value zp = n.operand(first + 1))
    params.zp = scalarIfSingle(n, zp);
  return params;
}

Value burin::zeroPointOr(NodeBinder &n, Value zp, Type type) { return zp ? zp : n.scalar(type, 0); }

Value burin::dequantize(NodeBinder &n, Value q, QuantParams params, int64_t axis) {
  return n.create<nn::DequantizeOp>(q, params.scale, params.zp, n.b.getI64IntegerAttr(axis),
                                    n.b.getI64IntegerAttr(0), TypeAttr::get(n.b.getF32Type()));
}

Value burin::quantize(NodeBinder &n, Value x, QuantParams params, Type to, int64_t axis) {
  return n.create<nn::QuantizeOp>(x, params.scale, params.zp, n.b.getI64IntegerAttr(axis),
                                  n.b.getI64IntegerAttr(0), TypeAttr::get(to),
                                  n.b.getBoolAttr(true), TypeAttr());
}

Value burin::requantize(NodeBinder &n, Value acc, Value multiplier, Value zp, Type to) {
  return n.create<nn::RequantizeOp>(
      acc, multiplier, zeroPointOr(n, zp, to), TypeAttr::get(to),
      nn::RequantizeModeAttr::get(n.b.getContext(), nn::RequantizeMode::rne_f32));
}

//===----------------------------------------------------------------------===//
// QuantizeLinear, DequantizeLinear
//===----------------------------------------------------------------------===//

namespace {
/// Scale and zero point as nn.quantize wants them, and where they go along.
struct Granularity {
  Value scale, zp;
  int64_t axis = 0, block = 0;
};
} // namespace

static Granularity readGranularity(NodeBinder &n) {
  Granularity g{n.operand(1), n.operand(2), 0, n.intAttr("block_size", 0)};
  if (g.block < 0)
    n.emitError() << "attribute 'block_size' is negative: " << g.block;
  if (g.block > 0) {
    g.axis = n.axisAttr("axis", 1, n.rank(0));
    return g;
  }
  // A tensor of one element is for all, whatever the axis.
  g.scale = scalarIfSingle(n, g.scale);
  if (g.zp)
    g.zp = scalarIfSingle(n, g.zp);
  if (n.rank(g.scale) != 0 || (g.zp && n.rank(g.zp) != 0))
    g.axis = n.axisAttr("axis", 1, n.rank(0));
  return g;
}

static LogicalResult importQuantizeLinear(NodeBinder &n) {
  Granularity g = readGranularity(n);
  int64_t dtype = n.intAttr("output_dtype", 0);
  Type to = IntegerType::get(n.b.getContext(), 8, IntegerType::Unsigned);
  if (g.zp)
    to = n.elementType(g.zp);
  else if (dtype != 0)
    to = n.dataType(dtype);
  int64_t precision = n.intAttr("precision", 0);
  TypeAttr divideIn;
  if (precision != 0)
    divideIn = TypeAttr::get(n.dataType(precision));
  if (n.failed())
    return failure();
  n.setResult(0,
              n.create<nn::QuantizeOp>(n.operand(0), g.scale, g.zp, n.b.getI64IntegerAttr(g.axis),
                                       n.b.getI64IntegerAttr(g.block), TypeAttr::get(to),
                                       n.b.getBoolAttr(n.boolAttr("saturate", true)), divideIn));
  return success();
}

static LogicalResult importDequantizeLinear(NodeBinder &n) {
  Granularity g = readGranularity(n);
  int64_t dtype = n.intAttr("output_dtype", 0);
  Type to = dtype != 0 ? n.dataType(dtype) : n.elementType(1);
  // Scales that are powers of two only have no arithmetic.
  if (nn::isTinyFloat(to))
    to = n.b.getF32Type();
  if (n.failed())
    return failure();
  n.setResult(0,
              n.create<nn::DequantizeOp>(n.operand(0), g.scale, g.zp, n.b.getI64IntegerAttr(g.axis),
                                         n.b.getI64IntegerAttr(g.block), TypeAttr::get(to)));
  return success();
}

QuantizedTensor burin::dynamicQuantize(NodeBinder &n, Value x) {
  Type ui8 = IntegerType::get(n.b.getContext(), 8, IntegerType::Unsigned);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)));
  Value zero = n.scalarLike(x, 0);
  Value low = n.binary(BinaryFn::min, n.reduce(nn::ReduceFn::min, x, axes, false), zero);
  Value high = n.binary(BinaryFn::max, n.reduce(nn::ReduceFn::max, x, axes, false), zero);
  // All zeros: any scale does; ONNX Runtime says 1.
  Value scale = n.select(n.compare(nn::CompareFn::eq, high, low), n.scalarLike(x, 1),
                         n.div(n.sub(high, low), n.scalarLike(x, 255)));
  Value zp = n.div(n.sub(zero, low), scale);
  zp = n.binary(BinaryFn::min, n.binary(BinaryFn::max, zp, zero), n.scalarLike(x, 255));
  zp = n.cast(n.unary(nn::UnaryFn::round, zp), ui8);
  return {quantize(n, x, {scale, zp}, ui8), {scale, zp}};
}

static LogicalResult importDynamicQuantizeLinear(NodeBinder &n) {
  QuantizedTensor result = dynamicQuantize(n, n.operand(0));
  n.setResult(0, result.value);
  n.setResult(1, result.params.scale);
  n.setResult(2, result.params.zp);
  return success();
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

Value burin::multiplier(NodeBinder &n, Value a, Value b, Value y) { return n.div(n.mul(a, b), y); }

/// x, w and y are followed by their parameters; then comes the i32 bias.
static LogicalResult importQLinearConv(NodeBinder &n) {
  if (!requireOperands(n, {0, 1, 3, 4, 6}))
    return failure();
  Value x = n.operand(0), w = n.operand(3);
  QuantParams xq = readQuantParams(n, 1), wq = readQuantParams(n, 4), yq = readQuantParams(n, 6);
  auto layout = nn::Layout::nchw;
  // Of com.microsoft: the input has its channels last, the weights do not.
  if (n.boolAttr("channels_last", false) && n.rank(w) > 2) {
    layout = nn::Layout::nhwc;
    SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(w)));
    std::rotate(perm.begin() + 1, perm.begin() + 2, perm.end());
    w = n.transpose(w, perm);
  }
  Value acc = buildConv(n, {x, w, zeroPointOr(n, xq.zp, n.elementType(x)),
                            zeroPointOr(n, wq.zp, n.elementType(w)), layout});
  if (n.failed())
    return failure();
  int64_t rank = n.rank(acc);
  if (n.hasOperand(8))
    acc = n.add(acc, perChannel(n, n.operand(8), rank, layout));
  Value m = perChannel(n, multiplier(n, xq.scale, wq.scale, yq.scale), rank, layout);
  Type to = yq.zp ? n.elementType(yq.zp) : n.elementType(x);
  n.setResult(0, requantize(n, acc, m, yq.zp, to));
  return success();
}

/// A parameter per row of a matrix: [M] becomes [M, 1].
static Value perRow(NodeBinder &n, Value value, Value matrix) {
  if (value && n.rank(value) == 1 && n.rank(matrix) > 1)
    return n.reshape(value, {n.extent(value, 0), Extent(1)});
  return value;
}

static LogicalResult importQLinearMatMul(NodeBinder &n) {
  Value a = n.operand(0), b = n.operand(3);
  QuantParams aq = readQuantParams(n, 1), bq = readQuantParams(n, 4), yq = readQuantParams(n, 6);
  for (Value *value : {&aq.scale, &aq.zp, &yq.scale, &yq.zp})
    *value = perRow(n, *value, a);
  Type to = n.elementType(7);
  if (nn::isTinyFloat(n.elementType(a)) || nn::isTinyFloat(n.elementType(b))) {
    for (const QuantParams &params : {aq, bq, yq})
      if (n.rank(params.scale) != 0)
        return n.emitError() << "8-bit floats with more than one scale are not supported";
    Value y = buildNumpyMatMul(n, dequantize(n, a, aq), dequantize(n, b, bq));
    n.setResult(0, quantize(n, y, yq, to));
    return success();
  }
  MatMulOptions options;
  options.aZp = aq.zp;
  options.bZp = bq.zp;
  Value acc = buildNumpyMatMul(n, a, b, options);
  n.setResult(0, requantize(n, acc, multiplier(n, aq.scale, bq.scale, yq.scale), yq.zp, to));
  return success();
}

/// alpha * A * B + C; without an output scale the result is float.
static LogicalResult importQGemm(NodeBinder &n) {
  if (!requireOperands(n, {0, 1, 3, 4}))
    return failure();
  Value a = n.operand(0), b = n.operand(3), y;
  if (!n.requireRank(a, 2, "A") || !n.requireRank(b, 2, "B"))
    return failure();
  QuantParams aq = readQuantParams(n, 1), bq = readQuantParams(n, 4), yq = readQuantParams(n, 7);
  MatMulOptions options{n.boolAttr("transA", false), n.boolAttr("transB", false),
                        zeroPointOr(n, aq.zp, n.elementType(a)),
                        zeroPointOr(n, bq.zp, n.elementType(b))};
  Value acc = buildMatMul(n, a, b, options);
  if (n.hasOperand(6))
    acc = n.add(acc, n.operand(6));
  double alpha = n.floatAttr("alpha", 1);
  Value scale = aq.scale;
  if (alpha != 1)
    scale = n.mul(n.scalarLike(scale, alpha), scale);
  if (yq.scale)
    y = requantize(n, acc, multiplier(n, scale, bq.scale, yq.scale), yq.zp,
                   yq.zp ? n.elementType(yq.zp) : n.elementType(a));
  else
    y = n.mul(n.cast(acc, n.b.getF32Type()), n.mul(scale, bq.scale));
  n.setResult(0, y);
  return success();
}

/// The product of quantised matrices as float, plus bias.
static void setFloatProduct(NodeBinder &n, Value a, QuantParams aq, Value b, QuantParams bq,
                            Value bias) {
  MatMulOptions options;
  options.aZp = aq.zp;
  options.bZp = bq.zp;
  normalizeZeroPoints(n, a, b, options.aZp, options.bZp);
  Value acc = buildNumpyMatMul(n, a, b, options);
  Value y = n.mul(n.cast(acc, n.b.getF32Type()), n.mul(perRow(n, aq.scale, a), bq.scale));
  n.setResult(0, bias ? n.add(y, bias) : y);
}

static LogicalResult importMatMulIntegerToFloat(NodeBinder &n) {
  auto params = [&](size_t scale, size_t zp) {
    QuantParams result{scalarIfSingle(n, n.operand(scale)), n.operand(zp)};
    return result;
  };
  setFloatProduct(n, n.operand(0), params(2, 4), n.operand(1), params(3, 5), n.operand(6));
  return success();
}

static LogicalResult importDynamicQuantizeMatMul(NodeBinder &n) {
  QuantizedTensor a = dynamicQuantize(n, n.operand(0));
  QuantParams bq{scalarIfSingle(n, n.operand(2)), n.operand(3)};
  setFloatProduct(n, a.value, a.params, n.operand(1), bq, n.operand(4));
  return success();
}

void burin::registerQuantizeOps(OpRegistry &registry) {
  StringRef microsoft = OpRegistry::kMicrosoftDomain;
  registry.add("QuantizeLinear", 10, {2, 3}, importQuantizeLinear);
  registry.add("DequantizeLinear", 10, {2, 3}, importDequantizeLinear);
  registry.addTo(microsoft, "QuantizeLinear", 1, {2, 3}, importQuantizeLinear);
  registry.addTo(microsoft, "DequantizeLinear", 1, {2, 3}, importDequantizeLinear);
  registry.add("DynamicQuantizeLinear", 11, 1, importDynamicQuantizeLinear);
  registry.add("QLinearConv", 10, {8, 9}, importQLinearConv);
  registry.addTo(microsoft, "QLinearConv", 1, {2, 9}, importQLinearConv);
  registry.add("QLinearMatMul", 10, 8, importQLinearMatMul);
  registry.addTo(microsoft, "QGemm", 1, {2, 9}, importQGemm);
  registry.addTo(microsoft, "MatMulIntegerToFloat", 1, {4, 7}, importMatMulIntegerToFloat);
  registry.addTo(microsoft, "DynamicQuantizeMatMul", 1, {3, 5}, importDynamicQuantizeMatMul);
}
