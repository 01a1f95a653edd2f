//===- ScalarBinary.cpp - Scalar functions of two arguments ---------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/ScalarEmitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace burin {

using nn::BinaryFn;
using nn::CompareFn;
using FPred = arith::CmpFPredicate;
using IPred = arith::CmpIPredicate;

Value ScalarEmitter::binary(BinaryFn fn, Value x, Value y, Type elementType, Type exponentType) {
  if (fn == BinaryFn::pow)
    return power(x, y, elementType, exponentType ? exponentType : elementType);
  if (isa<IntegerType>(elementType))
    return intBinary(fn, x, y, elementType);
  return round(floatBinary(fn, x, y), elementType);
}

Value ScalarEmitter::floatBinary(BinaryFn fn, Value x, Value y) {
  switch (fn) {
  case BinaryFn::add:
    return make<arith::AddFOp>(x, y);
  case BinaryFn::sub:
    return make<arith::SubFOp>(x, y);
  case BinaryFn::mul:
    return make<arith::MulFOp>(x, y);
  case BinaryFn::div:
    return make<arith::DivFOp>(x, y);
  case BinaryFn::rem:
    return callMath("fmod", {x, y});
  case BinaryFn::mod: {
    // The remainder moves to the divisor's sign.
    Value zero = floatConstant(x.getType(), 0);
    Value rest = callMath("fmod", {x, y});
    Value opposite = make<arith::XOrIOp>(cmpf(FPred::OLT, rest, zero), cmpf(FPred::OLT, y, zero));
    Value moves = make<arith::AndIOp>(opposite, cmpf(FPred::UNE, rest, zero));
    return select(moves, make<arith::AddFOp>(rest, y), rest);
  }
  case BinaryFn::min:
  case BinaryFn::max: {
    // A NaN on either side wins: x where it is one, else y unless x is better.
    FPred better = fn == BinaryFn::min ? FPred::OLT : FPred::OGT;
    Value best = select(cmpf(better, x, y), x, y);
    return select(cmpf(FPred::UNO, x, x), x, best);
  }
  default: // bit operations have no meaning on floats; inference rejects them
    return x;
  }
}

Value ScalarEmitter::intBinary(BinaryFn fn, Value x, Value y, Type elementType) {
  bool isUnsigned = isUnsignedElement(elementType);
  unsigned width = elementType.getIntOrFloatBitWidth();
  auto wrap = [&](Value value) { return wrapSubByte(value, elementType); };
  switch (fn) {
  case BinaryFn::add:
    return wrap(make<arith::AddIOp>(x, y));
  case BinaryFn::sub:
    return wrap(make<arith::SubIOp>(x, y));
  case BinaryFn::mul:
    return wrap(make<arith::MulIOp>(x, y));
  case BinaryFn::div:
  case BinaryFn::rem:
  case BinaryFn::mod:
    return wrap(intDivision(fn, x, y, !isUnsigned));
  case BinaryFn::min:
    return select(cmpi(isUnsigned ? IPred::ult : IPred::slt, x, y), x, y);
  case BinaryFn::max:
    return select(cmpi(isUnsigned ? IPred::ugt : IPred::sgt, x, y), x, y);
  case BinaryFn::and_:
    return make<arith::AndIOp>(x, y);
  case BinaryFn::or_:
    return make<arith::OrIOp>(x, y);
  case BinaryFn::xor_:
    return make<arith::XOrIOp>(x, y);
  case BinaryFn::shl:
  case BinaryFn::shr: {
    Value zero = intConstant(x.getType(), 0);
    Value inRange = cmpi(IPred::ult, y, intConstant(x.getType(), width));
    Value amount = select(inRange, y, zero); // beyond the width is poison
    Value source = x;
    if (fn == BinaryFn::shr && !isUnsigned && width < 8) // logical shift of its own bits
      source = make<arith::AndIOp>(x, intConstant(x.getType(), (1 << width) - 1));
    Value shifted = fn == BinaryFn::shl ? make<arith::ShLIOp>(source, amount)
                                        : make<arith::ShRUIOp>(source, amount);
    return wrap(select(inRange, shifted, zero));
  }
  default:
    return x;
  }
}

