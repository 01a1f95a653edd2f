//===- NNBuilder.cpp - Makes nn ops from what users wrote -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/NNBuilder.h"

#include "dialects/nn/interpreter/Interpreter.h"
#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace burin;

NodeDiagnostic NNBuilder::emitError() {
  // What comes after the first problem is mostly its consequence.
  if (hasFailed)
    return {};
  hasFailed = true;
  return NodeDiagnostic(mlir::emitError(loc));
}

InFlightDiagnostic NNBuilder::emitWarning() { return mlir::emitWarning(loc); }

// The result of an op that could not be made: as much like its operands as
// can be, so that the rest of a decomposition finds what it expects.
static Type standInType(OpBuilder &b, ValueRange operands) {
  for (Value operand : operands)
    if (isa<RankedTensorType>(operand.getType()))
      return operand.getType();
  return RankedTensorType::get({}, b.getF32Type());
}

bool NNBuilder::checkSizes(TypeRange types) {
  for (Type type : types) {
    int64_t count = 1;
    for (int64_t extent : cast<RankedTensorType>(type).getShape()) {
      if (ShapedType::isDynamic(extent) || extent == 0)
        continue;
      if (llvm::MulOverflow(count, extent, count) || count > nn::kMaxElements) {
        emitError() << "its result of type " << type << " has more than 2^40 elements";
        return false;
      }
    }
  }
  return true;
}

SmallVector<Value> NNBuilder::finish(OperationState &state, InferFn infer) {
  unsigned count = state.types.size();
  // A missing optional input where an op wants one.
  if (llvm::is_contained(state.operands, Value())) {
    llvm::erase(state.operands, Value());
    if (!hasFailed)
      emitError() << "an input is missing that this operator needs";
  }
  if (!hasFailed && infer) {
    SmallVector<Type> types;
    if (mlir::failed(infer(b.getContext(), loc, state.operands,
                           state.attributes.getDictionary(b.getContext()), state.getRawProperties(),
                           state.regions, types)))
      hasFailed = true;
    else if (checkSizes(types))
      state.types.assign(types.begin(), types.end());
  }
  if (hasFailed && infer)
    state.types.assign(std::max(count, 3u), standInType(b, state.operands));
  // Of a failed op only its results are looked at, whatever its kind says of
  // their number.
  if (hasFailed) {
    auto stand = b.create<UnrealizedConversionCastOp>(loc, state.types, ValueRange());
    return SmallVector<Value>(stand.getResults());
  }
  Operation *op = b.create(state);
  if (mlir::failed(mlir::verify(op, /*verifyRecursively=*/false))) {
    hasFailed = true;
    return SmallVector<Value>(op->getResults());
  }
  return foldIfConstant(b, op);
}

/// Static extents picked out of the shape of a tensor that has dynamic ones too;
/// conditions of If often depend on them. Null where others are picked.
static ElementsAttr pickExtents(Operation *op) {
  auto shape = isa<nn::GatherOp, nn::SliceOp>(op) ? op->getOperand(0).getDefiningOp<nn::ShapeOfOp>()
                                                  : nullptr;
  if (!shape)
    return nullptr;
  auto resultType = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<int64_t> positions;
  if (auto gather = dyn_cast<nn::GatherOp>(op)) {
    auto indices = NNBuilder::constantInts(gather.getIdx());
    if (!indices)
      return nullptr;
    positions = *indices;
  } else {
    auto slice = cast<nn::SliceOp>(op);
    auto offsets = NNBuilder::constantInts(slice.getOffsets());
    auto sizes = NNBuilder::constantInts(slice.getSizes());
    if (!offsets || !sizes || offsets->size() != 1 || sizes->size() != 1)
      return nullptr;
    int64_t stride = slice.getStrides().empty() ? 1 : slice.getStrides()[0];
    for (int64_t i = 0, e = std::min<int64_t>(sizes->front(), kMaxFoldedBytes); i < e; ++i)
      positions.push_back(offsets->front() + i * stride);
  }
  auto x = cast<RankedTensorType>(shape.getX().getType());
  if (!resultType.hasStaticShape() ||
      resultType.getNumElements() != static_cast<int64_t>(positions.size()))
    return nullptr;
  nn::Tensor tensor(resultType.getElementType(), resultType.getShape());
  for (auto [i, position] : llvm::enumerate(positions)) {
    if (position < 0 || position >= x.getRank() || x.isDynamicDim(position))
      return nullptr;
    tensor.mutableAs<int64_t>()[i] = x.getDimSize(position);
  }
  return tensor.toAttr();
}

