//===- EntryBuilder.cpp - Buffers, extents and views of the entry ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/entry/EntryBuilder.h"
#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace burin {

Value EntryBuilder::constantIndex(Location loc, int64_t value) {
  return builder.create<arith::ConstantIndexOp>(loc, value);
}

void EntryBuilder::clearSymbols() {
  named.clear();
  bound.clear();
  dynamicOffsets.clear();
}

/// An operation on indices as one on i64, from where the result saturates.
template <typename OpTy> static Value inWords(OpBuilder &builder, Location loc, Value a, Value b) {
  Type word = builder.getI64Type();
  auto widen = [&](Value x) { return builder.createOrFold<arith::IndexCastOp>(loc, word, x); };
  Value result = builder.createOrFold<OpTy>(loc, widen(a), widen(b));
  return builder.createOrFold<arith::IndexCastOp>(loc, builder.getIndexType(), result);
}

Value EntryBuilder::boundedProduct(Location loc, Value a, Value b) {
  return inWords<arith::MulIOp>(builder, loc, a, b);
}

Value EntryBuilder::materialize(Location loc, nn::DimExpr expr) {
  if (!expr)
    return nullptr;
  bool missing = false;
  nn::DimExpr::Evaluator<Value> evaluator;
  evaluator.constant = [&](int64_t value) { return constantIndex(loc, value); };
  evaluator.symbol = [&](const nn::DimSymbol &symbol) -> Value {
    Value value = symbol.kind == nn::DimSymbol::Kind::Named ? named.lookup(symbol.name)
                                                            : bound.lookup(&symbol);
    missing |= !value;
    return value ? value : constantIndex(loc, 0);
  };
  // Named dimensions fit with all that is made of them; data may hold any number.
  bool dependsOnData = llvm::any_of(expr.symbols(), [](const nn::DimSymbol *symbol) {
    return symbol->kind != nn::DimSymbol::Kind::Named;
  });
  evaluator.binary = [&](char op, Value a, Value b) -> Value {
    switch (op) {
    case '+':
      return dependsOnData ? inWords<arith::AddIOp>(builder, loc, a, b)
                           : builder.create<arith::AddIOp>(loc, a, b);
    case '*':
      return dependsOnData ? boundedProduct(loc, a, b) : builder.create<arith::MulIOp>(loc, a, b);
    case '<':
      return builder.create<arith::MinSIOp>(loc, a, b);
    case '>':
      return builder.create<arith::MaxSIOp>(loc, a, b);
    default:
      break;
    }
    // x/0 is 0, as everywhere in the dialect.
    Value zero = constantIndex(loc, 0), one = constantIndex(loc, 1);
    Value isZero = builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, b, zero);
    Value divisor = builder.create<arith::SelectOp>(loc, isZero, one, b);
    Value quotient;
    if (op == '/')
      quotient = builder.create<arith::FloorDivSIOp>(loc, a, divisor);
    else if (op == 'c')
      quotient = builder.create<arith::CeilDivSIOp>(loc, a, divisor);
    else {
      Value floor = builder.create<arith::FloorDivSIOp>(loc, a, divisor);
      quotient =
          builder.create<arith::SubIOp>(loc, a, builder.create<arith::MulIOp>(loc, floor, divisor));
    }
    return builder.create<arith::SelectOp>(loc, isZero, zero, quotient);
  };
  Value value = expr.materialize(evaluator);
  return missing ? nullptr : value;
}

Value EntryBuilder::alignUp(Location loc, Value value) {
  Value mask = constantIndex(loc, plan.alignment() - 1);
  Value sum = builder.create<arith::AddIOp>(loc, value, mask);
  return builder.create<arith::AndIOp>(loc, sum, constantIndex(loc, -plan.alignment()));
}

Value EntryBuilder::offsets(Location loc) {
  Value total = constantIndex(loc, plan.staticBytes());
  llvm::DenseMap<unsigned, Value> ends;
  for (unsigned i : plan.dynamicOrder()) {
    const Buffer &buffer = plan.buffers()[i];
    Value offset = constantIndex(loc, buffer.base);
    for (unsigned below : buffer.below)
      offset = builder.create<arith::MaxSIOp>(loc, offset, ends.lookup(below));
    dynamicOffsets[i] = offset;
    Value size = alignUp(loc, materialize(loc, buffer.bytes));
    ends[i] = builder.create<arith::AddIOp>(loc, offset, size);
    total = builder.create<arith::MaxSIOp>(loc, total, ends[i]);
  }
  // A size of 0 tells an error.
  return builder.create<arith::MaxSIOp>(loc, total, constantIndex(loc, plan.alignment()));
}

