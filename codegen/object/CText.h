//===- CText.h - Pieces of generated C --------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_CTEXT_H
#define BURIN_CODEGEN_OBJECT_CTEXT_H

#include "codegen/object/ModelInterface.h"

#include "llvm/ADT/StringRef.h"

#include <string>

namespace burin::object {

/// `text` as a C string literal with its quotes; bytes beyond ASCII as octal escapes.
std::string cString(llvm::StringRef text);

/// `text` fit for a comment: printable ASCII without the marks of comments.
std::string cComment(llvm::StringRef text);

/// The shortest literal of type float that reads back as `value`.
std::string cFloat(float value);

/// "{1, 3, 224, 224}"; empty for scalars, which have no shape in C. Static shapes only.
std::string cShape(const TensorInfo &tensor);

/// The shape for a reader: "[batch][2*N + 1][10]", "scalar".
std::string shapeText(const ModelInterface &model, const TensorInfo &tensor);

/// C elements that hold `elements` elements: packed ones share bytes, complex ones
/// take two.
uint64_t storageUnits(const ElementType &type, uint64_t elements);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_CTEXT_H
