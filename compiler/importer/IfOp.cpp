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

static void flatten(ArrayRef<BoundValue> values, SmallVectorImpl<Value> &parts) {
  for (const BoundValue &value : values)
    flatten(value, parts);
}

/// Whether one value can stand for both: tensors of the same element type and
/// rank, or of such parts.
static bool canJoin(ArrayRef<BoundValue> left, ArrayRef<BoundValue> right) {
  for (auto [a, b] : llvm::zip(left, right))
    if (!sameForm(a, b))
      return false;
  SmallVector<Value> parts[2];
  flatten(left, parts[0]);
  flatten(right, parts[1]);
  return llvm::all_of(llvm::zip(parts[0], parts[1]), [](auto pair) {
    auto a = dyn_cast<RankedTensorType>(std::get<0>(pair).getType());
    auto b = dyn_cast<RankedTensorType>(std::get<1>(pair).getType());
    return a && b && a.getElementType() == b.getElementType() && a.getRank() == b.getRank();
  });
}

/// Turns the draft, whose branches give these values, into the final op.
static LogicalResult joinBranches(NodeBinder &n, scf::IfOp draft,
                                  const SmallVector<BoundValue> (&results)[2],
                                  SmallVectorImpl<BoundValue> &joined) {
  SmallVector<Value> parts[2];
  for (int branch : {0, 1})
    flatten(results[branch], parts[branch]);
  SmallVector<Type> types;
  for (auto [left, right] : llvm::zip(parts[0], parts[1])) {
    types.push_back(joinTypes(n, left.getType(), right.getType(), "results of its branches"));
    if (!types.back())
      return failure();
  }
  n.b.setInsertionPoint(draft);
  auto op = n.b.create<scf::IfOp>(n.loc, types, draft.getCondition(), /*withElseRegion=*/true);
  for (int branch : {0, 1}) {
    op->getRegion(branch).takeBody(draft->getRegion(branch));
    finishBlock(n, op->getRegion(branch).front(), parts[branch], types);
  }
  draft.erase();
  size_t next = 0;
  for (const BoundValue &like : results[0])
    joined.push_back(unflatten(like, op.getResults(), next));
  return success();
}

/// Branches whose results differ in rank or kind, as exporters write them for
/// `x.squeeze(1)`: each takes the rest of the graph with it. Where the rest
/// cannot work with what one of them gives, the model is valid only if that one
/// is not taken, and a check of the condition is all that stays of it.
static LogicalResult forkRest(NodeBinder &n, scf::IfOp draft,
                              const SmallVector<BoundValue> (&results)[2]) {
  SmallVector<BoundValue> outputs[2];
  SmallVector<Diagnostic> diagnostics[2];
  bool valid[2];
  DiagnosticEngine &engine = n.b.getContext()->getDiagEngine();
  for (int branch : {0, 1}) {
    OpBuilder::InsertionGuard guard(n.b);
    Block &block = draft->getRegion(branch).front();
    if (!block.empty() && block.back().hasTrait<OpTrait::IsTerminator>())
      block.back().erase();
    n.b.setInsertionPointToEnd(&block);
    ScopedDiagnosticHandler handler(n.b.getContext(), [&](Diagnostic &diagnostic) {
      diagnostics[branch].push_back(std::move(diagnostic));
      return success();
    });
    valid[branch] = succeeded(n.importRest(results[branch], outputs[branch]));
  }
  for (int branch : {0, 1})
    if (valid[branch] || (branch == 0 && !valid[1]))
      for (Diagnostic &diagnostic : diagnostics[branch])
        engine.emit(std::move(diagnostic));
  if (!valid[0] && !valid[1])
    return failure();
  if (valid[0] && valid[1]) {
    if (!canJoin(outputs[0], outputs[1]))
      return n.emitError() << "its branches lead to outputs of different kinds";
    SmallVector<BoundValue> joined;
    if (failed(joinBranches(n, draft, outputs, joined)))
      return failure();
    n.setRest(joined);
    return success();
  }

  int taken = valid[0] ? 0 : 1;
  {
    InFlightDiagnostic warning = n.emitWarning();
    warning << "a run fails where its condition is " << (taken == 0 ? "false" : "true")
            << ": what follows cannot work with the result of that branch";
    for (const Diagnostic &diagnostic : diagnostics[1 - taken])
      if (diagnostic.getSeverity() == DiagnosticSeverity::Error) {
        warning.attachNote(diagnostic.getLocation()) << diagnostic.str();
        break;
      }
  }
  n.b.setInsertionPoint(draft);
  Value demanded = n.operand(0);
  if (NNBuilder::rank(demanded) != 0)
    demanded = n.reshape(demanded, ArrayRef<int64_t>());
  if (taken == 1)
    demanded = n.unary(nn::UnaryFn::not_, demanded);
  n.create<nn::CheckOp>(demanded, n.b.getI32IntegerAttr(1),
                        n.b.getStringAttr("a branch is taken that the model cannot continue from"));
  Block &block = draft->getRegion(taken).front();
  draft->getBlock()->getOperations().splice(draft->getIterator(), block.getOperations());
  n.setRest(outputs[taken]);
  draft.erase();
  return success();
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
  // What follows may still cope with either.
  if (!canJoin(results[0], results[1]))
    return forkRest(n, draft, results);
  SmallVector<BoundValue> joined;
  if (failed(joinBranches(n, draft, results, joined)))
    return failure();
  for (auto [i, value] : llvm::enumerate(joined))
    n.setResult(i, value);
  return success();
}

void burin::registerIfOp(OpRegistry &registry) { registry.add("If", 1, 1, importIf); }
