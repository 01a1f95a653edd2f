//===- ScanOp.cpp - The operator Scan -------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/RegionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace burin;

namespace {
/// One scan over the first dimension of sequences: scf.for.
struct ScanLoop {
  const onnx::GraphProto &body;
  SmallVector<Value> states;
  SmallVector<Value> sequences; ///< scanned along `axes`
  SmallVector<int64_t> axes;
  SmallVector<int64_t> inputDirections, outputDirections;
  Extent length = 0;
  /// Rows of the collected outputs, where that is more than `length`.
  std::optional<Extent> capacity;
  SmallVector<RankedTensorType> declared; ///< of the collected outputs, may be null
};
} // namespace

/// Final states, then the collected outputs, trips first.
static FailureOr<SmallVector<Value>> buildScan(NodeBinder &n, const ScanLoop &scan) {
  ShapeMath math(n);
  size_t numStates = scan.states.size();
  size_t numOutputs = scan.body.output_size() - numStates;
  Value zero = n.b.create<arith::ConstantIndexOp>(n.loc, 0);
  Value one = n.b.create<arith::ConstantIndexOp>(n.loc, 1);
  Value last = math.scalar(math.sub(scan.length, 1));
  auto place = [&](Value counter, bool backwards) {
    return backwards ? n.sub(last, counter) : counter;
  };
  SmallVector<Type> types(ValueRange(scan.states).getTypes());
  SmallVector<Value> results;
  scf::ForOp draft;
  // Every round makes a dimension of a state dynamic, so this ends.
  while (true) {
    SmallVector<Value> state;
    for (auto [value, type] : llvm::zip(scan.states, types))
      state.push_back(castTo(n, value, type));
    draft = n.b.create<scf::ForOp>(n.loc, zero, zero, one, state);
    OpBuilder::InsertionGuard guard(n.b);
    Block &block = *draft.getBody();
    if (!block.empty())
      block.back().erase();
    n.b.setInsertionPointToEnd(&block);
    Value counter = counterTensor(n, draft.getInductionVar());
    SmallVector<Value> inputs(draft.getRegionIterArgs());
    for (auto [i, sequence] : llvm::enumerate(scan.sequences))
      inputs.push_back(n.gather(sequence, place(counter, scan.inputDirections[i]), scan.axes[i]));
    results.clear();
    if (failed(n.importGraph(scan.body, inputs, results)))
      return failure();
    bool changed = false;
    for (size_t i = 0; i < numStates; ++i) {
      Type joined = joinTypes(n, types[i], results[i].getType(), "a state before and after a trip");
      if (!joined)
        return failure();
      changed |= joined != types[i];
      types[i] = joined;
    }
    if (!changed)
      break;
    n.b.setInsertionPoint(draft);
    block.clear();
    finishBlock(n, block, SmallVector<Value>(draft.getRegionIterArgs()),
                ValueRange(draft.getRegionIterArgs()).getTypes());
    draft.erase();
  }
  n.b.setInsertionPoint(draft);
  SmallVector<Value> state;
  for (auto [value, type] : llvm::zip(scan.states, types))
    state.push_back(castTo(n, value, type));
  for (size_t i = 0; i < numOutputs; ++i) {
    auto element = dyn_cast<RankedTensorType>(results[numStates + i].getType());
    Value rows =
        element ? makeAccumulator(n, element, scan.capacity.value_or(scan.length), scan.declared[i])
                : Value();
    if (!rows)
      return failure();
    state.push_back(rows);
  }
  auto loop = n.b.create<scf::ForOp>(n.loc, zero, toIndex(n, scan.length), one, state);
  loop.getRegion().takeBody(draft.getRegion());
  Block &block = *loop.getBody();
  SmallVector<Value> yielded(ArrayRef(results).take_front(numStates));
  {
    OpBuilder::InsertionGuard guard(n.b);
    n.b.setInsertionPointToEnd(&block);
    Value counter = counterTensor(n, loop.getInductionVar());
    for (size_t i = 0; i < numOutputs; ++i) {
      Value rows = block.addArgument(state[numStates + i].getType(), n.loc);
      yielded.push_back(
          storeRow(n, rows, place(counter, scan.outputDirections[i]), results[numStates + i]));
    }
  }
  finishBlock(n, block, yielded, ValueRange(state).getTypes());
  draft.erase();
  n.b.setInsertionPointAfter(loop);
  return SmallVector<Value>(loop.getResults());
}