Value EntryBuilder::sizesFit(Location loc) {
  // In f32, which every target has: the bound leaves room for its error.
  Type real = builder.getF32Type();
  auto number = [&](double value) -> Value {
    return builder.create<arith::ConstantOp>(loc, builder.getFloatAttr(real, value));
  };
  Value sum = number(static_cast<double>(plan.staticBytes()));
  nn::DimExpr::Evaluator<Value> evaluator;
  evaluator.constant = [&](int64_t value) { return number(static_cast<double>(value)); };
  evaluator.symbol = [&](const nn::DimSymbol &symbol) -> Value {
    Value word = builder.create<arith::IndexCastOp>(loc, builder.getIntegerType(indexBits),
                                                    named.lookup(symbol.name));
    return builder.create<arith::SIToFPOp>(loc, real, word);
  };
  evaluator.binary = [&](char op, Value a, Value b) -> Value {
    switch (op) {
    case '+':
      return builder.create<arith::AddFOp>(loc, a, b);
    case '*':
      return builder.create<arith::MulFOp>(loc, a, b);
    default:
      // Upper bounds of quotient, remainder, min and max by the larger operand.
      return builder.create<arith::SelectOp>(
          loc, builder.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OGT, a, b), a, b);
    }
  };
  for (unsigned i : plan.dynamicOrder())
    sum = builder.create<arith::AddFOp>(loc, sum, plan.buffers()[i].bytes.materialize(evaluator));
  Value fits = builder.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OLT, sum,
                                             number(std::ldexp(1.0, indexBits - 2)));
  Value zero = constantIndex(loc, 0);
  for (auto &[name, extent] : named) {
    Value valid = builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::sge, extent, zero);
    fits = builder.create<arith::AndIOp>(loc, fits, valid);
  }
  return fits;
}

/// The bytes behind a pointer; no access is checked against an extent.
Value EntryBuilder::unbounded(Value pointer) {
  Location loc = pointer.getLoc();
  auto type = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  OpFoldResult size = constantIndex(loc, INT64_MAX);
  return builder.create<memref::ReinterpretCastOp>(
      loc, type, pointer, OpFoldResult(builder.getIndexAttr(0)), ArrayRef<OpFoldResult>(size),
      ArrayRef<OpFoldResult>(builder.getIndexAttr(1)));
}

void EntryBuilder::bindArena(Value pointer, Location loc) { arena = unbounded(pointer); }
void EntryBuilder::bindInput(unsigned i, Value pointer) { inputs[i] = unbounded(pointer); }
void EntryBuilder::bindOutput(unsigned i, Value pointer) { outputs[i] = unbounded(pointer); }

Value EntryBuilder::bytesOf(Location loc, unsigned index) {
  const Buffer &buffer = plan.buffers()[index];
  auto bytes = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  switch (buffer.kind) {
  case Buffer::Kind::Input:
    return inputs.lookup(buffer.index);
  case Buffer::Kind::Output:
    return outputs.lookup(buffer.index);
  case Buffer::Kind::Constant: {
    nn::ConstantOp constant = buffer.constant;
    int64_t size = nn::Tensor::fromAttr(constant.getValue()).byteSize();
    auto type = MemRefType::get({size}, builder.getI8Type());
    std::string &symbol = weightSymbols[constant.getValue()];
    if (symbol.empty()) {
      symbol = prefix + "_w" + std::to_string(weights.size());
      weights.push_back({symbol, constant.getValue()});
      OpBuilder::InsertionGuard guard(builder);
      auto module = builder.getInsertionBlock()->getParentOp();
      while (!isa<ModuleOp>(module))
        module = module->getParentOp();
      builder.setInsertionPointToStart(cast<ModuleOp>(module).getBody());
      builder.create<memref::GlobalOp>(constant.getLoc(), symbol, builder.getStringAttr("public"),
                                       type, /*initial_value=*/Attribute(), /*constant=*/true,
                                       builder.getI64IntegerAttr(64));
    }
    Value global = builder.create<memref::GetGlobalOp>(loc, type, symbol);
    return builder.create<memref::CastOp>(loc, bytes, global);
  }
  case Buffer::Kind::Slice:
    return skip(loc, bytesOf(loc, buffer.index), materialize(loc, buffer.start));
  case Buffer::Kind::Arena:
    break;
  }
  Value offset = buffer.offset ? constantIndex(loc, *buffer.offset) : dynamicOffsets.lookup(index);
  Value size = constantIndex(loc, INT64_MAX);
  return builder.create<memref::ViewOp>(loc, bytes, arena, offset, ValueRange(size));
}

Value EntryBuilder::skip(Location loc, Value bytes, Value count) {
  Value size = constantIndex(loc, INT64_MAX);
  return builder.create<memref::ViewOp>(loc, bytes.getType(), bytes, count, ValueRange(size));
}

Value EntryBuilder::view(Location loc, Value bytes, MemRefType type) {
  return builder.create<memref::ViewOp>(loc, type, bytes, constantIndex(loc, 0), ValueRange());
}

void EntryBuilder::copy(Location loc, Value target, Value source, Value byteCount) {
  auto sized = [&](Value bytes) -> Value {
    auto type = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
    return builder.create<memref::ViewOp>(loc, type, bytes, constantIndex(loc, 0),
                                          ValueRange(byteCount));
  };
  builder.create<memref::CopyOp>(loc, sized(source), sized(target));
}

void EntryBuilder::leaveUnless(Location loc, Value condition, object::Status code) {
  Block *block = builder.getInsertionBlock();
  Block *next = block->splitBlock(builder.getInsertionPoint());
  Block *fail = builder.createBlock(block->getParent(), block->getParent()->end());
  Value status = builder.create<arith::ConstantIntOp>(loc, static_cast<int>(code), 32);
  builder.create<func::ReturnOp>(loc, status);
  builder.setInsertionPointToEnd(block);
  builder.create<cf::CondBranchOp>(loc, condition, next, fail);
  builder.setInsertionPointToEnd(next);
}

Value EntryBuilder::isTrue(Location loc, Value byte) {
  Value zero = builder.create<arith::ConstantOp>(loc, builder.getIntegerAttr(byte.getType(), 0));
  return builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::ne, byte, zero);
}

} // namespace burin
