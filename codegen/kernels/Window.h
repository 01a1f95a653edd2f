//===- Window.h - What sliding-window kernels share -------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Index arithmetic of convolutions, channels last. An input without rows counts
// as one row.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_KERNELS_WINDOW_H
#define BURIN_CODEGEN_KERNELS_WINDOW_H

#include "codegen/kernels/KernelEmitter.h"

namespace burin {

class WindowEmitter {
protected:
  WindowEmitter(KernelEmitter &e, mlir::Value x, mlir::Value result, llvm::ArrayRef<int64_t> kernel,
                llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations,
                llvm::ArrayRef<int64_t> pads)
      : e(e), x(e.buffer(x)), kernel(kernel), strides(strides), dilations(dilations), pads(pads) {
    auto in = mlir::cast<mlir::RankedTensorType>(x.getType()).getShape();
    auto out = mlir::cast<mlir::RankedTensorType>(result.getType()).getShape();
    hasRows = in.size() == 4;
    inputs = {hasRows ? in[1] : 1, in[in.size() - 2]};
    outputs = {hasRows ? out[1] : 1, out[out.size() - 2]};
    channels = in.back();
  }

  /// First and one past last kernel index along spatial axis `axis` for the
  /// output index `o`; 0 <= first <= last <= extent.
  std::pair<mlir::Value, mlir::Value> kernelRange(unsigned axis, mlir::Value o);
  /// Output indices along `axis` whose whole kernel lies inside: [first, last).
  std::pair<int64_t, int64_t> interior(unsigned axis);
  /// Position of x[n, oy*s - p + ky*d, ox*s - p + kx*d, 0].
  mlir::Value inputAt(mlir::Value n, mlir::Value oy, mlir::Value ky, mlir::Value ox,
                      mlir::Value kx);
  /// Index of an element of the result.
  llvm::SmallVector<mlir::Value> resultIndex(mlir::Value n, mlir::Value oy, mlir::Value ox,
                                             mlir::Value channel);

  KernelEmitter &e;
  KernelEmitter::Buffer x;
  bool hasRows;
  llvm::SmallVector<int64_t, 2> inputs, outputs; ///< rows and columns
  int64_t channels;
  llvm::SmallVector<int64_t> kernel, strides, dilations, pads;
};

} // namespace burin

#endif // BURIN_CODEGEN_KERNELS_WINDOW_H
