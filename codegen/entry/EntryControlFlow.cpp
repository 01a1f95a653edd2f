//===- EntryControlFlow.cpp - Branches and loops of the entry -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/entry/EntryControlFlow.h"
#include "dialects/nn/Groups.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"

using namespace mlir;

namespace burin {

static bool isTensor(Value value) { return isa<RankedTensorType>(value.getType()); }

static SmallVector<Type> scalarTypes(ValueRange values) {
  SmallVector<Type> types;
  for (Value value : values)
    if (!isTensor(value))
      types.push_back(value.getType());
  return types;
}

Block *EntryControlFlow::newBlock(Location loc, TypeRange arguments) {
  Region *region = builder.getInsertionBlock()->getParent();
  OpBuilder::InsertionGuard guard(builder);
  return builder.createBlock(region, region->end(), arguments,
                             SmallVector<Location>(arguments.size(), loc));
}

void EntryControlFlow::branchTo(Location loc, Block *block, ValueRange arguments) {
  builder.create<cf::BranchOp>(loc, block, arguments);
}

Value EntryControlFlow::byteCount(Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Value count = builder.create<arith::ConstantIndexOp>(
      loc, nn::storageType(type.getElementType()).getIntOrFloatBitWidth() / 8);
  for (nn::DimExpr dim : shapes.dims(value))
    count = builder.create<arith::MulIOp>(loc, count, emit.materialize(loc, dim));
  return count;
}

/// Copies a tensor to the buffer of another value of the same extents.
void EntryControlFlow::copyTo(Location loc, Value source, unsigned target) {
  if (plan.indexOf(source) == target)
    return;
  emit.copy(loc, emit.bytesOf(loc, target), emit.bytesOf(loc, plan.indexOf(source)),
            byteCount(loc, source));
}

/// The dims of results that only a branch knows, in order.
SmallVector<std::pair<unsigned, unsigned>> EntryControlFlow::branchExtents(scf::IfOp branch) {
  SmallVector<std::pair<unsigned, unsigned>> found;
  for (auto [i, value] : llvm::enumerate(branch.getResults()))
    if (isTensor(value))
      for (auto [d, dim] : llvm::enumerate(shapes.dims(value)))
        if (const nn::DimSymbol *symbol = dim.symbol();
            symbol && symbol->kind == nn::DimSymbol::Kind::Extent && symbol->value == value)
          found.emplace_back(i, d);
  return found;
}

LogicalResult EntryControlFlow::lowerIf(scf::IfOp branch) {
  Location loc = branch.getLoc();
  SmallVector<Type> types = scalarTypes(branch.getResults());
  auto extents = branchExtents(branch);
  types.append(extents.size(), indexType());
  bool hasElse = !branch.getElseRegion().empty();
  Block *then = newBlock(loc), *otherwise = hasElse ? newBlock(loc) : nullptr;
  Block *next = newBlock(loc, types);
  builder.create<cf::CondBranchOp>(loc, scalars.lookup(branch.getCondition()), then,
                                   hasElse ? otherwise : next);
  for (unsigned r = 0; r < (hasElse ? 2 : 1); ++r) {
    Block &source = branch->getRegion(r).front();
    builder.setInsertionPointToEnd(r == 0 ? then : otherwise);
    if (failed(lowerBlock(source)))
      return failure();
    SmallVector<Value> yields;
    for (auto [operand, value] :
         llvm::zip(source.getTerminator()->getOperands(), branch.getResults())) {
      if (isTensor(value))
        copyTo(loc, operand, plan.indexOf(value));
      else
        yields.push_back(scalars.lookup(operand));
    }
    for (auto [i, d] : extents) {
      Value extent = emit.materialize(loc, shapes.dims(source.getTerminator()->getOperand(i))[d]);
      if (!extent)
        return branch.emitError("the extent of a branch's result is not known at run time");
      yields.push_back(extent);
    }
    branchTo(loc, next, yields);
  }
  builder.setInsertionPointToEnd(next);
  mapArguments(branch.getResults(), next->getArguments());
  for (auto [pair, extent] : llvm::zip(extents, next->getArguments().take_back(extents.size())))
    emit.bind(shapes.dims(branch.getResult(pair.first))[pair.second].symbol(), extent);
  return success();
}

SmallVector<Value> EntryControlFlow::mapScalars(ValueRange values) {
  SmallVector<Value> result;
  for (Value value : values)
    if (!isTensor(value))
      result.push_back(scalars.lookup(value));
  return result;
}

void EntryControlFlow::mapArguments(ValueRange old, ValueRange fresh) {
  unsigned next = 0;
  for (Value value : old)
    if (!isTensor(value))
      scalars.map(value, fresh[next++]);
}

void EntryControlFlow::copyInits(Location loc, ValueRange inits, ValueRange carried) {
  for (auto [init, argument] : llvm::zip(inits, carried))
    if (isTensor(init))
      copyTo(loc, init, plan.indexOf(argument));
}

/// The end of a loop's body: temporaries first, then the carried buffers.
void EntryControlFlow::copyYields(Operation *yield, ValueRange carried) {
  Location loc = yield->getLoc();
  for (auto [i, operand] : llvm::enumerate(yield->getOperands()))
    if (std::optional<unsigned> temporary = plan.yieldTemporary(yield, i))
      copyTo(loc, operand, *temporary);
  for (auto [i, operand] : llvm::enumerate(yield->getOperands())) {
    if (!isTensor(operand))
      continue;
    unsigned target = plan.indexOf(carried[i]);
    if (std::optional<unsigned> temporary = plan.yieldTemporary(yield, i))
      emit.copy(loc, emit.bytesOf(loc, target), emit.bytesOf(loc, *temporary),
                byteCount(loc, operand));
    else
      copyTo(loc, operand, target);
  }
}

LogicalResult EntryControlFlow::lowerFor(scf::ForOp loop) {
  Location loc = loop.getLoc();
  copyInits(loc, loop.getInitArgs(), loop.getRegionIterArgs());
  SmallVector<Type> types{indexType()};
  types.append(scalarTypes(loop.getInitArgs()));
  Block *head = newBlock(loc, types), *body = newBlock(loc), *next = newBlock(loc);
  SmallVector<Value> inits{scalars.lookup(loop.getLowerBound())};
  inits.append(mapScalars(loop.getInitArgs()));
  Value bound = scalars.lookup(loop.getUpperBound()), step = scalars.lookup(loop.getStep());
  branchTo(loc, head, inits);

  builder.setInsertionPointToEnd(head);
  Value position = head->getArgument(0);
  Value inside = builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, position, bound);
  builder.create<cf::CondBranchOp>(loc, inside, body, next);

