//===- Windows.h - Attributes of convolutions and pools ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_WINDOWS_H
#define BURIN_COMPILER_IMPORTER_WINDOWS_H

#include "compiler/importer/NodeBinder.h"

namespace burin {

/// How a window moves over the spatial axes of x; one entry per axis.
struct WindowAttrs {
  llvm::SmallVector<int64_t> kernel, strides, dilations;
  /// All begins, then all ends.
  llvm::SmallVector<int64_t> pads;
  /// The padding of auto_pad where it depends on extents that only the run
  /// knows; `pads` is 0 then.
  llvm::SmallVector<Extent> low = {}, high = {};

  bool hasDynamicPads() const { return !low.empty(); }
  /// The extent that the window covers along axis i.
  int64_t reach(size_t i) const { return (kernel[i] - 1) * dilations[i] + 1; }
  /// The padding before spatial axis i.
  Extent begin(size_t i) const { return hasDynamicPads() ? low[i] : Extent(pads[i]); }
  Extent end(size_t i) const {
    return hasDynamicPads() ? high[i] : Extent(pads[kernel.size() + i]);
  }
};

/// Reads strides, dilations, pads and auto_pad. `x` is [N, C, D...], or
/// [N, D..., C] under nhwc. Reported and nullopt where they make no sense.
std::optional<WindowAttrs> readWindow(NodeBinder &n, mlir::Value x, llvm::ArrayRef<int64_t> kernel,
                                      nn::Layout layout = nn::Layout::nchw);

/// The kernel_shape attribute, or `weights` where it is absent; reported where
/// the two disagree. `weights` may be empty: then the attribute is required.
std::optional<llvm::SmallVector<int64_t>> readKernel(NodeBinder &n,
                                                     llvm::ArrayRef<int64_t> weights);

/// Applies what of the padding only the run knows: pads x with `value`.
mlir::Value padAtRun(NodeBinder &n, mlir::Value x, const WindowAttrs &window, mlir::Value value,
                     nn::Layout layout = nn::Layout::nchw);

/// Operands and attributes of a convolution by any of its names.
struct ConvOperands {
  mlir::Value x, w;
  mlir::Value xZp, wZp; ///< both or none; of shape [] (w_zp also [M])
  nn::Layout layout = nn::Layout::nchw;
};

/// The convolution without bias, with all attributes of the node.
mlir::Value buildConv(NodeBinder &n, const ConvOperands &operands);

/// A value per channel [M] (or one for all) shaped to broadcast against a
/// result of `rank` axes.
mlir::Value perChannel(NodeBinder &n, mlir::Value value, int64_t rank,
                       nn::Layout layout = nn::Layout::nchw);

/// A tensor of one element as scalar, others as they are.
mlir::Value scalarIfSingle(NodeBinder &n, mlir::Value value);

/// f32 for f16 and bf16, else the type itself: composites compute in it.
mlir::Type wideType(NNBuilder &n, mlir::Type type);
inline mlir::Value widen(NNBuilder &n, mlir::Value x) {
  return n.cast(x, wideType(n, NNBuilder::elementType(x)));
}

/// x behind the activation that com.microsoft's fused operators name.
mlir::Value applyActivation(NodeBinder &n, mlir::Value x, llvm::StringRef activation,
                            llvm::ArrayRef<double> params);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_WINDOWS_H
