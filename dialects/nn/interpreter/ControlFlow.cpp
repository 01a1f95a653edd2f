//===- ControlFlow.cpp - Evaluation of whole functions --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Scalars (index, integers, floats outside tensors) are 0-D tensors here; the
// arith ops on them are evaluated by their own folders.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/interpreter/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cstring>

using namespace mlir;

namespace burin::nn {

namespace {
using Values = SmallVector<Tensor>;

class FunctionEvaluator {
public:
  FunctionEvaluator(const EvalLimits &limits) : limits(limits) {}

  FailureOr<Values> call(func::FuncOp function, ArrayRef<Tensor> arguments);

private:
  /// Runs the block and returns what its terminator passes on; a block without
  /// operands at its end gives none.
  FailureOr<Values> run(Block &block, ArrayRef<Tensor> arguments);
  FailureOr<Values> runOp(Operation *op);
  FailureOr<Values> runFor(scf::ForOp op);
  FailureOr<Values> runWhile(scf::WhileOp op);
  FailureOr<Values> runCast(tensor::CastOp op);
  FailureOr<Values> runExtract(tensor::ExtractOp op);
  FailureOr<Values> runFromElements(tensor::FromElementsOp op);
  FailureOr<Values> runArith(Operation *op);

  Tensor get(Value value) const { return values.lookup(value); }
  Values get(ValueRange range) const {
    return llvm::map_to_vector(range, [&](Value value) { return get(value); });
  }
  /// Forgets operands whose last user in this block is `op`.
  void release(Operation *op);

