//===- InferShapes.cpp - Refine all types from what operands tell ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Problem: types know least right after the import, and more whenever a dim is
// specialised or a shape operand becomes a constant. Regions make it circular:
// the iter argument of a loop is typed by the yield that it types.
//
// Approach: types are facts that only grow, so every pass over a block computes
// a type from scratch as `refine(declared, inferred)`. A loop starts from the
// optimistic guess that its arguments keep the types of the initial values; as
// long as the body yields less, the guess forgets those extents and the body is
// inferred again. Extents are only forgotten, so this ends. While types change,
// the IR is not valid (a branch may know more than its scf.if); one pass at the
// end puts tensor.cast wherever two types of one value differ.
//
// Contents of shape operands come from SymbolicShapes: a shape operand that is
// known is replaced by a constant, and the inference runs again.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/NN.h"
#include "dialects/nn/SymbolicShapes.h"
#include "passes/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"

namespace burin {
#define GEN_PASS_DEF_INFERSHAPES
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;

/// What two compatible types know together; null where they contradict.
static Type refine(Type a, Type b) {
  auto left = dyn_cast<RankedTensorType>(a), right = dyn_cast<RankedTensorType>(b);
  if (!left || !right)
    return a == b ? a : Type();
  if (left.getElementType() != right.getElementType() ||
      failed(verifyCompatibleShape(left.getShape(), right.getShape())))
    return nullptr;
  SmallVector<int64_t> dims(left.getShape());
  for (auto [dim, other] : llvm::zip(dims, right.getShape()))
    if (ShapedType::isDynamic(dim))
      dim = other;
  return left.clone(dims);
}

/// What both types know; null where rank or element type differ.
static Type generalize(Type a, Type b) {
  auto left = dyn_cast<RankedTensorType>(a), right = dyn_cast<RankedTensorType>(b);
  if (!left || !right)
    return a == b ? a : Type();
  if (left.getElementType() != right.getElementType() || left.getRank() != right.getRank())
    return nullptr;
  SmallVector<int64_t> dims(left.getShape());
  for (auto [dim, other] : llvm::zip(dims, right.getShape()))
    if (dim != other)
      dim = ShapedType::kDynamic;
  return left.clone(dims);
}

namespace {

/// Types of one function.
class Inference {
public:
  Inference(func::FuncOp function) : function(function) {
    function.walk([&](Operation *op) {
      for (Value value : op->getResults())
        declared[value] = value.getType();
      for (Region &region : op->getRegions())
        for (Block &block : region)
          for (Value value : block.getArguments())
            declared[value] = value.getType();
    });
  }

  LogicalResult run() {
    if (failed(inferBlock(function.getBody().front())))
      return failure();
    insertCasts();
    return success();
  }

private:
  /// Sets a value's type from what is inferred, beside what is declared.
  LogicalResult set(Value value, Type inferred, Operation *op);
  /// Fixpoint of values that flow around a loop: `entry` are the values that
  /// enter, `again` those that come around after `body` was inferred.
  LogicalResult inferLoop(Operation *op, ValueRange arguments, ValueRange entry, ValueRange again,
                          llvm::function_ref<LogicalResult()> body);
  LogicalResult inferBlock(Block &block);
  LogicalResult inferOp(Operation *op);
  void insertCasts();

