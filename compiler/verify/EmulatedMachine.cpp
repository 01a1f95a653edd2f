//===- EmulatedMachine.cpp - A library in its target's emulator -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/EmulatedMachine.h"

#include "compiler/verify/ProcessPool.h"

#include "llvm/Support/EndianStream.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>

using namespace burin;
using namespace burin::verify;
using llvm::ArrayRef;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

static constexpr uint32_t kRequest = 0x51525542, kResponse = 0x50525542;
static constexpr uint64_t kUnknown = UINT64_MAX;

/// What the harness found besides the status, by number (run.c).
enum class Problem : uint32_t {
  None,
  Memory,
  InputGuard,
  InputChange,
  OutputGuard,
  ArenaGuard,
  Dims,
};

template <typename... Args> static Error fail(fmt::format_string<Args...> text, Args &&...args) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), "%s",
                                 fmt::format(text, std::forward<Args>(args)...).c_str());
}

static std::string inFolder(StringRef folder, const llvm::Twine &file) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, file);
  return path.str().str();
}

//===----------------------------------------------------------------------===//
// Linking
//===----------------------------------------------------------------------===//

Error EmulatedMachine::check(const Target &target) { return Harness::find(target).takeError(); }

Expected<std::unique_ptr<EmulatedMachine>>
EmulatedMachine::start(const object::ModelInterface &model, const Target &target,
                       const MachineOptions &options) {
  Expected<Harness> harness = Harness::find(target);
  if (!harness)
    return harness.takeError();
  std::unique_ptr<EmulatedMachine> machine(
      new EmulatedMachine(model, std::move(*harness), target, options));
  auto scratch = ScratchFolder::create("burin-verify", options.scratch);
  if (!scratch)
    return scratch.takeError();
  machine->scratch = std::move(*scratch);
  machine->program = inFolder(machine->folder(), "program");
  return machine;
}

Expected<std::unique_ptr<Machine>> EmulatedMachine::make(Compilation &compilation,
                                                         const Target &target,
                                                         const MachineOptions &options) {
  auto machine = start(compilation.interface(), target, options);
  if (!machine)
    return machine.takeError();
  const std::string &name = compilation.interface().name, &folder = (*machine)->folder();
  if (failed(compilation.write(Emit::Library, folder)))
    return fail("the library cannot be written");
  std::string library = inFolder(folder, "lib" + name + ".a");
  if (Error error = (*machine)->harness.link(name, library, folder, (*machine)->program))
    return std::move(error);
  return std::move(*machine);
}

Expected<std::unique_ptr<Machine>> EmulatedMachine::make(const object::ModelInterface &model,
                                                         ArrayRef<std::string> library,
                                                         const Target &target,
                                                         const MachineOptions &options) {
  auto machine = start(model, target, options);
  if (!machine)
    return machine.takeError();
  EmulatedMachine &self = **machine;
  if (Error error = self.harness.link(model.name, library, self.folder(), self.program))
    return std::move(error);
  return std::move(*machine);
}

//===----------------------------------------------------------------------===//
// Asking
//===----------------------------------------------------------------------===//

