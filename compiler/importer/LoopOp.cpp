//===- LoopOp.cpp - The operator Loop -------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Three forms. scf.for where the number of trips is known before the loop: M is
// given, and the body's condition is constant or handed on. scf.while with the
// state (counter, condition, carried values, collected outputs) otherwise. A
// loop over sequences, which must have a known number of trips, is unrolled.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/RegionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace burin;

namespace {
class LoopImporter {
public:
  LoopImporter(NodeBinder &n, const onnx::GraphProto &body) : n(n), math(n), body(body) {}

  LogicalResult run();

private:
  static constexpr unsigned kMaxUnrolledTrips = 256;

  bool readOperands();
  /// The body at the end of a block: condition, carried values, scan outputs.
  FailureOr<SmallVector<Value>> importBody(Block &block, Value counter, Value condition,
                                           ValueRange carried);
  /// Widens `types` to what the body gives back; whether that changed them.
  FailureOr<bool> widen(ArrayRef<Value> results);
  bool makeAccumulators(ArrayRef<Value> results, Extent count);
  /// Inits of the carried values under `types`, then the accumulators.
  SmallVector<Value> initialState();
  /// The declared type of a scan output.
  RankedTensorType declaredScan(size_t i) { return n.declaredType(inits.size() + i); }

  /// Null where the body decides by itself when to stop.
  FailureOr<scf::ForOp> draftFor(SmallVectorImpl<Value> &results);
  LogicalResult finishFor(scf::ForOp draft, ArrayRef<Value> results);
  LogicalResult importWhile();
  LogicalResult unroll();

  NodeBinder &n;
  ShapeMath math;
  const onnx::GraphProto &body;
  std::optional<Extent> limit; ///< M
  Value condition;             ///< null: true
  SmallVector<Value> inits;
  SmallVector<Type> types; ///< of the carried values
  SmallVector<Value> accumulators;
  size_t scans = 0;
};
} // namespace

/// A 0-D i1 constant.
static Value boolConstant(NodeBinder &n, bool value) { return n.scalar(n.b.getI1Type(), value); }

static bool isConstant(Value value, bool wanted) {
  auto known = NNBuilder::constantInts(value);
  return known && known->size() == 1 && (known->front() != 0) == wanted;
}

/// One bool as 0-D tensor; null after a message where it is none.
static Value flagTensor(NodeBinder &n, Value value, StringRef what) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.getElementType().isInteger(1) || !type.hasStaticShape() ||
      type.getNumElements() != 1) {
    n.emitError() << what << " must be one bool, not " << value.getType();
    return nullptr;
  }
  return n.reshape(value, ArrayRef<int64_t>{});
}

bool LoopImporter::readOperands() {
  if (n.hasOperand(0))
    limit = math.max(math.fromValue(n.operand(0)), 0);
  if (n.hasOperand(1)) {
    condition = flagTensor(n, n.operand(1), "its condition");
    if (!condition)
      return false;
  }
  int64_t carried = std::max<int64_t>(static_cast<int64_t>(n.numOperands()) - 2, 0);
  scans = body.output_size() - 1 - carried;
  if (body.output_size() < 1 + carried || body.input_size() != 2 + carried) {
    n.emitError() << "carries " << carried << " values, but its body has " << body.input_size()
                  << " inputs and " << body.output_size() << " outputs";
    return false;
  }
  return true;
}

FailureOr<SmallVector<Value>> LoopImporter::importBody(Block &block, Value counter, Value flag,
                                                       ValueRange carried) {
  n.b.setInsertionPointToEnd(&block);
  SmallVector<Value> inputs{counter, flag}, results;
  llvm::append_range(inputs, carried);
  if (failed(n.importGraph(body, inputs, results)))
    return failure();
  results[0] = flagTensor(n, results[0], "the condition that its body gives");
  if (!results[0])
    return failure();
  return results;
}

