//===- Groups.cpp - Conventions of fused groups ---------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Groups.h"
#include "dialects/nn/NN.h"

using namespace mlir;

namespace burin::nn {

static SmallVector<std::string> borderDims(Type type, ArrayAttr names) {
  SmallVector<std::string> result;
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return result;
  for (auto [i, extent] : llvm::enumerate(tensor.getShape())) {
    if (!ShapedType::isDynamic(extent))
      result.push_back(std::to_string(extent));
    else if (names && i < names.size() && isa<StringAttr>(names[i]))
      result.push_back(cast<StringAttr>(names[i]).str());
    else
      result.emplace_back();
  }
  return result;
}

SmallVector<std::string> argDims(func::FuncOp function, unsigned arg) {
  return borderDims(function.getArgumentTypes()[arg],
                    function.getArgAttrOfType<ArrayAttr>(arg, kDimsAttr));
}

SmallVector<std::string> resultDims(func::FuncOp function, unsigned result) {
  return borderDims(function.getResultTypes()[result],
                    function.getResultAttrOfType<ArrayAttr>(result, kDimsAttr));
}

SmallVector<std::string> groupSymbols(func::FuncOp function) {
  SmallVector<std::string> symbols;
  auto collect = [&](Type type, ArrayRef<std::string> dims) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    for (auto [i, name] : llvm::enumerate(dims))
      if (tensor.isDynamicDim(i) && !llvm::is_contained(symbols, name))
        symbols.push_back(name);
  };
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    collect(type, argDims(function, i));
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    collect(type, resultDims(function, i));
  return symbols;
}

SmallVector<InPlacePair> getPairs(func::FuncOp group, StringRef attribute) {
  SmallVector<InPlacePair> pairs;
  if (auto list = group->getAttrOfType<ArrayAttr>(attribute))
    for (auto pair : list.getAsRange<DenseI64ArrayAttr>())
      if (pair.size() == 2 && pair[0] >= 0 && pair[0] < group.getNumArguments() && pair[1] >= 0 &&
          pair[1] < group.getNumResults())
        pairs.push_back({static_cast<unsigned>(pair[0]), static_cast<unsigned>(pair[1])});
  return pairs;
}

void setPairs(func::FuncOp group, StringRef attribute, ArrayRef<InPlacePair> pairs) {
  Builder builder(group.getContext());
  SmallVector<Attribute> list;
  for (auto [argument, result] : pairs)
    list.push_back(builder.getDenseI64ArrayAttr({argument, result}));
  if (list.empty())
    group->removeAttr(attribute);
  else
    group->setAttr(attribute, builder.getArrayAttr(list));
}

std::optional<unsigned> overwrittenArgument(func::FuncOp group, unsigned result) {
  for (InPlacePair pair : getPairs(group, kOverwritesAttr))
    if (pair.result == result)
      return pair.argument;
  return std::nullopt;
}

bool joinsRanges(ConcatOp op) {
  return llvm::all_of(op.getXs(), [&](Value x) {
    auto type = cast<RankedTensorType>(x.getType());
    return llvm::all_of(type.getShape().take_front(op.getAxis()),
                        [](int64_t extent) { return extent == 1; });
  });
}

Type storageType(Type type) {
  MLIRContext *context = type.getContext();
  if (auto complex = dyn_cast<ComplexType>(type))
    return IntegerType::get(context, elementBits(complex));
  if (type.isF32() || type.isF64())
    return type;
  return IntegerType::get(context, 8 * elementBytes(type));
}

MemRefType bufferType(RankedTensorType type) {
  Type element = storageType(type.getElementType());
  // MLIR knows no strides of an empty memref, and so no bare pointer to one.
  bool isBare = !type.hasStaticShape() || llvm::is_contained(type.getShape(), 0);
  return MemRefType::get(isBare ? ArrayRef<int64_t>{} : type.getShape(), element);
}

} // namespace burin::nn
