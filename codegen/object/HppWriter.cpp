//===- HppWriter.cpp - <model>.hpp ----------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The wrapper adds types to the C interface, no code of its own: spans with static
// extents where shapes are static, checked sizes where they are not.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/HppWriter.h"
#include "codegen/object/CText.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

using namespace llvm;

namespace burin::object {

static constexpr StringLiteral kSharedPart = R"(
#ifndef BURIN_HPP_ABI_1
#define BURIN_HPP_ABI_1
namespace burin {

/// Outcome of a run; true when it succeeded.
class [[nodiscard]] Result {
public:
  constexpr Result(burin_status status) noexcept : status_(status) {}
  constexpr explicit operator bool() const noexcept { return status_ == BURIN_OK; }
  constexpr bool has_value() const noexcept { return status_ == BURIN_OK; }
  constexpr burin_status error() const noexcept { return status_; }
  constexpr const char *message() const noexcept {
    switch (status_) {
    case BURIN_OK: return "ok";
    case BURIN_ERROR_NULL: return "a pointer is null";
    case BURIN_ERROR_ALIGN: return "the arena is not aligned";
    case BURIN_ERROR_DIMS: return "a dimension is out of bounds";
    case BURIN_ERROR_CAPACITY: return "a buffer is too small";
    case BURIN_ERROR_CHECK: return "a check of the model failed";
    case BURIN_ERROR_DATA: return "an operator cannot work on what it was given";
    case BURIN_ERROR_NO_DEVICE: return "there is no NVIDIA driver, no GPU, or it is too old";
    case BURIN_ERROR_DEVICE: return "the GPU's driver reports an error";
    case BURIN_ERROR_INTERNAL: break;
    }
    return "internal error";
  }

private:
  burin_status status_;
};

namespace detail {
/// Product of sizes; SIZE_MAX when it does not fit.
template <std::size_t N>
constexpr std::size_t elements(const std::array<std::int64_t, N> &shape) noexcept {
  std::size_t product = 1;
  for (std::int64_t size : shape) {
    if (size == 0)
      return 0;
    const auto factor = static_cast<std::size_t>(size);
    product = product > SIZE_MAX / factor ? SIZE_MAX : product * factor;
  }
  return product;
}
} // namespace detail
} // namespace burin
#endif // BURIN_HPP_ABI_1
)";

namespace {

class HppWriter {
public:
  HppWriter(raw_ostream &out, const ModelInterface &model)
      : out(out), model(model), name(model.name), upper(StringRef(model.name).upper()) {
    nameTypes();
  }
  void write();

private:
  void nameTypes();
  void writeTensor(const TensorInfo &tensor);
  void writeIo();
  void writeModel();
  void writeArenaChoice();
  void writeRun();
  void writeInputCheck(const TensorInfo &input);
  void writeOutputCheck(const TensorInfo &output);

  StringRef typeOf(const TensorInfo &tensor) { return types[&tensor]; }

  raw_ostream &out;
  const ModelInterface &model;
  StringRef name;
  std::string upper;
  std::map<const TensorInfo *, std::string> types; // looked up only, never walked
};

} // namespace

/// "input_1" becomes "Input1"; unique among the types of the namespace.
void HppWriter::nameTypes() {
  StringSet<> used;
  for (StringRef own : {"Model", "Io", "Dims", "Arena", "Result"})
    used.insert(own);
  auto assign = [&](const TensorInfo &tensor) {
    std::string stem;
    bool start = true;
    for (char c : tensor.identifier) {
      if (c == '_') {
        start = true;
        continue;
      }
      stem += start ? toUpper(c) : c;
      start = false;
    }
    std::string unique = stem;
    for (unsigned suffix = 2; !used.insert(unique).second; ++suffix)
      unique = stem + "_" + std::to_string(suffix);
    types[&tensor] = unique;
  };
  for_each(model.inputs, assign);
  for_each(model.outputs, assign);
}

void HppWriter::writeTensor(const TensorInfo &tensor) {
  const ElementType &type = *findElementType(tensor.elementType);
  std::string element = type.cType;
  if (StringRef(element).ends_with("_t"))
    element = "std::" + element;
  out << "\n/// \"" << cComment(tensor.onnxName) << "\": " << type.name << " "
      << shapeText(model, tensor) << "\nstruct " << typeOf(tensor) << " {\n"
      << "  using element = " << element << ";\n"
      << "  static constexpr const char *name = " << cString(tensor.onnxName) << ";\n"
      << "  static constexpr std::size_t rank = " << tensor.dims.size() << ";\n";
  if (tensor.isStatic()) {
    uint64_t elements = *tensor.maxElements();
    out << "  static constexpr std::array<std::int64_t, " << tensor.dims.size() << "> shape"
        << (tensor.dims.empty() ? "{}" : cShape(tensor)) << ";\n"
        << "  static constexpr std::size_t elements = " << elements << ";\n"
        << "  static constexpr std::size_t extent = " << storageUnits(type, elements) << ";\n";
  } else {
    out << "  static constexpr std::size_t extent = std::dynamic_extent;\n";
  }
  if (tensor.quantization)
    out << "  static constexpr float scale = " << cFloat(tensor.quantization->scale) << ";\n"
        << "  static constexpr std::int64_t zero_point = " << tensor.quantization->zeroPoint
        << ";\n";
  // Packed elements are no numbers yet.
  if (tensor.quantization && type.bits >= 8)
    out << "  static constexpr float real(element q) noexcept {\n"
        << "    return static_cast<float>(static_cast<std::int64_t>(q) - zero_point) * scale;\n"
        << "  }\n";
  bool isInput =
      &tensor >= model.inputs.data() && &tensor < model.inputs.data() + model.inputs.size();
  out << "  using span = std::span<" << (isInput ? "const " : "") << "element, extent>;\n};\n";
}

