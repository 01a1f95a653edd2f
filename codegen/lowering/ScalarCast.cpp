//===- ScalarCast.cpp - Conversions between element types -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Every conversion is total: floats saturate on their way to integers and NaN
// becomes 0, so no poison and no difference between targets.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/ScalarEmitter.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace burin {

using FPred = arith::CmpFPredicate;
using IPred = arith::CmpIPredicate;

/// Brings the low bits of an i8 back into the range of a sub-byte type.
Value ScalarEmitter::wrapSubByte(Value x, Type elementType) {
  unsigned width = elementType.getIntOrFloatBitWidth();
  if (width >= 8 || width == 1)
    return x;
  if (isUnsignedElement(elementType))
    return make<arith::AndIOp>(x, intConstant(x.getType(), (1u << width) - 1));
  Value shift = intConstant(x.getType(), 8 - width);
  return make<arith::ShRSIOp>(make<arith::ShLIOp>(x, shift), shift);
}

Value ScalarEmitter::cast(Value x, Type from, Type to, bool saturate, nn::RoundMode mode) {
  if (from == to)
    return x;
  bool fromInt = isa<IntegerType>(from), toInt = isa<IntegerType>(to);
  if (to.isInteger(1)) {
    if (fromInt)
      return cmpi(IPred::ne, x, intConstant(x.getType(), 0));
    return cmpf(FPred::UNE, x, floatConstant(x.getType(), 0));
  }
  if (fromInt && toInt) {
    Type type = shaped(computeType(to), x);
    unsigned have = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
    unsigned want = computeType(to).getIntOrFloatBitWidth();
    Value value = x;
    if (want < have)
      value = make<arith::TruncIOp>(type, x);
    else if (want > have)
      value =
          isUnsignedElement(from) ? make<arith::ExtUIOp>(type, x) : make<arith::ExtSIOp>(type, x);
    return wrapSubByte(value, to);
  }
  if (toInt)
    return floatToInt(x, to);
  Value value = toFloat(x, from, to);
  if (nn::isTinyFloat(to))
    return decodeTiny(encodeTiny(value, to, saturate, mode), to);
  return round(value, to);
}

/// To the compute form of float type `to`, not yet rounded to it.
Value ScalarEmitter::toFloat(Value x, Type from, Type to) {
  Type target = shaped(computeType(to), x);
  if (isa<IntegerType>(from)) {
    if (from.isInteger(1))
      return select(x, floatConstant(target, 1), floatConstant(target, 0));
    // Narrow unsigned integers convert as signed ones of more bits, which
    // every vector unit has.
    Value source = x;
    bool isUnsigned = isUnsignedElement(from);
    unsigned width = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
    if (width < 32) {
      Type word = shaped(b.getI32Type(), x);
      source = isUnsigned ? make<arith::ExtUIOp>(word, x) : make<arith::ExtSIOp>(word, x);
      isUnsigned = false;
    }
    return isUnsigned ? make<arith::UIToFPOp>(target, source)
                      : make<arith::SIToFPOp>(target, source);
  }
  bool fromWide = getElementTypeOrSelf(x.getType()).isF64(), toWide = to.isF64();
  if (fromWide == toWide)
    return x;
  if (toWide)
    return make<arith::ExtFOp>(target, x);
  if (to.isF32())
    return make<arith::TruncFOp>(target, x);
  // f64 to a small float rounds once: the f32 between them rounds to odd, that
  // is, its last bit is set where bits were lost.
  Value narrow = make<arith::TruncFOp>(target, x);
  Value back = make<arith::ExtFOp>(x.getType(), narrow);
  Value pattern = bits(narrow);
  Type word = pattern.getType();
  Value away = cmpf(FPred::OGT, make<math::AbsFOp>(back), make<math::AbsFOp>(x));
  Value toward = make<arith::SubIOp>(pattern, make<arith::ExtUIOp>(word, away));
  Value odd = make<arith::OrIOp>(toward, intConstant(word, 1));
  return fromBits(select(cmpf(FPred::ONE, back, x), odd, pattern));
}

/// Truncates and saturates. Up to 16 bits through a 32-bit conversion behind a
/// clamp; wider ones convert a value that is in range for sure and select the
/// limits around it.
Value ScalarEmitter::floatToInt(Value x, Type to) {
  auto [lo, hi] = integerRange(to);
  Type real = x.getType();
  unsigned width = to.getIntOrFloatBitWidth();
  Type type = shaped(computeType(to), x);
  if (width <= 16) {
    Value low = floatConstant(real, static_cast<double>(lo));
    Value high = floatConstant(real, static_cast<double>(hi));
    Value clamped = select(cmpf(FPred::OGT, x, low), x, low);
    clamped = select(cmpf(FPred::OLT, clamped, high), clamped, high);
    Value number = cmpf(FPred::ORD, x, x);
    clamped = select(number, clamped, floatConstant(real, 0));
    Value wide = make<arith::FPToSIOp>(shaped(b.getI32Type(), x), clamped);
    return make<arith::TruncIOp>(type, wide);
  }
  bool isUnsigned = isUnsignedElement(to);
  Value zero = floatConstant(real, 0);
  // 2^width or 2^(width-1) is exact in every float type, the limit itself is not.
  Value bound = floatConstant(real, std::ldexp(1.0, isUnsigned ? width : width - 1));
  Value low = floatConstant(real, static_cast<double>(lo));
  Value tooHigh = cmpf(FPred::OGE, x, bound);
  Value atLeast = isUnsigned ? cmpf(FPred::OGT, x, low) : cmpf(FPred::OGE, x, low);
  Value fits = make<arith::AndIOp>(atLeast, cmpf(FPred::OLT, x, bound));
  Value safe = select(fits, x, zero);
  Value result;
  if (isUnsigned && width == 32) {
    Value wide = make<arith::FPToSIOp>(shaped(b.getI64Type(), x), safe);
    result = make<arith::TruncIOp>(type, wide);
  } else {
    result = isUnsigned ? make<arith::FPToUIOp>(type, safe) : make<arith::FPToSIOp>(type, safe);
  }
  result = select(tooHigh, intConstant(type, hi), result);
  return select(cmpf(FPred::OLT, x, low), intConstant(type, lo), result);
}

} // namespace burin