FailureOr<bool> LoopImporter::widen(ArrayRef<Value> results) {
  bool changed = false;
  for (auto [i, type] : llvm::enumerate(types)) {
    Type joined =
        joinTypes(n, type, results[1 + i].getType(), "a carried value before and after a trip");
    if (!joined)
      return failure();
    changed |= joined != type;
    type = joined;
  }
  return changed;
}

bool LoopImporter::makeAccumulators(ArrayRef<Value> results, Extent count) {
  for (size_t i = 0; i < scans; ++i) {
    auto element = dyn_cast<RankedTensorType>(results[1 + inits.size() + i].getType());
    RankedTensorType declared = declaredScan(i);
    Extent bound = count;
    if (!bound.isStatic() && declared && declared.getRank() > 0 && !declared.isDynamicDim(0))
      bound = declared.getDimSize(0);
    Value accumulator = element ? makeAccumulator(n, element, bound, declared) : Value();
    if (!accumulator)
      return false;
    accumulators.push_back(accumulator);
  }
  return true;
}

SmallVector<Value> LoopImporter::initialState() {
  SmallVector<Value> state;
  for (auto [init, type] : llvm::zip(inits, types))
    state.push_back(castTo(n, init, type));
  llvm::append_range(state, accumulators);
  return state;
}

//===----------------------------------------------------------------------===//
// scf.for
//===----------------------------------------------------------------------===//

FailureOr<scf::ForOp> LoopImporter::draftFor(SmallVectorImpl<Value> &results) {
  OpBuilder::InsertionGuard guard(n.b);
  // Inside of a trip the condition was true; where the body hands it on, it
  // stays so.
  Value always = boolConstant(n, true);
  Value zero = n.b.create<arith::ConstantIndexOp>(n.loc, 0);
  // Every round makes a dimension dynamic, so this ends.
  while (true) {
    auto draft = n.b.create<scf::ForOp>(n.loc, zero, zero, zero, initialState());
    OpBuilder::InsertionGuard inner(n.b);
    Block &block = *draft.getBody();
    if (!block.empty())
      block.back().erase();
    n.b.setInsertionPointToEnd(&block);
    Value counter = counterTensor(n, draft.getInductionVar());
    auto given = importBody(block, counter, always, draft.getRegionIterArgs());
    if (failed(given))
      return failure();
    bool counted = limit && isConstant((*given)[0], true);
    auto changed = counted ? widen(*given) : FailureOr<bool>(false);
    if (failed(changed))
      return failure();
    if (counted && !*changed) {
      results = *given;
      return draft;
    }
    block.clear();
    n.b.setInsertionPoint(draft);
    finishBlock(n, block, SmallVector<Value>(draft.getRegionIterArgs()), types);
    draft.erase();
    if (!counted)
      return scf::ForOp();
  }
}

LogicalResult LoopImporter::finishFor(scf::ForOp draft, ArrayRef<Value> results) {
  n.b.setInsertionPoint(draft);
  Extent count = *limit;
  if (condition && !isConstant(condition, true))
    count = math.fromValue(n.select(condition, math.vector(count), n.ints({0})));
  if (!makeAccumulators(results, count))
    return failure();
  Value zero = n.b.create<arith::ConstantIndexOp>(n.loc, 0);
  Value one = n.b.create<arith::ConstantIndexOp>(n.loc, 1);
  SmallVector<Value> state = initialState();
  auto loop = n.b.create<scf::ForOp>(n.loc, zero, toIndex(n, count), one, state);
  loop.getRegion().takeBody(draft.getRegion());
  Block &block = *loop.getBody();
  SmallVector<Value> yielded(results.slice(1, inits.size()));
  {
    OpBuilder::InsertionGuard guard(n.b);
    n.b.setInsertionPointToEnd(&block);
    Value counter;
    for (auto [i, accumulator] : llvm::enumerate(accumulators)) {
      Value row = block.addArgument(accumulator.getType(), n.loc);
      if (!counter)
        counter = counterTensor(n, loop.getInductionVar());
      yielded.push_back(storeRow(n, row, counter, results[1 + inits.size() + i]));
    }
  }
  finishBlock(n, block, yielded, TypeRange(ValueRange(state)));
  draft.erase();
  n.b.setInsertionPointAfter(loop);
  for (auto [i, result] : llvm::enumerate(loop.getResults()))
    n.setResult(i, result);
  return success();
}

