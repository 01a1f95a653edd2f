//===- SequenceOps.cpp - Sequences of known length, optionals -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// A sequence exists during import only: a list of tensors. So its length and
// all positions in it must be known.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;

/// The elements of operand `i`; null after a message where it is none.
static BoundValue::Sequence sequenceOperand(NodeBinder &n, size_t i) {
  BoundValue bound = n.bound(i);
  if (!bound.sequence)
    n.emitError() << "input " << i << " is not a sequence";
  return bound.sequence;
}

/// The tensor in operand `i`; null after a message where it is none.
static Value tensorOperand(NodeBinder &n, size_t i) {
  BoundValue bound = n.bound(i);
  if (!bound.isPlain() || !isa<RankedTensorType>(bound.value.getType())) {
    n.emitError() << "input " << i << " is not a tensor";
    return nullptr;
  }
  return bound.value;
}

/// The constant position in operand `i`, from the end where negative, below
/// `limit`.
static std::optional<int64_t> positionOperand(NodeBinder &n, size_t i, int64_t limit) {
  Value value = tensorOperand(n, i);
  if (!value)
    return std::nullopt;
  auto numbers = n.constantInts(value);
  if (!numbers || numbers->size() != 1) {
    n.emitError() << "the position in a sequence must be constant";
    return std::nullopt;
  }
  int64_t length = static_cast<int64_t>(sequenceOperand(n, 0)->size());
  int64_t position = numbers->front() < 0 ? numbers->front() + length : numbers->front();
  if (position < 0 || position >= limit) {
    n.emitError() << "position " << numbers->front() << " is not in a sequence of " << length;
    return std::nullopt;
  }
  return position;
}

static LogicalResult importSequenceEmpty(NodeBinder &n) {
  Type type = n.dataType(n.intAttr("dtype", 1));
  n.setResult(0, BoundValue::makeSequence({}, type));
  return success();
}

static LogicalResult importSequenceConstruct(NodeBinder &n) {
  SmallVector<Value> values;
  for (size_t i = 0; i < n.numOperands(); ++i)
    values.push_back(n.operand(i));
  n.setResult(0, BoundValue::makeSequence(values, n.elementType(0)));
  return success();
}

static LogicalResult importSequenceLength(NodeBinder &n) {
  BoundValue::Sequence sequence = sequenceOperand(n, 0);
  if (!sequence)
    return failure();
  n.setResult(0, n.index(static_cast<int64_t>(sequence->size())));
  return success();
}

static LogicalResult importSequenceAt(NodeBinder &n) {
  BoundValue::Sequence sequence = sequenceOperand(n, 0);
  if (!sequence)
    return failure();
  auto position = positionOperand(n, 1, static_cast<int64_t>(sequence->size()));
  if (!position)
    return failure();
  n.setResult(0, (*sequence)[*position]);
  return success();
}

static LogicalResult importSequenceInsert(NodeBinder &n) {
  BoundValue::Sequence sequence = sequenceOperand(n, 0);
  Value value = sequence ? tensorOperand(n, 1) : Value();
  if (!value)
    return failure();
  Type type = n.bound(0).elements;
  if (type && type != NNBuilder::elementType(value))
    return n.emitError() << "cannot insert elements of " << NNBuilder::elementType(value)
                         << " into a sequence of " << type;
  SmallVector<Value> values(*sequence);
  int64_t length = static_cast<int64_t>(values.size());
  std::optional<int64_t> position = length;
  if (n.hasOperand(2))
    position = positionOperand(n, 2, length + 1);
  if (!position)
    return failure();
  values.insert(values.begin() + *position, value);
  n.setResult(0, BoundValue::makeSequence(values, NNBuilder::elementType(value)));
  return success();
}