  const EvalLimits &limits;
  llvm::DenseMap<Value, Tensor> values;
  int depth = 0;
};
} // namespace

/// Whether a tensor may stand for a value of this type.
static bool fits(const Tensor &tensor, Type type) {
  auto ranked = dyn_cast<RankedTensorType>(type);
  if (!ranked)
    return tensor.rank() == 0 && tensor.elementType() == type;
  return tensor.elementType() == ranked.getElementType() &&
         succeeded(verifyCompatibleShape(tensor.tensorType(), ranked));
}

FailureOr<Values> FunctionEvaluator::call(func::FuncOp function, ArrayRef<Tensor> arguments) {
  if (function.isDeclaration())
    return function.emitError("cannot evaluate a function without body");
  if (arguments.size() != function.getNumArguments())
    return function.emitError("takes ")
           << function.getNumArguments() << " arguments, not " << arguments.size();
  for (auto [i, argument] : llvm::enumerate(arguments))
    if (!fits(argument, function.getArgumentTypes()[i]))
      return function.emitError("argument ") << i << " has type " << argument.tensorType()
                                             << " instead of " << function.getArgumentTypes()[i];
  if (depth >= limits.maxCallDepth)
    return function.emitError("calls nest too deeply");
  if (!function.getBody().hasOneBlock())
    return function.emitError("cannot evaluate branches between blocks");
  ++depth;
  llvm::DenseMap<Value, Tensor> outer;
  std::swap(outer, values);
  auto results = run(function.getBody().front(), arguments);
  values = std::move(outer);
  --depth;
  return results;
}

FailureOr<Values> FunctionEvaluator::run(Block &block, ArrayRef<Tensor> arguments) {
  for (auto [argument, tensor] : llvm::zip(block.getArguments(), arguments))
    values[argument] = tensor;
  for (Operation &op : block) {
    if (op.hasTrait<OpTrait::IsTerminator>()) {
      Values results = get(op.getOperands());
      // Values of a loop body must not outlive the iteration.
      for (Operation &inner : block)
        for (Value result : inner.getResults())
          values.erase(result);
      return results;
    }
    auto results = runOp(&op);
    if (failed(results))
      return failure();
    for (auto [value, tensor] : llvm::zip(op.getResults(), *results)) {
      if (!fits(tensor, value.getType()))
        return op.emitError("evaluates to ")
               << tensor.tensorType() << " instead of " << value.getType();
      values[value] = tensor;
    }
    release(&op);
  }
  return Values();
}

void FunctionEvaluator::release(Operation *op) {
  Block *block = op->getBlock();
  for (Value operand : op->getOperands()) {
    if (operand.getParentBlock() != block)
      continue;
    bool used = llvm::any_of(operand.getUsers(), [&](Operation *user) {
      Operation *ancestor = block->findAncestorOpInBlock(*user);
      return ancestor && op->isBeforeInBlock(ancestor);
    });
    if (!used)
      values.erase(operand);
  }
}

FailureOr<Values> FunctionEvaluator::runOp(Operation *op) {
  return llvm::TypeSwitch<Operation *, FailureOr<Values>>(op)
      .Case([&](func::CallOp call) -> FailureOr<Values> {
        auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, call.getCalleeAttr());
        if (!callee)
          return op->emitError("calls an unknown function");
        return this->call(callee, get(op->getOperands()));
      })
      .Case([&](scf::IfOp branch) -> FailureOr<Values> {
        bool condition = get(branch.getCondition()).intAt(0);
        Region &region = condition ? branch.getThenRegion() : branch.getElseRegion();
        return region.empty() ? FailureOr<Values>(Values()) : run(region.front(), {});
      })
      .Case([&](scf::ForOp loop) { return runFor(loop); })
      .Case([&](scf::WhileOp loop) { return runWhile(loop); })
      .Case([&](tensor::CastOp cast) { return runCast(cast); })
      .Case([&](tensor::ExtractOp extract) { return runExtract(extract); })
      .Case([&](tensor::FromElementsOp make) { return runFromElements(make); })
      .Case([&](tensor::DimOp dim) -> FailureOr<Values> {
        Tensor source = get(dim.getSource()), result(dim.getType(), {});
        int64_t axis = get(dim.getIndex()).intAt(0);
        if (axis < 0 || axis >= source.rank())
          return op->emitError("asks for the extent of an axis that is not there");
        result.setInt(0, source.shape()[axis]);
        return Values{result};
      })
      .Default([&](Operation *) -> FailureOr<Values> {
        if (isa_and_nonnull<NNDialect>(op->getDialect()))
          return interp::evaluate(op, get(op->getOperands()), limits, /*quiet=*/false);
        if (isa_and_nonnull<arith::ArithDialect>(op->getDialect()))
          return runArith(op);
        return op->emitError("the interpreter does not know '") << op->getName() << "'";
      });
}

FailureOr<Values> FunctionEvaluator::runFor(scf::ForOp op) {
  int64_t low = get(op.getLowerBound()).intAt(0), high = get(op.getUpperBound()).intAt(0);
  int64_t step = get(op.getStep()).intAt(0);
  if (step <= 0)
    return op.emitError("loop step must be positive");
  Values carried = get(op.getInitArgs());
  int64_t trips = 0;
  for (int64_t i = low; i < high; ++trips) {
    if (trips >= limits.maxLoopTrips)
      return op.emitError("loop exceeds ") << limits.maxLoopTrips << " iterations";
    Tensor counter(op.getInductionVar().getType(), {});
    counter.setInt(0, i);
    Values arguments = {counter};
    arguments.append(carried);
    auto next = run(*op.getBody(), arguments);
    if (failed(next))
      return failure();
    carried = *next;
    if (llvm::AddOverflow(i, step, i))
      break;
  }
  return carried;
}

FailureOr<Values> FunctionEvaluator::runWhile(scf::WhileOp op) {
  Values carried = get(op.getInits());
  for (int64_t trips = 0; trips < limits.maxLoopTrips; ++trips) {
    // scf.condition passes the flag first, then what the body or the result takes.
    auto tested = run(*op.getBeforeBody(), carried);
    if (failed(tested))
      return failure();
    Values passed(llvm::drop_begin(*tested));
    if (!(*tested)[0].intAt(0))
      return passed;
    auto next = run(*op.getAfterBody(), passed);
    if (failed(next))
      return failure();
    carried = *next;
  }
  return op.emitError("loop exceeds ") << limits.maxLoopTrips << " iterations";
}

