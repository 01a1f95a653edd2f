//===- NN.h - The nn dialect ------------------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_NN_H
#define BURIN_DIALECTS_NN_NN_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include <atomic>

namespace burin::nn {

/// Discardable attributes of function arguments and results.
inline constexpr llvm::StringLiteral kNameAttr = "nn.name";
inline constexpr llvm::StringLiteral kDimsAttr = "nn.dims";
/// Marks a function as a fused group (unit attribute).
inline constexpr llvm::StringLiteral kGroupAttr = "nn.group";

/// Constants of up to this many elements are `dense<>`, bigger ones resources.
inline constexpr int64_t kMaxDenseElements = 64;

/// No tensor may have more elements; keeps all byte counts within 64 bits.
inline constexpr int64_t kMaxElements = int64_t(1) << 40;

/// 1-D tensor of i64, the type of shape-like operands.
bool isShapeType(mlir::Type type);
/// 0-D tensor of i64, the type of counts.
bool isIndexScalarType(mlir::Type type);
/// Tensor of i1.
bool isBoolTensorType(mlir::Type type);
/// Whether single dimensions may differ in what they know, but not contradict.
bool areCompatibleTypes(mlir::TypeRange inferred, mlir::TypeRange actual);

/// Width in bits of a value of this element type as ONNX counts it (bool 8).
unsigned elementBits(mlir::Type elementType);
/// Bytes that one element takes in memory inside the compiler and in the
/// arena: sub-byte types take a whole byte.
unsigned elementBytes(mlir::Type elementType);
/// Whether the type is one of the 8- or 4-bit floats, builtin or of this dialect.
bool isTinyFloat(mlir::Type elementType);

} // namespace burin::nn

#include "dialects/nn/NNDialect.h.inc"
#include "dialects/nn/NNEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/nn/NNAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/nn/NNTypes.h.inc"

#define GET_OP_CLASSES
#include "dialects/nn/NNOps.h.inc"

namespace burin::nn {

/// The integers of a constant shape-like operand (0-D or 1-D, any integer
/// type), or nullopt where it is not a constant.
std::optional<llvm::SmallVector<int64_t>> constantInts(mlir::Value value);
/// 1-D i64 constant (a dense `nn.constant`).
mlir::Value createShape(mlir::OpBuilder &builder, mlir::Location loc,
                        llvm::ArrayRef<int64_t> values);
/// 0-D i64 constant.
mlir::Value createIndex(mlir::OpBuilder &builder, mlir::Location loc, int64_t value);
/// 0-D constant of any number type; floats are rounded to nearest even.
mlir::Value createScalar(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type elementType,
                         double value);

/// Creates an op whose operands come from a user's model: where the types do
/// not fit, emits the error at `loc` and returns a null op. (The generated
/// builders abort instead; passes use them where types are known to fit.)
/// `args` are the operands and attributes in ODS order without result types.
template <typename OpTy, typename... Args>
OpTy tryCreate(mlir::OpBuilder &builder, mlir::Location loc, Args &&...args) {
  mlir::OperationState state(loc, OpTy::getOperationName());
  unsigned count = std::is_same_v<OpTy, TopKOp> || std::is_same_v<OpTy, RnnOp> ? 2 : 1;
  // The real types replace these at once.
  llvm::SmallVector<mlir::Type> placeholders(count, builder.getNoneType());
  OpTy::build(builder, state, mlir::TypeRange(placeholders), std::forward<Args>(args)...);
  llvm::SmallVector<mlir::Type> types;
  if (failed(OpTy::inferReturnTypes(builder.getContext(), loc, state.operands,
                                    state.attributes.getDictionary(builder.getContext()),
                                    state.getRawProperties(), state.regions, types)))
    return nullptr;
  state.types.assign(types.begin(), types.end());
  return llvm::cast<OpTy>(builder.create(state));
}

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_NN_H
