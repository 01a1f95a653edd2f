//===- ScalarQuantize.cpp - quantize, dequantize, requantize --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/ScalarEmitter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace burin {

using FPred = arith::CmpFPredicate;
using IPred = arith::CmpIPredicate;

/// Half to even. Without an instruction for it by adding and subtracting
/// 1.5 * 2^mantissa, for values that saturate beyond its range anyway: greater
/// magnitudes stay as they are.
Value ScalarEmitter::rint(Value x) {
  if (nativeRounding)
    return nativeRound("rint", x);
  bool wide = getElementTypeOrSelf(x.getType()).isF64();
  Value magic = floatConstant(x.getType(), wide ? 0x1.8p52 : 0x1.8p23);
  Value limit = floatConstant(x.getType(), wide ? 0x1p51 : 0x1p22);
  Value rounded = make<arith::SubFOp>(make<arith::AddFOp>(x, magic), magic);
  return select(cmpf(FPred::OLT, make<math::AbsFOp>(x), limit), rounded, x);
}

Value ScalarEmitter::nearestWord(Value x) {
  if (roundsVectors && isa<VectorType>(x.getType()) && getElementTypeOrSelf(x.getType()).isF32()) {
    Value whole = b.create<LLVM::RintOp>(loc, x.getType(), x);
    return b
        .create<LLVM::CallIntrinsicOp>(loc, shaped(b.getI32Type(), x),
                                       b.getStringAttr("llvm.fptosi.sat"), whole)
        .getResult(0);
  }
  if (roundToWord.empty() || !x.getType().isF32())
    return nullptr;
  auto name = b.getStringAttr(roundToWord);
  Value rounded = b.create<LLVM::CallIntrinsicOp>(loc, x.getType(), name, x).getResult(0);
  return make<arith::BitcastOp>(b.getI32Type(), rounded);
}

Value ScalarEmitter::saturatingAdd(Value x, Value y) {
  if (!y || matchPattern(y, m_Zero()))
    return x;
  return b.create<LLVM::SAddSat>(loc, x.getType(), x, y);
}

/// The product of acc as f32 with the multiplier, rounded to f32 and to an integer.
Value ScalarEmitter::requantizeInSoftware(Value acc, Value multiplier) {
  Type word = b.getI32Type();
  auto callee =
      declare("burin_rt_requantize", b.getFunctionType({word, multiplier.getType()}, word));
  return b.create<func::CallOp>(loc, callee, TypeRange(word), ValueRange{acc, multiplier})
      .getResult(0);
}

/// An i32 into the range of the narrower integer type `to`, in its compute form.
Value ScalarEmitter::clampInt(Value x, Type to) {
  auto [lo, hi] = integerRange(to);
  Type type = shaped(computeType(to), x);
  if (to.getIntOrFloatBitWidth() >= 32)
    return x;
  Value low = intConstant(x.getType(), lo), high = intConstant(x.getType(), hi);
  Value value = select(cmpi(IPred::slt, x, low), low, x);
  value = select(cmpi(IPred::sgt, value, high), high, value);
  return make<arith::TruncIOp>(type, value);
}

Value ScalarEmitter::quantize(nn::QuantizeOp op, Value x, Value scale, Value zp) {
  Type from = getElementTypeOrSelf(op.getX().getType());
  Type scaleType = getElementTypeOrSelf(op.getScale().getType());
  Type to = op.getTo();
  Type precision = op.getPrecision().value_or(from.isF64() ? from : Type(b.getF32Type()));
  Value ratio = make<arith::DivFOp>(cast(x, from, precision), cast(scale, scaleType, precision));
  ratio = round(ratio, precision);
  if (!isa<IntegerType>(to)) {
    if (zp)
      ratio = make<arith::AddFOp>(ratio, cast(zp, to, precision));
    return cast(ratio, precision, to, op.getSaturate());
  }
  unsigned width = to.getIntOrFloatBitWidth();
  if (Value whole = width <= 16 ? nearestWord(ratio) : Value())
    return clampInt(saturatingAdd(whole, zp ? cast(zp, to, b.getI32Type()) : Value()), to);
  // Small targets: |rint| + zp stays exact in f32 within the clamped range.
  Value rounded = rint(ratio);
  if (width > 16) {
    Type wide = b.getI64Type();
    Value whole = floatToInt(cast(rounded, precision, b.getF64Type()), wide);
    if (!zp)
      return floatToInt(cast(rounded, precision, b.getF64Type()), to);
    return cast(make<arith::AddIOp>(whole, cast(zp, to, wide)), wide, to);
  }
  Type real = ratio.getType(), word = shaped(b.getI32Type(), x);
  Value bound = floatConstant(real, 0x1p20), negative = floatConstant(real, -0x1p20);
  rounded = select(cmpf(FPred::OLT, rounded, bound), rounded, bound);
  rounded = select(cmpf(FPred::OGT, rounded, negative), rounded, negative);
  rounded = select(cmpf(FPred::ORD, ratio, ratio), rounded, floatConstant(real, 0));
  Value sum = make<arith::FPToSIOp>(word, rounded);
  if (zp)
    sum = make<arith::AddIOp>(sum, cast(zp, to, b.getI32Type()));
  return clampInt(sum, to);
}

