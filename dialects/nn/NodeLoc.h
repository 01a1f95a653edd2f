//===- NodeLoc.h - Locations that name ONNX nodes ---------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A node's location is NameLoc("<node name>", FusedLoc<"<operator>">[
// FileLineColLoc("model.onnx", <node index>, 0)]): the name survives every
// pass, and the operator and the file are found again by decodeNodeLoc().
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_NODELOC_H
#define BURIN_DIALECTS_NN_NODELOC_H

#include "mlir/IR/Location.h"
#include <string>

namespace burin::nn {

/// The operator in the location of an initializer's constant.
inline constexpr llvm::StringLiteral kInitializer = "initializer";

/// The parts of a node's location; empty where a location does not tell.
struct NodeLocInfo {
  llvm::StringRef modelFile; ///< the file's name, without its folder
  llvm::StringRef nodeName;
  llvm::StringRef opType;
  unsigned index = 0; ///< position of the node in its graph
};

/// The location of a node. `modelFile` is the name to show in messages.
mlir::Location nodeLoc(mlir::MLIRContext *context, llvm::StringRef modelFile,
                       llvm::StringRef nodeName, llvm::StringRef opType, unsigned index);
/// The location of a model as a whole.
mlir::Location modelLoc(mlir::MLIRContext *context, llvm::StringRef modelFile);

/// Finds the first node in a location that passes may have fused or inlined.
NodeLocInfo decodeNodeLoc(mlir::Location loc);

/// The start of a message at `loc`: `model.onnx: node "/layer1/Conv" (Conv)`,
/// `model.onnx: initializer "w"`, `model.onnx` where no node is known, and ""
/// for an unknown location.
std::string describeNodeLoc(mlir::Location loc);

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_NODELOC_H
