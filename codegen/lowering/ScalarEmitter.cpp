//===- ScalarEmitter.cpp - Constants, storage, dispatch -------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/ScalarEmitter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace burin {

using nn::UnaryFn;

bool isUnsignedElement(Type type) { return type.isUnsignedInteger() || type.isInteger(1); }

std::pair<int64_t, uint64_t> integerRange(Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  if (isUnsignedElement(type))
    return {0, width == 64 ? UINT64_MAX : (uint64_t(1) << width) - 1};
  return {INT64_MIN >> (64 - width), (uint64_t(1) << (width - 1)) - 1};
}

Type ScalarEmitter::computeType(Type type) {
  MLIRContext *context = type.getContext();
  if (type.isF64())
    return type;
  if (isa<FloatType>(type) || nn::isTinyFloat(type))
    return Float32Type::get(context);
  if (type.isInteger(1))
    return IntegerType::get(context, 1);
  return IntegerType::get(context, 8 * nn::elementBytes(type));
}

Type ScalarEmitter::shaped(Type scalar, Value like) {
  if (like)
    if (auto vector = dyn_cast<VectorType>(like.getType()))
      return VectorType::get(vector.getShape(), scalar, vector.getScalableDims());
  return scalar;
}

Value ScalarEmitter::floatConstant(Type type, double value) {
  auto scalar = cast<FloatType>(getElementTypeOrSelf(type));
  APFloat number(value);
  bool ignored;
  number.convert(scalar.getFloatSemantics(), APFloat::rmNearestTiesToEven, &ignored);
  TypedAttr attr = FloatAttr::get(scalar, number);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return b.create<arith::ConstantOp>(loc, attr);
}

Value ScalarEmitter::intConstant(Type type, uint64_t bits) {
  auto scalar = getElementTypeOrSelf(type);
  TypedAttr attr;
  if (scalar.isIndex()) {
    attr = IntegerAttr::get(scalar, bits);
  } else {
    unsigned width = scalar.getIntOrFloatBitWidth();
    attr = IntegerAttr::get(scalar, APInt(64, bits).zextOrTrunc(width));
  }
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return b.create<arith::ConstantOp>(loc, attr);
}

