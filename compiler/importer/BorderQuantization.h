//===- BorderQuantization.h - Scales of a model's inputs --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_BORDERQUANTIZATION_H
#define BURIN_COMPILER_IMPORTER_BORDERQUANTIZATION_H

#include "compiler/importer/GraphImporter.h"

namespace burin {

/// Attribute of an argument or result of @main: {scale: f32, zero_point: i64}.
inline constexpr llvm::StringLiteral kQuantizationAttr = "nn.quantization";

/// real = (q - zeroPoint) * scale
struct BorderQuantization {
  float scale = 1;
  int64_t zeroPoint = 0;

  bool operator==(const BorderQuantization &) const = default;
  mlir::DictionaryAttr toAttr(mlir::Builder &b) const;
  /// Nothing where `portAttrs`, an argument's or result's attributes, have none.
  static std::optional<BorderQuantization> fromAttrs(mlir::DictionaryAttr portAttrs);
};

/// What the integers of the graph's value `name` mean, when all nodes that quantise or
/// dequantise it agree: with one constant scale and zero point for the whole tensor.
/// Looks through nodes that only move elements. `scope` holds the graph's values.
std::optional<BorderQuantization> findQuantization(const onnx::GraphProto &graph,
                                                   const FunctionTable &functions,
                                                   const Scope &scope, llvm::StringRef name);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_BORDERQUANTIZATION_H
