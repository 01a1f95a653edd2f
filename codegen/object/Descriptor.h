//===- Descriptor.h - The model's description in its library ----*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Every library carries a constant `<model>_descriptor`, enough for a tool to run the
// model without its header. The structures below are its layout; generated headers
// declare the same in C (HeaderWriter.cpp), which a test compares.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_DESCRIPTOR_H
#define BURIN_CODEGEN_OBJECT_DESCRIPTOR_H

#include "codegen/object/ModelInterface.h"

#include <cstddef>

namespace llvm {
class Module;
} // namespace llvm

namespace burin::object {

/// What `<model>_run` returns.
enum class Status : int {
  Ok = 0,
  Null = 1,     ///< a null pointer for the io struct, a tensor or the arena
  Align = 2,    ///< the arena is not aligned
  Dims = 3,     ///< a dimension out of bounds
  Capacity = 4, ///< an output is larger than its buffer
  Check = 5,    ///< a check that the model itself demands failed
  Internal = 6,
  Data = 7,     ///< an operator cannot work on the contents of its operands
  NoDevice = 8, ///< GPU targets: no driver, no GPU, or one that is too old
  Device = 9,   ///< GPU targets: the driver reports an error
};

/// The text that goes with a status, for messages.
const char *statusMessage(int status);

//===----------------------------------------------------------------------===//
// Layout of the descriptor, for readers in the same process
//===----------------------------------------------------------------------===//

struct DescriptorDim {
  int64_t size;           ///< -1 when not static
  int64_t lo;             ///< bounds when not static
  int64_t hi;             ///< -1 when unbounded
  const char *expression; ///< formula over symbols, or null
  int32_t symbol;         ///< index, or -1
  uint32_t reserved;
};

struct DescriptorTensor {
  const char *name;       ///< ONNX's name
  const char *identifier; ///< the member of the io struct
  const DescriptorDim *dims;
  /// Outputs with symbolic dimensions: writes `rank` sizes. Else null.
  void (*shape)(const int64_t *dims, int64_t *shape);
  int64_t zeroPoint;
  float scale;  ///< 0 when not quantised
  int32_t type; ///< ONNX's TensorProto.DataType
  int32_t rank;
  uint32_t dataDependent; ///< 0 or 1
};

struct DescriptorSymbol {
  const char *name;
  const char *identifier;
  int64_t lo;
  int64_t hi; ///< -1 when unbounded
};

struct Descriptor {
  uint32_t abiVersion;
  uint32_t descriptorBytes; ///< later versions only append
  const char *model;
  const char *modelHash;
  const char *compilerVersion;
  const char *target;
  const char *options;
  const DescriptorTensor *inputs;
  const DescriptorTensor *outputs;
  const DescriptorSymbol *symbols;
  uint32_t inputCount;
  uint32_t outputCount;
  uint32_t symbolCount;
  uint32_t reserved;
  uint64_t arenaBytes; ///< static size or bound; UINT64_MAX when it has none
  uint64_t arenaAlignment;
  uint64_t weightsBytes;
  int (*run)(const void *io, void *arena);
  size_t (*arenaBytesFor)(const int64_t *dims); ///< null without symbols
};

/// Adds `<model>_descriptor` and the alias `<model>_run_<interfaceKey>` to `module`.
/// `<model>_run` must be defined in it; `<model>_arena_bytes` and the shape functions
/// are declared when they are not defined there. Fails when checkInterface() does.
llvm::Error emitDescriptor(llvm::Module &module, const ModelInterface &model);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_DESCRIPTOR_H
