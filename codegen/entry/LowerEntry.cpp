//===- LowerEntry.cpp - The entry as pointer arithmetic and calls ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Every tensor of the entry has a buffer (ArenaPlan.h). A buffer is bytes: a
// `memref<?xi8>` over the arena, an input, an output or a constant, and a call
// of a group takes typed views of such bytes. Extents are `index` values that
// are materialised from DimExpr; the elements of integer tensors on which
// extents depend are read right after the tensor is made, because its bytes
// may be reused later.
//
//===----------------------------------------------------------------------===//

#include "codegen/entry/LowerEntry.h"
#include "codegen/entry/EntryControlFlow.h"
#include "dialects/nn/Groups.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace burin {

namespace {

class EntryLowering : public EntryControlFlow {
public:
  EntryLowering(func::FuncOp entry, const ArenaPlan &plan, nn::SymbolicShapes &shapes,
                StringRef prefix, unsigned indexBits)
      : EntryControlFlow(entry, plan, shapes, prefix, indexBits), entry(entry),
        prefix(prefix.str()) {}

  FailureOr<LoweredEntry> run() {
    if (failed(collectSymbols()))
      return failure();
    emitSizeFunctions();
    if (failed(emitRun()))
      return failure();
    result.weights = emit.takeWeights();
    entry.erase();
    return std::move(result);
  }

private:
  // Symbols and sizes.

  /// Finds the named dimensions and which elements of tensors must be read.
  LogicalResult collectSymbols() {
    auto visit = [&](Value value) {
      if (!isa<RankedTensorType>(value.getType()))
        return;
      for (nn::DimExpr dim : shapes.dims(value))
        for (const nn::DimSymbol *symbol : dim.symbols()) {
          if (symbol->kind == nn::DimSymbol::Kind::Named) {
            if (!llvm::is_contained(result.symbols, symbol->name))
              result.symbols.push_back(symbol->name);
          } else if (symbol->kind == nn::DimSymbol::Kind::Element) {
            auto &list = elementsOf[symbol->value];
            if (!llvm::is_contained(list, symbol))
              list.push_back(symbol);
          }
        }
    };
    for (Value argument : entry.getArguments())
      visit(argument);
    size_t known = result.symbols.size();
    entry.walk([&](Operation *op) {
      for (Region &region : op->getRegions())
        for (Block &block : region)
          llvm::for_each(block.getArguments(), visit);
      llvm::for_each(op->getResults(), visit);
    });
    if (result.symbols.size() != known)
      return entry.emitError("dimension '")
             << result.symbols[known] << "' does not follow from the inputs; give it with --dim "
             << result.symbols[known] << "=K";
    return success();
  }

  func::FuncOp declare(StringRef name, TypeRange arguments, TypeRange results) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(entry);
    auto function = builder.create<func::FuncOp>(entry.getLoc(), (prefix + "_" + name).str(),
                                                 builder.getFunctionType(arguments, results));
    function.setPrivate();
    function.addEntryBlock();
    return function;
  }

  void bindSymbols(ValueRange values) {
    emit.clearSymbols();
    for (auto [name, value] : llvm::zip(result.symbols, values))
      emit.bindNamed(name, value);
  }