  builder.setInsertionPointToEnd(body);
  ValueRange carried = head->getArguments().drop_front();
  scalars.map(loop.getInductionVar(), position);
  mapArguments(loop.getRegionIterArgs(), carried);
  llvm::for_each(loop.getRegionIterArgs(), [&](Value value) { readElements(value); });
  if (failed(lowerBlock(*loop.getBody())))
    return failure();
  Operation *yield = loop.getBody()->getTerminator();
  copyYields(yield, loop.getRegionIterArgs());
  SmallVector<Value> yields{builder.create<arith::AddIOp>(loc, position, step)};
  yields.append(mapScalars(yield->getOperands()));
  branchTo(loc, head, yields);

  builder.setInsertionPointToEnd(next);
  mapArguments(loop.getResults(), carried);
  return success();
}

LogicalResult EntryControlFlow::lowerWhile(scf::WhileOp loop) {
  Location loc = loop.getLoc();
  copyInits(loc, loop.getInits(), loop.getBeforeArguments());
  Block *before = newBlock(loc, scalarTypes(loop.getInits()));
  Block *after = newBlock(loc), *next = newBlock(loc);
  branchTo(loc, before, mapScalars(loop.getInits()));

  builder.setInsertionPointToEnd(before);
  mapArguments(loop.getBeforeArguments(), before->getArguments());
  llvm::for_each(loop.getBeforeArguments(), [&](Value value) { readElements(value); });
  if (failed(lowerBlock(*loop.getBeforeBody())))
    return failure();
  // What the condition forwards is seen from the body and from behind the loop.
  scf::ConditionOp condition = loop.getConditionOp();
  SmallVector<Value> forwarded = mapScalars(condition.getArgs());
  builder.create<cf::CondBranchOp>(loc, scalars.lookup(condition.getCondition()), after, next);

  builder.setInsertionPointToEnd(after);
  mapArguments(loop.getAfterArguments(), forwarded);
  llvm::for_each(loop.getAfterArguments(), [&](Value value) { readElements(value); });
  if (failed(lowerBlock(*loop.getAfterBody())))
    return failure();
  Operation *yield = loop.getAfterBody()->getTerminator();
  copyYields(yield, loop.getBeforeArguments());
  branchTo(loc, before, mapScalars(yield->getOperands()));

  builder.setInsertionPointToEnd(next);
  mapArguments(loop.getResults(), forwarded);
  return success();
}

} // namespace burin
