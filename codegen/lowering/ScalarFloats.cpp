//===- ScalarFloats.cpp - Bits of f16, bf16 and smaller floats ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Plain integer and f32 arithmetic without branches: works on vectors, lets
// loops vectorise, and needs no compiler support function on any target.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/ScalarEmitter.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace burin {

using Pred = arith::CmpIPredicate;

Value ScalarEmitter::bits(Value x) { return make<arith::BitcastOp>(shaped(b.getI32Type(), x), x); }

Value ScalarEmitter::fromBits(Value x) {
  return make<arith::BitcastOp>(shaped(b.getF32Type(), x), x);
}

//===----------------------------------------------------------------------===//
// f16, bf16
//===----------------------------------------------------------------------===//

Value ScalarEmitter::decodeHalf(Value half) {
  if (nativeHalf) {
    Value value = make<arith::BitcastOp>(shaped(b.getF16Type(), half), half);
    return make<arith::ExtFOp>(shaped(b.getF32Type(), half), value);
  }
  // Exponent and mantissa moved into f32's fields are too small by 2^112, also
  // for subnormals; infinities and NaN get the greatest exponent.
  Type word = shaped(b.getI32Type(), half);
  auto k = [&](uint32_t value) { return intConstant(word, value); };
  Value wide = make<arith::ExtUIOp>(word, half);
  Value magnitude = make<arith::AndIOp>(wide, k(0x7fff));
  Value shifted = make<arith::ShLIOp>(magnitude, k(13));
  Value scaled = bits(
      make<arith::MulFOp>(fromBits(shifted), floatConstant(shaped(b.getF32Type(), half), 0x1p112)));
  Value special = make<arith::OrIOp>(shifted, k(0x7f800000));
  Value body = select(cmpi(Pred::uge, magnitude, k(0x7c00)), special, scaled);
  Value sign = make<arith::ShLIOp>(make<arith::AndIOp>(wide, k(0x8000)), k(16));
  return fromBits(make<arith::OrIOp>(body, sign));
}

Value ScalarEmitter::encodeHalf(Value x) {
  if (nativeHalf) {
    Value half = make<arith::TruncFOp>(shaped(b.getF16Type(), x), x);
    return make<arith::BitcastOp>(shaped(b.getI16Type(), x), half);
  }
  // The f32 adder rounds: a bias of the right exponent pushes the bits that
  // f16 lacks out of the sum. Scaling up and down first turns overflow to Inf.
  Type word = shaped(b.getI32Type(), x), real = shaped(b.getF32Type(), x);
  auto k = [&](uint32_t value) { return intConstant(word, value); };
  Value base = make<math::AbsFOp>(x);
  base = make<arith::MulFOp>(base, floatConstant(real, 0x1p112));
  base = make<arith::MulFOp>(base, floatConstant(real, 0x1p-110));
  Value pattern = bits(x);
  Value doubled = make<arith::ShLIOp>(pattern, k(1));
  Value bias = make<arith::AndIOp>(doubled, k(0xff000000));
  bias = make<arith::MaxUIOp>(bias, k(0x71000000));
  bias = make<arith::AddIOp>(make<arith::ShRUIOp>(bias, k(1)), k(0x07800000));
  Value rounded = bits(make<arith::AddFOp>(fromBits(bias), base));
  Value exponent = make<arith::AndIOp>(make<arith::ShRUIOp>(rounded, k(13)), k(0x7c00));
  Value body = make<arith::AddIOp>(exponent, make<arith::AndIOp>(rounded, k(0xfff)));
  body = select(cmpi(Pred::ugt, doubled, k(0xff000000)), k(0x7e00), body);
  Value sign = make<arith::AndIOp>(make<arith::ShRUIOp>(pattern, k(16)), k(0x8000));
  return make<arith::TruncIOp>(shaped(b.getI16Type(), x), make<arith::OrIOp>(sign, body));
}

