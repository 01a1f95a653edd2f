//===- ModelInterface.h - What a compiled model looks like ------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// The description of one compiled model that all writers share: the header, the
// C++ wrapper, the descriptor in the library and the report. Plain data, so that
// the writers depend on LLVM's support library only.
//
// The contract between the header and the generated code, for a model named `m`:
//
//   burin_status m_run(const m_io *io, void *arena);
//     Members of m_io in this order:
//       1. `const T *` per input, in order; null is allowed for empty tensors only
//       2. `T *` per output, in order
//       3. if there are symbols: `m_dims dims`, one int64_t per symbol in order
//       4. per output whose shape depends on data, in order:
//          `int64_t *<output>_shape` (receives `rank` sizes) and
//          `int64_t <output>_capacity` (elements that the caller provides)
//   size_t m_arena_bytes(const m_dims *dims);
//     Only with symbols. 0 when `dims` are out of bounds or the size overflows, and
//     at least 1 otherwise.
//   void m_<output>_shape(const m_dims *dims, int64_t *shape);
//     Only for outputs that have dimensions which are not static and that do not
//     depend on data.
//
// emitDescriptor() adds `m_descriptor` and the versioned alias of `m_run`.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_MODELINTERFACE_H
#define BURIN_CODEGEN_OBJECT_MODELINTERFACE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace burin::object {

/// Version of the contract between generated headers and libraries.
inline constexpr unsigned kAbiVersion = 1;

/// How an element type of ONNX appears at the C border.
struct ElementType {
  int onnxType;          ///< TensorProto.DataType
  const char *name;      ///< ONNX's name, lower case: "float", "int8", ...
  const char *cType;     ///< storage type in C: "float", "int8_t", ...
  unsigned bits;         ///< bits per element; below 8 they are packed
  unsigned storageBytes; ///< bytes of one `cType`
};

/// The element type numbered `onnxType`, or null when it has no C form (strings,
/// sequences, unknown numbers).
const ElementType *findElementType(int onnxType);

/// One dimension of an input or output.
struct Dim {
  int64_t size = -1;      ///< static size, or -1
  int symbol = -1;        ///< index into ModelInterface::symbols when it is exactly one
  std::string expression; ///< formula over the symbols' names when neither: "2*N + 1"
  int64_t lo = 0;         ///< bounds of a dimension that is not static
  std::optional<int64_t> hi;

  bool isStatic() const { return size >= 0; }
  static Dim fixed(int64_t size) {
    Dim dim;
    dim.size = size;
    return dim;
  }
  static Dim dynamic(int symbol, std::string expression = {}) {
    Dim dim;
    dim.symbol = symbol;
    dim.expression = std::move(expression);
    return dim;
  }
};

/// real = (q - zeroPoint) * scale
struct Quantization {
  float scale = 1;
  int64_t zeroPoint = 0;
};

struct TensorInfo {
  std::string onnxName;
  std::string identifier; ///< unique C identifier, see makeIdentifiers()
  int elementType = 0;    ///< TensorProto.DataType
  std::vector<Dim> dims;
  std::optional<Quantization> quantization;
  /// Outputs only: the shape is known after the run, see `<output>_shape` above.
  bool dataDependent = false;

  bool isStatic() const;
  /// Elements of a static tensor, or the upper bound where all dimensions have
  /// one; nothing when unbounded or beyond 2^63.
  std::optional<uint64_t> maxElements() const;
};

/// A dynamic dimension by name.
struct SymbolInfo {
  std::string name;       ///< ONNX's dim_param
  std::string identifier; ///< member of `m_dims`
  int64_t lo = 0;
  std::optional<int64_t> hi;
};

/// A fused group, for the report.
struct GroupInfo {
  std::string name;
  std::vector<std::string> nodes; ///< names of the ONNX nodes in it
  uint64_t macs = 0;
  uint64_t bytesRead = 0;
  uint64_t bytesWritten = 0;
  /// GPU targets: why the group runs on the host; empty for a kernel.
  std::string hostReason = {};
};

/// A buffer in the arena, for the report.
struct ArenaBuffer {
  std::string name;
  std::optional<uint64_t> offset; ///< nothing when it depends on symbols
  std::optional<uint64_t> size;
  int firstGroup = 0; ///< indices into ModelInterface::groups
  int lastGroup = 0;
  std::string aliasOf; ///< name of the buffer whose memory it shares, or empty
};

struct ModelInterface {
  std::string name;      ///< C identifier; prefix of every symbol
  std::string modelHash; ///< SHA-256 of the .onnx file, 64 hexadecimal digits
  std::string compilerVersion;
  std::string target;
  std::string options;

  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  std::vector<SymbolInfo> symbols; ///< in order of first appearance in the inputs

  /// Static size, or the bound where all symbols have one.
  std::optional<uint64_t> arenaBytes;
  uint64_t arenaAlignment = 64;
  uint64_t weightsBytes = 0;
  std::optional<uint64_t> stackBytes; ///< upper bound, where known
  /// GPU targets: size of the caller's context, and with it `m_gpu_create(context, device)`,
  /// `m_gpu_run(context, io, arena, stream)` and `m_gpu_destroy(context)`.
  std::optional<uint64_t> gpuContextBytes;

  std::vector<GroupInfo> groups;
  std::vector<ArenaBuffer> arenaMap;
  std::string peakOwner;                               ///< group at which the arena is fullest
  std::vector<std::pair<std::string, uint64_t>> flash; ///< bytes by kind, in order

  bool isDynamic() const { return !symbols.empty(); }
};

/// True when an output needs `m_<output>_shape()`.
bool needsShapeFunction(const TensorInfo &output);

/// Checks what the writers rely on: identifiers are valid and do not clash, types
/// have a C form, symbols exist, the arena's size is known where it must be.
llvm::Error checkInterface(const ModelInterface &model);

/// `text` as C identifier: other characters become '_', keywords of C and C++ get
/// a '_' behind, a leading digit an 'm' in front. Never empty.
std::string makeIdentifier(llvm::StringRef text);

/// One identifier per name, in order. Unique without regard to case, because macros
/// are in upper case; none ends like a member or macro that the writers derive.
/// Pass the names of inputs and outputs together, those of symbols by themselves.
std::vector<std::string> makeIdentifiers(llvm::ArrayRef<std::string> names);

/// SHA-256 of `bytes` in hexadecimal.
std::string sha256(llvm::StringRef bytes);

/// Names the interface: ABI version and a hash of everything that a program compiled
/// against the header relies on. Header and library meet at `m_run_<key>`, so that
/// they link only when they belong together.
std::string interfaceKey(const ModelInterface &model);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_MODELINTERFACE_H
