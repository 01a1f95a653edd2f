//===- GroupEmitter.cpp - Border and values of a lowered group ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/GroupEmitter.h"
#include "dialects/nn/Groups.h"
#include "dialects/nn/RuntimeCall.h"
#include "dialects/nn/SymbolicShapes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace burin {

/// Ops that move bits: a group of nothing else works on storage form.
static bool movesOnly(Operation *op) {
  return isa<nn::ConstantOp, nn::TransposeOp, nn::BroadcastToOp, nn::SliceOp, nn::ConcatOp,
             nn::PadOp, nn::GatherOp, nn::ReshapeOp, nn::BitcastOp, nn::ShapeOfOp, tensor::CastOp,
             func::ReturnOp>(op);
}

GroupEmitter::GroupEmitter(func::FuncOp source, const GroupOptions &options)
    : b(source.getContext()), loc(source.getLoc()), source(source), options(options),
      scalars(b, source->getParentOfType<ModuleOp>(), source.getLoc(), options.nativeHalf) {
  scalars.setNativeRounding(options.nativeRounding);
  scalars.setRequantization(options.roundToWord, options.roundsVectors, options.hardFloat,
                            options.hardDouble);
  if (auto shape = source->getAttrOfType<IntegerAttr>(kKernelAttr))
    kernelShape = static_cast<KernelShape>(shape.getInt());
  raw = llvm::all_of(source.getBody().front(), [](Operation &op) { return movesOnly(&op); });
}

InFlightDiagnostic GroupEmitter::error(Operation *op) {
  hasFailed = true;
  InFlightDiagnostic diagnostic = op->emitError();
  diagnostic << "group @" << source.getName() << ": ";
  return diagnostic;
}

LogicalResult GroupEmitter::run() {
  if (failed(createFunction()))
    return failure();
  if (failed(computeShapes()) || failed(emitBody())) {
    lowered.erase();
    return failure();
  }
  b.create<func::ReturnOp>(loc, status ? ValueRange(status) : ValueRange());
  std::string name = source.getName().str();
  source.erase();
  lowered.setName(name);
  return success();
}

LogicalResult GroupEmitter::createFunction() {
  if (!source.getBody().hasOneBlock())
    return error(source) << "has more than one block";
  SmallVector<Type> types;
  for (TypeRange range : {TypeRange(source.getArgumentTypes()), TypeRange(source.getResultTypes())})
    for (Type type : range) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor)
        return error(source) << "argument or result is not a ranked tensor";
      types.push_back(nn::bufferType(tensor));
    }
  bool calls = nn::runtimeCallOf(source).has_value();
  if (calls)
    types.push_back(MemRefType::get({}, b.getI8Type()));
  size_t symbols = nn::groupSymbols(source).size();
  types.append(symbols, b.getIndexType());
  SmallVector<Type> results(calls ? 1 : 0, b.getI32Type());
  b.setInsertionPoint(source);
  lowered = b.create<func::FuncOp>(loc, (source.getName() + ".lowered").str(),
                                   b.getFunctionType(types, results));
  lowered.setPrivate();
  for (NamedAttribute attr : source->getDiscardableAttrs())
    lowered->setDiscardableAttr(attr.getName(), attr.getValue());
  // An in-place result is stored through its argument's pointer, so that no two
  // pointers in use overlap and loops vectorise.
  for (unsigned i = 0, e = types.size() - symbols; i < e; ++i)
    lowered.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(), b.getUnitAttr());
  entry = lowered.addEntryBlock();
  if (calls)
    scratch = lowered.getArgument(types.size() - symbols - 1);
  b.setInsertionPointToStart(entry);
  if (perElement())
    emitThreadIds();
  return success();
}