void HppWriter::writeIo() {
  if (model.isDynamic())
    out << "\nusing Dims = ::" << name << "_dims;\n";
  out << "\n/// Buffers of one inference, all owned by the caller.\nstruct Io {\n";
  auto member = [&](const TensorInfo &tensor) {
    out << "  ::" << name << "::" << typeOf(tensor) << "::span " << tensor.identifier << ";\n";
  };
  for_each(model.inputs, member);
  for_each(model.outputs, member);
  if (model.isDynamic())
    out << "  ::" << name << "::Dims dims;\n";
  for (const TensorInfo &output : model.outputs)
    if (output.dataDependent)
      out << "  /// Receives the shape of " << output.identifier << ".\n  std::array<std::int64_t, "
          << std::max<size_t>(output.dims.size(), 1) << "> *" << output.identifier << "_shape;\n";
  out << "};\n";
}

/// Constructors and members that hold the arena.
void HppWriter::writeArenaChoice() {
  out << "public:\n";
  if (model.arenaBytes)
    out << "  static constexpr std::size_t arena_bytes = " << upper << "_ARENA_BYTES;\n";
  out << "  static constexpr std::size_t arena_align = " << upper << "_ARENA_ALIGN;\n";
  if (model.isDynamic())
    out << "  /// Bytes of arena for these dimensions; 0 when they are out of bounds.\n"
           "  static std::size_t arena_bytes_for(const Dims &dims) noexcept {\n"
           "    return ::"
        << name << "_arena_bytes(&dims);\n  }\n";
  out << "\n  /// Owns its arena, taken from the heap";
  if (model.isDynamic())
    out << " by the first run and again when dimensions grow.\n"
           "  Model() noexcept : free_(&release), grow_(&Model::allocate) {}\n";
  else
    out << ". Without memory, run() tells.\n"
           "  Model() noexcept : free_(&release) { allocate(arena_bytes); }\n";
  out << "  /// Works in the caller's arena, which outlives the model.\n"
         "  explicit Model(std::span<std::byte> arena) noexcept\n"
         "      : arena_(arena.data()), size_(arena.size()) {}\n";
  if (model.arenaBytes)
    out << "  explicit Model(Arena &arena) noexcept : Model(std::span<std::byte>(arena.bytes)) "
           "{}\n";
  out << "  Model(const Model &) = delete;\n"
         "  Model &operator=(const Model &) = delete;\n"
         "  ~Model() {\n    if (free_)\n      free_(arena_);\n  }\n";
}

void HppWriter::writeInputCheck(const TensorInfo &input) {
  if (input.isStatic())
    return;
  const ElementType &type = *findElementType(input.elementType);
  std::string sizes;
  for (const Dim &dim : input.dims) {
    if (!sizes.empty())
      sizes += ", ";
    sizes += dim.isStatic()
                 ? "std::int64_t{" + std::to_string(dim.size) + "}"
                 : "io.dims." + model.symbols[static_cast<size_t>(dim.symbol)].identifier;
  }
  out << formatv("    if (io.{0}.size() != storage(burin::detail::elements(\n"
                 "            std::array<std::int64_t, {1}>{{{2}}), {3}, {4}))\n"
                 "      return BURIN_ERROR_DIMS;\n",
                 input.identifier, input.dims.size(), sizes, type.bits < 8 ? 8 / type.bits : 1,
                 type.bits < 8 ? 1 : storageUnits(type, 1));
}

void HppWriter::writeOutputCheck(const TensorInfo &output) {
  if (!needsShapeFunction(output))
    return;
  const ElementType &type = *findElementType(output.elementType);
  out << formatv("    {{\n      std::array<std::int64_t, {1}> shape{{};\n"
                 "      ::{2}_{0}_shape(&io.dims, shape.data());\n"
                 "      if (io.{0}.size() < storage(burin::detail::elements(shape), {3}, {4}))\n"
                 "        return BURIN_ERROR_CAPACITY;\n    }\n",
                 output.identifier, output.dims.size(), name, type.bits < 8 ? 8 / type.bits : 1,
                 type.bits < 8 ? 1 : storageUnits(type, 1));
}

