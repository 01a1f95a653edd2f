//===- InferRecurrent.cpp - Result types of attention and rnn -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/InferUtils.h"

using namespace mlir;
using namespace burin::nn;
using namespace burin::nn::infer;

/// An operand of exactly this element type and shape (kDynamic: any extent).
static LogicalResult checkOperand(Loc loc, Value value, StringRef name, Type element,
                                  ArrayRef<int64_t> dims) {
  FailureOr<RankedTensorType> type = operandOfRank(loc, value, name, dims.size());
  if (failed(type))
    return failure();
  if (type->getElementType() != element)
    return emitOptionalError(loc, "operand '", name, "' has element type ", type->getElementType(),
                             ", needs ", element);
  if (failed(verifyCompatibleShape(type->getShape(), dims)))
    return emitOptionalError(loc, "operand '", name, "' has shape ", show(type->getShape()),
                             ", needs ", show(dims));
  return success();
}

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *context, Loc loc, Adaptor op,
                                            SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> q = operandOfRank(loc, op.getQ(), "q", 4);
  FailureOr<RankedTensorType> k = operandOfRank(loc, op.getK(), "k", 4);
  FailureOr<RankedTensorType> v = operandOfRank(loc, op.getV(), "v", 4);
  if (failed(q) || failed(k) || failed(v))
    return failure();
  Type element = q->getElementType();
  if (failed(checkElement(loc, isFloat(element), "q", "float", element)))
    return failure();
  if (k->getElementType() != element || v->getElementType() != element)
    return emitOptionalError(loc, "element types ", element, ", ", k->getElementType(), " and ",
                             v->getElementType(), " of q, k and v differ");
  FailureOr<int64_t> batch = unify(loc, q->getDimSize(0), k->getDimSize(0), "batches of q and k");
  if (failed(batch))
    return failure();
  batch = unify(loc, *batch, v->getDimSize(0), "batches of q and v");
  FailureOr<int64_t> kvHeads = unify(loc, k->getDimSize(1), v->getDimSize(1), "heads of k and v");
  FailureOr<int64_t> keys = unify(loc, k->getDimSize(2), v->getDimSize(2), "lengths of k and v");
  if (failed(batch) || failed(kvHeads) || failed(keys) ||
      failed(unify(loc, q->getDimSize(3), k->getDimSize(3), "head sizes of q and k")))
    return failure();
  int64_t heads = q->getDimSize(1), rows = q->getDimSize(2);
  if (heads != kDynamic && *kvHeads != kDynamic && (*kvHeads == 0 ? heads : heads % *kvHeads) != 0)
    return emitOptionalError(loc, *kvHeads, " key/value heads do not divide ", heads,
                             " query heads");
  if (op.getMask()) {
    FailureOr<RankedTensorType> mask = operandType(loc, op.getMask(), "mask");
    if (failed(mask))
      return failure();
    Type maskElement = mask->getElementType();
    if (failed(checkElement(loc, isBool(maskElement) || isFloat(maskElement), "mask", "i1 or float",
                            maskElement)) ||
        failed(broadcastTo(loc, mask->getShape(), {*batch, heads, rows, *keys}, "mask")))
      return failure();
  }
  Type i64 = IntegerType::get(context, 64);
  if (op.getKvLen() && failed(checkOperand(loc, op.getKvLen(), "kv_len", i64, *batch)))
    return failure();
  if (op.getOffset()) {
    FailureOr<RankedTensorType> offset = operandType(loc, op.getOffset(), "offset");
    if (failed(offset) ||
        (offset->getRank() == 0 ? failed(checkOperand(loc, op.getOffset(), "offset", i64, {}))
                                : failed(checkOperand(loc, op.getOffset(), "offset", i64, *batch))))
      return failure();
  }
  if (op.getSink()) {
    FailureOr<RankedTensorType> sink = operandOfRank(loc, op.getSink(), "sink", 1);
    if (failed(sink) ||
        failed(checkElement(loc, isFloat(sink->getElementType()), "sink", "float",
                            sink->getElementType())) ||
        failed(unify(loc, heads, sink->getDimSize(0), "heads of q and sink")))
      return failure();
  }
  if (op.getSoftmaxType() && !isFloat(*op.getSoftmaxType()))
    return emitOptionalError(loc, "'softmax_type' must be a float type, got ",
                             *op.getSoftmaxType());
  if (static_cast<int64_t>(op.getWindowLeft()) < -1 ||
      static_cast<int64_t>(op.getWindowRight()) < -1)
    return emitOptionalError(loc, "windows must be -1 (none) or more");
  return result(loc, {*batch, heads, rows, v->getDimSize(3)}, element, results);
}