//===----------------------------------------------------------------------===//
// scf.while
//===----------------------------------------------------------------------===//

LogicalResult LoopImporter::importWhile() {
  auto counterType = RankedTensorType::get({}, n.b.getI64Type());
  auto flagType = RankedTensorType::get({}, n.b.getI1Type());
  Value first = condition ? condition : boolConstant(n, true);
  // Finds the types first, in a draft whose block becomes the loop's.
  SmallVector<Value> results;
  auto holder = n.b.create<scf::ExecuteRegionOp>(n.loc, TypeRange());
  while (true) {
    Block &block = holder.getRegion().emplaceBlock();
    block.addArgument(counterType, n.loc);
    block.addArgument(flagType, n.loc);
    for (Type type : types)
      block.addArgument(type, n.loc);
    auto given = importBody(block, block.getArgument(0), block.getArgument(1),
                            block.getArguments().drop_front(2));
    auto changed = failed(given) ? FailureOr<bool>(failure()) : widen(*given);
    if (failed(changed))
      return failure();
    if (!*changed) {
      results = *given;
      break;
    }
    block.erase();
  }
  if (!limit && isConstant(results[0], true))
    return n.emitError() << "never ends: it has no trip count, and its condition is always true";
  n.b.setInsertionPoint(holder);
  if (!limit)
    for (size_t i = 0; i < scans; ++i)
      if (auto declared = declaredScan(i);
          !declared || declared.getRank() == 0 || declared.isDynamicDim(0))
        return n.emitError() << "has scan outputs and no trip count: a bound is needed, as trip "
                                "count M or declared shape of the output";
  if (!makeAccumulators(results, limit ? *limit : Extent(n.ints({0}))))
    return failure();
  SmallVector<Value> state{n.index(0), first};
  llvm::append_range(state, initialState());
  SmallVector<Type> stateTypes(ValueRange(state).getTypes());
  auto loop = n.b.create<scf::WhileOp>(n.loc, stateTypes, state);
  {
    OpBuilder::InsertionGuard guard(n.b);
    SmallVector<Location> locations(stateTypes.size(), n.loc);
    Block *before = n.b.createBlock(&loop.getBefore(), {}, stateTypes, locations);
    Value proceed = before->getArgument(1);
    if (limit) {
      Value below = n.compare(nn::CompareFn::lt, before->getArgument(0), math.scalar(*limit));
      proceed = n.binary(nn::BinaryFn::and_, proceed, below);
    }
    n.b.create<scf::ConditionOp>(n.loc, extractScalar(n, proceed), before->getArguments());
  }
  loop.getAfter().takeBody(holder.getRegion());
  Block &block = loop.getAfter().front();
  SmallVector<Value> yielded;
  {
    OpBuilder::InsertionGuard guard(n.b);
    n.b.setInsertionPointToEnd(&block);
    yielded = {n.add(block.getArgument(0), n.index(1)), results[0]};
    llvm::append_range(yielded, ArrayRef(results).slice(1, inits.size()));
    for (auto [i, accumulator] : llvm::enumerate(accumulators)) {
      Value rows = block.addArgument(accumulator.getType(), n.loc);
      yielded.push_back(storeRow(n, rows, block.getArgument(0), results[1 + inits.size() + i]));
    }
  }
  finishBlock(n, block, yielded, stateTypes);
  holder.erase();
  n.b.setInsertionPointAfter(loop);
  for (size_t i = 0; i < inits.size(); ++i)
    n.setResult(i, loop.getResult(2 + i));
  // Only as many rows as there were trips.
  for (size_t i = 0; i < scans; ++i) {
    Value rows = loop.getResult(2 + inits.size() + i);
    SmallVector<Extent> sizes = n.extents(rows);
    RankedTensorType declared = declaredScan(i);
    if (declared && declared.getRank() > 0 && !declared.isDynamicDim(0) && sizes[0].isStatic() &&
        declared.getDimSize(0) <= sizes[0].value)
      sizes[0] = declared.getDimSize(0);
    else
      sizes[0] = math.fromValue(loop.getResult(0));
    n.setResult(inits.size() + i,
                n.slice(rows, n.ints(SmallVector<int64_t>(sizes.size(), 0)), n.shapeFrom(sizes)));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Unrolled
//===----------------------------------------------------------------------===//

LogicalResult LoopImporter::unroll() {
  bool known = limit && limit->isStatic() && limit->value <= kMaxUnrolledTrips;
  if (!known || (condition && !NNBuilder::constantInts(condition)))
    return n.emitError() << "carries sequences or optionals: that needs a constant trip count of "
                            "at most "
                         << kMaxUnrolledTrips << " and a constant condition";
  SmallVector<BoundValue> state;
  for (size_t i = 2; i < n.numOperands(); ++i)
    state.push_back(n.bound(i));
  SmallVector<SmallVector<Value>> collected(scans);
  Value flag = condition ? condition : boolConstant(n, true);
  for (int64_t trip = 0; trip < limit->value && isConstant(flag, true); ++trip) {
    SmallVector<BoundValue> inputs{n.index(trip), flag}, results;
    llvm::append_range(inputs, state);
    if (failed(n.importGraph(body, inputs, results)))
      return failure();
    if (!results[0].isPlain() || !NNBuilder::constantInts(results[0].value))
      return n.emitError() << "carries sequences or optionals: that needs a constant condition";
    flag = flagTensor(n, results[0].value, "the condition that its body gives");
    if (!flag)
      return failure();
    for (size_t i = 0; i < state.size(); ++i)
      state[i] = results[1 + i];
    for (size_t i = 0; i < scans; ++i) {
      Value row = results[1 + state.size() + i].value;
      if (!row || !isa<RankedTensorType>(row.getType()))
        return n.emitError() << "its scan outputs must be tensors";
      SmallVector<Extent> extents = n.extents(row);
      extents.insert(extents.begin(), Extent(1));
      collected[i].push_back(n.reshape(row, extents));
    }
  }
  for (auto [i, value] : llvm::enumerate(state))
    n.setResult(i, value);
  for (auto [i, rows] : llvm::enumerate(collected)) {
    if (rows.empty())
      return n.emitError() << "makes no trip, so the shape of its scan outputs is not known";
    n.setResult(state.size() + i, n.concat(rows, 0));
  }
  return success();
}

LogicalResult LoopImporter::run() {
  OpBuilder::InsertionGuard guard(n.b);
  if (!readOperands())
    return failure();
  for (size_t i = 2; i < n.numOperands(); ++i) {
    BoundValue value = n.bound(i);
    if (!value)
      return n.emitError() << "its input " << i << " is missing";
    if (!value.isPlain())
      return unroll();
    inits.push_back(value.value);
    types.push_back(value.value.getType());
  }
  if (condition && isConstant(condition, false))
    limit = Extent(0);
  SmallVector<Value> results;
  auto draft = draftFor(results);
  if (failed(draft))
    return failure();
  if (*draft)
    return finishFor(*draft, results);
  types.clear();
  for (Value init : inits)
    types.push_back(init.getType());
  return importWhile();
}

static LogicalResult importLoop(NodeBinder &n) {
  const onnx::GraphProto *body = n.graphAttr("body");
  if (!body)
    return n.emitError() << "needs 'body'";
  return LoopImporter(n, *body).run();
}

void burin::registerLoopOp(OpRegistry &registry) {
  // Any number of inputs, the first two of which may be missing.
  registry.add("Loop", 1, {0, Arity::kVariadic - 1}, importLoop, 0, Accepts::Anything);
}
