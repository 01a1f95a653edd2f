//===- DeviceGroups.h - Which groups run on the GPU -------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_GPU_DEVICEGROUPS_H
#define BURIN_CODEGEN_GPU_DEVICEGROUPS_H

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace burin {

/// How a kernel's work is spread.
enum class KernelShape {
  Elements, ///< a thread per element of the result
  Rows,     ///< a block per row that is folded
  Tiles,    ///< a block per tile of a product
  Runs,     ///< a block per run of the result, as many runs as there are blocks
};

/// Marks a group that becomes a kernel, with its shape as number.
inline constexpr llvm::StringLiteral kKernelAttr = "burin.kernel";

/// The bytes of a group's argument, as a product.
struct DeviceBuffer {
  uint64_t bytes = 1; ///< of an element, times the static extents
  /// Positions of the other extents among the group's index arguments.
  llvm::SmallVector<unsigned> symbols;
  /// Nothing names an extent: all bytes from the buffer's start on count.
  bool isUnbounded = false;
  uint64_t elementBytes = 1;
};

/// What launching a group needs to know, taken while it works on tensors.
struct DeviceGroup {
  std::string name;
  std::string hostReason; ///< why it runs on the host; empty for a kernel
  std::vector<DeviceBuffer> inputs, results;
  bool hasScratch = false; ///< one more pointer, and it returns a status
  unsigned symbols = 0;    ///< trailing index arguments
  KernelShape shape = KernelShape::Elements;

  bool isKernel() const { return hostReason.empty(); }
};

/// Decides for every group (`nn.group`) of the module, before they are lowered, and marks
/// the kernels.
std::vector<DeviceGroup> chooseDeviceGroups(mlir::ModuleOp module);

} // namespace burin

#endif // BURIN_CODEGEN_GPU_DEVICEGROUPS_H