  func::FuncOp function;
  DenseMap<Value, Type> declared;
};

} // namespace

LogicalResult Inference::set(Value value, Type inferred, Operation *op) {
  auto known = declared.find(value);
  Type type = known == declared.end() ? inferred : refine(known->second, inferred);
  if (!type)
    return op->emitError("inferred type ")
           << inferred << " contradicts the declared " << known->second;
  value.setType(type);
  return success();
}

LogicalResult Inference::inferLoop(Operation *op, ValueRange arguments, ValueRange entry,
                                   ValueRange again, llvm::function_ref<LogicalResult()> body) {
  SmallVector<Type> guess(entry.getTypes()), facts;
  for (Value argument : arguments)
    facts.push_back(declared.lookup(argument));
  auto attempt = [&]() -> LogicalResult {
    for (auto [argument, type] : llvm::zip(arguments, guess))
      if (failed(set(argument, type, op)))
        return failure();
    return body();
  };
  bool guessing = true;
  while (true) {
    if (guessing) {
      // A wrong guess may break the body: that is no error of the model.
      ScopedDiagnosticHandler quiet(op->getContext(), [](Diagnostic &) { return success(); });
      guessing = succeeded(attempt());
    }
    if (!guessing) {
      guess = facts;
      if (failed(attempt()))
        return failure();
    }
    bool stable = true;
    for (auto [argument, type, yielded] : llvm::zip(arguments, guess, again)) {
      Type weaker = generalize(type, yielded.getType());
      if (!weaker)
        return op->emitError("loop carries ")
               << type << " but its body yields " << yielded.getType();
      // What is declared of the argument holds whatever the body seems to give.
      Type next = refine(declared.lookup(argument), weaker);
      stable &= next && next == argument.getType();
      type = weaker;
    }
    if (stable)
      return success();
  }
}

LogicalResult Inference::inferBlock(Block &block) {
  for (Operation &op : block)
    if (failed(inferOp(&op)))
      return failure();
  return success();
}

LogicalResult Inference::inferOp(Operation *op) {
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    for (Region &region : branch->getRegions())
      if (!region.empty() && failed(inferBlock(region.front())))
        return failure();
    if (op->getNumResults() == 0)
      return success();
    for (auto [result, a, b] : llvm::zip(branch.getResults(), branch.thenYield().getOperands(),
                                         branch.elseYield().getOperands())) {
      Type type = generalize(a.getType(), b.getType());
      if (!type)
        return op->emitError("branches yield ") << a.getType() << " and " << b.getType();
      if (failed(set(result, type, op)))
        return failure();
    }
    return success();
  }
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    if (failed(inferLoop(op, loop.getRegionIterArgs(), loop.getInitArgs(), loop.getYieldedValues(),
                         [&] { return inferBlock(*loop.getBody()); })))
      return failure();
    for (auto [result, argument] : llvm::zip(loop.getResults(), loop.getRegionIterArgs()))
      if (failed(set(result, argument.getType(), op)))
        return failure();
    return success();
  }
  if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    auto body = [&]() -> LogicalResult {
      if (failed(inferBlock(*loop.getBeforeBody())))
        return failure();
      for (auto [argument, value] :
           llvm::zip(loop.getAfterArguments(), loop.getConditionOp().getArgs()))
        if (failed(set(argument, value.getType(), op)))
          return failure();
      return inferBlock(*loop.getAfterBody());
    };
    if (failed(inferLoop(op, loop.getBeforeArguments(), loop.getInits(),
                         loop.getYieldOp().getOperands(), body)))
      return failure();
    for (auto [result, value] : llvm::zip(loop.getResults(), loop.getConditionOp().getArgs()))
      if (failed(set(result, value.getType(), op)))
        return failure();
    return success();
  }
  if (auto cast = dyn_cast<tensor::CastOp>(op)) {
    if (isa<RankedTensorType>(cast.getSource().getType()))
      return set(cast.getDest(), cast.getSource().getType(), op);
    return success();
  }
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, call.getCalleeAttr());
    if (!callee)
      return success();
    for (auto [result, type] : llvm::zip(call.getResults(), callee.getResultTypes()))
      if (failed(set(result, type, op)))
        return failure();
    return success();
  }
  auto inferable = dyn_cast<InferTypeOpInterface>(op);
  if (!inferable || !isa_and_nonnull<nn::NNDialect>(op->getDialect()))
    return success();
  SmallVector<Type> types;
  if (failed(inferable.inferReturnTypes(op->getContext(), op->getLoc(), op->getOperands(),
                                        op->getDiscardableAttrDictionary(),
                                        op->getPropertiesStorage(), op->getRegions(), types)))
    return failure();
  for (auto [result, type] : llvm::zip(op->getResults(), types))
    if (failed(set(result, type, op)))
      return failure();
  return success();
}

/// Makes every operand of the terminator or loop have the wanted type.
static void castOperands(Operation *op, MutableOperandRange operands, TypeRange types) {
  OpBuilder builder(op);
  for (auto [operand, type] : llvm::zip(operands, types))
    if (operand.get().getType() != type)
      operand.set(builder.create<tensor::CastOp>(op->getLoc(), type, operand.get()));
}

void Inference::insertCasts() {
  SmallVector<tensor::CastOp> casts;
  function.walk([&](Operation *op) {
    if (auto cast = dyn_cast<tensor::CastOp>(op))
      casts.push_back(cast);
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      if (op->getNumResults() == 0)
        return;
      for (scf::YieldOp yield : {branch.thenYield(), branch.elseYield()})
        castOperands(yield, yield.getResultsMutable(), op->getResultTypes());
    } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
      castOperands(op, loop.getInitArgsMutable(), op->getResultTypes());
      auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
      castOperands(yield, yield.getResultsMutable(), op->getResultTypes());
    } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
      castOperands(op, loop.getInitsMutable(), ValueRange(loop.getBeforeArguments()).getTypes());
      castOperands(loop.getYieldOp(), loop.getYieldOp().getResultsMutable(),
                   ValueRange(loop.getBeforeArguments()).getTypes());
      castOperands(loop.getConditionOp(), loop.getConditionOp().getArgsMutable(),
                   op->getResultTypes());
    } else if (auto call = dyn_cast<func::CallOp>(op)) {
      auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, call.getCalleeAttr());
      if (callee)
        castOperands(op, call.getOperandsMutable(), callee.getArgumentTypes());
    }
  });
  for (tensor::CastOp cast : casts)
    if (cast.getSource().getType() == cast.getType()) {
      cast.getDest().replaceAllUsesWith(cast.getSource());
      cast.erase();
    }
}