Value ScalarEmitter::encodeBFloat(Value x) {
  Type word = shaped(b.getI32Type(), x);
  auto k = [&](uint32_t value) { return intConstant(word, value); };
  Value pattern = bits(x);
  Value odd = make<arith::AndIOp>(make<arith::ShRUIOp>(pattern, k(16)), k(1));
  Value rounded = make<arith::AddIOp>(make<arith::AddIOp>(pattern, k(0x7fff)), odd);
  Value isNan = cmpf(arith::CmpFPredicate::UNO, x, x);
  Value kept = select(isNan, make<arith::OrIOp>(pattern, k(0x400000)), rounded);
  return make<arith::TruncIOp>(shaped(b.getI16Type(), x), make<arith::ShRUIOp>(kept, k(16)));
}

//===----------------------------------------------------------------------===//
// 8- and 4-bit floats
//===----------------------------------------------------------------------===//

namespace {
/// Layout of a small float. Codes at or above `specialFrom` (sign removed) are
/// Inf or NaN; the unsigned-zero formats use the code of -0 as their only NaN.
struct TinyFormat {
  unsigned mantissa;
  int bias;
  uint32_t signBit;
  uint32_t largest; ///< code of the greatest finite value
  uint32_t inf;     ///< code of infinity, 0: none
  uint32_t nan;     ///< code that NaN becomes
  bool negativeZeroIsNan;
};
} // namespace

static TinyFormat tinyFormat(Type type) {
  if (isa<Float8E4M3FNType>(type))
    return {3, 7, 0x80, 0x7e, 0, 0x7f, false};
  if (isa<Float8E4M3FNUZType>(type))
    return {3, 8, 0x80, 0x7f, 0, 0x80, true};
  if (isa<Float8E5M2Type>(type))
    return {2, 15, 0x80, 0x7b, 0x7c, 0x7e, false};
  if (isa<Float8E5M2FNUZType>(type))
    return {2, 16, 0x80, 0x7f, 0, 0x80, true};
  return {1, 1, 0x8, 0x7, 0, 0x8, false}; // f4E2M1: NaN becomes -0
}

Value ScalarEmitter::decodeTiny(Value byte, Type type) {
  Type word = shaped(b.getI32Type(), byte), real = shaped(b.getF32Type(), byte);
  auto k = [&](uint32_t value) { return intConstant(word, value); };
  Value wide = make<arith::ExtUIOp>(word, byte);
  Value quietNan = k(0x7fc00000);
  if (isa<nn::F8E8M0Type>(type)) {
    Value power = make<arith::ShLIOp>(wide, k(23));
    power = select(cmpi(Pred::eq, wide, k(0)), k(0x00400000), power);
    return fromBits(select(cmpi(Pred::eq, wide, k(255)), quietNan, power));
  }
  TinyFormat format = tinyFormat(type);
  Value magnitude = make<arith::AndIOp>(wide, k(format.signBit - 1));
  Value shifted = make<arith::ShLIOp>(magnitude, k(23 - format.mantissa));
  // Small codes stand for fractions of the least normal value. They are made from
  // that, as not every machine multiplies denormals of f32.
  Value least = floatConstant(real, std::ldexp(1.0, 1 - format.bias));
  Value small = make<arith::SubFOp>(fromBits(make<arith::OrIOp>(shifted, bits(least))), least);
  Value normal = make<arith::AddIOp>(shifted, k(static_cast<uint32_t>(127 - format.bias) << 23));
  Value body = select(cmpi(Pred::ult, magnitude, k(1u << format.mantissa)), bits(small), normal);
  if (format.inf) {
    Value special = make<arith::OrIOp>(shifted, k(0x7f800000));
    body = select(cmpi(Pred::uge, magnitude, k(format.inf)), special, body);
  } else if (format.nan < format.signBit) {
    body = select(cmpi(Pred::eq, magnitude, k(format.nan)), quietNan, body);
  }
  Value sign = make<arith::AndIOp>(wide, k(format.signBit));
  sign = make<arith::ShLIOp>(sign, k(format.signBit == 0x80 ? 24 : 28));
  Value result = make<arith::OrIOp>(body, sign);
  if (format.negativeZeroIsNan)
    result = select(cmpi(Pred::eq, wide, k(0x80)), quietNan, result);
  return fromBits(result);
}

