//===- KernelEmitter.cpp - What the kernels share -------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/KernelEmitter.h"
#include "dialects/nn/Groups.h"
#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace burin {

Operation *kernelRoot(func::FuncOp group) {
  if (group.isExternal())
    return nullptr;
  for (Operation &op : group.getBody().front())
    if (isa<kernel::KernelDialect>(op.getDialect()))
      return &op;
  return nullptr;
}

LogicalResult lowerKernelGroup(func::FuncOp group, const GroupOptions &options) {
  KernelEmitter e(group, options);
  e.begin();
  if (auto gemm = dyn_cast<kernel::GemmOp>(e.root))
    emitGemm(e, gemm);
  else if (auto conv = dyn_cast<kernel::ConvOp>(e.root))
    emitConv(e, conv);
  else
    emitDepthwise(e, cast<kernel::DepthwiseOp>(e.root));
  e.end();
  return success();
}

KernelEmitter::KernelEmitter(func::FuncOp group, const GroupOptions &options)
    : b(group), loc(group.getLoc()), group(group), root(kernelRoot(group)),
      scalars(b, group->getParentOfType<ModuleOp>(), group.getLoc(), options.nativeHalf) {
  scalars.setNativeRounding(options.nativeRounding);
  scalars.setRequantization(options.roundToWord, options.roundsVectors, options.hardFloat,
                            options.hardDouble);
}

void KernelEmitter::begin() {
  SmallVector<Type> types;
  for (Type type : group.getArgumentTypes())
    types.push_back(nn::bufferType(cast<RankedTensorType>(type)));
  for (Type type : group.getResultTypes())
    types.push_back(nn::bufferType(cast<RankedTensorType>(type)));
  SmallVector<std::string> names = nn::groupSymbols(group);
  types.append(names.size(), b.getIndexType());
  lowered = b.create<func::FuncOp>(loc, group.getName(), b.getFunctionType(types, TypeRange()));
  lowered.setPrivate();
  for (NamedAttribute attr : group->getDiscardableAttrs())
    lowered->setAttr(attr.getName(), attr.getValue());
  Block *body = lowered.addEntryBlock();
  b.setInsertionPointToStart(body);

  llvm::StringMap<Value> symbols;
  for (auto [name, value] : llvm::zip(names, body->getArguments().take_back(names.size())))
    symbols[name] = value;
  unsigned inputs = group.getNumArguments();
  for (unsigned i = 0; i < inputs; ++i)
    buffers[group.getArgument(i)] =
        flatten(body->getArgument(i), cast<RankedTensorType>(group.getArgument(i).getType()),
                nn::argDims(group, i), symbols);
  unsigned target = nn::overwrittenArgument(group, 0).value_or(inputs);
  output = flatten(body->getArgument(target), cast<RankedTensorType>(group.getResultTypes()[0]),
                   nn::resultDims(group, 0), symbols);

  // Tables of the epilogue live beside the code.
  for (auto constant : group.getOps<nn::ConstantOp>()) {
    nn::Tensor tensor = nn::Tensor::fromAttr(constant.getValue());
    if (tensor.size() <= 1)
      continue;
    Type storage = nn::storageType(tensor.elementType());
    auto shape = RankedTensorType::get({tensor.size()}, storage);
    auto type = MemRefType::get({tensor.size()}, storage);
    std::string name = (group.getName() + "_table" + Twine(buffers.size())).str();
    auto data = DenseElementsAttr::getFromRawBuffer(shape, {tensor.data(), tensor.byteSize()});
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(group);
      b.create<memref::GlobalOp>(loc, name, b.getStringAttr("private"), type, data,
                                 /*constant=*/true, b.getI64IntegerAttr(64));
    }
    Buffer table;
    table.memory = b.create<memref::GetGlobalOp>(loc, type, name);
    table.type = tensor.tensorType();
    for (int64_t extent : tensor.shape())
      table.extents.push_back(idx(extent));
    buffers[constant] = table;
  }
}

void KernelEmitter::end() {
  b.create<func::ReturnOp>(loc);
  group.erase();
}

