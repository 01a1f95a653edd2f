//===- Window.h - Sliding windows over spatial dims -------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_LOWERING_WINDOW_H
#define BURIN_CODEGEN_LOWERING_WINDOW_H

#include "codegen/lowering/GroupEmitter.h"

namespace burin {

/// Geometry that conv and pool share: which inputs a window at output position
/// o sees, o * stride - begin + k * dilation, clamped to the input.
class Window {
public:
  /// `kernel` holds the extents of the window; `rounded` tells that windows may
  /// reach beyond the padding (ceil mode).
  Window(GroupEmitter &g, mlir::Value x, nn::Layout layout, IndexRef kernel,
         llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations,
         llvm::ArrayRef<int64_t> pads, bool rounded);

  size_t rank() const { return kernel.size(); }
  /// Axis of spatial dim `dim`, and of the channels.
  size_t axis(size_t dim) const { return dim + (channelsLast ? 1 : 2); }
  size_t channelAxis() const { return channelsLast ? rank() + 1 : 1; }
  mlir::Value position(size_t dim, mlir::Value out, mlir::Value k) const;
  /// i1: tap k of the window at `out` is inside the input.
  mlir::Value isInside(size_t dim, mlir::Value out, mlir::Value k) const;
  /// The k that stay inside the input, for a window at `out`.
  std::pair<mlir::Value, mlir::Value> taps(size_t dim, mlir::Value out) const;
  /// The outputs in [0, extent) whose tap `k` is inside the input.
  std::pair<mlir::Value, mlir::Value> outputs(size_t dim, mlir::Value k, mlir::Value extent) const;

  Index kernel;
  bool channelsLast;

private:
  GroupEmitter &g;
  Index inputs;
  llvm::SmallVector<int64_t> strides, dilations, begins, ends;
  bool rounded;
};

} // namespace burin

#endif // BURIN_CODEGEN_LOWERING_WINDOW_H
