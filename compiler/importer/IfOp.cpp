//===- IfOp.cpp - The operator If -----------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/RegionBuilder.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace burin;

/// A value as plain tensors: an optional is two, a sequence one per element.
static void flatten(const BoundValue &value, SmallVectorImpl<Value> &parts) {
  if (value.sequence) {
    llvm::append_range(parts, *value.sequence);
    return;
  }
  if (value.present)
    parts.push_back(value.present);
  parts.push_back(value.value);
}

/// The value of the same form as `like` out of the next parts.
static BoundValue unflatten(const BoundValue &like, ValueRange parts, size_t &next) {
  if (like.sequence) {
    SmallVector<Value> elements;
    for (size_t i = 0, e = like.sequence->size(); i < e; ++i)
      elements.push_back(parts[next++]);
    return BoundValue::makeSequence(elements, like.elements);
  }
  if (like.present) {
    Value present = parts[next++];
    return {present, parts[next++]};
  }
  return parts[next++];
}

static bool sameForm(const BoundValue &a, const BoundValue &b) {
  return bool(a.sequence) == bool(b.sequence) && bool(a.present) == bool(b.present) &&
         (!a.sequence || a.sequence->size() == b.sequence->size());
}

static LogicalResult importIf(NodeBinder &n) {
  const onnx::GraphProto *graphs[] = {n.graphAttr("then_branch"), n.graphAttr("else_branch")};
  if (!graphs[0] || !graphs[1])
    return n.emitError() << "needs 'then_branch' and 'else_branch'";
  Value condition = n.operand(0);
  auto type = cast<RankedTensorType>(condition.getType());
  if (!type.getElementType().isInteger(1) || !type.hasStaticShape() || type.getNumElements() != 1)
    return n.emitError() << "its condition must be one bool, not " << type;
  if (auto known = n.constantInts(0)) {
    SmallVector<BoundValue> results;
    if (failed(n.importGraph(*graphs[known->front() ? 0 : 1], ArrayRef<BoundValue>(), results)))
      return failure();
    for (auto [i, result] : llvm::enumerate(results))
      n.setResult(i, result);
    return success();
  }

  OpBuilder::InsertionGuard restore(n.b);
  Value flag = extractScalar(n, condition);
  auto draft = n.b.create<scf::IfOp>(n.loc, flag, /*withElseRegion=*/true);
  SmallVector<BoundValue> results[2];
  for (int branch : {0, 1}) {
    OpBuilder::InsertionGuard guard(n.b);
    n.b.setInsertionPointToStart(&draft->getRegion(branch).front());
    if (failed(n.importGraph(*graphs[branch], ArrayRef<BoundValue>(), results[branch])))
      return failure();
  }
  if (results[0].size() != results[1].size())
    return n.emitError() << "its branches give " << results[0].size() << " and "
                         << results[1].size() << " values";
  SmallVector<Value> parts[2];
  for (auto [i, pair] : llvm::enumerate(llvm::zip(results[0], results[1]))) {
    auto &[left, right] = pair;
    if (!sameForm(left, right))
      return n.emitError() << "its branches give different kinds of values, or sequences of "
                              "different length, as output "
                           << i;
    flatten(left, parts[0]);
    flatten(right, parts[1]);
  }
  SmallVector<Type> types;
  for (auto [left, right] : llvm::zip(parts[0], parts[1])) {
    types.push_back(joinTypes(n, left.getType(), right.getType(), "results of its branches"));
    if (!types.back())
      return failure();
  }
  auto op = n.b.create<scf::IfOp>(n.loc, types, flag, /*withElseRegion=*/true);
  for (int branch : {0, 1}) {
    op->getRegion(branch).takeBody(draft->getRegion(branch));
    finishBlock(n, op->getRegion(branch).front(), parts[branch], types);
  }
  draft.erase();
  size_t next = 0;
  for (auto [i, like] : llvm::enumerate(results[0]))
    n.setResult(i, unflatten(like, op.getResults(), next));
  return success();
}

void burin::registerIfOp(OpRegistry &registry) { registry.add("If", 1, 1, importIf); }