/// Total: x/0 and x mod 0 are 0, INT_MIN/-1 is INT_MIN.
Value ScalarEmitter::intDivision(BinaryFn fn, Value x, Value y, bool isSigned) {
  Type type = x.getType();
  Value zero = intConstant(type, 0), one = intConstant(type, 1);
  if (getElementTypeOrSelf(type).isInteger(1)) // bool: only x/1 is not 0
    return fn == BinaryFn::div ? make<arith::AndIOp>(x, y) : zero;
  Value byZero = cmpi(IPred::eq, y, zero);
  if (!isSigned) {
    Value divisor = select(byZero, one, y);
    Value result =
        fn == BinaryFn::div ? make<arith::DivUIOp>(x, divisor) : make<arith::RemUIOp>(x, divisor);
    return select(byZero, zero, result);
  }
  // Division by -1 is a negation, which also wraps INT_MIN to itself.
  Value byMinusOne = cmpi(IPred::eq, y, intConstant(type, -1));
  Value divisor = select(make<arith::OrIOp>(byZero, byMinusOne), one, y);
  if (fn == BinaryFn::div) {
    Value quotient = make<arith::DivSIOp>(x, divisor);
    quotient = select(byMinusOne, make<arith::SubIOp>(zero, x), quotient);
    return select(byZero, zero, quotient);
  }
  Value rest = make<arith::RemSIOp>(x, divisor); // 0 for divisors 0, 1 and -1
  if (fn == BinaryFn::rem)
    return rest;
  Value opposite =
      make<arith::XOrIOp>(cmpi(IPred::slt, rest, zero), cmpi(IPred::slt, divisor, zero));
  Value moves = make<arith::AndIOp>(opposite, cmpi(IPred::ne, rest, zero));
  return select(moves, make<arith::AddIOp>(rest, divisor), rest);
}

//===----------------------------------------------------------------------===//
// pow
//===----------------------------------------------------------------------===//

Value ScalarEmitter::power(Value x, Value y, Type base, Type exponent) {
  bool intBase = isa<IntegerType>(base), intExponent = isa<IntegerType>(exponent);
  if (intBase && intExponent)
    return intPower(x, y, base, exponent);
  Type real = b.getF64Type();
  if (!intBase && !intExponent && !base.isF64() && !exponent.isF64())
    return round(callMath("pow", {x, y}), base);
  Value result = callMath("pow", {cast(x, base, real), cast(y, exponent, real)});
  return cast(result, real, base);
}

/// Square and multiply over all exponent bits, wrapping on 64 bits.
Value ScalarEmitter::intPower(Value x, Value y, Type base, Type exponent) {
  Type wide = shaped(b.getI64Type(), x);
  Value zero = intConstant(wide, 0), one = intConstant(wide, 1);
  Value p = cast(x, base, b.getI64Type()), q = cast(y, exponent, b.getI64Type());
  Value from = b.create<arith::ConstantIndexOp>(loc, 0);
  Value to = b.create<arith::ConstantIndexOp>(loc, 64);
  Value step = b.create<arith::ConstantIndexOp>(loc, 1);
  auto loop = b.create<scf::ForOp>(loc, from, to, step, ValueRange{one, p, q},
                                   [&](OpBuilder &, Location, Value, ValueRange carried) {
                                     Value odd = cmpi(IPred::ne,
                                                      make<arith::AndIOp>(carried[2], one), zero);
                                     Value product = make<arith::MulIOp>(carried[0], carried[1]);
                                     Value result = select(odd, product, carried[0]);
                                     Value square = make<arith::MulIOp>(carried[1], carried[1]);
                                     Value rest = make<arith::ShRUIOp>(carried[2], one);
                                     b.create<scf::YieldOp>(loc, ValueRange{result, square, rest});
                                   });
  Value result = loop.getResult(0);
  if (!isUnsignedElement(exponent)) {
    // A negative exponent leaves +-1 only, whose power is x or its square.
    Value unit =
        make<arith::OrIOp>(cmpi(IPred::eq, p, one), cmpi(IPred::eq, p, intConstant(wide, -1)));
    Value odd = cmpi(IPred::ne, make<arith::AndIOp>(q, one), zero);
    Value inverse = select(unit, select(odd, p, one), zero);
    result = select(cmpi(IPred::slt, q, zero), inverse, result);
  }
  return cast(result, b.getI64Type(), base);
}

//===----------------------------------------------------------------------===//
// compare
//===----------------------------------------------------------------------===//

Value ScalarEmitter::compare(CompareFn fn, Value x, Value y, Type elementType) {
  if (!isa<IntegerType>(elementType) && isa<FloatType>(getElementTypeOrSelf(x.getType()))) {
    static constexpr FPred kFloat[] = {FPred::OEQ, FPred::UNE, FPred::OLT,
                                       FPred::OLE, FPred::OGT, FPred::OGE};
    return cmpf(kFloat[static_cast<unsigned>(fn)], x, y);
  }
  static constexpr IPred kSigned[] = {IPred::eq,  IPred::ne,  IPred::slt,
                                      IPred::sle, IPred::sgt, IPred::sge};
  static constexpr IPred kUnsigned[] = {IPred::eq,  IPred::ne,  IPred::ult,
                                        IPred::ule, IPred::ugt, IPred::uge};
  const IPred *table = isUnsignedElement(elementType) ? kUnsigned : kSigned;
  return cmpi(table[static_cast<unsigned>(fn)], x, y);
}

} // namespace burin
