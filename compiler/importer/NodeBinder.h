//===- NodeBinder.h - What an importer entry sees of its node ---*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// An entry fetches operands and attributes, builds nn ops and sets results.
// The binder makes the messages: a missing attribute, a wrong kind, an operand
// that should be constant. After the first problem it counts as failed and
// hands out harmless defaults; the importer then marks the node's results as
// poisoned, and skips their consumers silently, so that one run reports all
// independent problems. So an entry tests only what is its own to test:
//
//   static LogicalResult importLeakyRelu(NodeBinder &n) {
//     n.setResult(0, n.unary(nn::UnaryFn::leaky_relu, n.operand(0),
//                            n.floatAttr("alpha", 0.01)));
//     return success();
//   }
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_NODEBINDER_H
#define BURIN_COMPILER_IMPORTER_NODEBINDER_H

#include "compiler/importer/NNBuilder.h"
#include "compiler/importer/OpRegistry.h"
#include "compiler/onnx/onnx.pb.h"

namespace burin {

struct NodeContext;

/// An ONNX value: a tensor; an optional, which is a value together with the
/// 0-D i1 that says whether it is there; or a sequence of known length.
struct BoundValue {
  using Sequence = std::shared_ptr<const llvm::SmallVector<mlir::Value>>;

  mlir::Value value;
  mlir::Value present; ///< set for optionals only
  Sequence sequence;   ///< set for sequences only
  mlir::Type elements; ///< of a sequence, which may be empty: their element type

  BoundValue() = default;
  BoundValue(mlir::Value value) : value(value) {}
  BoundValue(mlir::Value present, mlir::Value value) : value(value), present(present) {}
  static BoundValue makeSequence(llvm::ArrayRef<mlir::Value> values, mlir::Type elementType);

  explicit operator bool() const { return value || sequence; }
  bool isPlain() const { return value && !present && !sequence; }
};

class NodeBinder : public NNBuilder {
public:
  NodeBinder(mlir::OpBuilder &b, mlir::Location loc, NodeContext &context)
      : NNBuilder(b, loc), context(context) {}

  // The node.
  llvm::StringRef opType() const;
  llvm::StringRef name() const;
  llvm::StringRef domain() const;
  /// The opset that the model imports for the node's domain.
  int64_t opset() const;
  /// The since-version of the entry that was chosen.
  int64_t since() const;
  /// The number given at registration.
  int64_t variant() const;

  // Operands. A missing optional operand is a null value.
  size_t numOperands() const; ///< with missing ones in the middle, without those at the end
  bool hasOperand(size_t i) const;
  mlir::Value operand(size_t i) const;
  llvm::SmallVector<mlir::Value> operands(size_t first = 0) const;
  /// For entries registered with Accepts::Anything.
  BoundValue bound(size_t i) const;
  mlir::Type elementType(size_t i) const { return NNBuilder::elementType(operand(i)); }
  int64_t rank(size_t i) const { return NNBuilder::rank(operand(i)); }
  llvm::ArrayRef<int64_t> shape(size_t i) const { return NNBuilder::shape(operand(i)); }
  using NNBuilder::elementType;
  using NNBuilder::rank;
  using NNBuilder::shape;

  // Constant operands. The plain forms give nullopt, the required ones report
  // `what` ("axes") as having to be constant and give {} or the default.
  std::optional<llvm::SmallVector<int64_t>> constantInts(size_t i) const;
  std::optional<llvm::SmallVector<double>> constantFloats(size_t i) const;
  llvm::SmallVector<int64_t> requireInts(size_t i, llvm::StringRef what);
  int64_t requireInt(size_t i, llvm::StringRef what, int64_t otherwise = 0);
  using NNBuilder::constantFloats;
  using NNBuilder::constantInts;

  // Checks that report; false when the check failed.
  bool requireRank(mlir::Value x, int64_t rank, llvm::StringRef what);
  bool requireMinRank(mlir::Value x, int64_t rank, llvm::StringRef what);