static LogicalResult importSequenceErase(NodeBinder &n) {
  BoundValue::Sequence sequence = sequenceOperand(n, 0);
  if (!sequence)
    return failure();
  SmallVector<Value> values(*sequence);
  std::optional<int64_t> position = static_cast<int64_t>(values.size()) - 1;
  if (n.hasOperand(1))
    position = positionOperand(n, 1, static_cast<int64_t>(values.size()));
  if (!position)
    return failure();
  if (values.empty())
    return n.emitError() << "cannot erase from an empty sequence";
  values.erase(values.begin() + *position);
  n.setResult(0, BoundValue::makeSequence(values, n.bound(0).elements));
  return success();
}

static LogicalResult importConcatFromSequence(NodeBinder &n) {
  BoundValue::Sequence sequence = sequenceOperand(n, 0);
  if (!sequence)
    return failure();
  if (sequence->empty())
    return n.emitError() << "cannot concatenate an empty sequence";
  bool stack = n.boolAttr("new_axis", false);
  int64_t rank = NNBuilder::rank(sequence->front());
  int64_t axis = n.normalizeAxis(n.requiredInt("axis"), rank + stack);
  if (n.failed())
    return failure();
  SmallVector<Value> parts;
  for (Value part : *sequence) {
    if (!n.requireRank(part, rank, "every element"))
      return failure();
    if (stack) {
      SmallVector<Extent> extents = n.extents(part);
      extents.insert(extents.begin() + axis, Extent(1));
      part = n.reshape(part, extents);
    }
    parts.push_back(part);
  }
  n.setResult(0, parts.size() == 1 ? parts.front() : n.concat(parts, axis));
  return success();
}

static LogicalResult importSplitToSequence(NodeBinder &n) {
  // More parts than this are no sequence but a loop.
  constexpr int64_t maxParts = 4096;
  Value x = n.operand(0);
  int64_t axis = n.axisAttr("axis", 0, n.rank(0)), length = n.dim(x, axis);
  if (n.failed())
    return failure();
  if (length == ShapedType::kDynamic)
    return n.emitError() << "the extent of axis " << axis << " must be known";
  SmallVector<int64_t> sizes;
  bool isChunk = !n.hasOperand(1) || n.rank(1) == 0;
  if (isChunk) {
    int64_t chunk = n.hasOperand(1) ? n.requireInt(1, "split", 1) : 1;
    if (!n.failed() && (chunk < 1 || length / chunk >= maxParts))
      return n.emitError() << "cannot split " << length << " elements into parts of " << chunk;
    for (int64_t first = 0; first < length && !n.failed(); first += chunk)
      sizes.push_back(std::min(chunk, length - first));
  } else {
    sizes = n.requireInts(1, "split");
  }
  if (n.failed())
    return failure();
  bool drop = !n.hasOperand(1) && !n.boolAttr("keepdims", true);
  SmallVector<int64_t> offsets(n.rank(0), 0);
  SmallVector<Extent> extents = n.extents(x);
  SmallVector<Value> parts;
  for (int64_t size : sizes) {
    if (size < 0 || size > length - offsets[axis])
      return n.emitError() << "'split' exceeds the " << length << " elements of axis " << axis;
    extents[axis] = size;
    Value part = n.slice(x, n.ints(offsets), n.shapeFrom(extents));
    if (drop) {
      SmallVector<Extent> dropped(extents);
      dropped.erase(dropped.begin() + axis);
      part = n.reshape(part, dropped);
    }
    parts.push_back(part);
    offsets[axis] += size;
  }
  if (offsets[axis] != length)
    return n.emitError() << "'split' covers " << offsets[axis] << " of " << length << " elements";
  n.setResult(0, BoundValue::makeSequence(parts, n.elementType(0)));
  return success();
}

