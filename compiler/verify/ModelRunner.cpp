//===- ModelRunner.cpp - Runs a library by its descriptor -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/ModelRunner.h"

#include "compiler/verify/Compare.h"

#include "llvm/Support/CheckedArithmetic.h"

#include <cstring>
#include <fmt/format.h>

using namespace burin;
using namespace burin::onnx;
using namespace burin::verify;
using namespace burin::object;
using llvm::ArrayRef;
using llvm::Error;
using llvm::Expected;

/// The largest buffer that verify provides for one output or arena.
static constexpr uint64_t kMaxBuffer = uint64_t(1) << 35;
/// Elements for an output whose size nobody bounds.
static constexpr int64_t kDefaultCapacity = int64_t(1) << 20;

template <typename... Args> static Error fail(fmt::format_string<Args...> text, Args &&...args) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), "%s",
                                 fmt::format(text, std::forward<Args>(args)...).c_str());
}

//===----------------------------------------------------------------------===//
// Packing
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

static std::optional<uint64_t> borderBytes(const ElementTypeInfo &type, int64_t elements) {
  auto bits = llvm::checkedMulUnsigned<uint64_t>(elements, type.fileBits);
  if (!bits || *bits / 8 > kMaxBuffer)
    return std::nullopt;
  return (*bits + 7) / 8;
}

//===----------------------------------------------------------------------===//
// Preparing
//===----------------------------------------------------------------------===//

/// What the caller may count on for tensors: the alignment of their elements.
static size_t tensorAlignment(const ElementTypeInfo &type) {
  const ElementType *border = findElementType(type.dataType);
  return border ? border->storageBytes : 1;
}

Expected<ModelRunner> ModelRunner::prepare(const Descriptor &model, ArrayRef<TensorData> inputs,
                                           ArrayRef<TensorData> outputHints) {
  ModelRunner runner;
  runner.model = &model;
  if (Error error = runner.bindInputs(inputs))
    return error;
  if (Error error = runner.allocateOutputs(outputHints))
    return error;
  if (Error error = runner.allocateArena())
    return error;

  auto address = [](const void *pointer) { return reinterpret_cast<uint64_t>(pointer); };
  for (const GuardedBuffer &input : runner.inputs)
    runner.io.push_back(address(input.data()));
  for (const Output &output : runner.outputs)
    runner.io.push_back(address(output.buffer.data()));
  for (int64_t dim : runner.dims)
    runner.io.push_back(dim);
  for (unsigned i = 0; i < model.outputCount; ++i) {
    if (!model.outputs[i].dataDependent)
      continue;
    runner.io.push_back(address(runner.outputs[i].shape.data()));
    runner.io.push_back(runner.outputs[i].capacity);
  }
  return runner;
}

Error ModelRunner::bindInputs(ArrayRef<TensorData> data) {
  if (data.size() != model->inputCount)
    return fail("{} inputs given, the model has {}", data.size(), model->inputCount);
  dims.assign(model->symbolCount, -1);
  for (unsigned i = 0; i < model->inputCount; ++i) {
    const DescriptorTensor &want = model->inputs[i];
    const TensorData &have = data[i];
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
      const DescriptorSymbol &symbol = model->symbols[dim.symbol];
      if (bound >= 0 && bound != size)
        return wrong(
            fmt::format("dimension {} is {} here and {} before", symbol.name, size, bound));
      if (size < symbol.lo || (symbol.hi >= 0 && size > symbol.hi))
        return wrong(fmt::format("dimension {} is {}, the library takes {}..{}", symbol.name, size,
                                 symbol.lo, symbol.hi));
      bound = size;
    }
    const ElementTypeInfo &type = *elementTypeInfo(have.dataType);
    std::vector<uint8_t> bytes = isPacked(type)
                                     ? packElements(have.bytes, have.elementCount(), type.fileBits)
                                     : std::vector<uint8_t>(have.bytes, have.bytes + have.size);
    GuardedBuffer &buffer = inputs.emplace_back(bytes.size(), tensorAlignment(type));
    if (!buffer.data())
      return wrong("no memory for it");
    if (!bytes.empty())
      std::memcpy(buffer.data(), bytes.data(), bytes.size());
    inputCopies.push_back(std::move(bytes));
  }
  // A symbol that no input has: the library takes any size within its bounds.
  for (unsigned i = 0; i < model->symbolCount; ++i)
    if (dims[i] < 0)
      dims[i] = std::max<int64_t>(model->symbols[i].lo, 1);
  return Error::success();
}