FailureOr<Values> FunctionEvaluator::runCast(tensor::CastOp op) {
  return Values{get(op.getSource())}; // the caller checks the type
}

FailureOr<Values> FunctionEvaluator::runExtract(tensor::ExtractOp op) {
  Tensor source = get(op.getTensor()), result(op.getType(), {});
  SmallVector<int64_t> strides = rowMajorStrides(source.shape());
  int64_t at = 0;
  for (auto [d, index] : llvm::enumerate(op.getIndices())) {
    int64_t i = get(index).intAt(0);
    if (i < 0 || i >= source.shape()[d])
      return op.emitError("index is out of range");
    at += i * strides[d];
  }
  size_t width = elementBytes(result.elementType());
  std::memcpy(result.mutableData(), source.data() + at * width, width);
  return Values{result};
}

FailureOr<Values> FunctionEvaluator::runFromElements(tensor::FromElementsOp op) {
  Tensor result(op.getType().getElementType(), op.getType().getShape());
  size_t width = elementBytes(result.elementType());
  for (auto [i, element] : llvm::enumerate(op.getElements()))
    std::memcpy(result.mutableData() + i * width, get(element).data(), width);
  return Values{result};
}

/// A scalar, or a small tensor, as the attribute that folders take.
static Attribute toScalarAttr(const Tensor &tensor, Type type) {
  if (isa<RankedTensorType>(type))
    return tensor.size() <= kMaxDenseElements ? tensor.toAttr() : ElementsAttr();
  return cast<DenseElementsAttr>(tensor.toAttr()).getSplatValue<Attribute>();
}

static FailureOr<Tensor> fromScalarAttr(Attribute attr, Type type) {
  if (auto elements = dyn_cast<ElementsAttr>(attr))
    return Tensor::fromAttr(elements);
  Tensor result(type, {});
  if (auto integer = dyn_cast<IntegerAttr>(attr))
    result.setInt(0, integer.getType().isInteger(1) ? integer.getValue().getZExtValue()
                                                    : integer.getValue().getSExtValue());
  else if (auto real = dyn_cast<FloatAttr>(attr))
    result.setFloat(0, real.getValueAsDouble());
  else
    return failure();
  return result;
}

FailureOr<Values> FunctionEvaluator::runArith(Operation *op) {
  Values results;
  auto fail = [&]() {
    return op->emitError("the interpreter cannot evaluate '") << op->getName() << "'";
  };
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto value = fromScalarAttr(constant.getValue(), constant.getType());
    if (failed(value))
      return fail();
    return Values{*value};
  }
  SmallVector<Attribute> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(toScalarAttr(get(operand), operand.getType()));
    if (!operands.back())
      return fail();
  }
  // Folds on a detached copy, because folders may change the op in place.
  OwningOpRef<Operation *> copy(op->cloneWithoutRegions());
  SmallVector<OpFoldResult> folded;
  if (failed(copy->fold(operands, folded)) || folded.size() != op->getNumResults())
    return fail();
  for (auto [result, value] : llvm::zip(folded, op->getResults())) {
    if (auto operand = dyn_cast<Value>(result)) {
      results.push_back(get(operand));
      continue;
    }
    auto tensor = fromScalarAttr(cast<Attribute>(result), value.getType());
    if (failed(tensor))
      return fail();
    results.push_back(*tensor);
  }
  return results;
}

FailureOr<SmallVector<Tensor>> evaluateFunction(func::FuncOp function, ArrayRef<Tensor> arguments,
                                                const EvalLimits &limits) {
  return FunctionEvaluator(limits).call(function, arguments);
}

} // namespace burin::nn