SmallVector<Value> burin::foldIfConstant(OpBuilder &b, Operation *op) {
  SmallVector<Value> results(op->getResults());
  if (ElementsAttr extents = pickExtents(op)) {
    Value constant = b.create<nn::ConstantOp>(op->getLoc(), extents);
    op->erase();
    return {constant};
  }
  // A dequantize tells quantize-compute what a constant means; it folds later.
  if (results.empty() || isa<nn::ConstantOp, nn::DequantizeOp>(op) || !isMemoryEffectFree(op))
    return results;
  // The interpreter is slow; big weights wait for the fold pass.
  constexpr int64_t kMaxReadBytes = 16 * kMaxFoldedBytes;
  int64_t readBytes = 0;
  for (Value operand : op->getOperands()) {
    auto constant = operand.getDefiningOp<nn::ConstantOp>();
    if (!constant)
      return results;
    ElementsAttr value = constant.getValue();
    readBytes += value.getNumElements() * nn::elementBytes(value.getElementType());
    if (readBytes > kMaxReadBytes)
      return results;
  }
  int64_t maxElements = kMaxFoldedBytes;
  for (Value result : results) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type || isa<nn::StrType>(type.getElementType()))
      return results;
    int64_t bytes = nn::elementBytes(type.getElementType());
    maxElements = std::min(maxElements, kMaxFoldedBytes / bytes);
  }
  FailureOr<SmallVector<ElementsAttr>> folded = nn::foldOp(op, maxElements);
  if (mlir::failed(folded) || folded->size() != results.size())
    return results;
  SmallVector<Value> constants;
  for (ElementsAttr value : *folded)
    constants.push_back(b.create<nn::ConstantOp>(op->getLoc(), value));
  op->erase();
  return constants;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value NNBuilder::constant(ElementsAttr value) { return b.create<nn::ConstantOp>(loc, value); }

Value NNBuilder::ints(ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, b.getI64Type());
  nn::Tensor tensor(type.getElementType(), type.getShape());
  std::copy(values.begin(), values.end(), tensor.mutableAs<int64_t>());
  return constant(tensor.toAttr());
}

Value NNBuilder::numbers(Type elementType, ArrayRef<double> values) {
  nn::Tensor tensor(elementType, {static_cast<int64_t>(values.size())});
  for (auto [i, value] : llvm::enumerate(values))
    tensor.setFloat(i, value);
  return constant(tensor.toAttr());
}

Value NNBuilder::index(int64_t value) { return nn::createIndex(b, loc, value); }

Value NNBuilder::scalar(Type elementType, double value) {
  return nn::createScalar(b, loc, elementType, value);
}

Value NNBuilder::scalarLike(Value x, double value) { return scalar(elementType(x), value); }

ElementsAttr NNBuilder::constantValue(Value value) {
  auto op = value ? value.getDefiningOp<nn::ConstantOp>() : nullptr;
  return op ? op.getValue() : ElementsAttr();
}

// The tensor of a constant that is small enough to be read element by element.
static std::optional<nn::Tensor> smallConstant(Value value) {
  ElementsAttr attr = NNBuilder::constantValue(value);
  constexpr int64_t kMaxElements = 1 << 20;
  if (!attr || attr.getNumElements() > kMaxElements || !attr.getElementType().isIntOrFloat())
    return std::nullopt;
  return nn::Tensor::fromAttr(attr);
}

std::optional<SmallVector<int64_t>> NNBuilder::constantInts(Value value) {
  auto tensor = smallConstant(value);
  if (!tensor || !isa<IntegerType>(tensor->elementType()))
    return std::nullopt;
  SmallVector<int64_t> values(tensor->size());
  for (auto [i, element] : llvm::enumerate(values))
    element = tensor->intAt(i);
  return values;
}