Value ScalarEmitter::dequantize(nn::DequantizeOp op, Value q, Value scale, Value zp) {
  Type from = getElementTypeOrSelf(op.getQ().getType());
  Type scaleType = getElementTypeOrSelf(op.getScale().getType());
  Type to = op.getTo();
  // The product is taken in f32 (f64 for f64) and rounded once.
  Type inner = to.isF64() ? Type(b.getF64Type()) : Type(b.getF32Type());
  Value value;
  if (isa<IntegerType>(from)) {
    Type wide = from.getIntOrFloatBitWidth() >= 32 ? b.getI64Type() : b.getI32Type();
    Value whole = zp ? cast(q, from, wide) : q;
    if (zp)
      whole = make<arith::SubIOp>(whole, cast(zp, from, wide));
    value = toFloat(whole, zp ? wide : from, inner);
  } else {
    value = cast(q, from, inner);
    if (zp)
      value = make<arith::SubFOp>(value, cast(zp, from, inner));
  }
  value = make<arith::MulFOp>(value, cast(scale, scaleType, inner));
  return cast(value, inner, to);
}

Value ScalarEmitter::requantize(nn::RequantizeOp op, Value acc, Value multiplier, Value zp) {
  Type to = op.getTo(), word = shaped(b.getI32Type(), acc);
  Value offset = cast(zp, to, b.getI32Type());
  if (op.getMode() == nn::RequantizeMode::tflite)
    return clampInt(make<arith::AddIOp>(tfliteMultiply(acc, multiplier), offset), to);
  if (inSoftware && isa<IntegerType>(acc.getType()))
    return clampInt(make<arith::AddIOp>(requantizeInSoftware(acc, multiplier), offset), to);
  Type real = shaped(b.getF32Type(), acc);
  Value scaled = make<arith::MulFOp>(make<arith::SIToFPOp>(real, acc), multiplier);
  if (Value whole = nearestWord(scaled))
    return clampInt(saturatingAdd(whole, offset), to);
  Value rounded = rint(scaled);
  Value bound = floatConstant(real, 0x1p20), negative = floatConstant(real, -0x1p20);
  rounded = select(cmpf(FPred::OLT, rounded, bound), rounded, bound);
  rounded = select(cmpf(FPred::OGT, rounded, negative), rounded, negative);
  Value sum = make<arith::AddIOp>(make<arith::FPToSIOp>(word, rounded), offset);
  return clampInt(sum, to);
}

/// TFLite's rule: the multiplier as 31-bit fixed point with a power of two,
/// a doubling high multiplication that rounds half away from zero upwards, then
/// a rounding right shift (half away from zero).
Value ScalarEmitter::tfliteMultiply(Value acc, Value multiplier) {
  Type word = shaped(b.getI32Type(), acc), wide = shaped(b.getI64Type(), acc);
  auto k = [&](int64_t value) { return intConstant(wide, value); };
  // multiplier = m * 2^e with 0.5 <= m < 1: its 24 bits, moved up to Q31.
  Value pattern = bits(multiplier);
  Value mantissa = make<arith::OrIOp>(make<arith::AndIOp>(pattern, intConstant(word, 0x7fffff)),
                                      intConstant(word, 0x800000));
  Value fixed = make<arith::ShLIOp>(make<arith::ExtUIOp>(wide, mantissa), k(7));
  Value exponent = make<arith::ShRUIOp>(pattern, intConstant(word, 23));
  Value shift = make<arith::SubIOp>(make<arith::ExtUIOp>(wide, exponent), k(126));
  Value zero = k(0);
  Value left = select(cmpi(IPred::sgt, shift, zero), shift, zero);
  Value right = make<arith::SubIOp>(left, shift);
  right = select(cmpi(IPred::sgt, right, k(31)), k(31), right);
  left = select(cmpi(IPred::sgt, left, k(30)), k(30), left);
  Value base = make<arith::ShLIOp>(make<arith::ExtSIOp>(wide, acc), left);
  base = make<arith::ExtSIOp>(wide, make<arith::TruncIOp>(word, base));
  Value product = make<arith::MulIOp>(base, fixed);
  Value nudge =
      select(cmpi(IPred::sge, product, zero), k(int64_t(1) << 30), k(1 - (int64_t(1) << 30)));
  // Division by 2^31 truncates toward zero.
  Value sum = make<arith::AddIOp>(product, nudge);
  Value high = make<arith::DivSIOp>(sum, k(int64_t(1) << 31));
  Value mask = make<arith::SubIOp>(make<arith::ShLIOp>(k(1), right), k(1));
  Value rest = make<arith::AndIOp>(high, mask);
  Value negative = make<arith::ExtUIOp>(wide, cmpi(IPred::slt, high, zero));
  Value threshold = make<arith::AddIOp>(make<arith::ShRSIOp>(mask, k(1)), negative);
  Value up = make<arith::ExtUIOp>(wide, cmpi(IPred::sgt, rest, threshold));
  Value result = make<arith::AddIOp>(make<arith::ShRSIOp>(high, right), up);
  return make<arith::TruncIOp>(word, result);
}

} // namespace burin
