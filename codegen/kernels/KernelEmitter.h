//===- KernelEmitter.h - Register-tiled kernels -----------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Lowers groups whose root is a kernel op to loops over register tiles: vectors
// as loop-carried accumulators, one broadcast of the left side per row and step,
// the epilogue on the accumulators before they are stored. No masks but in the
// last channels; edges are static loops of their own.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_KERNELS_KERNELEMITTER_H
#define BURIN_CODEGEN_KERNELS_KERNELEMITTER_H

#include "codegen/lowering/GroupEmitter.h"
#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace burin {

/// The kernel op of a group, or null.
mlir::Operation *kernelRoot(mlir::func::FuncOp group);
/// Replaces a group with a kernel root by its lowered form.
mlir::LogicalResult lowerKernelGroup(mlir::func::FuncOp group, const GroupOptions &options);

/// What the kernels share: buffers, index arithmetic, loops, epilogue.
class KernelEmitter {
public:
  KernelEmitter(mlir::func::FuncOp group, const GroupOptions &options);
  /// Creates the lowered function and leaves the builder in its body.
  void begin();
  /// Adds the return and replaces the group.
  void end();

  /// An argument's elements as a flat memref in storage form.
  struct Buffer {
    mlir::Value memory;
    llvm::SmallVector<mlir::Value> extents;
    mlir::RankedTensorType type;
  };
  const Buffer &buffer(mlir::Value groupValue) { return buffers[groupValue]; }

  // Index arithmetic; folds constants.
  mlir::Value idx(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value add(mlir::Value a, int64_t b) { return add(a, idx(b)); }
  mlir::Value mul(mlir::Value a, int64_t b) { return mul(a, idx(b)); }

  using Body = llvm::function_ref<void(mlir::Value)>;
  using FoldBody =
      llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)>;
  void loop(mlir::Value from, mlir::Value to, int64_t step, Body body);
  llvm::SmallVector<mlir::Value> fold(mlir::Value from, mlir::Value to, int64_t step,
                                      mlir::ValueRange init, FoldBody body);

  mlir::VectorType vectorType(int64_t lanes, mlir::Type elementType);
  mlir::Value zeros(int64_t lanes, mlir::Type elementType);
  /// `valid` lanes from `index` on; the others are 0 and not touched in memory.
  mlir::Value loadVector(mlir::Value memory, mlir::Value index, int64_t lanes, int64_t valid);
  void storeVector(mlir::Value vector, mlir::Value memory, mlir::Value index, int64_t valid);
  /// One element in all lanes.
  mlir::Value loadSplat(mlir::Value memory, mlir::Value index, int64_t lanes);
  /// Stored elements in the type that sums have, f32 or i32, without their zero
  /// point.
  mlir::Value widen(mlir::Value stored, mlir::Type elementType, mlir::Type sumType, int64_t zero);
  /// acc + a * b, floats fused where the target can.
  mlir::Value multiplyAdd(mlir::Value a, mlir::Value b, mlir::Value acc);

  /// Applies the group's epilogue to `acc` (`valid` lanes along the last
  /// dimension, the first at `index`) and stores the result.
  void finish(mlir::Value acc, llvm::ArrayRef<mlir::Value> index, int64_t valid);

  mlir::OpBuilder b;
  mlir::Location loc;
  mlir::func::FuncOp group;
  mlir::Operation *root;
  ScalarEmitter scalars;

private:
  /// The operand of an epilogue op for the lanes at `index`.
  mlir::Value operandAt(mlir::Value operand, llvm::ArrayRef<mlir::Value> index, int64_t lanes,
                        int64_t valid);
  Buffer flatten(mlir::Value memref, mlir::RankedTensorType type, llvm::ArrayRef<std::string> dims,
                 llvm::StringMap<mlir::Value> &symbols);
  mlir::Value position(const Buffer &from, llvm::ArrayRef<mlir::Value> index);

  mlir::func::FuncOp lowered;
  llvm::DenseMap<mlir::Value, Buffer> buffers;
  Buffer output;
  llvm::DenseMap<mlir::Value, mlir::Value> lanesOf; ///< epilogue values of one tile vector
};

void emitGemm(KernelEmitter &e, kernel::GemmOp op);
void emitConv(KernelEmitter &e, kernel::ConvOp op);
void emitDepthwise(KernelEmitter &e, kernel::DepthwiseOp op);

} // namespace burin

#endif // BURIN_CODEGEN_KERNELS_KERNELEMITTER_H
