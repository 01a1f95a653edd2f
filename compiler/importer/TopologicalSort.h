//===- TopologicalSort.h - Brings nodes into order --------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_TOPOLOGICALSORT_H
#define BURIN_COMPILER_IMPORTER_TOPOLOGICALSORT_H

#include "compiler/onnx/onnx.pb.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include <string>
#include <vector>

namespace burin {

struct SortedNodes {
  /// Indices in an order in which every node follows those it depends on; of
  /// nodes that may come next, the first of the file.
  std::vector<int> order;
  /// Nodes on a cycle or behind one, in the file's order; they are not in
  /// `order`.
  std::vector<int> cyclic;
};

/// Sorts nodes by their inputs and by what their subgraphs take from outside.
/// Values that `isGiven` (inputs, initializers) wait for no node. Takes about
/// linear time, also for deeply nested subgraphs.
SortedNodes sortNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes,
                      llvm::function_ref<bool(const std::string &)> isGiven);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_TOPOLOGICALSORT_H
