//===- NodeBinder.cpp - What an importer entry sees of its node -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/NodeBinder.h"

#include "compiler/importer/ElementTypes.h"
#include "compiler/importer/GraphImporter.h"

#include "llvm/ADT/SmallSet.h"

using namespace mlir;
using namespace burin;
using namespace burin::onnx;

BoundValue BoundValue::makeSequence(ArrayRef<Value> values, Type elementType) {
  BoundValue result;
  result.sequence = std::make_shared<const SmallVector<Value>>(values.begin(), values.end());
  result.elements = elementType;
  return result;
}

//===----------------------------------------------------------------------===//
// The node and its operands
//===----------------------------------------------------------------------===//

StringRef NodeBinder::opType() const { return context.node.op_type(); }
StringRef NodeBinder::name() const { return context.name; }
StringRef NodeBinder::domain() const { return OpRegistry::normalizeDomain(context.node.domain()); }
int64_t NodeBinder::opset() const { return context.opset; }
int64_t NodeBinder::since() const { return context.entry.since; }
int64_t NodeBinder::variant() const { return context.entry.variant; }

size_t NodeBinder::numOperands() const { return context.inputs.size(); }

bool NodeBinder::hasOperand(size_t i) const {
  return i < context.inputs.size() && context.inputs[i];
}

Value NodeBinder::operand(size_t i) const { return bound(i).value; }

BoundValue NodeBinder::bound(size_t i) const {
  return i < context.inputs.size() ? context.inputs[i] : BoundValue();
}

SmallVector<Value> NodeBinder::operands(size_t first) const {
  SmallVector<Value> values;
  for (size_t i = first; i < context.inputs.size(); ++i)
    values.push_back(context.inputs[i].value);
  return values;
}

std::optional<SmallVector<int64_t>> NodeBinder::constantInts(size_t i) const {
  return NNBuilder::constantInts(operand(i));
}

std::optional<SmallVector<double>> NodeBinder::constantFloats(size_t i) const {
  return NNBuilder::constantFloats(operand(i));
}

SmallVector<int64_t> NodeBinder::requireInts(size_t i, StringRef what) {
  if (auto values = constantInts(i))
    return *values;
  emitError() << what << " must be a constant integer tensor";
  return {};
}

int64_t NodeBinder::requireInt(size_t i, StringRef what, int64_t otherwise) {
  auto values = constantInts(i);
  if (values && values->size() == 1)
    return values->front();
  emitError() << what << " must be one constant integer";
  return otherwise;
}

bool NodeBinder::requireRank(Value x, int64_t rank, StringRef what) {
  if (NNBuilder::rank(x) == rank)
    return true;
  emitError() << what << " must have rank " << rank << ", not " << NNBuilder::rank(x);
  return false;
}