KernelEmitter::Buffer KernelEmitter::flatten(Value memref, RankedTensorType type,
                                             ArrayRef<std::string> dims,
                                             llvm::StringMap<Value> &symbols) {
  Buffer result;
  result.type = type;
  Value size = idx(1);
  for (auto [extent, name] : llvm::zip(type.getShape(), dims)) {
    result.extents.push_back(ShapedType::isDynamic(extent) ? symbols.lookup(name) : idx(extent));
    size = mul(size, result.extents.back());
  }
  auto flat = MemRefType::get({ShapedType::kDynamic}, nn::storageType(type.getElementType()));
  result.memory = b.create<memref::ReinterpretCastOp>(
      loc, flat, memref, OpFoldResult(b.getIndexAttr(0)), ArrayRef<OpFoldResult>(size),
      ArrayRef<OpFoldResult>(b.getIndexAttr(1)));
  return result;
}

Value KernelEmitter::idx(int64_t value) { return b.create<arith::ConstantIndexOp>(loc, value); }
Value KernelEmitter::add(Value a, Value c) { return b.createOrFold<arith::AddIOp>(loc, a, c); }
Value KernelEmitter::mul(Value a, Value c) { return b.createOrFold<arith::MulIOp>(loc, a, c); }

void KernelEmitter::loop(Value from, Value to, int64_t step, Body body) {
  fold(from, to, step, {}, [&](Value i, ValueRange) -> SmallVector<Value> {
    body(i);
    return {};
  });
}

SmallVector<Value> KernelEmitter::fold(Value from, Value to, int64_t step, ValueRange init,
                                       FoldBody body) {
  auto loop = b.create<scf::ForOp>(loc, from, to, idx(step), init);
  OpBuilder::InsertionGuard guard(b);
  Block *block = loop.getBody();
  if (!block->empty())
    block->back().erase();
  b.setInsertionPointToEnd(block);
  SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  b.create<scf::YieldOp>(loc, next);
  return SmallVector<Value>(loop.getResults());
}

VectorType KernelEmitter::vectorType(int64_t lanes, Type elementType) {
  return VectorType::get({lanes}, elementType);
}

Value KernelEmitter::zeros(int64_t lanes, Type elementType) {
  return b.create<arith::ConstantOp>(loc, b.getZeroAttr(vectorType(lanes, elementType)));
}

/// A constant mask of the first `valid` lanes.
static Value firstLanes(KernelEmitter &e, int64_t lanes, int64_t valid) {
  SmallVector<bool> bits(lanes, false);
  std::fill(bits.begin(), bits.begin() + valid, true);
  auto type = VectorType::get({lanes}, e.b.getI1Type());
  return e.b.create<arith::ConstantOp>(e.loc, DenseElementsAttr::get(type, bits));
}

Value KernelEmitter::loadVector(Value memory, Value index, int64_t lanes, int64_t valid) {
  auto type = VectorType::get({lanes}, cast<MemRefType>(memory.getType()).getElementType());
  if (valid >= lanes)
    return b.create<vector::LoadOp>(loc, type, memory, index);
  Value zero = b.create<arith::ConstantOp>(loc, b.getZeroAttr(type));
  return b.create<vector::MaskedLoadOp>(loc, type, memory, index, firstLanes(*this, lanes, valid),
                                        zero);
}

void KernelEmitter::storeVector(Value vector, Value memory, Value index, int64_t valid) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  if (valid >= lanes)
    b.create<vector::StoreOp>(loc, vector, memory, index);
  else
    b.create<vector::MaskedStoreOp>(loc, memory, index, firstLanes(*this, lanes, valid), vector);
}

Value KernelEmitter::loadSplat(Value memory, Value index, int64_t lanes) {
  Value element = b.create<memref::LoadOp>(loc, memory, index);
  return b.create<vector::BroadcastOp>(loc, VectorType::get({lanes}, element.getType()), element);
}

Value KernelEmitter::widen(Value stored, Type elementType, Type sumType, int64_t zero) {
  if (elementType.isF32())
    return stored;
  Type type = sumType;
  if (auto vector = dyn_cast<VectorType>(stored.getType()))
    type = VectorType::get(vector.getShape(), sumType);
  bool isUnsigned = elementType.isUnsignedInteger();
  auto constant = [&](TypedAttr value) -> Value {
    if (auto vector = dyn_cast<VectorType>(type))
      value = SplatElementsAttr::get(vector, cast<Attribute>(value));
    return b.create<arith::ConstantOp>(loc, value);
  };
  if (sumType.isF32()) {
    Value value = isUnsigned ? b.create<arith::UIToFPOp>(loc, type, stored).getResult()
                             : b.create<arith::SIToFPOp>(loc, type, stored).getResult();
    if (zero == 0)
      return value;
    return b.create<arith::SubFOp>(loc, value,
                                   constant(b.getF32FloatAttr(static_cast<float>(zero))));
  }
  Value value = isUnsigned ? b.create<arith::ExtUIOp>(loc, type, stored).getResult()
                           : b.create<arith::ExtSIOp>(loc, type, stored).getResult();
  if (zero == 0)
    return value;
  return b.create<arith::SubIOp>(loc, value, constant(b.getIntegerAttr(sumType, zero)));
}