  /// `arena_bytes` and the extents of outputs as functions of the symbols.
  void emitSizeFunctions() {
    SmallVector<Type> symbolTypes(result.symbols.size(), indexType());
    if (!plan.isStatic()) {
      func::FuncOp function = declare("arena_bytes_of", symbolTypes, indexType());
      builder.setInsertionPointToStart(&function.getBody().front());
      bindSymbols(function.getArguments());
      Location loc = entry.getLoc();
      // 0 says that the dimensions do not fit, so an empty arena counts one byte.
      Value one = builder.create<arith::ConstantIndexOp>(loc, 1);
      Value total = builder.create<arith::MaxUIOp>(loc, emit.offsets(loc), one);
      Value fits = emit.sizesFit(loc);
      Value zero = builder.create<arith::ConstantIndexOp>(loc, 0);
      builder.create<func::ReturnOp>(
          loc, builder.create<arith::SelectOp>(loc, fits, total, zero).getResult());
      result.arenaBytesName = function.getName().str();
    }
    for (auto [i, returned] :
         llvm::enumerate(entry.getBody().front().getTerminator()->getOperands())) {
      auto &names = result.outputDimNames.emplace_back();
      bool dataDependent = false;
      for (nn::DimExpr dim : shapes.dims(returned))
        for (const nn::DimSymbol *symbol : dim.symbols())
          dataDependent |= symbol->kind != nn::DimSymbol::Kind::Named;
      result.dataDependent.push_back(dataDependent);
      for (auto [d, dim] : llvm::enumerate(shapes.dims(returned))) {
        std::string &name = names.emplace_back();
        if (dataDependent || dim.constant())
          continue;
        func::FuncOp function =
            declare(("output" + Twine(i) + "_dim" + Twine(d)).str(), symbolTypes, indexType());
        builder.setInsertionPointToStart(&function.getBody().front());
        bindSymbols(function.getArguments());
        builder.create<func::ReturnOp>(entry.getLoc(), emit.materialize(entry.getLoc(), dim));
        name = function.getName().str();
      }
    }
  }

  // The run function.

  LogicalResult emitRun() {
    Operation *terminator = entry.getBody().front().getTerminator();
    unsigned inputs = entry.getNumArguments(), outputs = terminator->getNumOperands();
    Type bytes = MemRefType::get({}, builder.getI8Type());
    Type words = MemRefType::get({}, builder.getI64Type());
    SmallVector<Type> types(1 + inputs + outputs, bytes);
    for (bool dependent : result.dataDependent)
      if (dependent)
        types.append({words, indexType()});
    types.append(result.symbols.size(), indexType());
    func::FuncOp runFunction = declare("runFunctionentry", types, builder.getI32Type());
    result.runName = runFunction.getName().str();
    Block *body = &runFunction.getBody().front();
    builder.setInsertionPointToStart(body);

    auto arguments = runFunction.getArguments();
    bindSymbols(arguments.take_back(result.symbols.size()));
    Location loc = entry.getLoc();
    emit.bindArena(arguments[0], loc);
    if (!plan.isStatic())
      emit.offsets(loc);
    for (unsigned i = 0; i < inputs; ++i)
      emit.bindInput(i, arguments[1 + i]);
    for (unsigned i = 0; i < outputs; ++i)
      emit.bindOutput(i, arguments[1 + inputs + i]);
    for (Value argument : entry.getArguments())
      readElements(argument);

    if (failed(lowerBlock(entry.getBody().front())))
      return failure();

    // Nothing is written before all of it is known to fit.
    SmallVector<SmallVector<Value>> extents(outputs);
    unsigned extra = 1 + inputs + outputs;
    for (auto [i, returned] : llvm::enumerate(terminator->getOperands()))
      if (result.dataDependent[i]) {
        if (failed(checkCapacity(returned, arguments[extra + 1], extents[i])))
          return failure();
        extra += 2;
      }
    extra = 1 + inputs + outputs;
    for (auto [i, returned] : llvm::enumerate(terminator->getOperands())) {
      if (result.dataDependent[i]) {
        storeShape(returned.getLoc(), extents[i], arguments[extra]);
        extra += 2;
      }
      const Buffer &buffer = plan.bufferOf(returned);
      if (buffer.kind != Buffer::Kind::Output || buffer.index != i)
        emit.copy(loc, emit.outputBytes(i), emit.bytesOf(loc, plan.indexOf(returned)),
                  byteCount(loc, returned));
    }
    Value ok = builder.create<arith::ConstantIntOp>(loc, 0, 32);
    builder.create<func::ReturnOp>(loc, ok);
    return success();
  }