bool NodeBinder::requireMinRank(Value x, int64_t rank, StringRef what) {
  if (NNBuilder::rank(x) >= rank)
    return true;
  emitError() << what << " must have at least rank " << rank << ", not " << NNBuilder::rank(x);
  return false;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

// The kind of an attribute; files from before IR 2 do not write it.
static int32_t kindOf(const AttributeProto &attribute) {
  if (attribute.type() != kAttrUndefined)
    return attribute.type();
  if (attribute.has_f())
    return kAttrFloat;
  if (attribute.has_i())
    return kAttrInt;
  if (attribute.has_s())
    return kAttrString;
  if (attribute.has_t())
    return kAttrTensor;
  if (attribute.has_g())
    return kAttrGraph;
  if (attribute.floats_size())
    return kAttrFloats;
  if (attribute.ints_size())
    return kAttrInts;
  if (attribute.strings_size())
    return kAttrStrings;
  return kAttrUndefined;
}

static const AttributeProto *findAttribute(const NodeContext &context, StringRef name) {
  for (const AttributeProto &attribute : context.node.attribute())
    if (attribute.name() == name)
      return context.environment.resolve(attribute);
  return nullptr;
}

const AttributeProto *NodeBinder::attribute(StringRef name, int32_t type, StringRef typeName) {
  const AttributeProto *found = findAttribute(context, name);
  if (!found)
    return nullptr;
  int32_t kind = kindOf(*found);
  // An empty list has no kind in old files.
  bool isList = type == kAttrInts || type == kAttrFloats || type == kAttrStrings;
  if (kind == type || (kind == kAttrUndefined && isList))
    return found;
  emitError() << "attribute '" << name << "' must be " << typeName;
  return nullptr;
}

bool NodeBinder::hasAttr(StringRef name) const { return findAttribute(context, name) != nullptr; }

std::optional<int64_t> NodeBinder::optionalInt(StringRef name) {
  const AttributeProto *found = attribute(name, kAttrInt, "an integer");
  return found ? std::optional<int64_t>(found->i()) : std::nullopt;
}

int64_t NodeBinder::intAttr(StringRef name, int64_t otherwise) {
  return optionalInt(name).value_or(otherwise);
}

bool NodeBinder::boolAttr(StringRef name, bool otherwise) { return intAttr(name, otherwise) != 0; }

int64_t NodeBinder::requiredInt(StringRef name) {
  if (!hasAttr(name))
    emitError() << "attribute '" << name << "' is missing";
  return intAttr(name, 0);
}

std::optional<double> NodeBinder::optionalFloat(StringRef name) {
  const AttributeProto *found = attribute(name, kAttrFloat, "a float");
  return found ? std::optional<double>(found->f()) : std::nullopt;
}

double NodeBinder::floatAttr(StringRef name, double otherwise) {
  return optionalFloat(name).value_or(otherwise);
}

std::string NodeBinder::stringAttr(StringRef name, StringRef otherwise) {
  const AttributeProto *found = attribute(name, kAttrString, "a string");
  return found ? found->s() : otherwise.str();
}

std::optional<SmallVector<int64_t>> NodeBinder::optionalInts(StringRef name) {
  const AttributeProto *found = attribute(name, kAttrInts, "a list of integers");
  if (!found)
    return std::nullopt;
  return SmallVector<int64_t>(found->ints().begin(), found->ints().end());
}

SmallVector<int64_t> NodeBinder::intsAttr(StringRef name, ArrayRef<int64_t> otherwise) {
  auto values = optionalInts(name);
  return values ? *values : SmallVector<int64_t>(otherwise);
}

SmallVector<double> NodeBinder::floatsAttr(StringRef name, ArrayRef<double> otherwise) {
  const AttributeProto *found = attribute(name, kAttrFloats, "a list of floats");
  if (!found)
    return SmallVector<double>(otherwise);
  return SmallVector<double>(found->floats().begin(), found->floats().end());
}

std::vector<std::string> NodeBinder::stringsAttr(StringRef name) {
  const AttributeProto *found = attribute(name, kAttrStrings, "a list of strings");
  if (!found)
    return {};
  return {found->strings().begin(), found->strings().end()};
}

// A tensor attribute as constant; reports what is wrong with it.
template <typename Proto>
static ElementsAttr readAttr(NodeBinder &n, const NodeContext &context, StringRef name,
                             const Proto &proto) {
  std::string error;
  auto data = context.importer.loadedModel().tensor(proto, error);
  ElementsAttr value = data ? constantAttr(n.b.getContext(), *data) : ElementsAttr();
  if (!value)
    n.emitError() << "attribute '" << name << "': " << error;
  return value;
}

ElementsAttr NodeBinder::tensorAttr(StringRef name) {
  const AttributeProto *found = attribute(name, kAttrTensor, "a tensor");
  return found ? readAttr(*this, context, name, found->t()) : ElementsAttr();
}

ElementsAttr NodeBinder::sparseTensorAttr(StringRef name) {
  const AttributeProto *found = attribute(name, kAttrSparseTensor, "a sparse tensor");
  return found ? readAttr(*this, context, name, found->sparse_tensor()) : ElementsAttr();
}

std::optional<std::vector<std::string>> NodeBinder::stringTensorAttr(StringRef name) {
  ElementsAttr value = tensorAttr(name);
  if (!value)
    return std::nullopt;
  if (!isa<nn::StrType>(value.getElementType())) {
    emitError() << "attribute '" << name << "' must be a tensor of strings";
    return std::nullopt;
  }
  return constantStrings(value);
}

const GraphProto *NodeBinder::graphAttr(StringRef name) {
  const AttributeProto *found = attribute(name, kAttrGraph, "a graph");
  return found ? &found->g() : nullptr;
}

const TypeProto *NodeBinder::typeAttr(StringRef name) {
  const AttributeProto *found = attribute(name, kAttrTypeProto, "a type");
  return found ? &found->tp() : nullptr;
}

Type NodeBinder::dataType(int64_t onnxType) {
  bool inRange = onnxType >= kFloat && onnxType <= kInt2;
  if (inRange)
    return elementTypeOf(b.getContext(), static_cast<int32_t>(onnxType));
  emitError() << "unknown element type " << onnxType;
  return b.getF32Type();
}

int64_t NodeBinder::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  emitError() << "axis " << axis << " is not in [" << -rank << ", " << rank - 1
              << "], the axes of a tensor of rank " << rank;
  return 0;
}

SmallVector<int64_t> NodeBinder::normalizeAxes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  llvm::SmallSet<int64_t, 8> seen;
  for (int64_t axis : axes) {
    result.push_back(normalizeAxis(axis, rank));
    if (!seen.insert(result.back()).second && !failed())
      emitError() << "axis " << axis << " is given twice";
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Results and subgraphs
//===----------------------------------------------------------------------===//

size_t NodeBinder::numResults() const { return context.outputs.size(); }

bool NodeBinder::hasResult(size_t i) const {
  return i < context.outputs.size() && !context.node.output(i).empty();
}

void NodeBinder::setResult(size_t i, BoundValue value) {
  if (i < context.outputs.size())
    context.outputs[i] = std::move(value);
}

void NodeBinder::setResult(size_t i, Value value) { setResult(i, BoundValue(value)); }

RankedTensorType NodeBinder::declaredType(size_t i) {
  if (!hasResult(i))
    return nullptr;
  const TypeProto *type = context.scope.declared.lookup(context.node.output(i));
  return type ? context.importer.tensorType(*type) : RankedTensorType();
}

LogicalResult NodeBinder::importGraph(const GraphProto &graph, ArrayRef<BoundValue> inputs,
                                      SmallVectorImpl<BoundValue> &results) {
  if (failed() || mlir::failed(context.importer.importGraph(
                      graph, context.scope, context.environment, loc, inputs, results))) {
    fail();
    return failure();
  }
  return success();
}

LogicalResult NodeBinder::importRest(ArrayRef<BoundValue> results,
                                     SmallVectorImpl<BoundValue> &outputs) {
  return context.importRest(results, outputs);
}

void NodeBinder::setRest(ArrayRef<BoundValue> outputs) {
  context.rest = SmallVector<BoundValue>(outputs);
}

LogicalResult NodeBinder::importGraph(const GraphProto &graph, ValueRange inputs,
                                      SmallVectorImpl<Value> &results) {
  SmallVector<BoundValue> bound(inputs.begin(), inputs.end());
  SmallVector<BoundValue> outputs;
  if (mlir::failed(importGraph(graph, bound, outputs)))
    return failure();
  for (const BoundValue &output : outputs) {
    if (!output.isPlain())
      return emitError() << "its subgraph must give tensors";
    results.push_back(output.value);
  }
  return success();
}
