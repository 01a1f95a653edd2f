//===- ElementTypes.h - ONNX's element types as MLIR's ----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_ELEMENTTYPES_H
#define BURIN_COMPILER_IMPORTER_ELEMENTTYPES_H

#include "compiler/onnx/TensorData.h"

#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/Types.h"

namespace burin {

/// The element type of an ONNX data type number; null where ONNX has no such
/// number. The nn dialect must be loaded.
mlir::Type elementTypeOf(mlir::MLIRContext *context, int32_t onnxType);
/// The reverse; 0 (undefined) for a type that ONNX lacks.
int32_t onnxTypeOf(mlir::Type elementType);

/// A tensor as constant: `dense<>` when small, else a resource that shares the
/// bytes. Null for a data type that ONNX does not define.
mlir::ElementsAttr constantAttr(mlir::MLIRContext *context, const onnx::TensorData &tensor);
/// The strings of a string constant.
std::vector<std::string> constantStrings(mlir::ElementsAttr attr);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_ELEMENTTYPES_H
