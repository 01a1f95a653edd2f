//===- Border.cpp - Tensors as they cross a library's border --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/Border.h"

#include "compiler/verify/Compare.h"

#include "llvm/Support/CheckedArithmetic.h"

#include <fmt/format.h>

using namespace burin;
using namespace burin::onnx;
using namespace burin::verify;
using namespace burin::object;
using llvm::ArrayRef;
using llvm::Expected;

/// Elements for an output whose size nobody bounds.
static constexpr int64_t kDefaultCapacity = int64_t(1) << 20;

template <typename... Args>
static llvm::Error fail(fmt::format_string<Args...> text, Args &&...args) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), "%s",
                                 fmt::format(text, std::forward<Args>(args)...).c_str());
}

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

std::vector<uint8_t> verify::packElements(const uint8_t *bytes, int64_t count, unsigned bits) {
  unsigned perByte = 8 / bits;
  std::vector<uint8_t> packed((count + perByte - 1) / perByte);
  for (int64_t i = 0; i < count; ++i)
    packed[i / perByte] |= (bytes[i] & ((1 << bits) - 1)) << (i % perByte * bits);
  return packed;
}

std::vector<uint8_t> verify::unpackElements(const uint8_t *packed, int64_t count, unsigned bits,
                                            bool isSigned) {
  unsigned perByte = 8 / bits;
  std::vector<uint8_t> bytes(count);
  for (int64_t i = 0; i < count; ++i) {
    int value = packed[i / perByte] >> (i % perByte * bits) & ((1 << bits) - 1);
    if (isSigned && value >> (bits - 1))
      value -= 1 << bits;
    bytes[i] = static_cast<uint8_t>(value);
  }
  return bytes;
}

static bool isPacked(const ElementTypeInfo &type) { return type.fileBits && type.fileBits < 8; }

std::vector<uint8_t> verify::toBorder(const TensorData &tensor) {
  const ElementTypeInfo &type = *elementTypeInfo(tensor.dataType);
  return isPacked(type) ? packElements(tensor.bytes, tensor.elementCount(), type.fileBits)
                        : std::vector<uint8_t>(tensor.bytes, tensor.bytes + tensor.size);
}

TensorData verify::fromBorder(const DescriptorTensor &tensor, std::vector<int64_t> dims,
                              const uint8_t *bytes) {
  const ElementTypeInfo &type = *elementTypeInfo(tensor.type);
  TensorData result;
  result.dataType = tensor.type;
  result.name = tensor.name;
  result.dims = std::move(dims);
  int64_t count = result.elementCount();
  bool isSigned = type.dataType == kInt4 || type.dataType == kInt2;
  auto owned = std::make_shared<std::vector<uint8_t>>(
      isPacked(type) ? unpackElements(bytes, count, type.fileBits, isSigned)
                     : std::vector<uint8_t>(bytes, bytes + count * type.memoryBytes));
  result.bytes = owned->data();
  result.size = owned->size();
  result.owner = owned;
  return result;
}

llvm::Error verify::wrongShape(const DescriptorTensor &tensor, ArrayRef<int64_t> dims) {
  TensorData reported;
  reported.dataType = tensor.type;
  reported.dims = dims;
  return fail("output \"{}\": the library reports the shape {}", tensor.name, describe(reported));
}

Expected<unsigned> verify::borderBits(const DescriptorTensor &tensor) {
  const ElementTypeInfo *type = elementTypeInfo(tensor.type);
  if (!type || !type->memoryBytes)
    return fail("output \"{}\": type {} has no C form", tensor.name, tensor.type);
  return type->fileBits;
}

std::optional<uint64_t> verify::borderBytes(unsigned bits, int64_t elements) {
  auto total = llvm::checkedMulUnsigned<uint64_t>(elements, bits);
  if (!total || *total / 8 > kMaxBuffer)
    return std::nullopt;
  return (*total + 7) / 8;
}

