//===- BorderQuantization.cpp - Scales of a model's inputs ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Read from ONNX's nodes, because in nn the scale of a product's operand is a factor
// among others already.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/BorderQuantization.h"

#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Tensor.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

using namespace mlir;
using namespace burin;
using namespace burin::onnx;

DictionaryAttr BorderQuantization::toAttr(Builder &b) const {
  return b.getDictionaryAttr({b.getNamedAttr("scale", b.getF32FloatAttr(scale)),
                              b.getNamedAttr("zero_point", b.getI64IntegerAttr(zeroPoint))});
}

std::optional<BorderQuantization> BorderQuantization::fromAttrs(DictionaryAttr portAttrs) {
  auto attr = portAttrs ? portAttrs.getAs<DictionaryAttr>(kQuantizationAttr) : DictionaryAttr();
  auto scale = attr ? attr.getAs<FloatAttr>("scale") : FloatAttr();
  auto zeroPoint = attr ? attr.getAs<IntegerAttr>("zero_point") : IntegerAttr();
  if (!scale || !zeroPoint)
    return std::nullopt;
  return BorderQuantization{static_cast<float>(scale.getValueAsDouble()), zeroPoint.getInt()};
}

namespace {

/// Operands of a node that hold a tensor's scale and zero point.
struct Operands {
  int scale, zeroPoint;
};

/// A value and all that hold the same elements.
class Search {
public:
  Search(const GraphProto &graph, const FunctionTable &functions, const Scope &scope)
      : graph(graph), functions(functions), scope(scope) {}

  std::optional<BorderQuantization> run(StringRef name);

private:
  void visit(const NodeProto &node, StringRef name);
  void reach(const std::string &name) {
    if (!name.empty() && seen.insert(name).second)
      work.push_back(name);
  }
  void add(const NodeProto &node, Operands operands);
  const nn::Tensor *constant(const NodeProto &node, int operand, nn::Tensor &storage) const;

  const GraphProto &graph;
  const FunctionTable &functions;
  const Scope &scope;
  llvm::StringSet<> seen;
  SmallVector<std::string> work;
  std::optional<BorderQuantization> found;
  bool unclear = false; ///< not constant, per channel, or contradictory
};

} // namespace

/// Where the parameters of input `i` are, for nodes that read it as quantised.
static std::optional<Operands> inputParams(StringRef op, int i) {
  if (op == "MatMulIntegerToFloat")
    return i < 2 ? std::optional(Operands{2 + i, 4 + i}) : std::nullopt;
  bool isQuantized = llvm::StringSwitch<bool>(op)
                         .Case("DequantizeLinear", i == 0)
                         .Cases("QLinearConv", "QLinearMatMul", "QGemm", i == 0 || i == 3)
                         .Cases("QLinearAdd", "QLinearMul", i == 0 || i == 3)
                         .Cases("QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax", i == 0)
                         .Cases("QLinearAveragePool", "QLinearGlobalAveragePool", i == 0)
                         .Case("QLinearReduceMean", i == 0)
                         .Case("QLinearWhere", i == 1 || i == 4)
                         .Case("QLinearConcat", i >= 2 && i % 3 == 2)
                         .Default(false);
  return isQuantized ? std::optional(Operands{i + 1, i + 2}) : std::nullopt;
}

/// Where the parameters of the result are, for nodes that quantise it.
static std::optional<Operands> resultParams(StringRef op) {
  int scale = llvm::StringSwitch<int>(op)
                  .Case("QuantizeLinear", 1)
                  .Cases("QLinearConv", "QLinearMatMul", "QLinearAdd", "QLinearMul", 6)
                  .Cases("QGemm", "QLinearWhere", 7)
                  .Cases("QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax", 3)
                  .Cases("QLinearAveragePool", "QLinearGlobalAveragePool", 3)
                  .Case("QLinearReduceMean", 3)
                  .Case("QLinearConcat", 0)
                  .Default(-1);
  return scale >= 0 ? std::optional(Operands{scale, scale + 1}) : std::nullopt;
}

/// Nodes whose result holds elements of their first input.
static bool moves(const NodeProto &node) {
  return OpRegistry::normalizeDomain(node.domain()).empty() &&
         llvm::StringSwitch<bool>(node.op_type())
             .Cases("Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", true)
             .Cases("Transpose", "Slice", "Gather", "Expand", "Tile", true)
             .Cases("MaxPool", "DepthToSpace", "SpaceToDepth", true)
             .Default(false);
}

/// The operand, where it is a constant of one element.
const nn::Tensor *Search::constant(const NodeProto &node, int operand, nn::Tensor &storage) const {
  const Scope::Binding *binding = scope.lookup(node.input(operand));
  if (!binding || binding->poisoned || !binding->value.value)
    return nullptr;
  auto op = binding->value.value.getDefiningOp<nn::ConstantOp>();
  if (!op || op.getValue().getNumElements() != 1)
    return nullptr;
  storage = nn::Tensor::fromAttr(op.getValue());
  return &storage;
}

void Search::add(const NodeProto &node, Operands operands) {
  auto isGiven = [&](int i) { return i < node.input_size() && !node.input(i).empty(); };
  nn::Tensor scale, zeroPoint;
  BorderQuantization params;
  if (!isGiven(operands.scale) || !constant(node, operands.scale, scale) ||
      !isa<FloatType>(scale.elementType())) {
    unclear = true;
    return;
  }
  params.scale = static_cast<float>(scale.floatAt(0));
  if (isGiven(operands.zeroPoint)) {
    if (!constant(node, operands.zeroPoint, zeroPoint) ||
        !isa<IntegerType>(zeroPoint.elementType())) {
      unclear = true;
      return;
    }
    params.zeroPoint = zeroPoint.intAt(0);
  }
  unclear |= !std::isfinite(params.scale) || (found && *found != params);
  found = params;
}

void Search::visit(const NodeProto &node, StringRef name) {
  if (functions.lookup(node))
    return;
  bool isMaker = node.output_size() > 0 && node.output(0) == name;
  if (isMaker)
    if (auto operands = resultParams(node.op_type()))
      add(node, *operands);
  for (int i = 0; i < node.input_size(); ++i)
    if (node.input(i) == name)
      if (auto operands = inputParams(node.op_type(), i))
        add(node, *operands);
  if (!moves(node) || node.input_size() == 0 || node.output_size() == 0)
    return;
  if (isMaker)
    reach(node.input(0));
  else if (node.input(0) == name)
    reach(node.output(0));
}

std::optional<BorderQuantization> Search::run(StringRef name) {
  // Bounded: a border's value meets its quantiser soon or not at all.
  constexpr size_t kMaxValues = 16;
  reach(name.str());
  for (size_t next = 0; next < work.size() && next < kMaxValues && !unclear; ++next) {
    std::string value = work[next];
    for (const NodeProto &node : graph.node())
      visit(node, value);
  }
  return unclear ? std::nullopt : found;
}

std::optional<BorderQuantization> burin::findQuantization(const GraphProto &graph,
                                                          const FunctionTable &functions,
                                                          const Scope &scope, StringRef name) {
  return Search(graph, functions, scope).run(name);
}
