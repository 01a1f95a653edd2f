//===- Utils.cpp - Type predicates and small constants --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace burin::nn {

bool isShapeType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() == 1 && tensor.getElementType().isSignlessInteger(64);
}

bool isIndexScalarType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() == 0 && tensor.getElementType().isSignlessInteger(64);
}

bool isBoolTensorType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getElementType().isSignlessInteger(1);
}

bool areCompatibleTypes(TypeRange inferred, TypeRange actual) {
  auto compatible = [](auto pair) {
    auto left = dyn_cast<RankedTensorType>(std::get<0>(pair));
    auto right = dyn_cast<RankedTensorType>(std::get<1>(pair));
    return left && right && left.getElementType() == right.getElementType() &&
           succeeded(verifyCompatibleShape(left, right));
  };
  return inferred.size() == actual.size() && llvm::all_of(llvm::zip(inferred, actual), compatible);
}

unsigned elementBits(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return 2 * elementBits(complex.getElementType());
  if (isa<F4E2M1Type>(type))
    return 4;
  if (isa<F8E8M0Type>(type))
    return 8;
  if (type.isIntOrFloat())
    return type.isInteger(1) ? 8 : type.getIntOrFloatBitWidth();
  return 64;
}

unsigned elementBytes(Type type) {
  if (isa<StrType>(type))
    return 16; // pointer and length
  return llvm::divideCeil(elementBits(type), 8);
}

bool isTinyFloat(Type type) {
  return isa<F4E2M1Type, F8E8M0Type>(type) ||
         (isa<FloatType>(type) && type.getIntOrFloatBitWidth() <= 8);
}

std::optional<SmallVector<int64_t>> constantInts(Value value) {
  ElementsAttr attr;
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !isa<IntegerType>(type.getElementType()) || !matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  Tensor tensor = Tensor::fromAttr(attr);
  SmallVector<int64_t> result;
  for (int64_t i = 0, e = tensor.size(); i < e; ++i)
    result.push_back(tensor.intAt(i));
  return result;
}

Value createShape(OpBuilder &builder, Location loc, ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, builder.getI64Type());
  return builder.create<ConstantOp>(loc, DenseElementsAttr::get(type, values));
}

Value createIndex(OpBuilder &builder, Location loc, int64_t value) {
  auto type = RankedTensorType::get({}, builder.getI64Type());
  return builder.create<ConstantOp>(loc, DenseElementsAttr::get(type, value));
}

Value createScalar(OpBuilder &builder, Location loc, Type elementType, double value) {
  Tensor tensor(elementType, {});
  tensor.setFloat(0, value);
  return builder.create<ConstantOp>(loc, tensor.toAttr());
}

} // namespace burin::nn
