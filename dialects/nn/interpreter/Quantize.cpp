//===- Quantize.cpp - Reference kernels of quantisation -------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/interpreter/Kernels.h"

#include <cmath>

using namespace mlir;

namespace burin::nn::interp {

namespace {
/// Finds the scale (or zero point) of an element: one for all, one per index
/// of `axis`, or one per block of `block` elements along it.
class Granularity {
public:
  Granularity(ArrayRef<int64_t> shape, const Tensor &scale, int64_t axis, int64_t block) {
    if (scale.rank() == 0 || shape.empty())
      return;
    length = shape[axis];
    inner = product(shape.drop_front(axis + 1));
    blocked = block > 0;
    this->block = blocked ? block : 1;
    blocks = blocked ? scale.shape()[axis] : length;
    single = !blocked && scale.size() == 1;
  }
  int64_t operator()(int64_t i) const {
    if (single)
      return 0;
    int64_t position = i / inner % length / block;
    return blocked ? (i / inner / length * blocks + position) * inner + i % inner : position;
  }

private:
  int64_t length = 1, inner = 1, block = 1, blocks = 1;
  bool blocked = false, single = true;
};
} // namespace

/// x / scale in the given type; f16 and bf16 are evaluated in f32.
static double divide(double x, double scale, Type precision) {
  if (precision.isF64())
    return x / scale;
  float quotient = static_cast<float>(x) / static_cast<float>(scale);
  if (precision.isF32())
    return quotient;
  return decodeFloat(precision, encodeFloat(precision, quotient, /*saturate=*/false));
}

LogicalResult evaluate(QuantizeOp op, In<QuantizeOp> in, Evaluation &e) {
  Tensor x = in.getX(), scale = in.getScale(), zp = in.getZp(), &out = e.out[0];
  Granularity at(x.shape(), scale, op.getAxis(), op.getBlock());
  Builder builder(op.getContext());
  Type precision =
      op.getPrecision().value_or(x.elementType().isF64() ? x.elementType() : builder.getF32Type());
  if (!isa<FloatType>(precision) || isTinyFloat(precision))
    return e.fail("cannot divide in this precision");
  IntFormat format = intFormat(out.elementType());
  for (int64_t i = 0, n = x.size(); i < n; ++i) {
    double value = divide(x.floatAt(i), scale.floatAt(at(i)), precision);
    double zero = zp ? zp.floatAt(at(i)) : 0;
    if (isTinyFloat(out.elementType()))
      out.mutableAs<uint8_t>()[i] = encodeFloat(out.elementType(), value + zero, op.getSaturate());
    else // NaN becomes 0 before the zero point is added
      out.setInt(i, saturateInt((std::isnan(value) ? 0 : std::nearbyint(value)) + zero, format));
  }
  return success();
}

LogicalResult evaluate(DequantizeOp op, In<DequantizeOp> in, Evaluation &e) {
  Tensor q = in.getQ(), scale = in.getScale(), zp = in.getZp(), &out = e.out[0];
  Granularity at(q.shape(), scale, op.getAxis(), op.getBlock());
  for (int64_t i = 0, n = q.size(); i < n; ++i) {
    double zero = zp ? zp.floatAt(at(i)) : 0;
    out.setFloat(i, (q.floatAt(i) - zero) * scale.floatAt(at(i)));
  }
  return success();
}

/// TensorFlow Lite's fixed-point product: the multiplier as a 31-bit fraction
/// and a shift, rounded twice (MultiplyByQuantizedMultiplier, double rounding).
static int64_t multiplyFixedPoint(int64_t acc, float multiplier) {
  if (multiplier == 0 || !std::isfinite(multiplier))
    return 0;
  int shift;
  int64_t fraction = std::llround(std::frexp(static_cast<double>(multiplier), &shift) * 0x1p31);
  if (std::abs(fraction) == int64_t(1) << 31) {
    fraction /= 2;
    ++shift;
  }
  if (shift < -31)
    return 0;
  if (shift > 30) {
    shift = 30;
    fraction = (int64_t(1) << 31) - 1;
  }
  // Saturating rounding doubling high half of the product.
  auto left = static_cast<int32_t>(static_cast<uint64_t>(acc) << std::max(shift, 0));
  int64_t wide = static_cast<int64_t>(left) * fraction;
  int64_t nudge = wide >= 0 ? int64_t(1) << 30 : 1 - (int64_t(1) << 30);
  int64_t high = (wide + nudge) / (int64_t(1) << 31);
  // Rounding shift right, half away from zero.
  int right = std::max(-shift, 0);
  int64_t mask = (int64_t(1) << right) - 1, rest = high & mask;
  return (high >> right) + (rest > (mask >> 1) + (high < 0));
}

LogicalResult evaluate(RequantizeOp op, In<RequantizeOp> in, Evaluation &e) {
  Tensor acc = in.getAcc(), multiplier = in.getMultiplier(), zp = in.getZp(), &out = e.out[0];
  ArrayRef<int64_t> shape = out.shape();
  IntFormat format = intFormat(out.elementType());
  bool exact = op.getMode() == RequantizeMode::rne_f32;
  walk<2>(shape, {broadcastStrides(multiplier.shape(), shape), broadcastStrides(zp.shape(), shape)},
          [&](int64_t i, auto at) {
            auto m = static_cast<float>(multiplier.floatAt(at[0]));
            // Rounded to f32 three times by design: acc, product, integer.
            double value = exact ? std::nearbyint(static_cast<float>(acc.intAt(i)) * m)
                                 : static_cast<double>(multiplyFixedPoint(acc.intAt(i), m));
            out.setInt(i, saturateInt(value + zp.floatAt(at[1]), format));
          });
  return success();
}

} // namespace burin::nn::interp