void HppWriter::writeRun() {
  out << "\n  /// Runs one inference. Sizes that are not static are checked before.\n"
         "  burin::Result run(const Io &io) noexcept {\n";
  if (model.isDynamic()) {
    out << "    const std::size_t needed = arena_bytes_for(io.dims);\n"
           "    if (needed == 0)\n      return BURIN_ERROR_DIMS;\n";
    for (const TensorInfo &input : model.inputs)
      writeInputCheck(input);
    for (const TensorInfo &output : model.outputs)
      writeOutputCheck(output);
    out << "    if (grow_ && size_ < needed)\n      (this->*grow_)(needed);\n";
  } else {
    out << "    const std::size_t needed = arena_bytes;\n";
  }
  out << "    if (!arena_)\n      return BURIN_ERROR_NULL;\n"
         "    if (size_ < needed)\n      return BURIN_ERROR_CAPACITY;\n"
      << "    ::" << name << "_io raw;\n    ::" << name << "_io_init(&raw);\n";
  auto pointer = [&](const TensorInfo &tensor) {
    out << formatv("    raw.{0} = io.{0}.data();\n", tensor.identifier);
  };
  for_each(model.inputs, pointer);
  for_each(model.outputs, pointer);
  if (model.isDynamic())
    out << "    raw.dims = io.dims;\n";
  for (const TensorInfo &output : model.outputs) {
    if (!output.dataDependent)
      continue;
    const ElementType &type = *findElementType(output.elementType);
    out << formatv("    if (!io.{0}_shape)\n      return BURIN_ERROR_NULL;\n"
                   "    raw.{0}_shape = io.{0}_shape->data();\n"
                   "    raw.{0}_capacity = static_cast<std::int64_t>(io.{0}.size() * {1} / {2});\n",
                   output.identifier, type.bits < 8 ? 8 / type.bits : 1,
                   type.bits < 8 ? 1 : storageUnits(type, 1));
  }
  out << "    return ::" << name << "_run(&raw, arena_);\n  }\n";
}

void HppWriter::writeModel() {
  if (model.arenaBytes)
    out << "\n/// Memory for one run, for those who place it themselves: `static Arena arena;`\n"
           "struct Arena {\n  alignas("
        << upper << "_ARENA_ALIGN) std::byte bytes[" << std::max<uint64_t>(*model.arenaBytes, 1)
        << "];\n};\n";
  out << "\n/// Runs the model. One object per thread; any number of objects at a time.\n"
         "class Model {\n";
  writeArenaChoice();
  writeRun();
  out << "\nprivate:\n"
         "  /// Without exceptions; the C entry reports a null arena.\n"
         "  void allocate(std::size_t bytes) noexcept {\n"
         "    release(arena_);\n"
         "    arena_ = static_cast<std::byte *>(\n"
         "        ::operator new(bytes ? bytes : 1, std::align_val_t{arena_align}, "
         "std::nothrow));\n"
         "    size_ = arena_ ? bytes : 0;\n  }\n"
         "  static void release(std::byte *arena) noexcept {\n"
         "    ::operator delete(arena, std::align_val_t{arena_align});\n  }\n";
  bool checks = any_of(model.inputs, [](const TensorInfo &input) { return !input.isStatic(); }) ||
                any_of(model.outputs, needsShapeFunction);
  if (checks)
    out << "  /// C elements that hold `elements`: packed ones share one, complex ones take two.\n"
           "  static constexpr std::size_t storage(std::size_t elements, std::size_t packed,\n"
           "                                       std::size_t units) noexcept {\n"
           "    if (elements > SIZE_MAX / 2)\n      return SIZE_MAX;\n"
           "    return (elements + packed - 1) / packed * units;\n  }\n";
  out << "\n  std::byte *arena_ = nullptr;\n  std::size_t size_ = 0;\n"
         "  // Pointers, so that programs with arenas of their own need no heap to link.\n"
         "  void (*free_)(std::byte *) noexcept = nullptr;\n";
  if (model.isDynamic())
    out << "  void (Model::*grow_)(std::size_t) noexcept = nullptr;\n";
  out << "};\n";
}

void HppWriter::write() {
  out << formatv("// {0}.hpp - {0}.h in C++20. Generated by Burin {1}; do not edit.\n"
                 "#ifndef BURIN_MODEL_{2}_HPP\n#define BURIN_MODEL_{2}_HPP\n\n"
                 "#include \"{0}.h\"\n\n"
                 "#include <array>\n#include <cstddef>\n#include <cstdint>\n#include <new>\n"
                 "#include <span>\n",
                 name, cComment(model.compilerVersion), upper);
  out << kSharedPart << "\nnamespace " << name << " {\n";
  for (const TensorInfo &input : model.inputs)
    writeTensor(input);
  for (const TensorInfo &output : model.outputs)
    writeTensor(output);
  writeIo();
  writeModel();
  out << "\n} // namespace " << name << "\n\n#endif // BURIN_MODEL_" << upper << "_HPP\n";
}

Error writeHpp(raw_ostream &out, const ModelInterface &model) {
  static_assert(kAbiVersion == 1, "the shared part is written for this version");
  if (Error error = checkInterface(model))
    return error;
  HppWriter(out, model).write();
  return Error::success();
}

} // namespace burin::object