Value KernelEmitter::multiplyAdd(Value x, Value y, Value acc) {
  if (!isa<FloatType>(getElementTypeOrSelf(acc.getType())))
    return b.create<arith::AddIOp>(loc, acc, b.create<arith::MulIOp>(loc, x, y));
  // `contract` lets the target fuse; without FMA no libm call appears.
  auto contract = arith::FastMathFlagsAttr::get(b.getContext(), arith::FastMathFlags::contract);
  Value product = b.create<arith::MulFOp>(loc, x, y, contract);
  return b.create<arith::AddFOp>(loc, acc, product, contract);
}

Value KernelEmitter::position(const Buffer &from, ArrayRef<Value> index) {
  Value at = idx(0);
  unsigned skipped = index.size() - from.extents.size();
  for (auto [i, extent] : llvm::enumerate(from.extents)) {
    at = mul(at, extent);
    // An extent of 1 is read again for every index of the result.
    if (from.type.getDimSize(i) != 1)
      at = add(at, index[skipped + i]);
  }
  return at;
}

Value KernelEmitter::operandAt(Value operand, ArrayRef<Value> index, int64_t lanes, int64_t valid) {
  if (Value known = lanesOf.lookup(operand))
    return known;
  auto type = cast<RankedTensorType>(operand.getType());
  if (auto constant = operand.getDefiningOp<nn::ConstantOp>();
      constant && constant.getValue().getNumElements() == 1) {
    nn::Tensor tensor = nn::Tensor::fromAttr(constant.getValue());
    Type compute = ScalarEmitter::computeType(type.getElementType());
    Value scalar = isa<FloatType>(compute)
                       ? scalars.floatConstant(compute, tensor.floatAt(0))
                       : scalars.intConstant(compute, static_cast<uint64_t>(tensor.intAt(0)));
    if (lanes == 1)
      return scalar;
    return b.create<vector::BroadcastOp>(loc, VectorType::get({lanes}, compute), scalar);
  }
  const Buffer &from = buffers[operand];
  Value at = position(from, index);
  if (lanes == 1)
    return scalars.fromStorage(b.create<memref::LoadOp>(loc, from.memory, at),
                               type.getElementType());
  bool along = type.getRank() > 0 && type.getShape().back() != 1;
  Value stored =
      along ? loadVector(from.memory, at, lanes, valid) : loadSplat(from.memory, at, lanes);
  return scalars.fromStorage(stored, type.getElementType());
}

void KernelEmitter::finish(Value acc, ArrayRef<Value> index, int64_t valid) {
  int64_t lanes = cast<VectorType>(acc.getType()).getNumElements();
  lanesOf.clear();
  // One lane is computed as a scalar, for which more formulas exist.
  if (lanes == 1)
    acc = b.create<vector::ExtractOp>(loc, acc, ArrayRef<int64_t>(0));
  if (getElementTypeOrSelf(root->getResult(0).getType()).isInteger(32) &&
      isa<FloatType>(getElementTypeOrSelf(acc.getType())))
    acc = b.create<arith::FPToSIOp>(
        loc, lanes == 1 ? Type(b.getI32Type()) : vectorType(lanes, b.getI32Type()), acc);
  lanesOf[root->getResult(0)] = acc;
  for (Operation *op = root->getNextNode(); !op->hasTrait<OpTrait::IsTerminator>();
       op = op->getNextNode()) {
    if (isa<nn::ConstantOp>(op))
      continue;
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(operandAt(operand, index, lanes, valid));
    if (isa<nn::QuantizeOp, nn::DequantizeOp>(op) && operands.size() == 2)
      operands.push_back(nullptr);
    lanesOf[op->getResult(0)] = scalars.emit(op, operands);
  }
  Value returned = group.getBody().front().getTerminator()->getOperand(0);
  Value stored = scalars.toStorage(lanesOf.lookup(returned), output.type.getElementType());
  if (lanes == 1)
    b.create<memref::StoreOp>(loc, stored, output.memory, position(output, index));
  else
    storeVector(stored, output.memory, position(output, index), valid);
}

} // namespace burin