/// Moves axis 0 to `axis`, or back.
static Value moveFirstAxis(NodeBinder &n, Value x, int64_t axis) {
  if (axis == 0)
    return x;
  SmallVector<int64_t> perm;
  for (int64_t i = 0, e = NNBuilder::rank(x); i < e; ++i)
    perm.push_back(i < axis ? i + 1 : i == axis ? 0 : i);
  return n.transpose(x, perm);
}

/// An attribute with one entry per input or output of the scan.
static SmallVector<int64_t> perValue(NodeBinder &n, StringRef name, size_t count) {
  SmallVector<int64_t> values = n.intsAttr(name);
  if (values.empty())
    values.assign(count, 0);
  if (values.size() != count)
    n.emitError() << "'" << name << "' has " << values.size() << " entries for " << count
                  << " values";
  return values;
}

namespace {
struct ScanArity {
  const onnx::GraphProto *body;
  int64_t numStates, numScanned;
  size_t numOutputs; ///< collected ones
};
} // namespace

/// Of the node's inputs `total` are the body's.
static FailureOr<ScanArity> readArity(NodeBinder &n, int64_t total) {
  const onnx::GraphProto *body = n.graphAttr("body");
  int64_t numScanned = n.requiredInt("num_scan_inputs");
  if (!body || n.failed() || numScanned < 1 || numScanned > total)
    return n.emitError() << "needs a body and num_scan_inputs in [1, " << total << "]";
  int64_t numStates = total - numScanned;
  if (body->output_size() < numStates || body->input_size() != total)
    return n.emitError() << "has " << total << " inputs, but its body has " << body->input_size()
                         << " inputs and " << body->output_size() << " outputs";
  return ScanArity{body, numStates, numScanned,
                   static_cast<size_t>(body->output_size() - numStates)};
}

static LogicalResult importScan9(NodeBinder &n) {
  OpBuilder::InsertionGuard guard(n.b);
  FailureOr<ScanArity> arity = readArity(n, n.numOperands());
  if (failed(arity))
    return failure();
  auto [body, numStates, numScanned, numOutputs] = *arity;
  ScanLoop scan{*body, {}, {}, {}, {}, {}, 0, {}, {}};
  SmallVector<Value> operands = n.operands();
  scan.states.assign(operands.begin(), operands.begin() + numStates);
  scan.sequences.assign(operands.begin() + numStates, operands.end());
  scan.inputDirections = perValue(n, "scan_input_directions", numScanned);
  scan.outputDirections = perValue(n, "scan_output_directions", numOutputs);
  SmallVector<int64_t> axes = perValue(n, "scan_input_axes", numScanned);
  SmallVector<int64_t> outputAxes = perValue(n, "scan_output_axes", numOutputs);
  if (n.failed())
    return failure();
  for (auto [sequence, axis] : llvm::zip(scan.sequences, axes)) {
    scan.axes.push_back(n.normalizeAxis(axis, NNBuilder::rank(sequence)));
    if (n.failed())
      return failure();
    Extent length = n.extent(sequence, scan.axes.back());
    bool first = scan.axes.size() == 1;
    if (!first && length.isStatic() && scan.length.isStatic() && length.value != scan.length.value)
      return n.emitError() << "scans over " << scan.length.value << " and " << length.value
                           << " entries at once";
    if (first || length.isStatic())
      scan.length = length;
  }
  for (size_t i = 0; i < numOutputs; ++i) {
    // The declared type, with the scanned axis first.
    RankedTensorType type = n.declaredType(numStates + i);
    if (type && type.getRank() > 0) {
      SmallVector<int64_t> shape(type.getShape());
      int64_t axis = outputAxes[i] < 0 ? outputAxes[i] + type.getRank() : outputAxes[i];
      if (axis >= 0 && axis < type.getRank()) {
        int64_t length = shape[axis];
        shape.erase(shape.begin() + axis);
        shape.insert(shape.begin(), length);
        type = RankedTensorType::get(shape, type.getElementType());
      }
    }
    scan.declared.push_back(type);
  }
  auto results = buildScan(n, scan);
  if (failed(results))
    return failure();
  for (auto [i, result] : llvm::enumerate(*results)) {
    if (i >= static_cast<size_t>(numStates)) {
      int64_t axis = outputAxes[i - numStates];
      result = moveFirstAxis(n, result, n.normalizeAxis(axis, NNBuilder::rank(result)));
    }
    n.setResult(i, result);
  }
  return success();
}