/// The extents of every value, as index values at the function's entry; equal
/// expressions share one value. Then the buffers as flat memrefs.
LogicalResult GroupEmitter::computeShapes() {
  nn::DimContext context;
  nn::SymbolicShapes analysis(source, context);
  SmallVector<std::string> symbols = nn::groupSymbols(source);
  unsigned firstSymbol = lowered.getNumArguments() - symbols.size();
  llvm::StringMap<Value> named;
  for (auto [i, name] : llvm::enumerate(symbols))
    named[name] = lowered.getArgument(firstSymbol + i);
  SmallVector<std::pair<nn::DimExpr, Value>> known;

  // Extents that only the group's border names.
  auto results = source.getBody().front().getTerminator()->getOperands();
  for (auto [i, value] : llvm::enumerate(results))
    for (auto [expr, name] : llvm::zip(analysis.dims(value), nn::resultDims(source, i)))
      if (const nn::DimSymbol *symbol = expr.symbol();
          symbol && symbol->kind == nn::DimSymbol::Kind::Extent && named.contains(name))
        named[symbol->name] = named[name];

  nn::DimExpr::Evaluator<Value> evaluator;
  evaluator.constant = [&](int64_t value) { return idx(value); };
  evaluator.symbol = [&](const nn::DimSymbol &symbol) -> Value {
    if (auto it = named.find(symbol.name); it != named.end())
      return it->second;
    if (symbol.kind == nn::DimSymbol::Kind::Element) {
      Value element = indexAt(symbol.value, delinearize(idx(symbol.index), shape(symbol.value)));
      return named[symbol.name] = element;
    }
    if (auto it = shapes.find(symbol.value);
        symbol.kind == nn::DimSymbol::Kind::Extent && it != shapes.end())
      return it->second[symbol.index];
    error(source) << "extent '" << symbol.name << "' has no value at run time";
    return idx(0);
  };
  evaluator.binary = [&](char op, Value x, Value y) -> Value {
    switch (op) {
    case '+':
      return add(x, y);
    case '*':
      return mul(x, y);
    case '/':
      return b.createOrFold<arith::FloorDivSIOp>(loc, x, y);
    case 'c':
      return b.createOrFold<arith::CeilDivSIOp>(loc, x, y);
    case '%':
      return sub(x, mul(b.createOrFold<arith::FloorDivSIOp>(loc, x, y), y));
    case '<':
      return min(x, y);
    default:
      return max(x, y);
    }
  };
  auto setShape = [&](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type)
      return;
    ArrayRef<nn::DimExpr> dims = analysis.dims(value);
    Index extents;
    for (int64_t i = 0; i < type.getRank(); ++i) {
      if (!type.isDynamicDim(i)) {
        extents.push_back(idx(type.getDimSize(i)));
        continue;
      }
      const auto *it = llvm::find_if(known, [&](auto &pair) { return pair.first == dims[i]; });
      if (it == known.end()) {
        known.push_back({dims[i], dims[i].materialize(evaluator)});
        it = &known.back();
      }
      extents.push_back(it->second);
    }
    shapes[value] = extents;
  };
  for (auto [i, argument] : llvm::enumerate(source.getArguments())) {
    setShape(argument);
    arguments[argument] = flatBuffer(lowered.getArgument(i),
                                     cast<RankedTensorType>(argument.getType()), shape(argument));
  }
  for (Operation &op : source.getBody().front()) {
    loc = op.getLoc();
    for (Value result : op.getResults())
      setShape(result);
  }
  loc = source.getLoc();
  auto terminator = cast<func::ReturnOp>(source.getBody().front().getTerminator());
  for (auto [i, value] : llvm::enumerate(terminator.getOperands())) {
    auto type = cast<RankedTensorType>(source.getResultTypes()[i]);
    outputShapes.push_back(shapes[value]);
    unsigned argument = nn::overwrittenArgument(source, i).value_or(source.getNumArguments() + i);
    outputs.push_back(flatBuffer(lowered.getArgument(argument), type, outputShapes[i]));
  }
  stored.assign(outputs.size(), false);
  return failure(hasFailed);
}

GroupEmitter::Buffer GroupEmitter::flatBuffer(Value memref, RankedTensorType type,
                                              IndexRef extents) {
  Type element = nn::storageType(type.getElementType());
  Value size = product(extents);
  auto count = constant(size);
  auto flat = MemRefType::get({count ? *count : ShapedType::kDynamic}, element);
  OpFoldResult sizeAttr = count ? OpFoldResult(b.getIndexAttr(*count)) : OpFoldResult(size);
  Value memory = b.create<memref::ReinterpretCastOp>(loc, flat, memref, b.getIndexAttr(0),
                                                     ArrayRef<OpFoldResult>(sizeAttr),
                                                     ArrayRef<OpFoldResult>(b.getIndexAttr(1)));
  return {memory, type.getElementType()};
}