std::optional<SmallVector<double>> NNBuilder::constantFloats(Value value) {
  auto tensor = smallConstant(value);
  if (!tensor)
    return std::nullopt;
  SmallVector<double> values(tensor->size());
  for (auto [i, element] : llvm::enumerate(values))
    element = tensor->floatAt(i);
  return values;
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

Type NNBuilder::elementType(Value x) {
  if (auto shaped = dyn_cast<ShapedType>(x.getType()))
    return shaped.getElementType();
  return x.getType();
}

ArrayRef<int64_t> NNBuilder::shape(Value x) {
  auto type = x ? dyn_cast<RankedTensorType>(x.getType()) : RankedTensorType();
  return type ? type.getShape() : ArrayRef<int64_t>();
}

int64_t NNBuilder::rank(Value x) { return shape(x).size(); }

int64_t NNBuilder::dim(Value x, int64_t axis) {
  ArrayRef<int64_t> dims = shape(x);
  bool inside = axis >= 0 && axis < static_cast<int64_t>(dims.size());
  return inside ? dims[axis] : ShapedType::kDynamic;
}

bool NNBuilder::isFloat(Value x) {
  Type type = elementType(x);
  return type.isF64() || type.isF32() || type.isF16() || type.isBF16();
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

Value NNBuilder::unary(nn::UnaryFn fn, Value x, double alpha, double beta) {
  return create<nn::UnaryOp>(nn::UnaryFnAttr::get(b.getContext(), fn), x, b.getF64FloatAttr(alpha),
                             b.getF64FloatAttr(beta));
}

Value NNBuilder::binary(nn::BinaryFn fn, Value lhs, Value rhs) {
  return create<nn::BinaryOp>(nn::BinaryFnAttr::get(b.getContext(), fn), lhs, rhs);
}

Value NNBuilder::compare(nn::CompareFn fn, Value lhs, Value rhs) {
  return create<nn::CompareOp>(nn::CompareFnAttr::get(b.getContext(), fn), lhs, rhs);
}

Value NNBuilder::select(Value condition, Value ifTrue, Value ifFalse) {
  return create<nn::SelectOp>(condition, ifTrue, ifFalse);
}

Value NNBuilder::cast(Value x, Type type) {
  if (elementType(x) == type)
    return x;
  return create<nn::CastOp>(x, TypeAttr::get(type), b.getBoolAttr(true),
                            nn::RoundModeAttr::get(b.getContext(), nn::RoundMode::rne));
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

Value NNBuilder::reshape(Value x, ArrayRef<int64_t> shape) {
  if (NNBuilder::shape(x) == shape && isa<RankedTensorType>(x.getType()) &&
      !llvm::is_contained(shape, ShapedType::kDynamic))
    return x;
  return reshape(x, ints(shape));
}

Value NNBuilder::reshape(Value x, Value shape) { return create<nn::ReshapeOp>(x, shape); }

Value NNBuilder::transpose(Value x, ArrayRef<int64_t> perm) {
  return create<nn::TransposeOp>(x, b.getDenseI64ArrayAttr(perm));
}

Value NNBuilder::broadcastTo(Value x, Value shape) { return create<nn::BroadcastToOp>(x, shape); }

Value NNBuilder::slice(Value x, Value offsets, Value sizes, ArrayRef<int64_t> strides) {
  return create<nn::SliceOp>(x, offsets, sizes, b.getDenseI64ArrayAttr(strides));
}

Value NNBuilder::concat(ArrayRef<Value> parts, int64_t axis) {
  if (parts.size() == 1)
    return parts.front();
  return create<nn::ConcatOp>(parts, b.getI64IntegerAttr(axis));
}

Value NNBuilder::gather(Value x, Value indices, int64_t axis, int64_t batchDims) {
  return create<nn::GatherOp>(x, indices, b.getI64IntegerAttr(axis),
                              b.getI64IntegerAttr(batchDims));
}

Value NNBuilder::iota(Value n, Type elementType) {
  return create<nn::IotaOp>(n, TypeAttr::get(elementType));
}

Value NNBuilder::reduce(nn::ReduceFn fn, Value x, ArrayRef<int64_t> axes, bool keepDims) {
  return create<nn::ReduceOp>(nn::ReduceFnAttr::get(b.getContext(), fn), x,
                              b.getDenseI64ArrayAttr(axes), b.getBoolAttr(keepDims));
}

SmallVector<Value> NNBuilder::call(StringRef callee, TypeRange types, ValueRange operands,
                                   ArrayRef<int64_t> intValues, ArrayRef<double> floatValues,
                                   ArrayRef<bool> present) {
  OperationState state(loc, nn::CallOp::getOperationName());
  nn::CallOp::build(b, state, types, b.getStringAttr(callee), operands,
                    b.getDenseI64ArrayAttr(intValues), b.getDenseF64ArrayAttr(floatValues),
                    b.getDenseBoolArrayAttr(present));
  return finish(state, nullptr);
}

//===----------------------------------------------------------------------===//
// Extents
//===----------------------------------------------------------------------===//

Value NNBuilder::shapeOf(Value x) {
  auto type = dyn_cast<RankedTensorType>(x.getType());
  if (type && type.hasStaticShape())
    return ints(type.getShape());
  return create<nn::ShapeOfOp>(x);
}

Extent NNBuilder::extent(Value x, int64_t axis) {
  if (!ShapedType::isDynamic(dim(x, axis)))
    return dim(x, axis);
  return slice(shapeOf(x), ints({axis}), ints({1}));
}

SmallVector<Extent> NNBuilder::extents(Value x) {
  SmallVector<Extent> result;
  for (int64_t axis = 0, e = rank(x); axis < e; ++axis)
    result.push_back(extent(x, axis));
  return result;
}

Value NNBuilder::shapeFrom(ArrayRef<Extent> extents) {
  SmallVector<Value> parts;
  SmallVector<int64_t> run;
  auto flush = [&] {
    if (!run.empty())
      parts.push_back(ints(run));
    run.clear();
  };
  for (const Extent &extent : extents) {
    if (extent.isStatic()) {
      run.push_back(extent.value);
      continue;
    }
    flush();
    parts.push_back(extent.dynamic);
  }
  flush();
  return parts.empty() ? ints({}) : concat(parts, 0);
}

Extent NNBuilder::product(ArrayRef<Extent> extents) {
  int64_t known = 1;
  Value dynamic;
  for (const Extent &extent : extents) {
    if (!extent.isStatic())
      dynamic = dynamic ? mul(dynamic, extent.dynamic) : extent.dynamic;
    else if (llvm::MulOverflow(known, extent.value, known))
      emitError() << "the product of its extents overflows";
  }
  if (!dynamic)
    return known;
  return known == 1 ? dynamic : mul(dynamic, ints({known}));
}