/// Version 8: input 0 holds lengths, and every value has a batch axis in front,
/// over which an outer loop runs.
static LogicalResult importScan8(NodeBinder &n) {
  OpBuilder::InsertionGuard restore(n.b);
  ShapeMath math(n);
  FailureOr<ScanArity> arity = readArity(n, static_cast<int64_t>(n.numOperands()) - 1);
  if (failed(arity))
    return failure();
  auto [body, numStates, numScanned, numOutputs] = *arity;
  SmallVector<Value> operands = n.operands(1);
  for (Value operand : operands)
    if (!n.requireMinRank(operand, 1, "every input"))
      return failure();
  Value sequence = operands[numStates];
  if (!n.requireMinRank(sequence, 2, "a scanned input"))
    return failure();
  Extent batch = n.extent(sequence, 0), length = n.extent(sequence, 1);
  SmallVector<int64_t> directions = perValue(n, "directions", numScanned);
  if (n.failed())
    return failure();
  auto drop = [](RankedTensorType type, size_t axes) {
    return RankedTensorType::get(type.getShape().drop_front(axes), type.getElementType());
  };
  // Results: states [B, ...], outputs [B, T, ...]; shapes must be known.
  SmallVector<Value> collected;
  for (int64_t i = 0; i < numStates; ++i) {
    auto type = cast<RankedTensorType>(operands[i].getType());
    Value rows = makeAccumulator(n, drop(type, 1), batch, n.declaredType(i));
    if (!rows)
      return failure();
    collected.push_back(rows);
  }
  for (size_t i = 0; i < numOutputs; ++i) {
    RankedTensorType declared = n.declaredType(numStates + i);
    if (!declared || declared.getRank() < 2)
      return n.emitError() << "the shape of output " << numStates + i << " must be declared";
    SmallVector<int64_t> shape(declared.getShape().drop_front(1));
    if (length.isStatic())
      shape[0] = length.value;
    Value rows = makeAccumulator(n, RankedTensorType::get(shape, declared.getElementType()), batch,
                                 declared);
    if (!rows)
      return failure();
    collected.push_back(rows);
  }
  Value zero = n.b.create<arith::ConstantIndexOp>(n.loc, 0);
  Value one = n.b.create<arith::ConstantIndexOp>(n.loc, 1);
  auto outer = n.b.create<scf::ForOp>(n.loc, zero, toIndex(n, batch), one, collected);
  Block &block = *outer.getBody();
  SmallVector<Value> yielded;
  {
    OpBuilder::InsertionGuard guard(n.b);
    if (!block.empty())
      block.back().erase();
    n.b.setInsertionPointToEnd(&block);
    Value item = counterTensor(n, outer.getInductionVar());
    ScanLoop scan{*body,  {},     {}, {}, directions, SmallVector<int64_t>(numOutputs, 0),
                  length, length, {}};
    for (auto [i, operand] : llvm::enumerate(operands)) {
      Value own = n.gather(operand, item, 0);
      (i < static_cast<size_t>(numStates) ? scan.states : scan.sequences).push_back(own);
    }
    scan.axes.assign(numScanned, 0);
    if (n.hasOperand(0)) {
      Value lengths = n.cast(n.operand(0), n.b.getI64Type());
      scan.length = math.fromValue(n.gather(lengths, item, 0));
    }
    for (size_t i = 0; i < numOutputs; ++i)
      scan.declared.push_back(drop(n.declaredType(numStates + i), 1));
    auto results = buildScan(n, scan);
    if (failed(results))
      return failure();
    for (auto [rows, result] : llvm::zip(outer.getRegionIterArgs(), *results))
      yielded.push_back(storeRow(n, rows, item, result));
  }
  finishBlock(n, block, yielded, ValueRange(collected).getTypes());
  for (auto [i, result] : llvm::enumerate(outer.getResults()))
    n.setResult(i, result);
  return success();
}

void burin::registerScanOp(OpRegistry &registry) {
  // Any number of inputs, the first of which may be missing.
  registry.add("Scan", 8, {0, Arity::kVariadic - 1}, importScan8, 0, Accepts::Anything);
  registry.add("Scan", 9, Arity::atLeast(1), importScan9);
}
