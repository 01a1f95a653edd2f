//===- ModelRunner.cpp - Runs a library by its descriptor -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/ModelRunner.h"

#include "compiler/verify/Border.h"

#include <cstring>
#include <fmt/format.h>

using namespace burin;
using namespace burin::onnx;
using namespace burin::verify;
using namespace burin::object;
using llvm::ArrayRef;
using llvm::Error;
using llvm::Expected;

template <typename... Args> static Error fail(fmt::format_string<Args...> text, Args &&...args) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), "%s",
                                 fmt::format(text, std::forward<Args>(args)...).c_str());
}

//===----------------------------------------------------------------------===//
// Preparing
//===----------------------------------------------------------------------===//

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
  Expected<std::vector<int64_t>> bound = bindDims(*model, data);
  if (!bound)
    return bound.takeError();
  dims = std::move(*bound);
  for (const TensorData &tensor : data) {
    std::vector<uint8_t> bytes = toBorder(tensor);
    GuardedBuffer &buffer = inputs.emplace_back(bytes.size(), borderAlignment(tensor.dataType));
    if (!buffer.data())
      return fail("no memory for input \"{}\"", tensor.name);
    if (!bytes.empty())
      std::memcpy(buffer.data(), bytes.data(), bytes.size());
    inputCopies.push_back(std::move(bytes));
  }
  return Error::success();
}

Error ModelRunner::allocateOutputs(ArrayRef<TensorData> hints) {
  for (unsigned i = 0; i < model->outputCount; ++i) {
    const DescriptorTensor &tensor = model->outputs[i];
    Expected<unsigned> bits = borderBits(tensor);
    if (!bits)
      return bits.takeError();
    Output &output = outputs.emplace_back();
    output.shape.assign(tensor.rank, 0);
    if (tensor.shape)
      tensor.shape(dims.data(), output.shape.data());
    for (int axis = 0; axis < tensor.rank; ++axis)
      if (const DescriptorDim &dim = tensor.dims[axis]; dim.size >= 0 || !tensor.shape)
        output.shape[axis] = dim.size >= 0 ? dim.size : dim.hi;
    Expected<int64_t> elements =
        outputCapacity(tensor, output.shape, i < hints.size() ? &hints[i] : nullptr);
    if (!elements)
      return elements.takeError();
    for (int64_t &size : output.shape)
      size = std::max<int64_t>(size, 0);
    std::optional<uint64_t> bytes = borderBytes(*bits, *elements);
    if (!bytes)
      return fail("output \"{}\" is too large", tensor.name);
    output.capacity = *elements;
    output.buffer = GuardedBuffer(*bytes, borderAlignment(tensor.type));
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
    std::optional<int64_t> count = elementCount(outputs[i].shape);
    if (!count || *count > outputs[i].capacity)
      return wrongShape(tensor, outputs[i].shape);
    results.push_back(fromBorder(tensor, outputs[i].shape, outputs[i].buffer.data()));
  }
  return results;
}
