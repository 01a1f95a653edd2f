//===- Elementwise.cpp - Reference kernels on single elements -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Scalars.h"
#include "dialects/nn/interpreter/Kernels.h"

#include <cmath>
#include <cstring>

using namespace mlir;

namespace burin::nn::interp {

LogicalResult evaluate(UnaryOp op, In<UnaryOp> in, Evaluation &e) {
  Tensor x = in.getX();
  UnaryFn fn = op.getFn();
  if (isFloat(x)) {
    double alpha = op.getAlpha().convertToDouble(), beta = op.getBeta().convertToDouble();
    std::vector<double> values = toFloats(x);
    for (double &value : values)
      value = evalUnary(fn, value, alpha, beta);
    storeFloats(e.out[0], values);
    return success();
  }
  IntFormat format = intFormat(x.elementType());
  std::vector<int64_t> values = toInts(x);
  for (int64_t &value : values)
    value = evalUnary(fn, value, format);
  storeInts(e.out[0], values);
  return success();
}

/// The index walk of two broadcast operands.
template <typename Fn> static void walkPair(Evaluation &e, Tensor a, Tensor b, Fn fn) {
  ArrayRef<int64_t> shape = e.out[0].shape();
  walk<2>(shape, {broadcastStrides(a.shape(), shape), broadcastStrides(b.shape(), shape)}, fn);
}

/// pow with an exponent of another type: ints stay exact, else in double.
static LogicalResult evaluateMixedPow(Tensor base, Tensor exponent, Evaluation &e) {
  Tensor &out = e.out[0];
  if (isFloat(base) || isFloat(exponent)) {
    std::vector<double> a = toFloats(base), b = toFloats(exponent);
    walkPair(e, base, exponent,
             [&](int64_t i, auto at) { out.setFloat(i, std::pow(a[at[0]], b[at[1]])); });
    return success();
  }
  std::vector<int64_t> a = toInts(base), b = toInts(exponent);
  bool isSigned = intFormat(exponent.elementType()).isSigned;
  walkPair(e, base, exponent,
           [&](int64_t i, auto at) { out.setInt(i, powInt(a[at[0]], b[at[1]], isSigned)); });
  return success();
}

LogicalResult evaluate(BinaryOp op, In<BinaryOp> in, Evaluation &e) {
  Tensor x = in.getA(), y = in.getB(), &out = e.out[0];
  BinaryFn fn = op.getFn();
  if (x.elementType() != y.elementType())
    return evaluateMixedPow(x, y, e);
  if (isFloat(x)) {
    std::vector<double> a = toFloats(x), b = toFloats(y);
    walkPair(e, x, y,
             [&](int64_t i, auto at) { out.setFloat(i, evalBinary(fn, a[at[0]], b[at[1]])); });
    return success();
  }
  std::vector<int64_t> a = toInts(x), b = toInts(y);
  IntFormat format = intFormat(x.elementType());
  walkPair(e, x, y,
           [&](int64_t i, auto at) { out.setInt(i, evalBinary(fn, a[at[0]], b[at[1]], format)); });
  return success();
}

LogicalResult evaluate(CompareOp op, In<CompareOp> in, Evaluation &e) {
  Tensor x = in.getA(), y = in.getB(), &out = e.out[0];
  CompareFn fn = op.getFn();
  if (isFloat(x)) {
    std::vector<double> a = toFloats(x), b = toFloats(y);
    walkPair(e, x, y,
             [&](int64_t i, auto at) { out.setInt(i, evalCompare(fn, a[at[0]], b[at[1]])); });
    return success();
  }
  std::vector<int64_t> a = toInts(x), b = toInts(y);
  IntFormat format = intFormat(x.elementType());
  walkPair(e, x, y,
           [&](int64_t i, auto at) { out.setInt(i, evalCompare(fn, a[at[0]], b[at[1]], format)); });
  return success();
}

LogicalResult evaluate(SelectOp, In<SelectOp> in, Evaluation &e) {
  Tensor c = in.getC(), a = in.getA(), b = in.getB(), &out = e.out[0];
  ArrayRef<int64_t> shape = out.shape();
  size_t width = elementBytes(a.elementType());
  walk<3>(shape,
          {broadcastStrides(c.shape(), shape), broadcastStrides(a.shape(), shape),
           broadcastStrides(b.shape(), shape)},
          [&](int64_t i, auto at) {
            const char *from = c.intAt(at[0]) ? a.data() + at[1] * width : b.data() + at[2] * width;
            std::memcpy(out.mutableData() + i * width, from, width);
          });
  return success();
}

/// The exponent-only scale of a magnitude; see encodeFloat for the nearest one.
static uint32_t encodeScale(double value, RoundMode mode, bool saturate) {
  auto to = [&](double rounded) {
    // Above 2^127 lies only NaN.
    return rounded > 0x1p127 ? (saturate ? 254 : 255)
                             : static_cast<int>(std::ilogb(std::max(rounded, 0x1p-127))) + 127;
  };
  value = std::fabs(value);
  if (!std::isfinite(value))
    return 255;
  if (value == 0)
    return 0;
  double below = std::ldexp(1.0, std::ilogb(value));
  switch (mode) {
  case RoundMode::up:
    return to(below == value ? below : 2 * below);
  case RoundMode::down:
    return to(below);
  case RoundMode::rne:
  case RoundMode::nearest_up:
    return to(value < 1.5 * below ? below : 2 * below);
  }
  return 255;
}

LogicalResult evaluate(CastOp op, In<CastOp> in, Evaluation &e) {
  Tensor x = in.getX(), &out = e.out[0];
  Type from = x.elementType(), to = out.elementType();
  int64_t n = x.size();
  if (from == to) {
    out = x;
  } else if (isa<F8E8M0Type>(to)) {
    for (int64_t i = 0; i < n; ++i)
      out.mutableAs<uint8_t>()[i] = encodeScale(x.floatAt(i), op.getRound(), op.getSaturate());
  } else if (isTinyFloat(to)) {
    for (int64_t i = 0; i < n; ++i)
      out.mutableAs<uint8_t>()[i] = encodeFloat(to, x.floatAt(i), op.getSaturate());
  } else if (isFloat(x)) {
    storeFloats(out, toFloats(x));
  } else if (to.isF32()) {
    // Not through double, which would round 64-bit integers twice.
    bool isSigned = intFormat(from).isSigned;
    for (int64_t i = 0; i < n; ++i)
      out.mutableAs<float>()[i] = isSigned ? static_cast<float>(x.intAt(i))
                                           : static_cast<float>(static_cast<uint64_t>(x.intAt(i)));
  } else if (isFloat(out)) {
    storeFloats(out, toFloats(x));
  } else {
    storeInts(out, toInts(x));
  }
  return success();
}

LogicalResult evaluate(BitcastOp, In<BitcastOp> in, Evaluation &e) {
  e.out[0] = in.getX().bitcasted(e.out[0].elementType());
  return success();
}

} // namespace burin::nn::interp