  // Attributes. Those of a model-local function are resolved already.
  bool hasAttr(llvm::StringRef name) const;
  int64_t intAttr(llvm::StringRef name, int64_t otherwise);
  bool boolAttr(llvm::StringRef name, bool otherwise);
  std::optional<int64_t> optionalInt(llvm::StringRef name);
  int64_t requiredInt(llvm::StringRef name);
  double floatAttr(llvm::StringRef name, double otherwise);
  std::optional<double> optionalFloat(llvm::StringRef name);
  std::string stringAttr(llvm::StringRef name, llvm::StringRef otherwise);
  llvm::SmallVector<int64_t> intsAttr(llvm::StringRef name, llvm::ArrayRef<int64_t> otherwise = {});
  std::optional<llvm::SmallVector<int64_t>> optionalInts(llvm::StringRef name);
  llvm::SmallVector<double> floatsAttr(llvm::StringRef name, llvm::ArrayRef<double> otherwise = {});
  std::vector<std::string> stringsAttr(llvm::StringRef name);
  /// Null where absent, or where the tensor is broken (reported).
  mlir::ElementsAttr tensorAttr(llvm::StringRef name);
  /// A sparse_tensor attribute made dense.
  mlir::ElementsAttr sparseTensorAttr(llvm::StringRef name);
  /// The strings of a string tensor attribute (or of its absence).
  std::optional<std::vector<std::string>> stringTensorAttr(llvm::StringRef name);
  const onnx::GraphProto *graphAttr(llvm::StringRef name);
  const onnx::TypeProto *typeAttr(llvm::StringRef name);
  /// The MLIR type of an ONNX data type number (attributes `to`, `dtype`);
  /// reported and f32 where it is unknown.
  mlir::Type dataType(int64_t onnxType);

  /// A negative axis counts from the end. Reported, and 0, where it is not in
  /// [-rank, rank).
  int64_t normalizeAxis(int64_t axis, int64_t rank);
  /// The same for a list, which also must not repeat an axis.
  llvm::SmallVector<int64_t> normalizeAxes(llvm::ArrayRef<int64_t> axes, int64_t rank);
  int64_t axisAttr(llvm::StringRef name, int64_t otherwise, int64_t rank) {
    return normalizeAxis(intAttr(name, otherwise), rank);
  }

  // Results.
  size_t numResults() const;
  /// Whether output `i` exists and has a name.
  bool hasResult(size_t i) const;
  void setResult(size_t i, mlir::Value value);
  void setResult(size_t i, BoundValue value);
  /// What the model declares about an output (value_info, graph outputs); null
  /// where it tells nothing or no rank. May be wrong in real files: a hint.
  mlir::RankedTensorType declaredType(size_t i);

  /// Imports the body of a control flow operator at b's insertion point; the
  /// outer graph's names are visible inside. Fails after having reported.
  mlir::LogicalResult importGraph(const onnx::GraphProto &graph, llvm::ArrayRef<BoundValue> inputs,
                                  llvm::SmallVectorImpl<BoundValue> &results);
  /// The same for a body of tensors only.
  mlir::LogicalResult importGraph(const onnx::GraphProto &graph, mlir::ValueRange inputs,
                                  llvm::SmallVectorImpl<mlir::Value> &results);

  /// For operators whose results are no values of one kind: imports all nodes of
  /// the graph behind this one, at b's insertion point, for these results. Gives
  /// what the graph's outputs become. May be called more than once; says nothing
  /// but reports through the diagnostics what made it fail.
  mlir::LogicalResult importRest(llvm::ArrayRef<BoundValue> results,
                                 llvm::SmallVectorImpl<BoundValue> &outputs);
  /// Ends the graph with these outputs.
  void setRest(llvm::ArrayRef<BoundValue> outputs);

private:
  const onnx::AttributeProto *attribute(llvm::StringRef name, int32_t type,
                                        llvm::StringRef typeName);

  NodeContext &context;
};

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_NODEBINDER_H