size_t verify::borderAlignment(int32_t dataType) {
  const ElementType *border = findElementType(dataType);
  return border ? border->storageBytes : 1;
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

Expected<std::vector<int64_t>> verify::bindDims(const Descriptor &model,
                                                ArrayRef<TensorData> inputs) {
  if (inputs.size() != model.inputCount)
    return fail("{} inputs given, the model has {}", inputs.size(), model.inputCount);
  std::vector<int64_t> dims(model.symbolCount, -1);
  for (unsigned i = 0; i < model.inputCount; ++i) {
    const DescriptorTensor &want = model.inputs[i];
    const TensorData &have = inputs[i];
    auto wrong = [&](std::string what) {
      return fail("input \"{}\": {}", want.name, std::move(what));
    };
    if (have.dataType != want.type)
      return wrong(fmt::format("the data is {}, the model wants {}", describe(have),
                               elementTypeName(want.type)));
    if (have.dims.size() != static_cast<size_t>(want.rank))
      return wrong(
          fmt::format("the data is {}, the model wants rank {}", describe(have), want.rank));
    for (int axis = 0; axis < want.rank; ++axis) {
      const DescriptorDim &dim = want.dims[axis];
      int64_t size = have.dims[axis];
      if (dim.size >= 0 && size != dim.size)
        return wrong(fmt::format("the data is {}, the model wants {} along axis {}", describe(have),
                                 dim.size, axis));
      if (dim.size >= 0 || dim.symbol < 0)
        continue;
      int64_t &bound = dims[dim.symbol];
      const DescriptorSymbol &symbol = model.symbols[dim.symbol];
      if (bound >= 0 && bound != size)
        return wrong(
            fmt::format("dimension {} is {} here and {} before", symbol.name, size, bound));
      if (size < symbol.lo || (symbol.hi >= 0 && size > symbol.hi))
        return wrong(fmt::format("dimension {} is {}, the library takes {}..{}", symbol.name, size,
                                 symbol.lo, symbol.hi));
      bound = size;
    }
  }
  // A symbol that no input has: the library takes any size within its bounds.
  for (unsigned i = 0; i < model.symbolCount; ++i)
    if (dims[i] < 0)
      dims[i] = std::max<int64_t>(model.symbols[i].lo, 1);
  return dims;
}

Expected<int64_t> verify::outputCapacity(const DescriptorTensor &tensor, ArrayRef<int64_t> shape,
                                         const TensorData *hint) {
  bool bounded = true;
  int64_t elements = 1;
  for (auto [axis, size] : llvm::enumerate(shape)) {
    if (tensor.dataDependent && size < 0)
      bounded = false;
    else if (size < 0 || llvm::MulOverflow(elements, size, elements))
      return fail("output \"{}\": impossible size {} along axis {}", tensor.name, size, axis);
  }
  if (bounded)
    return elements;
  // More than expected, so that a result which is too large is seen as such.
  return hint && hint->elementCount() >= 0 ? hint->elementCount() * 2 + 64 : kDefaultCapacity;
}

//===----------------------------------------------------------------------===//
// The descriptor of a library elsewhere
//===----------------------------------------------------------------------===//

std::vector<DescriptorTensor> InterfaceDescriptor::tensors(ArrayRef<TensorInfo> list) {
  std::vector<DescriptorTensor> result;
  for (const TensorInfo &tensor : list) {
    std::vector<DescriptorDim> &sizes = dims.emplace_back();
    for (const Dim &dim : tensor.dims)
      sizes.push_back({dim.size, dim.lo, dim.hi.value_or(-1), nullptr, dim.symbol, 0});
    DescriptorTensor &entry = result.emplace_back();
    entry.name = tensor.onnxName.c_str();
    entry.identifier = tensor.identifier.c_str();
    entry.dims = sizes.data();
    entry.type = tensor.elementType;
    entry.rank = static_cast<int32_t>(sizes.size());
    entry.dataDependent = tensor.dataDependent;
  }
  return result;
}

InterfaceDescriptor::InterfaceDescriptor(ModelInterface given)
    : model(std::move(given)), inputs(tensors(model.inputs)), outputs(tensors(model.outputs)) {
  for (const SymbolInfo &symbol : model.symbols)
    symbols.push_back(
        {symbol.name.c_str(), symbol.identifier.c_str(), symbol.lo, symbol.hi.value_or(-1)});
  value.inputs = inputs.data();
  value.outputs = outputs.data();
  value.symbols = symbols.data();
  value.inputCount = inputs.size();
  value.outputCount = outputs.size();
  value.symbolCount = symbols.size();
}
