//===- NNDialect.cpp - Registration, types, border attributes -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/NN.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace burin::nn;

#include "dialects/nn/NNDialect.cpp.inc"
#include "dialects/nn/NNEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/nn/NNAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/nn/NNTypes.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/nn/NNOps.cpp.inc"

void NNDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/nn/NNOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/nn/NNAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/nn/NNTypes.cpp.inc"
      >();
}

Operation *NNDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                          Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return builder.create<ConstantOp>(loc, elements);
}

/// Checks `nn.name` and `nn.dims` of a function argument or result.
static LogicalResult verifyBorderAttr(Operation *op, Type type, NamedAttribute attr) {
  if (attr.getName() == kNameAttr) {
    if (!isa<StringAttr>(attr.getValue()))
      return op->emitError("'nn.name' must be a string");
    return success();
  }
  if (attr.getName() != kDimsAttr)
    return success();
  auto dims = dyn_cast<ArrayAttr>(attr.getValue());
  if (!dims)
    return op->emitError("'nn.dims' must be an array");
  // After lowering, the argument is a buffer or a pointer; the names stay.
  auto shaped = dyn_cast<RankedTensorType>(type);
  if (!shaped)
    return success();
  if (static_cast<int64_t>(dims.size()) != shaped.getRank())
    return op->emitError("'nn.dims' has ")
           << dims.size() << " entries for a tensor of rank " << shaped.getRank();
  for (auto [dim, extent] : llvm::zip(dims, shaped.getShape())) {
    if (isa<StringAttr>(dim))
      continue;
    auto number = dyn_cast<IntegerAttr>(dim);
    if (!number)
      return op->emitError("'nn.dims' entries must be integers or strings");
    if (!ShapedType::isDynamic(extent) && number.getInt() != extent)
      return op->emitError("'nn.dims' says ")
             << number.getInt() << " where the type says " << extent;
  }
  return success();
}

LogicalResult NNDialect::verifyOperationAttribute(Operation *op, NamedAttribute attr) {
  return success();
}

LogicalResult NNDialect::verifyRegionArgAttribute(Operation *op, unsigned region, unsigned arg,
                                                  NamedAttribute attr) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return success();
  return verifyBorderAttr(op, function.getArgumentTypes()[arg], attr);
}

LogicalResult NNDialect::verifyRegionResultAttribute(Operation *op, unsigned region,
                                                     unsigned result, NamedAttribute attr) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return success();
  return verifyBorderAttr(op, function.getResultTypes()[result], attr);
}
