//===- Interpreter.cpp - Evaluation of single ops -------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/interpreter/Interpreter.h"
#include "dialects/nn/CallExtents.h"
#include "dialects/nn/interpreter/Kernels.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace burin::nn {

namespace interp {

/// Whether the contents of an operand of this type matter to inference.
static bool isShapeLike(Operation *op, Type type) {
  return isa<ReshapeOp, BroadcastToOp, SliceOp, PadOp, IotaOp, TopKOp, RandomOp>(op) &&
         (isShapeType(type) || isIndexScalarType(type));
}

/// The types of a call's results, with what its operands tell of extents that
/// the op leaves open.
static void inferCallTypes(CallOp op, ArrayRef<Tensor> operands, SmallVectorImpl<Type> &types) {
  constexpr int64_t kUnknown = ShapedType::kDynamic;
  auto product = [&](ArrayRef<int64_t> factors) {
    int64_t result = 1;
    for (int64_t factor : factors)
      if (factor == kUnknown || llvm::MulOverflow(result, factor, result))
        return kUnknown;
    return result;
  };
  auto min = [&](int64_t a, int64_t b) { return std::min(a, b); };
  auto constant = [](int64_t value) { return value; };
  auto dims = [&](size_t i) { return SmallVector<int64_t>(operands[i].shape()); };
  auto lists = callExtents<int64_t>(op, {dims, product, min, constant, kUnknown});
  for (auto [i, type] : llvm::enumerate(op.getResultTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    SmallVector<int64_t> shape(tensor.getShape());
    bool known = i < lists.size() && lists[i].size() == shape.size();
    for (size_t axis = 0; known && axis < shape.size(); ++axis)
      if (ShapedType::isDynamic(shape[axis]))
        shape[axis] = lists[i][axis];
    types.push_back(RankedTensorType::get(shape, tensor.getElementType()));
  }
}

/// The result types for operands of known shape and contents, from the op's
/// own inference, which also checks the shapes.
static LogicalResult inferTypes(Operation *op, ArrayRef<Tensor> operands, bool quiet,
                                SmallVectorImpl<Type> &types) {
  auto inference = dyn_cast<InferTypeOpInterface>(op);
  if (auto call = dyn_cast<CallOp>(op)) {
    inferCallTypes(call, operands, types);
    return success();
  }
  if (!inference) {
    llvm::append_range(types, op->getResultTypes());
    return success();
  }
  Block scratch;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToEnd(&scratch);
  SmallVector<Value> values;
  for (const Tensor &operand : operands) {
    if (isShapeLike(op, operand.tensorType()) && operand.size() <= kMaxDenseElements)
      values.push_back(builder.create<ConstantOp>(op->getLoc(), operand.toAttr()));
    else
      values.push_back(scratch.addArgument(operand.tensorType(), op->getLoc()));
  }
  std::optional<Location> loc;
  if (!quiet)
    loc = op->getLoc();
  return inference.inferReturnTypes(op->getContext(), loc, values, op->getAttrDictionary(),
                                    op->getPropertiesStorage(), op->getRegions(), types);
}

/// Allocates the results, which must have static shapes within the limits.
static LogicalResult allocateResults(Evaluation &e, ArrayRef<Type> types) {
  if (!areCompatibleTypes(types, e.op->getResultTypes()))
    return e.fail("operands contradict the result types");
  for (Type type : types) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape())
      return e.fail("the shape of a result is not known");
    if (isa<StrType>(tensor.getElementType()))
      return e.fail("strings cannot be evaluated");
    int64_t limit = e.limits.maxElements;
    for (int64_t extent : tensor.getShape())
      limit = extent == 0 ? limit : limit / extent;
    if (limit == 0 && !llvm::is_contained(tensor.getShape(), 0))
      return e.fail("a result has more than " + Twine(e.limits.maxElements) + " elements");
    e.out.emplace_back(tensor.getElementType(), tensor.getShape());
  }
  return success();
}

FailureOr<SmallVector<Tensor>> evaluate(Operation *op, ArrayRef<Tensor> operands,
                                        const EvalLimits &limits, bool quiet) {
  Evaluation e{op, limits, quiet, {}};
  for (const Tensor &operand : operands)
    if (isa<StrType>(operand.elementType()))
      return e.fail("strings cannot be evaluated");
  SmallVector<Type> types;
  if (failed(inferTypes(op, operands, quiet, types)) || failed(allocateResults(e, types)))
    return failure();
  auto run = [&](auto concrete) -> LogicalResult {
    using OpTy = decltype(concrete);
    return evaluate(concrete, In<OpTy>(operands, concrete), e);
  };
  auto result = llvm::TypeSwitch<Operation *, LogicalResult>(op)
                    .Case<UnaryOp, BinaryOp, CompareOp, SelectOp, CastOp, BitcastOp, QuantizeOp,
                          DequantizeOp, RequantizeOp>(run)
                    .Case<ConstantOp, ReshapeOp, TransposeOp, BroadcastToOp, SliceOp, ConcatOp,
                          PadOp, GatherOp, ScatterOp, IotaOp, ShapeOfOp>(run)
                    .Case<ReduceOp, ArgReduceOp, CumulateOp, TopKOp, SoftmaxOp, NormalizeOp>(run)
                    .Case<MatMulOp, ConvOp, ConvTransposeOp, PoolOp, ResampleOp>(run)
                    .Case<AttentionOp, RnnOp, RandomOp, CheckOp, CallOp>(run)
                    .Default([&](Operation *) { return e.fail("this op cannot be evaluated"); });
  if (failed(result))
    return failure();
  return std::move(e.out);
}

} // namespace interp

FailureOr<SmallVector<Tensor>> evaluateOp(Operation *op, ArrayRef<Tensor> operands,
                                          const EvalLimits &limits) {
  return interp::evaluate(op, operands, limits, /*quiet=*/false);
}

FailureOr<SmallVector<ElementsAttr>> foldOp(Operation *op, int64_t maxElements) {
  if (op->getName().getDialectNamespace() != NNDialect::getDialectNamespace() ||
      isa<ConstantOp, RandomOp, CheckOp>(op) || op->getNumResults() == 0)
    return failure();
  SmallVector<Tensor> operands;
  for (Value operand : op->getOperands()) {
    ElementsAttr attr;
    if (!matchPattern(operand, m_Constant(&attr)))
      return failure();
    operands.push_back(Tensor::fromAttr(attr));
  }
  EvalLimits limits;
  limits.maxElements = maxElements;
  auto results = interp::evaluate(op, operands, limits, /*quiet=*/true);
  if (failed(results))
    return failure();
  SmallVector<ElementsAttr> attrs;
  for (const Tensor &result : *results)
    attrs.push_back(result.toAttr());
  return attrs;
}

} // namespace burin::nn