Value ScalarEmitter::constant(Type elementType, double value, Value like) {
  Type type = shaped(computeType(elementType), like);
  if (isa<FloatType>(getElementTypeOrSelf(type)))
    return floatConstant(type, value);
  if (!isa<IntegerType>(elementType))
    return intConstant(type, 0); // complex, strings: only zero is ever asked for
  auto [lo, hi] = integerRange(elementType);
  if (std::isnan(value))
    return intConstant(type, 0);
  if (value <= static_cast<double>(lo))
    return intConstant(type, lo);
  if (value >= static_cast<double>(hi))
    return intConstant(type, hi);
  if (value < 0)
    return intConstant(type, static_cast<int64_t>(value));
  return intConstant(type, static_cast<uint64_t>(value));
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value ScalarEmitter::fromStorage(Value stored, Type type) {
  if (type.isInteger(1))
    return cmpi(arith::CmpIPredicate::ne, stored, intConstant(stored.getType(), 0));
  if (type.isF16())
    return decodeHalf(stored);
  if (type.isBF16()) {
    Type word = shaped(b.getI32Type(), stored);
    Value wide = make<arith::ExtUIOp>(word, stored);
    return fromBits(make<arith::ShLIOp>(wide, intConstant(word, 16)));
  }
  if (nn::isTinyFloat(type))
    return decodeTiny(stored, type);
  return stored;
}

Value ScalarEmitter::toStorage(Value value, Type type) {
  if (type.isInteger(1))
    return make<arith::ExtUIOp>(shaped(b.getI8Type(), value), value);
  if (type.isF16())
    return encodeHalf(value);
  if (type.isBF16())
    return encodeBFloat(value);
  // The cast that made it has rounded it, so this is exact and keeps Inf.
  if (nn::isTinyFloat(type))
    return encodeTiny(value, type, /*saturate=*/false);
  return value;
}

Value ScalarEmitter::round(Value value, Type type) {
  if (type.isF16() || type.isBF16())
    return fromStorage(toStorage(value, type), type);
  return value;
}

//===----------------------------------------------------------------------===//
// Runtime functions
//===----------------------------------------------------------------------===//

FlatSymbolRefAttr ScalarEmitter::declare(StringRef name, FunctionType type) {
  if (!module.lookupSymbol<func::FuncOp>(name)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto function = b.create<func::FuncOp>(module.getLoc(), name, type);
    function.setPrivate();
  }
  return FlatSymbolRefAttr::get(b.getContext(), name);
}

/// The rounding of that name as an instruction; null where it is none.
Value ScalarEmitter::nativeRound(StringRef name, Value x) {
  if (name == "floor")
    return make<math::FloorOp>(x);
  if (name == "ceil")
    return make<math::CeilOp>(x);
  if (name == "trunc")
    return make<math::TruncOp>(x);
  // In the rounding mode, which nothing here changes; ARM's vectors have no roundeven.
  if (name == "rint")
    return make<LLVM::RintOp>(x);
  return {};
}

Value ScalarEmitter::callMath(StringRef name, ValueRange operands) {
  if (nativeRounding)
    if (Value rounded = nativeRound(name, operands[0]))
      return rounded;
  Type type = operands[0].getType();
  Type scalar = getElementTypeOrSelf(type);
  std::string symbol = ("burin_rt_" + name + (scalar.isF64() ? "_f64" : "_f32")).str();
  SmallVector<Type> inputs(operands.size(), scalar);
  FlatSymbolRefAttr callee = declare(symbol, b.getFunctionType(inputs, scalar));
  auto vector = dyn_cast<VectorType>(type);
  if (!vector)
    return b.create<func::CallOp>(loc, callee, TypeRange(scalar), operands).getResult(0);
  auto flat = VectorType::get({vector.getNumElements()}, scalar);
  SmallVector<Value> sources;
  for (Value operand : operands)
    sources.push_back(flat == vector ? operand : make<vector::ShapeCastOp>(flat, operand));
  Value result = floatConstant(flat, 0);
  for (int64_t lane = 0, e = vector.getNumElements(); lane < e; ++lane) {
    SmallVector<Value> lanes;
    for (Value source : sources)
      lanes.push_back(b.create<vector::ExtractOp>(loc, source, lane));
    Value one = b.create<func::CallOp>(loc, callee, TypeRange(scalar), lanes).getResult(0);
    result = b.create<vector::InsertOp>(loc, one, result, lane);
  }
  return flat == vector ? result : make<vector::ShapeCastOp>(vector, result);
}

Value ScalarEmitter::squareRoot(Value x) {
  bool isDouble = getElementTypeOrSelf(x.getType()).isF64();
  if (isDouble ? doublesInSoftware : inSoftware)
    return callMath("sqrt", x);
  return make<math::SqrtOp>(x);
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

bool ScalarEmitter::isElementwise(Operation *op) {
  return isa<nn::UnaryOp, nn::BinaryOp, nn::CompareOp, nn::SelectOp, nn::CastOp, nn::QuantizeOp,
             nn::DequantizeOp, nn::RequantizeOp>(op);
}

static bool isPlainUnary(UnaryFn fn) {
  switch (fn) {
  case UnaryFn::abs:
  case UnaryFn::neg:
  case UnaryFn::sign:
  case UnaryFn::sqrt:
  case UnaryFn::rsqrt:
  case UnaryFn::recip:
  case UnaryFn::relu:
  case UnaryFn::leaky_relu:
  case UnaryFn::softsign:
  case UnaryFn::hard_sigmoid:
  case UnaryFn::hard_swish:
  case UnaryFn::thresholded_relu:
  case UnaryFn::shrink:
  case UnaryFn::affine:
  case UnaryFn::not_:
    return true;
  default:
    return false;
  }
}

bool ScalarEmitter::supportsVector(Operation *op) {
  Type type = getElementTypeOrSelf(op->getResult(0).getType());
  if (auto unary = dyn_cast<nn::UnaryOp>(op))
    return isPlainUnary(unary.getFn());
  if (auto binary = dyn_cast<nn::BinaryOp>(op)) {
    nn::BinaryFn fn = binary.getFn();
    if (fn == nn::BinaryFn::pow)
      return false;
    return isa<IntegerType>(type) || (fn != nn::BinaryFn::rem && fn != nn::BinaryFn::mod);
  }
  // rint is plain arithmetic here: |x| beyond the range saturates anyway.
  return isElementwise(op);
}

Value ScalarEmitter::emit(Operation *op, ArrayRef<Value> operands) {
  loc = op->getLoc();
  Type result = getElementTypeOrSelf(op->getResult(0).getType());
  return TypeSwitch<Operation *, Value>(op)
      .Case<nn::UnaryOp>([&](auto unaryOp) {
        return unary(unaryOp.getFn(), operands[0], result, unaryOp.getAlpha().convertToDouble(),
                     unaryOp.getBeta().convertToDouble());
      })
      .Case<nn::BinaryOp>([&](auto binaryOp) {
        return binary(binaryOp.getFn(), operands[0], operands[1], result,
                      getElementTypeOrSelf(binaryOp.getB().getType()));
      })
      .Case<nn::CompareOp>([&](auto compareOp) {
        return compare(compareOp.getFn(), operands[0], operands[1],
                       getElementTypeOrSelf(compareOp.getA().getType()));
      })
      .Case<nn::SelectOp>([&](auto) { return select(operands[0], operands[1], operands[2]); })
      .Case<nn::CastOp>([&](auto castOp) {
        return cast(operands[0], getElementTypeOrSelf(castOp.getX().getType()), result,
                    castOp.getSaturate(), castOp.getRound());
      })
      .Case<nn::QuantizeOp>(
          [&](auto quant) { return quantize(quant, operands[0], operands[1], operands[2]); })
      .Case<nn::DequantizeOp>(
          [&](auto quant) { return dequantize(quant, operands[0], operands[1], operands[2]); })
      .Case<nn::RequantizeOp>(
          [&](auto quant) { return requantize(quant, operands[0], operands[1], operands[2]); })
      .Default([](Operation *) { return Value(); });
}

} // namespace burin