/// Gates of the cell and activations per direction.
static std::pair<int64_t, int64_t> cellCounts(RnnKind kind) {
  switch (kind) {
  case RnnKind::lstm:
    return {4, 3};
  case RnnKind::gru:
    return {3, 2};
  case RnnKind::rnn:
    return {1, 1};
  }
  return {1, 1};
}

LogicalResult RnnOp::inferReturnTypes(MLIRContext *context, Loc loc, Adaptor op,
                                      SmallVectorImpl<Type> &results) {
  FailureOr<RankedTensorType> x = operandOfRank(loc, op.getX(), "x", 3);
  FailureOr<RankedTensorType> w = operandOfRank(loc, op.getW(), "w", 3);
  FailureOr<RankedTensorType> r = operandOfRank(loc, op.getR(), "r", 3);
  if (failed(x) || failed(w) || failed(r))
    return failure();
  Type element = x->getElementType();
  if (failed(checkElement(loc, isFloat(element), "x", "float", element)))
    return failure();
  auto [gates, activations] = cellCounts(op.getKind());
  int64_t directions = op.getDirection() == Direction::bidirectional ? 2 : 1;
  int64_t steps = x->getDimSize(0), batch = x->getDimSize(1), hidden = r->getDimSize(2);
  if (hidden == kDynamic && r->getDimSize(1) != kDynamic)
    hidden = r->getDimSize(1) / gates;
  if (hidden != kDynamic && hidden > kMaxElements / 16)
    return emitOptionalError(loc, "hidden size ", hidden, " is too large");
  auto times = [&](int64_t factor) { return hidden == kDynamic ? kDynamic : factor * hidden; };
  if (failed(checkOperand(loc, op.getW(), "w", element,
                          {directions, times(gates), x->getDimSize(2)})) ||
      failed(checkOperand(loc, op.getR(), "r", element, {directions, times(gates), hidden})))
    return failure();
  if (op.getB() &&
      failed(checkOperand(loc, op.getB(), "b", element, {directions, times(2 * gates)})))
    return failure();
  if (op.getLens() &&
      failed(checkOperand(loc, op.getLens(), "lens", IntegerType::get(context, 32), batch)))
    return failure();
  Dims state{directions, batch, hidden};
  if (op.getH0() && failed(checkOperand(loc, op.getH0(), "h0", element, state)))
    return failure();
  bool lstm = op.getKind() == RnnKind::lstm;
  if (!lstm && (op.getC0() || op.getP()))
    return emitOptionalError(loc, "'c0' and 'p' belong to lstm only");
  if (op.getC0() && failed(checkOperand(loc, op.getC0(), "c0", element, state)))
    return failure();
  if (op.getP() && failed(checkOperand(loc, op.getP(), "p", element, {directions, times(3)})))
    return failure();
  size_t wanted = activations * directions;
  if (op.getFns().size() != wanted || op.getAlphas().size() != wanted ||
      op.getBetas().size() != wanted)
    return emitOptionalError(loc, "needs ", wanted, " activations with alphas and betas, got ",
                             op.getFns().size(), ", ", op.getAlphas().size(), " and ",
                             op.getBetas().size());
  if (failed(result(loc, {steps, directions, batch, hidden}, element, results)) ||
      failed(result(loc, state, element, results)))
    return failure();
  return lstm ? result(loc, state, element, results) : success();
}
