//===- InferSpecial.cpp - Result types of random, checks of call ----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/InferUtils.h"

using namespace mlir;
using namespace burin::nn;
using namespace burin::nn::infer;

LogicalResult RandomOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  FailureOr<Dims> shape = shapeContents(loc, op.getShape(), "shape");
  if (failed(shape))
    return failure();
  if (!isFloat(op.getType()))
    return emitOptionalError(loc, "random numbers are floats, 'type' says ", op.getType());
  return result(loc, *shape, op.getType(), results);
}

LogicalResult CallOp::verify() {
  if (getCallee().empty())
    return emitOpError("needs a callee");
  for (Value x : getXs())
    if (failed(operandType(getLoc(), x, "xs")))
      return failure();
  for (Value value : getResults())
    if (failed(operandType(getLoc(), value, "result")))
      return failure();
  if (!getPresent().empty()) {
    size_t given = llvm::count(getPresent(), true);
    if (given != getXs().size())
      return emitOpError("'present' marks ") << given << " inputs, got " << getXs().size();
  }
  return success();
}