/// Sizes of one set as the harness wants them. Fails where the data do not fit the
/// model; nothing is written then.
static Error encodeSet(llvm::raw_ostream &out, const object::Descriptor &model,
                       const DataSet &set) {
  Expected<std::vector<int64_t>> dims = bindDims(model, set.inputs);
  if (!dims)
    return dims.takeError();
  std::vector<int64_t> capacities;
  std::vector<unsigned> bits;
  for (unsigned i = 0; i < model.outputCount; ++i) {
    const object::DescriptorTensor &tensor = model.outputs[i];
    Expected<unsigned> elementBits = borderBits(tensor);
    if (!elementBits)
      return elementBits.takeError();
    bits.push_back(*elementBits);
    capacities.push_back(0);
    if (!tensor.dataDependent)
      continue;
    std::vector<int64_t> shape;
    for (const object::DescriptorDim &dim : ArrayRef(tensor.dims, tensor.rank))
      shape.push_back(dim.size >= 0 ? dim.size : dim.hi);
    auto capacity =
        outputCapacity(tensor, shape, i < set.outputs.size() ? &set.outputs[i] : nullptr);
    if (!capacity)
      return capacity.takeError();
    if (!borderBytes(*elementBits, *capacity))
      return fail("output \"{}\" is too large", tensor.name);
    capacities.back() = *capacity;
  }

  llvm::support::endian::Writer writer(out, llvm::endianness::little);
  for (int64_t dim : *dims)
    writer.write<int64_t>(dim);
  std::vector<std::vector<uint8_t>> inputs;
  for (const onnx::TensorData &input : set.inputs) {
    inputs.push_back(toBorder(input));
    writer.write<uint64_t>(inputs.back().size());
    writer.write<uint32_t>(borderAlignment(input.dataType));
  }
  for (unsigned i = 0; i < model.outputCount; ++i) {
    writer.write<int64_t>(capacities[i]);
    writer.write<uint32_t>(bits[i]);
    writer.write<uint32_t>(borderAlignment(model.outputs[i].type));
  }
  for (const std::vector<uint8_t> &bytes : inputs)
    out.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Reading the answer
//===----------------------------------------------------------------------===//

namespace {

/// The response, read from front to back. After its end everything is 0.
class ResponseReader {
public:
  explicit ResponseReader(StringRef bytes) : rest(bytes) {}

  template <class T> T read() {
    StringRef bytes = take(sizeof(T));
    return bytes.empty() ? T()
                         : llvm::support::endian::read<T>(bytes.data(), llvm::endianness::little);
  }
  StringRef take(uint64_t size) {
    if (size > rest.size()) {
      truncated = true;
      rest = StringRef();
    }
    StringRef bytes = rest.take_front(size);
    rest = rest.drop_front(bytes.size());
    return bytes;
  }
  bool isTruncated() const { return truncated; }

private:
  StringRef rest;
  bool truncated = false;
};

} // namespace

/// The sentence for what the harness found.
static Error explain(const object::Descriptor &model, Problem problem, uint32_t index,
                     int64_t detail) {
  auto name = [&](const object::DescriptorTensor *tensors, uint32_t count) {
    return index < count ? tensors[index].name : "?";
  };
  switch (problem) {
  case Problem::Memory:
    return fail("the machine has no memory for {} bytes of inputs, outputs and arena", detail);
  case Problem::InputGuard:
    return fail("the code wrote outside of input {}: byte {}", name(model.inputs, model.inputCount),
                detail);
  case Problem::InputChange:
    return fail("the code changed input {}", name(model.inputs, model.inputCount));
  case Problem::OutputGuard:
    return fail("the code wrote outside of output {}: byte {}",
                name(model.outputs, model.outputCount), detail);
  case Problem::ArenaGuard:
    return fail("the code wrote outside of the arena: byte {}", detail);
  case Problem::Dims:
    return fail("the library refuses the dimensions");
  case Problem::None:
    break;
  }
  return fail("the harness found something that this version does not know");
}

/// Nothing where the response ends before the set does.
static std::optional<Expected<RunResult>> decodeSet(ResponseReader &in,
                                                    const object::Descriptor &model) {
  if (in.read<uint32_t>() != kResponse)
    return std::nullopt;
  auto problem = static_cast<Problem>(in.read<uint32_t>());
  auto index = in.read<uint32_t>();
  auto detail = in.read<int64_t>();
  auto status = static_cast<int>(in.read<uint32_t>());
  RunResult result;
  result.arenaBytes = in.read<uint64_t>();
  if (auto count = in.read<uint64_t>(); count != kUnknown)
    result.instructions = count;
  if (auto count = in.read<uint64_t>(); count != kUnknown)
    result.stackBytes = count;
  if (in.isTruncated())
    return std::nullopt;
  if (problem != Problem::None)
    return explain(model, problem, index, detail);
  if (status != static_cast<int>(object::Status::Ok))
    return fail("the library returned {}: {}", status, object::statusMessage(status));
  for (const object::DescriptorTensor &tensor : ArrayRef(model.outputs, model.outputCount)) {
    std::vector<int64_t> dims;
    for (int axis = 0; axis < tensor.rank; ++axis)
      dims.push_back(in.read<int64_t>());
    StringRef bytes = in.take(in.read<uint64_t>());
    if (in.isTruncated())
      return std::nullopt;
    std::optional<int64_t> count = onnx::elementCount(dims);
    Expected<unsigned> bits = borderBits(tensor);
    if (!bits)
      return bits.takeError();
    if (!count || borderBytes(*bits, *count) != bytes.size())
      return wrongShape(tensor, dims);
    result.outputs.push_back(
        fromBorder(tensor, std::move(dims), reinterpret_cast<const uint8_t *>(bytes.data())));
  }
  return result;
}

//===----------------------------------------------------------------------===//
// A run
//===----------------------------------------------------------------------===//

/// Whether the emulator says that it could not run the program.
static bool failedToStart(const Runner &runner, const ChildResult &child) {
  return child.end == ChildResult::End::Exited && child.code != 0 &&
         llvm::any_of(runner.startTroubles, [&](const std::string &trouble) {
           return StringRef(child.errors).contains(trouble);
         });
}

std::vector<Expected<RunResult>> EmulatedMachine::run(ArrayRef<DataSet> sets) {
  const object::Descriptor &descriptor = model.descriptor();
  // Sets that do not fit the model never reach the machine.
  std::vector<std::optional<Error>> refused(sets.size());
  std::string requestPath = inFolder(folder(), "request.bin"),
              responsePath = inFolder(folder(), "response.bin");
  (void)fs::remove(responsePath);
  std::string trouble;
  {
    std::string body;
    llvm::raw_string_ostream out(body);
    uint32_t count = 0;
    for (auto [set, error] : llvm::zip(sets, refused)) {
      if (Error wrong = encodeSet(out, descriptor, set))
        error = std::move(wrong);
      else
        ++count;
    }
    std::error_code error;
    llvm::raw_fd_ostream file(requestPath, error);
    llvm::support::endian::Writer writer(file, llvm::endianness::little);
    for (uint32_t number : {kRequest, count, descriptor.inputCount, descriptor.outputCount,
                            descriptor.symbolCount, target.runner.guardBytes})
      writer.write<uint32_t>(number);
    file << out.str();
    file.close();
    if (file.has_error())
      trouble = "cannot write the request: " + file.error().message();
    file.clear_error();
  }
  if (trouble.empty()) {
    ChildResult child = runProgram(harness.command(program), folder(), timeoutSeconds);
    for (unsigned retries = 0; retries < 3 && failedToStart(target.runner, child); ++retries)
      child = runProgram(harness.command(program), folder(), timeoutSeconds);
    if (child.end != ChildResult::End::Exited || child.code != 0)
      trouble = "the emulator " + child.explain();
  }
  auto response = llvm::MemoryBuffer::getFile(responsePath, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
  ResponseReader reader(response ? (*response)->getBuffer() : StringRef());
  std::vector<Expected<RunResult>> results;
  for (std::optional<Error> &error : refused) {
    if (error) {
      results.push_back(std::move(*error));
      continue;
    }
    if (auto decoded = decodeSet(reader, descriptor))
      results.push_back(std::move(*decoded));
    else
      results.push_back(fail("{}", trouble.empty() ? "the harness gave no answer" : trouble));
  }
  return results;
}