LogicalResult GroupEmitter::emitBody() {
  Block &body = source.getBody().front();
  Operation *root = nullptr;
  for (Operation &op : body)
    if (isRoot(&op))
      root = &op;
  if (root) {
    loc = root->getLoc();
    scalars.setLoc(loc);
    Scope scope(*this);
    emitRoot(*this, root);
  }
  SmallVector<unsigned> open;
  for (unsigned i = 0; i < stored.size() && !hasFailed; ++i) {
    if (stored[i])
      continue;
    open.clear();
    for (unsigned k = i; k < stored.size(); ++k)
      if (!stored[k] && llvm::equal(outputShapes[i], outputShapes[k], same))
        open.push_back(k);
    emitPointwise(open);
  }
  loc = source.getLoc();
  return failure(hasFailed);
}

void GroupEmitter::emitPointwise(ArrayRef<unsigned> results) {
  auto terminator = cast<func::ReturnOp>(source.getBody().front().getTerminator());
  DenseMap<Value, Index> saved = shapes;
  SmallVector<Index> savedOutputs = outputShapes;
  collapse(results);
  Value first = terminator.getOperand(results[0]);
  Index extents(shape(first));
  nest(extents, [&](IndexRef index) {
    for (unsigned result : results) {
      Value value = terminator.getOperand(result);
      store(result, index, at(value, index));
    }
  });
  shapes = std::move(saved);
  outputShapes = std::move(savedOutputs);
  dimMap.clear();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

IndexRef GroupEmitter::shape(Value value) { return shapes[value]; }

Type GroupEmitter::valueType(Value value) {
  Type element = elementType(value);
  return raw ? nn::storageType(element) : ScalarEmitter::computeType(element);
}

Value GroupEmitter::zeroOf(Value value) {
  Type type = valueType(value);
  return isa<FloatType>(type) ? scalars.floatConstant(type, 0) : scalars.intConstant(type, 0);
}

void GroupEmitter::bind(Value value, IndexRef index, Value element) {
  memo.push_back({value, Index(index), element});
}

Value GroupEmitter::at(Value value, IndexRef index) {
  for (const Memo &known : llvm::reverse(memo))
    if (known.value == value && llvm::equal(known.index, index, same))
      return known.element;
  Value element = compute(value, index);
  if (!element) {
    Operation *op = value.getDefiningOp();
    error(op ? op : source.getOperation())
        << "'" << (op ? op->getName().getStringRef() : "argument")
        << "' has no code for a single element";
    return zeroOf(value);
  }
  bind(value, index, element);
  return element;
}

Value GroupEmitter::indexAt(Value value, IndexRef index) {
  Value element = at(value, index);
  if (isUnsignedElement(elementType(value)))
    return b.createOrFold<arith::IndexCastUIOp>(loc, b.getIndexType(), element);
  return b.createOrFold<arith::IndexCastOp>(loc, b.getIndexType(), element);
}

Value GroupEmitter::compute(Value value, IndexRef index) {
  if (auto it = arguments.find(value); it != arguments.end())
    return loadBuffer(it->second, linearize(index, shape(value)));
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  if (auto constantOp = dyn_cast<nn::ConstantOp>(op))
    return constantAt(constantOp, index);
  if (auto castOp = dyn_cast<tensor::CastOp>(op))
    return at(castOp.getSource(), index);
  if (ScalarEmitter::isElementwise(op))
    return elementwiseAt(op, index);
  if (Value element = movementAt(*this, op, index))
    return element;
  return foldedAt(*this, op, index);
}

Value GroupEmitter::loadBuffer(const Buffer &buffer, Value position) {
  Value stored = b.create<memref::LoadOp>(loc, buffer.memory, position);
  return raw ? stored : scalars.fromStorage(stored, buffer.elementType);
}

Value GroupEmitter::constantElement(const nn::Tensor &tensor, int64_t position) {
  Type type = tensor.elementType();
  if (raw) {
    unsigned bytes = nn::elementBytes(type);
    Type storage = nn::storageType(type);
    const char *data = tensor.data() + position * bytes;
    if (storage.isF32() || storage.isF64())
      return scalars.floatConstant(storage, tensor.floatAt(position));
    SmallVector<uint64_t, 2> words(llvm::divideCeil(bytes, 8), 0);
    std::memcpy(words.data(), data, bytes);
    return b.create<arith::ConstantOp>(loc, IntegerAttr::get(storage, APInt(8 * bytes, words)));
  }
  Type computed = ScalarEmitter::computeType(type);
  if (isa<FloatType>(computed))
    return scalars.floatConstant(computed, tensor.floatAt(position));
  return scalars.intConstant(computed, tensor.intAt(position));
}

Value GroupEmitter::constantAt(nn::ConstantOp op, IndexRef index) {
  nn::Tensor tensor = nn::Tensor::fromAttr(op.getValue());
  size_t bytes = nn::elementBytes(tensor.elementType());
  bool splat = tensor.size() > 0;
  for (int64_t i = 1; i < tensor.size() && splat; ++i)
    splat = std::memcmp(tensor.data(), tensor.data() + i * bytes, bytes) == 0;
  if (splat)
    return constantElement(tensor, 0);
  Value position = linearize(index, shape(op.getResult()));
  if (auto known = constant(position); known && *known >= 0 && *known < tensor.size())
    return constantElement(tensor, *known);
  return loadBuffer({table(op), tensor.elementType()}, position);
}

/// The constant's elements as a global of the module.
Value GroupEmitter::table(nn::ConstantOp op) {
  if (auto it = tables.find(op.getResult()); it != tables.end())
    return it->second;
  nn::Tensor tensor = nn::Tensor::fromAttr(op.getValue());
  Type storage = nn::storageType(tensor.elementType());
  auto type = MemRefType::get({tensor.size()}, storage);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(lowered);
  std::string name = (source.getName() + "_table" + Twine(tables.size())).str();
  auto values =
      DenseElementsAttr::getFromRawBuffer(RankedTensorType::get({tensor.size()}, storage),
                                          ArrayRef<char>(tensor.data(), tensor.byteSize()));
  b.create<memref::GlobalOp>(loc, name, b.getStringAttr("private"), type, values,
                             /*constant=*/true, IntegerAttr());
  b.setInsertionPointToStart(entry);
  return tables[op.getResult()] = b.create<memref::GetGlobalOp>(loc, type, name);
}

Value GroupEmitter::moduleArray(StringRef name, MemRefType type) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(lowered);
  std::string symbol = (source.getName() + "_" + name + Twine(arrays++)).str();
  b.create<memref::GlobalOp>(loc, symbol, b.getStringAttr("private"), type, b.getUnitAttr(),
                             /*constant=*/false, IntegerAttr());
  b.setInsertionPointToStart(entry);
  return b.create<memref::GetGlobalOp>(loc, type, symbol);
}