static LogicalResult importSequenceMap(NodeBinder &n) {
  const onnx::GraphProto *body = n.graphAttr("body");
  if (!body && !n.failed())
    return n.emitError() << "attribute 'body' is missing";
  BoundValue::Sequence first = sequenceOperand(n, 0);
  if (!body || !first)
    return failure();
  SmallVector<SmallVector<Value>> collected(n.numResults());
  for (size_t trip = 0; trip < first->size(); ++trip) {
    SmallVector<BoundValue> inputs, results;
    for (size_t i = 0; i < n.numOperands(); ++i) {
      BoundValue input = n.bound(i);
      if (input.sequence && input.sequence->size() != first->size())
        return n.emitError() << "input " << i << " has " << input.sequence->size()
                             << " elements, the first one " << first->size();
      inputs.push_back(input.sequence ? BoundValue((*input.sequence)[trip]) : input);
    }
    if (failed(n.importGraph(*body, inputs, results)))
      return failure();
    for (auto [i, result] : llvm::enumerate(results)) {
      if (!result.isPlain() || i >= collected.size())
        return n.emitError() << "its body must give one tensor per output";
      collected[i].push_back(result.value);
    }
  }
  for (auto [i, values] : llvm::enumerate(collected)) {
    if (values.empty())
      return n.emitError() << "an empty sequence tells no type of output " << i;
    n.setResult(i, BoundValue::makeSequence(values, NNBuilder::elementType(values.front())));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Optionals
//===----------------------------------------------------------------------===//

static Value flag(NodeBinder &n, bool value) { return n.scalar(n.b.getI1Type(), value); }

static LogicalResult importOptional(NodeBinder &n) {
  if (n.hasOperand(0)) {
    BoundValue bound = n.bound(0);
    // An optional sequence that is there is just that sequence.
    n.setResult(0, bound.isPlain() ? BoundValue(flag(n, true), bound.value) : bound);
    return success();
  }
  const onnx::TypeProto *type = n.typeAttr("type");
  if (!type || !type->has_tensor_type())
    return n.emitError() << "an empty optional needs the 'type' of a tensor";
  SmallVector<int64_t> shape;
  for (const auto &dim : type->tensor_type().shape().dim())
    shape.push_back(dim.has_dim_value() ? dim.dim_value() : 0);
  Type element = n.dataType(type->tensor_type().elem_type());
  if (n.failed())
    return failure();
  n.setResult(0, BoundValue(flag(n, false), n.broadcastTo(n.scalar(element, 0), n.ints(shape))));
  return success();
}

static LogicalResult importOptionalHasElement(NodeBinder &n) {
  BoundValue bound = n.hasOperand(0) ? n.bound(0) : BoundValue();
  n.setResult(0, bound.present ? bound.present : flag(n, bool(bound)));
  return success();
}

static LogicalResult importOptionalGetElement(NodeBinder &n) {
  BoundValue bound = n.bound(0);
  if (!bound)
    return n.emitError() << "has no input";
  if (!bound.present) {
    n.setResult(0, bound);
    return success();
  }
  n.create<nn::CheckOp>(bound.present, n.b.getI32IntegerAttr(1),
                        n.b.getStringAttr("an optional value is missing"));
  n.setResult(0, bound.value);
  return success();
}

void burin::registerSequenceOps(OpRegistry &registry) {
  auto add = [&](StringRef opType, int64_t since, Arity arity, ImportFn import) {
    registry.add(opType, since, arity, import, 0, Accepts::Anything);
  };
  registry.add("SequenceEmpty", 11, 0, importSequenceEmpty);
  registry.add("SequenceConstruct", 11, Arity::atLeast(1), importSequenceConstruct);
  add("SequenceLength", 11, 1, importSequenceLength);
  add("SequenceAt", 11, 2, importSequenceAt);
  add("SequenceInsert", 11, {2, 3}, importSequenceInsert);
  add("SequenceErase", 11, {1, 2}, importSequenceErase);
  add("ConcatFromSequence", 11, 1, importConcatFromSequence);
  for (int64_t since : {11, 24})
    registry.add("SplitToSequence", since, {1, 2}, importSplitToSequence);
  add("SequenceMap", 17, Arity::atLeast(1), importSequenceMap);
  add("Optional", 15, {0, 1}, importOptional);
  add("OptionalHasElement", 15, {0, 1}, importOptionalHasElement);
  for (int64_t since : {15, 18})
    add("OptionalGetElement", since, 1, importOptionalGetElement);
}