  /// Leaves where the output has more elements than its buffer.
  LogicalResult checkCapacity(Value returned, Value capacity, SmallVector<Value> &extents) {
    Location loc = returned.getLoc();
    Value count = builder.create<arith::ConstantIndexOp>(loc, 1);
    for (nn::DimExpr dim : shapes.dims(returned)) {
      extents.push_back(emit.materialize(loc, dim));
      if (!extents.back())
        return emitError(loc, "an extent of an output is not known at run time");
      count = emit.boundedProduct(loc, count, extents.back());
    }
    Value fits = builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::sle, count, capacity);
    emit.leaveUnless(loc, fits, object::Status::Capacity);
    return success();
  }

  void storeShape(Location loc, ArrayRef<Value> extents, Value shape) {
    unsigned rank = extents.size();
    auto wordsType = MemRefType::get({rank}, builder.getI64Type());
    SmallVector<int64_t> sizes{static_cast<int64_t>(rank)}, strides{1};
    Value words =
        builder.create<memref::ReinterpretCastOp>(loc, wordsType, shape, 0, sizes, strides);
    for (auto [d, extent] : llvm::enumerate(extents)) {
      Value at = builder.create<arith::ConstantIndexOp>(loc, d);
      Value word = builder.create<arith::IndexCastOp>(loc, builder.getI64Type(), extent);
      builder.create<memref::StoreOp>(loc, word, words, at);
    }
  }

  // Ops.

  /// Reads the elements of an integer tensor on which extents depend.
  void readElements(Value value) override {
    auto it = elementsOf.find(value);
    if (it == elementsOf.end())
      return;
    Location loc = value.getLoc();
    auto type = cast<RankedTensorType>(value.getType());
    for (const nn::DimSymbol *symbol : it->second) {
      Value at = builder.create<arith::ConstantIndexOp>(loc, symbol->index);
      Value flat = flatView(loc, value);
      Value element = builder.create<memref::LoadOp>(loc, flat, at);
      element = type.getElementType().isUnsignedInteger()
                    ? builder.create<arith::IndexCastUIOp>(loc, indexType(), element).getResult()
                    : builder.create<arith::IndexCastOp>(loc, indexType(), element).getResult();
      // Out of its range it would reach behind a buffer.
      Value lo = builder.create<arith::ConstantIndexOp>(loc, symbol->range.lo);
      element = builder.create<arith::MaxSIOp>(loc, element, lo);
      if (symbol->range.hi != INT64_MAX) {
        Value hi = builder.create<arith::ConstantIndexOp>(loc, symbol->range.hi);
        element = builder.create<arith::MinSIOp>(loc, element, hi);
      }
      emit.bind(symbol, element);
    }
  }

  /// A 1-D view of all elements in their storage type.
  Value flatView(Location loc, Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    int64_t count =
        type.hasStaticShape() ? type.getNumElements() : nn::SymbolicShapes::kMaxContents;
    return emit.view(loc, emit.bytesOf(loc, plan.indexOf(value)),
                     MemRefType::get({count}, nn::storageType(type.getElementType())));
  }

  LogicalResult lowerBlock(Block &block) override {
    for (Operation &op : block) {
      if (op.hasTrait<OpTrait::IsTerminator>())
        continue; // by the parent
      if (failed(lowerOp(op)))
        return failure();
      for (Value value : op.getResults())
        readElements(value);
    }
    return success();
  }

  LogicalResult lowerOp(Operation &op) {
    if (isa<nn::ConstantOp, nn::BitcastOp, tensor::CastOp>(op))
      return success();
    if (auto reshape = dyn_cast<nn::ReshapeOp>(op))
      return lowerReshape(reshape);
    if (auto call = dyn_cast<func::CallOp>(op))
      return lowerCall(call);
    if (auto concat = dyn_cast<nn::ConcatOp>(op); concat && nn::joinsRanges(concat))
      return lowerConcat(concat);
    if (auto shapeOf = dyn_cast<nn::ShapeOfOp>(op))
      return lowerShapeOf(shapeOf);
    if (auto check = dyn_cast<nn::CheckOp>(op)) {
      Location loc = op.getLoc();
      Value flat = flatView(loc, check.getCondition());
      Value zero = builder.create<arith::ConstantIndexOp>(loc, 0);
      Value byte = builder.create<memref::LoadOp>(loc, flat, zero);
      emit.leaveUnless(loc, emit.isTrue(loc, byte), object::Status::Check);
      return success();
    }
    if (auto extract = dyn_cast<tensor::ExtractOp>(op))
      return lowerExtract(extract);
    if (auto elements = dyn_cast<tensor::FromElementsOp>(op))
      return lowerFromElements(elements);
    if (auto dim = dyn_cast<tensor::DimOp>(op)) {
      std::optional<int64_t> index = dim.getConstantIndex();
      if (!index)
        return op.emitError("the entry cannot hold a tensor.dim of unknown index");
      scalars.map(dim.getResult(),
                  emit.materialize(op.getLoc(), shapes.dims(dim.getSource())[*index]));
      return success();
    }
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return lowerIf(branch);
    if (auto loop = dyn_cast<scf::ForOp>(op))
      return lowerFor(loop);
    if (auto loop = dyn_cast<scf::WhileOp>(op))
      return lowerWhile(loop);
    if (llvm::none_of(op.getOperandTypes(), llvm::IsaPred<RankedTensorType>) &&
        llvm::none_of(op.getResultTypes(), llvm::IsaPred<RankedTensorType>) &&
        op.getNumRegions() == 0) {
      builder.clone(op, scalars);
      return success();
    }
    return op.emitError("cannot lower '") << op.getName() << "' in the entry";
  }

  LogicalResult lowerCall(func::CallOp call) {
    Location loc = call.getLoc();
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
    SmallVector<Value> operands;
    llvm::StringMap<nn::DimExpr> local;
    auto add = [&](Value value, ArrayRef<std::string> dims) {
      auto type = cast<RankedTensorType>(value.getType());
      for (auto [i, expr] : llvm::enumerate(shapes.dims(value)))
        if (type.isDynamicDim(i))
          local.try_emplace(dims[i], expr);
      operands.push_back(
          emit.view(loc, emit.bytesOf(loc, plan.indexOf(value)), nn::bufferType(type)));
    };
    for (auto [i, operand] : llvm::enumerate(call.getOperands()))
      add(operand, nn::argDims(callee, i));
    for (auto [i, value] : llvm::enumerate(call.getResults()))
      add(value, nn::resultDims(callee, i));
    std::optional<unsigned> scratch = plan.scratchOf(call);
    if (scratch)
      operands.push_back(
          emit.view(loc, emit.bytesOf(loc, *scratch), MemRefType::get({}, builder.getI8Type())));
    for (const std::string &symbol : nn::groupSymbols(callee)) {
      Value extent = emit.materialize(loc, local.lookup(symbol));
      if (!extent)
        return call.emitError("an extent of a result depends on data in a way that is not "
                              "supported yet");
      operands.push_back(extent);
    }
    SmallVector<nn::InPlacePair> overwrites;
    for (nn::InPlacePair pair : nn::getPairs(callee, nn::kInPlaceAttr))
      if (plan.indexOf(call.getOperand(pair.argument)) == plan.indexOf(call.getResult(pair.result)))
        overwrites.push_back(pair);
    nn::setPairs(callee, nn::kOverwritesAttr, overwrites);
    if (!scratch) {
      builder.create<func::CallOp>(loc, callee.getName(), TypeRange(), operands);
      return success();
    }
    Value status =
        builder.create<func::CallOp>(loc, callee.getName(), builder.getI32Type(), operands)
            .getResult(0);
    Value zero = builder.create<arith::ConstantIntOp>(loc, 0, 32);
    emit.leaveUnless(loc,
                     builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, status, zero),
                     object::Status::Data);
    return success();
  }

  /// Copies the operands that were not computed in their slices of the result.
  LogicalResult lowerConcat(nn::ConcatOp concat) {
    Location loc = concat.getLoc();
    unsigned target = plan.indexOf(concat.getResult());
    nn::DimContext &context = shapes.context();
    nn::DimExpr start = context.constant(0);
    Value offset = builder.create<arith::ConstantIndexOp>(loc, 0);
    for (Value operand : concat.getXs()) {
      if (!llvm::all_of(shapes.dims(operand),
                        [&](nn::DimExpr dim) { return emit.materialize(loc, dim); }))
        return concat.emitError("the shape of an operand depends on data in a way that is not "
                                "supported yet");
      Value count = byteCount(loc, operand);
      const Buffer &buffer = plan.bufferOf(operand);
      if (buffer.kind != Buffer::Kind::Slice || buffer.index != target || buffer.start != start)
        emit.copy(loc, emit.skip(loc, emit.bytesOf(loc, target), offset),
                  emit.bytesOf(loc, plan.indexOf(operand)), count);
      start = context.add(start, boundedBytes(operand, shapes));
      offset = builder.create<arith::AddIOp>(loc, offset, count);
    }
    return success();
  }

  /// A reshape moves nothing, but run-time extents must hold what is there.
  LogicalResult lowerReshape(nn::ReshapeOp reshape) {
    nn::DimContext &context = shapes.context();
    nn::DimExpr from = context.product(shapes.dims(reshape.getX()));
    nn::DimExpr to = context.product(shapes.dims(reshape.getResult()));
    if (from == to)
      return success();
    Location loc = reshape.getLoc();
    Value before = emit.materialize(loc, from), after = emit.materialize(loc, to);
    if (!before || !after)
      return reshape.emitError("the shape depends on data in a way that is not supported yet");
    emit.leaveUnless(loc,
                     builder.create<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, before, after),
                     object::Status::Check);
    return success();
  }

  LogicalResult lowerShapeOf(nn::ShapeOfOp op) {
    Location loc = op.getLoc();
    Value flat = flatView(loc, op.getResult());
    for (auto [i, dim] : llvm::enumerate(shapes.dims(op.getX()))) {
      Value at = builder.create<arith::ConstantIndexOp>(loc, i);
      Value extent = emit.materialize(loc, dim);
      Value word = builder.create<arith::IndexCastOp>(loc, builder.getI64Type(), extent);
      builder.create<memref::StoreOp>(loc, word, flat, at);
    }
    return success();
  }

  LogicalResult lowerExtract(tensor::ExtractOp op) {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getTensor().getType());
    if (!type.hasStaticShape())
      return op.emitError("cannot read an element of a tensor of unknown shape in the entry");
    Value at = builder.create<arith::ConstantIndexOp>(loc, 0);
    for (auto [i, index] : llvm::enumerate(op.getIndices())) {
      Value extent = builder.create<arith::ConstantIndexOp>(loc, type.getDimSize(i));
      at = builder.create<arith::AddIOp>(loc, builder.create<arith::MulIOp>(loc, at, extent),
                                         scalars.lookup(index));
    }
    Value value = builder.create<memref::LoadOp>(loc, flatView(loc, op.getTensor()), at);
    if (type.getElementType().isInteger(1))
      value = emit.isTrue(loc, value);
    if (value.getType() != op.getType())
      return op.emitError("cannot use a scalar of this type in control flow");
    scalars.map(op.getResult(), value);
    return success();
  }

  LogicalResult lowerFromElements(tensor::FromElementsOp op) {
    Location loc = op.getLoc();
    Value flat = flatView(loc, op.getResult());
    Type storage = cast<MemRefType>(flat.getType()).getElementType();
    for (auto [i, element] : llvm::enumerate(op.getElements())) {
      Value value = scalars.lookup(element);
      if (value.getType().isInteger(1))
        value = builder.create<arith::ExtUIOp>(loc, storage, value);
      if (value.getType() != storage)
        return op.emitError("cannot make a tensor of this type in the entry");
      Value at = builder.create<arith::ConstantIndexOp>(loc, i);
      builder.create<memref::StoreOp>(loc, value, flat, at);
    }
    return success();
  }

  func::FuncOp entry;
  std::string prefix;
  LoweredEntry result;
  llvm::DenseMap<Value, SmallVector<const nn::DimSymbol *>> elementsOf;
};

} // namespace

FailureOr<LoweredEntry> lowerEntry(func::FuncOp entry, const ArenaPlan &plan,
                                   nn::SymbolicShapes &shapes, StringRef prefix,
                                   unsigned indexBits) {
  return EntryLowering(entry, plan, shapes, prefix, indexBits).run();
}

} // namespace burin