bool GroupEmitter::inMemory(Value value) {
  return arguments.contains(value) || value.getDefiningOp<nn::ConstantOp>();
}

Value GroupEmitter::memoryOf(Value value) {
  if (auto it = arguments.find(value); it != arguments.end())
    return it->second.memory;
  auto op = value.getDefiningOp<nn::ConstantOp>();
  return op ? table(op) : Value();
}

void GroupEmitter::store(unsigned result, IndexRef index, Value element) {
  const Buffer &buffer = outputs[result];
  Value position = linearize(index, outputShapes[result]);
  Value word = raw ? element : scalars.toStorage(element, buffer.elementType);
  b.create<memref::StoreOp>(loc, word, buffer.memory, position);
  stored[result] = true;
}

Value GroupEmitter::load(unsigned result, IndexRef index) {
  return loadBuffer(outputs[result], linearize(index, outputShapes[result]));
}

void GroupEmitter::finish(Value root, IndexRef index, Value element) {
  Scope scope(*this);
  bind(root, index, element);
  auto terminator = cast<func::ReturnOp>(source.getBody().front().getTerminator());
  IndexRef extents = shape(root);
  for (auto [i, value] : llvm::enumerate(terminator.getOperands()))
    if (outputShapes[i].size() == extents.size() && llvm::equal(outputShapes[i], extents, same))
      store(i, index, at(value, index));
}

std::optional<unsigned> GroupEmitter::scratchResult(Value root) {
  auto terminator = cast<func::ReturnOp>(source.getBody().front().getTerminator());
  Type type = elementType(root);
  if (terminator.getNumOperands() != 1 || terminator.getOperand(0) != root ||
      (!type.isF32() && !type.isF64()))
    return std::nullopt;
  return 0;
}

} // namespace burin