/// The function returns what is declared and what its body knows; a declaration
/// that contradicts the body (some exporters write such) gives way.
static void refineResults(func::FuncOp function) {
  auto ret = cast<func::ReturnOp>(function.getBody().front().getTerminator());
  SmallVector<Type> types;
  for (auto [declared, operand] : llvm::zip(function.getResultTypes(), ret.getOperands())) {
    Type type = refine(declared, operand.getType());
    types.push_back(type ? type : operand.getType());
  }
  function.setType(FunctionType::get(function.getContext(), function.getArgumentTypes(), types));
  castOperands(ret, ret.getOperandsMutable(), types);
  Builder builder(function.getContext());
  for (auto [i, type] : llvm::enumerate(types)) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    auto dims = function.getResultAttrOfType<ArrayAttr>(i, nn::kDimsAttr);
    if (!tensor || !dims)
      continue;
    SmallVector<Attribute> entries(dims.begin(), dims.end());
    entries.resize(tensor.getRank(), builder.getStringAttr(""));
    for (auto [entry, extent] : llvm::zip(entries, tensor.getShape()))
      if (!ShapedType::isDynamic(extent))
        entry = builder.getI64IntegerAttr(extent);
    function.setResultAttr(i, nn::kDimsAttr, builder.getArrayAttr(entries));
  }
}

/// Whether the operand tells a shape or a count.
static bool isShapeOperand(OpOperand &operand) {
  return isa_and_nonnull<nn::NNDialect>(operand.getOwner()->getDialect()) &&
         isa<nn::ReshapeOp, nn::BroadcastToOp, nn::SliceOp, nn::PadOp, nn::IotaOp, nn::TopKOp,
             nn::RandomOp>(operand.getOwner()) &&
         (nn::isShapeType(operand.get().getType()) ||
          nn::isIndexScalarType(operand.get().getType()));
}

namespace {

struct InferShapes : burin::impl::InferShapesBase<InferShapes> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal() || !function.getBody().hasOneBlock() ||
          !isa<func::ReturnOp>(function.getBody().front().getTerminator()))
        continue;
      do {
        if (failed(Inference(function).run()))
          return signalPassFailure();
        refineResults(function);
      } while (useSymbols(function));
    }
  }

  /// Replaces known shape operands by constants and extents by what the
  /// symbolic analysis proves; whether there is something new to infer from.
  bool useSymbols(func::FuncOp function) {
    nn::DimContext context;
    nn::SymbolicShapes shapes(function, context);
    bool changed = false;
    SmallVector<std::pair<OpOperand *, SmallVector<int64_t>>> known;
    function.walk([&](Operation *op) {
      for (OpOperand &operand : op->getOpOperands()) {
        if (!isShapeOperand(operand) || nn::constantInts(operand.get()))
          continue;
        auto contents = shapes.contents(operand.get());
        if (!contents)
          continue;
        SmallVector<int64_t> values;
        for (nn::DimExpr value : *contents)
          if (std::optional<int64_t> number = value.constant())
            values.push_back(*number);
        if (values.size() == contents->size())
          known.emplace_back(&operand, values);
      }
      if (!isa_and_nonnull<nn::NNDialect>(op->getDialect()))
        return;
      for (Value result : op->getResults()) {
        auto type = dyn_cast<RankedTensorType>(result.getType());
        if (!type || type.hasStaticShape())
          continue;
        SmallVector<int64_t> dims(type.getShape());
        for (auto [dim, expr] : llvm::zip(dims, shapes.dims(result)))
          if (std::optional<int64_t> number = expr ? expr.constant() : std::nullopt)
            dim = ShapedType::isDynamic(dim) ? *number : dim;
        if (ArrayRef(dims) == type.getShape())
          continue;
        result.setType(type.clone(dims));
        changed = true;
      }
    });
    for (auto &[operand, values] : known) {
      OpBuilder builder(operand->getOwner());
      Location loc = operand->getOwner()->getLoc();
      operand->set(nn::isShapeType(operand->get().getType())
                       ? nn::createShape(builder, loc, values)
                       : nn::createIndex(builder, loc, values.front()));
      changed = true;
    }
    return changed;
  }
};

} // namespace
