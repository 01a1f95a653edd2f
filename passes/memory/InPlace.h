//===- InPlace.h - Which operand a group may overwrite ----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_PASSES_MEMORY_INPLACE_H
#define BURIN_PASSES_MEMORY_INPLACE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace burin {

/// Sets `nn.inplace` (dialects/nn/Groups.h) of a group: the arguments of the
/// result's shape and storage type that are read for nothing but the element
/// of the result with the same index. Elementwise ops at the same index keep
/// that, softmax and normalize too, because they store an element of a row only
/// after the last read of every other one. No attribute where there is none.
void markInPlace(mlir::func::FuncOp group);

} // namespace burin

#endif // BURIN_PASSES_MEMORY_INPLACE_H
