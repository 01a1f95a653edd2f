//===- CreationOps.cpp - Operators that make tensors out of little --------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;
using nn::BinaryFn;
using nn::CompareFn;

static LogicalResult importIdentity(NodeBinder &n) {
  n.setResult(0, n.bound(0));
  return success();
}

//===----------------------------------------------------------------------===//
// Constant
//===----------------------------------------------------------------------===//

/// Text elements as a constant; 0-D where there is one and `scalar`.
static ElementsAttr textConstant(NodeBinder &n, const std::vector<std::string> &values,
                                 bool scalar) {
  SmallVector<StringRef> texts(values.begin(), values.end());
  SmallVector<int64_t> shape;
  if (!scalar)
    shape.push_back(static_cast<int64_t>(texts.size()));
  auto type = RankedTensorType::get(shape, nn::StrType::get(n.b.getContext()));
  return cast<ElementsAttr>(DenseStringElementsAttr::get(type, texts));
}

static LogicalResult importConstant(NodeBinder &n) {
  if (n.hasAttr("value") || n.hasAttr("sparse_value")) {
    ElementsAttr value =
        n.hasAttr("value") ? n.tensorAttr("value") : n.sparseTensorAttr("sparse_value");
    if (!value)
      return failure();
    n.setResult(0, n.constant(value));
    return success();
  }
  if (n.hasAttr("value_int")) {
    n.setResult(0, n.index(n.intAttr("value_int", 0)));
    return success();
  }
  if (n.hasAttr("value_ints")) {
    n.setResult(0, n.ints(n.intsAttr("value_ints")));
    return success();
  }
  if (n.hasAttr("value_float")) {
    n.setResult(0, n.scalar(n.b.getF32Type(), n.floatAttr("value_float", 0)));
    return success();
  }
  if (n.hasAttr("value_floats")) {
    n.setResult(0, n.numbers(n.b.getF32Type(), n.floatsAttr("value_floats")));
    return success();
  }
  if (n.hasAttr("value_string")) {
    n.setResult(0, n.constant(textConstant(n, {n.stringAttr("value_string", "")}, true)));
    return success();
  }
  if (n.hasAttr("value_strings")) {
    n.setResult(0, n.constant(textConstant(n, n.stringsAttr("value_strings"), false)));
    return success();
  }
  return n.emitError() << "has no value";
}

static LogicalResult importConstantOfShape(NodeBinder &n) {
  Value value = n.scalar(n.b.getF32Type(), 0);
  if (n.hasAttr("value")) {
    ElementsAttr attr = n.tensorAttr("value");
    if (!attr)
      return failure();
    if (attr.getNumElements() != 1)
      return n.emitError() << "'value' must have one element, not " << attr.getNumElements();
    value = n.reshape(n.constant(attr), ArrayRef<int64_t>{});
  }
  Value shape = n.operand(0);
  auto declared = ShapeMath(n).declaredShape(0);
  if (declared && !n.constantInts(0))
    shape = n.ints(*declared);
  n.setResult(0, n.broadcastTo(value, n.cast(shape, n.b.getI64Type())));
  return success();
}

//===----------------------------------------------------------------------===//
// Range, EyeLike
//===----------------------------------------------------------------------===//

/// max(0, ceil((limit - start) / delta)) as 0-D i64.
static Value rangeCount(NodeBinder &n, Value start, Value limit, Value delta) {
  Type i64 = n.b.getI64Type();
  Value count;
  if (NNBuilder::isFloat(start)) {
    auto wide = [&](Value value) { return n.cast(value, n.b.getF64Type()); };
    Value steps = n.div(n.sub(wide(limit), wide(start)), wide(delta));
    count = n.cast(n.unary(nn::UnaryFn::ceil, steps), i64);
  } else {
    // Truncation of (distance + delta - sign) / delta is the ceiling.
    Value step = n.cast(delta, i64);
    Value distance = n.sub(n.cast(limit, i64), n.cast(start, i64));
    Value slack = n.sub(step, n.unary(nn::UnaryFn::sign, step));
    count = n.div(n.add(distance, slack), step);
  }
  return n.binary(BinaryFn::max, count, n.index(0));
}

static LogicalResult importRange(NodeBinder &n) {
  Value ends[3];
  for (auto [i, end] : llvm::enumerate(ends)) {
    end = n.operand(i);
    if (n.rank(i) != 0)
      end = n.reshape(end, ArrayRef<int64_t>{});
  }
  Type type = n.elementType(0);
  Value count;
  auto declared = ShapeMath(n).declaredShape(0);
  count = rangeCount(n, ends[0], ends[1], ends[2]);
  if (!NNBuilder::constantInts(count) && declared && declared->size() == 1)
    count = n.index(declared->front());
  bool narrow = type.isF16() || type.isBF16();
  Type inside = narrow ? n.b.getF32Type() : type;
  Value steps = n.mul(n.iota(count, inside), n.cast(ends[2], inside));
  n.setResult(0, n.cast(n.add(n.cast(ends[0], inside), steps), type));
  return success();
}

/// column - row of every position of the last two axes, as i64 [rows, columns].
static Value diagonalIndex(NodeBinder &n, Value x) {
  ShapeMath math(n);
  int64_t rank = n.NNBuilder::rank(x);
  Value rows = n.reshape(math.iota(n.extent(x, rank - 2)), ArrayRef<int64_t>{-1, 1});
  return n.sub(math.iota(n.extent(x, rank - 1)), rows);
}

static LogicalResult importEyeLike(NodeBinder &n) {
  Value x = n.operand(0);
  if (!n.requireRank(x, 2, "the input"))
    return failure();
  Type type = n.hasAttr("dtype") ? n.dataType(n.requiredInt("dtype")) : n.elementType(0);
  Value diagonal = n.index(n.intAttr("k", 0));
  n.setResult(0, n.cast(n.compare(CompareFn::eq, diagonalIndex(n, x), diagonal), type));
  return success();
}

static LogicalResult importTrilu(NodeBinder &n) {
  Value x = n.operand(0);
  if (!n.requireMinRank(x, 2, "the input"))
    return failure();
  Value diagonal = n.index(0);
  if (n.hasOperand(1))
    diagonal = ShapeMath(n).scalar(ShapeMath(n).fromValue(n.operand(1)));
  CompareFn kept = n.boolAttr("upper", true) ? CompareFn::ge : CompareFn::le;
  Value keep = n.compare(kept, diagonalIndex(n, x), diagonal);
  n.setResult(0, n.select(keep, x, n.scalarLike(x, 0)));
  return success();
}

void burin::registerCreationOps(OpRegistry &registry) {
  registry.add("Identity", 1, 1, importIdentity, 0, Accepts::Anything);
  registry.add("Constant", 1, 0, importConstant);
  registry.add("ConstantOfShape", 9, 1, importConstantOfShape);
  registry.add("Range", 11, 3, importRange);
  registry.add("EyeLike", 9, 1, importEyeLike);
  registry.add("Trilu", 14, {1, 2}, importTrilu);
}