Error ModelRunner::allocateOutputs(ArrayRef<TensorData> hints) {
  for (unsigned i = 0; i < model->outputCount; ++i) {
    const DescriptorTensor &tensor = model->outputs[i];
    const ElementTypeInfo *type = elementTypeInfo(tensor.type);
    if (!type || !type->memoryBytes)
      return fail("output \"{}\": type {} has no C form", tensor.name, tensor.type);
    Output &output = outputs.emplace_back();
    output.shape.assign(tensor.rank, 0);
    if (tensor.shape)
      tensor.shape(dims.data(), output.shape.data());
    bool bounded = true;
    int64_t elements = 1;
    for (int axis = 0; axis < tensor.rank; ++axis) {
      const DescriptorDim &dim = tensor.dims[axis];
      int64_t size = dim.size;
      if (size < 0)
        size = tensor.shape ? output.shape[axis] : dim.hi;
      if (tensor.dataDependent && size < 0)
        bounded = false;
      else if (size < 0 || llvm::MulOverflow(elements, size, elements))
        return fail("output \"{}\": impossible size {} along axis {}", tensor.name, size, axis);
      output.shape[axis] = std::max<int64_t>(size, 0);
    }
    if (!bounded) {
      // One more than expected, so that a result which is too large is seen as such.
      elements = i < hints.size() && hints[i].elementCount() >= 0 ? hints[i].elementCount() * 2 + 64
                                                                  : kDefaultCapacity;
    }
    std::optional<uint64_t> bytes = borderBytes(*type, elements);
    if (!bytes)
      return fail("output \"{}\" is too large", tensor.name);
    output.capacity = elements;
    output.buffer = GuardedBuffer(*bytes, tensorAlignment(*type));
    if (!output.buffer.data())
      return fail("no memory for output \"{}\" of {} bytes", tensor.name, *bytes);
  }
  return Error::success();
}

Error ModelRunner::allocateArena() {
  uint64_t bytes = model->arenaBytesFor ? model->arenaBytesFor(dims.data()) : model->arenaBytes;
  if (bytes > kMaxBuffer)
    return fail("the arena takes {} bytes", bytes);
  arena = GuardedBuffer(bytes, std::max<uint64_t>(model->arenaAlignment, 1));
  if (!arena.data())
    return fail("no memory for the arena of {} bytes", bytes);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

Error ModelRunner::checkGuards() const {
  auto check = [](const GuardedBuffer &buffer, const char *kind, const char *name) -> Error {
    std::optional<ptrdiff_t> where = buffer.overrun();
    if (!where)
      return Error::success();
    return fail("the code wrote outside of {}{}{}: byte {} of {}", kind, *name ? " " : "", name,
                *where, buffer.size());
  };
  for (unsigned i = 0; i < inputs.size(); ++i) {
    if (Error error = check(inputs[i], "input", model->inputs[i].name))
      return error;
    if (inputs[i].size() &&
        std::memcmp(inputs[i].data(), inputCopies[i].data(), inputs[i].size()) != 0)
      return fail("the code changed input {}", model->inputs[i].name);
  }
  for (unsigned i = 0; i < outputs.size(); ++i)
    if (Error error = check(outputs[i].buffer, "output", model->outputs[i].name))
      return error;
  return check(arena, "the arena", "");
}

Expected<std::vector<TensorData>> ModelRunner::run() {
  arena.reset();
  for (Output &output : outputs)
    output.buffer.reset();
  int status = call();
  if (Error error = checkGuards())
    return error;
  if (status != static_cast<int>(Status::Ok))
    return fail("the library returned {}: {}", status, statusMessage(status));

  std::vector<TensorData> results;
  for (unsigned i = 0; i < model->outputCount; ++i) {
    const DescriptorTensor &tensor = model->outputs[i];
    const ElementTypeInfo &type = *elementTypeInfo(tensor.type);
    TensorData &result = results.emplace_back();
    result.dataType = tensor.type;
    result.name = tensor.name;
    result.dims = outputs[i].shape;
    std::optional<int64_t> count = elementCount(result.dims);
    if (!count || *count > outputs[i].capacity)
      return fail("output \"{}\": the library reports the shape {}", tensor.name, describe(result));
    const uint8_t *bytes = outputs[i].buffer.data();
    bool isSigned = type.dataType == kInt4 || type.dataType == kInt2;
    auto owned = std::make_shared<std::vector<uint8_t>>(
        isPacked(type) ? unpackElements(bytes, *count, type.fileBits, isSigned)
                       : std::vector<uint8_t>(bytes, bytes + *count * type.memoryBytes));
    result.bytes = owned->data();
    result.size = owned->size();
    result.owner = owned;
  }
  return results;
}