Value ScalarEmitter::encodeTiny(Value x, Type type, bool saturate, nn::RoundMode mode) {
  if (isa<nn::F8E8M0Type>(type))
    return encodeE8M0(x, saturate, mode);
  TinyFormat format = tinyFormat(type);
  Type word = shaped(b.getI32Type(), x), real = shaped(b.getF32Type(), x);
  auto k = [&](uint32_t value) { return intConstant(word, value); };
  // Adding 1.5 * 2^23 units in the last place rounds half to even.
  Value pattern = bits(x);
  Value magnitude = make<math::AbsFOp>(x);
  Value limit = floatConstant(real, 0x1p60);
  Value bounded = select(cmpf(arith::CmpFPredicate::OLT, magnitude, limit), magnitude, limit);
  Value exponent = make<arith::AndIOp>(bits(bounded), k(0x7f800000));
  Value least = k(uint32_t(1 - format.bias + 127) << 23);
  exponent = make<arith::MaxUIOp>(exponent, least);
  Value magic = make<arith::AddIOp>(exponent, k((23 - format.mantissa) << 23));
  magic = make<arith::OrIOp>(magic, k(0x400000));
  // How many units: the code, but for what the exponent adds.
  Value units = bits(make<arith::AddFOp>(bounded, fromBits(magic)));
  units = make<arith::SubIOp>(units, magic);
  Value code = make<arith::SubIOp>(exponent, least);
  code = make<arith::ShRUIOp>(code, k(23 - format.mantissa));
  code = make<arith::AddIOp>(code, units);
  // f4 has neither Inf nor NaN and always saturates.
  uint32_t beyond = saturate || format.signBit == 0x8 ? format.largest
                    : format.inf                      ? format.inf
                                                      : format.nan;
  code = select(cmpi(Pred::ugt, code, k(format.largest)), k(beyond), code);
  Value sign = make<arith::ShRUIOp>(pattern, k(format.signBit == 0x80 ? 24 : 28));
  sign = make<arith::AndIOp>(sign, k(format.signBit));
  if (format.negativeZeroIsNan)
    sign = select(cmpi(Pred::eq, code, k(0)), k(0), sign);
  Value result = make<arith::OrIOp>(code, sign);
  Value isNan = cmpf(arith::CmpFPredicate::UNO, x, x);
  Value nan = format.negativeZeroIsNan || !format.nan ? k(format.nan ? format.nan : format.largest)
                                                      : make<arith::OrIOp>(k(format.nan), sign);
  return make<arith::TruncIOp>(shaped(b.getI8Type(), x), select(isNan, nan, result));
}

Value ScalarEmitter::encodeE8M0(Value x, bool saturate, nn::RoundMode mode) {
  Type word = shaped(b.getI32Type(), x);
  auto k = [&](uint32_t value) { return intConstant(word, value); };
  Value pattern = make<arith::AndIOp>(bits(x), k(0x7fffffff));
  Value exponent = make<arith::ShRUIOp>(pattern, k(23));
  Value code = exponent;
  if (mode != nn::RoundMode::down) {
    // Code 0 is 2^-127, a subnormal of f32: half of its unit, so the fraction
    // counts from there.
    bool up = mode == nn::RoundMode::up;
    Value subnormal = cmpi(Pred::eq, exponent, k(0));
    Value threshold = select(subnormal, k(up ? 0x400001 : 0x600000), k(up ? 1 : 0x400000));
    Value more = cmpi(Pred::uge, make<arith::AndIOp>(pattern, k(0x7fffff)), threshold);
    code = make<arith::AddIOp>(code, make<arith::ExtUIOp>(word, more));
  }
  if (saturate)
    code = make<arith::MinUIOp>(code, k(254));
  code = select(cmpi(Pred::eq, exponent, k(255)), k(255), code); // Inf and NaN
  return make<arith::TruncIOp>(shaped(b.getI8Type(), x), code);
}

} // namespace burin
