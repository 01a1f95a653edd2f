//===- GraphImporter.h - Imports the nodes of graphs ------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Internal to the importer; operator families see NodeBinder.h only.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_GRAPHIMPORTER_H
#define BURIN_COMPILER_IMPORTER_GRAPHIMPORTER_H

#include "compiler/importer/NodeBinder.h"
#include "compiler/onnx/ModelLoader.h"

namespace burin {

/// Limits against models made to exhaust the compiler.
inline constexpr unsigned kMaxGraphDepth = 48;
/// Each doubles what is imported behind it.
inline constexpr unsigned kMaxForks = 8;
inline constexpr unsigned kMaxFunctionDepth = 64;
inline constexpr int64_t kMaxImportedNodes = int64_t(1) << 18;

using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;
using OpsetMap = llvm::StringMap<int64_t>;

/// Model-local functions by domain, name and overload.
class FunctionTable {
public:
  /// False where one with the same key exists.
  bool insert(const onnx::FunctionProto &function);
  const onnx::FunctionProto *lookup(const onnx::NodeProto &node) const;

private:
  llvm::StringMap<const onnx::FunctionProto *> functions;
};

/// What a body of nodes may refer to beside values: the opsets, and inside of
/// a function the attributes of its call.
struct Environment {
  OpsetMap opsets;
  llvm::StringMap<const onnx::AttributeProto *> attributes;
  bool inFunction = false;
  std::string prefix; ///< of node names: the path of calls
  unsigned functionDepth = 0;

  /// 0 where the domain is not imported.
  int64_t opset(llvm::StringRef domain) const {
    return opsets.lookup(OpRegistry::normalizeDomain(domain));
  }
  /// Follows a reference to an attribute of the function; null where the call
  /// does not give it.
  const onnx::AttributeProto *resolve(const onnx::AttributeProto &attribute) const;
};

/// The values of one graph or function body, and those around it.
struct Scope {
  struct Binding {
    BoundValue value;
    /// The value could not be made; whoever uses it is skipped silently.
    bool poisoned = false;
  };
  const Scope *outer = nullptr;
  unsigned depth = 0;
  unsigned forks = 0; ///< how many nodes before imported the rest for themselves
  llvm::StringMap<Binding> values;
  llvm::StringMap<const onnx::TypeProto *> declared;

  const Binding *lookup(llvm::StringRef name) const;
};

/// What a NodeBinder works on.
struct NodeContext {
  class GraphImporter &importer;
  const onnx::NodeProto &node;
  std::string name;
  const OpEntry &entry;
  int64_t opset;
  const Scope &scope;
  const Environment &environment;
  llvm::SmallVector<BoundValue> inputs;
  llvm::SmallVector<BoundValue> outputs;
  /// Imports all nodes behind this one, whose outputs have these values, at the
  /// builder's insertion point; gives what the graph's outputs become.
  llvm::function_ref<mlir::LogicalResult(llvm::ArrayRef<BoundValue>,
                                         llvm::SmallVectorImpl<BoundValue> &)>
      importRest;
  /// Set by entries that imported the rest: the values of the graph's outputs.
  std::optional<llvm::SmallVector<BoundValue>> rest;
};

class GraphImporter {
public:
  GraphImporter(mlir::OpBuilder &b, const onnx::LoadedModel &model, const OpRegistry &registry,
                const FunctionTable &functions)
      : b(b), model(model), registry(registry), functions(functions) {}

  /// Makes constants of a graph's initializers and binds them.
  void bindInitializers(const onnx::GraphProto &graph, Scope &scope);
  /// Notes what a graph declares about its values.
  static void declareTypes(const onnx::GraphProto &graph, Scope &scope);
  /// Imports nodes in any order at the builder's insertion point. Of the names
  /// that they bind, only `outputs` are sure to be in the scope afterwards.
  void importNodes(const NodeList &nodes, Scope &scope, const Environment &environment,
                   llvm::ArrayRef<llvm::StringRef> outputs);
  static llvm::SmallVector<llvm::StringRef> outputNames(const onnx::GraphProto &graph);
  /// The values of a graph's outputs; fails, after a message, where one is
  /// missing, and silently where one is poisoned.
  mlir::LogicalResult collectOutputs(const onnx::GraphProto &graph, const Scope &scope,
                                     llvm::SmallVectorImpl<BoundValue> &results);
  /// A subgraph as a whole.
  mlir::LogicalResult importGraph(const onnx::GraphProto &graph, const Scope &outer,
                                  const Environment &environment, mlir::Location loc,
                                  llvm::ArrayRef<BoundValue> inputs,
                                  llvm::SmallVectorImpl<BoundValue> &results);

  /// An error that concerns the model as a whole.
  mlir::InFlightDiagnostic emitError();
  mlir::InFlightDiagnostic emitErrorAt(mlir::Location loc);
  bool failed() const { return hasFailed; }
  void fail() { hasFailed = true; }

  /// The ranked type that a TypeProto declares, with unknown extents as `?`;
  /// null where it is no tensor, or has no rank or unknown element type.
  mlir::RankedTensorType tensorType(const onnx::TypeProto &type) const;
  mlir::OpBuilder &builder() { return b; }
  const onnx::LoadedModel &loadedModel() const { return model; }
  mlir::Location nodeLocation(const onnx::NodeProto &node, llvm::StringRef name, int index) const;

private:
  struct Body;
  /// A graph's nodes in order.
  struct Pending {
    const NodeList &nodes;
    llvm::ArrayRef<int> order;
    llvm::ArrayRef<llvm::StringRef> outputs; ///< of the graph
    const Environment &environment;
  };
  void importPending(Pending pending, Scope &scope);
  /// Imports the first one. Returns whether the others are imported, too.
  bool importNode(const Pending &pending, Scope &scope);
  mlir::LogicalResult importRest(const Pending &pending, const Scope &scope, mlir::Location loc,
                                 llvm::ArrayRef<BoundValue> values,
                                 llvm::SmallVectorImpl<BoundValue> &results);
  void importCall(const onnx::FunctionProto &function, const onnx::NodeProto &node,
                  mlir::Location loc, llvm::StringRef name, Scope &scope,
                  const Environment &environment);
  void bindOutputs(const onnx::NodeProto &node, mlir::Location loc,
                   llvm::ArrayRef<BoundValue> outputs, Scope &scope, bool poisoned);
  // Whether a node with these inputs can be imported; reports missing ones.
  bool bindInputs(const onnx::NodeProto &node, mlir::Location loc, const Scope &scope,
                  llvm::SmallVectorImpl<BoundValue> &inputs);

  mlir::OpBuilder &b;
  const onnx::LoadedModel &model;
  const OpRegistry &registry;
  const FunctionTable &functions;
  int64_t importedNodes = 0;
  bool hasFailed = false;
};

/// The name to show for a node: its own, or that of its first output.
std::string displayName(const onnx::NodeProto &node);

/// Reports every operator that the registry lacks, in subgraphs and reachable
/// functions too, as well as recursion of functions and nesting beyond the
/// limits, and fails where importing would not end.
mlir::LogicalResult checkOperators(GraphImporter &importer, const NodeList &nodes,
                                   const OpRegistry &registry, const FunctionTable &functions,
                                   const Environment &environment);

/// The opset imports of a model or function, with normalised domains. Reports
/// repeated domains, and versions that are not known.
OpsetMap readOpsets(GraphImporter &importer, llvm::StringRef subject,
                    const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto> &imports);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_GRAPHIMPORTER_H
