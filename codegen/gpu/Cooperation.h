//===- Cooperation.h - Threads of a block that work together ----*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Barriers stand outside of all branches on the thread: every thread of a block runs
// through the same ones.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_GPU_COOPERATION_H
#define BURIN_CODEGEN_GPU_COOPERATION_H

#include "codegen/lowering/GroupEmitter.h"

namespace burin {

/// Memory that the threads of a block share: `size` elements.
mlir::Value sharedArray(GroupEmitter &g, int64_t size, mlir::Type type);
/// __syncthreads.
void barrier(GroupEmitter &g);

/// Folds over a row, each thread of the block over its share of the positions, then over
/// the threads; all get the result. `step` takes an index and the accumulator, `join` two
/// accumulators. `scratch` is a shared array of one element per thread.
mlir::Value foldTogether(GroupEmitter &g, IndexRef extents, mlir::Value init, mlir::Value scratch,
                         llvm::function_ref<mlir::Value(IndexRef, mlir::Value)> step,
                         llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> join);

/// Adds up one number per thread: the sum of those before this thread, and of all. `scratch`
/// is a shared array of one element per thread, free again after the next barrier.
std::pair<mlir::Value, mlir::Value> sumBefore(GroupEmitter &g, mlir::Value own,
                                              mlir::Value scratch);

/// In kernels of shape Runs: elements of the result per thread, if the blocks do not become
/// more than so many, each of which reads all indices.
inline constexpr uint64_t kRunShare = 16, kMaxRuns = 1024;

/// Factors of one byte as they are stored, and what is subtracted from them: an i32 of a row
/// or a column, or nothing where that is zero.
struct ByteFactors {
  std::function<mlir::Value(mlir::Value batch, mlir::Value row, mlir::Value k)> left;
  std::function<mlir::Value(mlir::Value batch, mlir::Value k, mlir::Value column)> right;
  std::function<mlir::Value(mlir::Value batch, mlir::Value row)> leftZero;
  std::function<mlir::Value(mlir::Value batch, mlir::Value column)> rightZero;
};

/// A batched product with fused ends: result[t, m, n] = sum over k of a(t, m, k) b(t, k, n).
struct TiledProduct {
  mlir::Value batches, rows, columns, depth; ///< extents
  mlir::Type type;                           ///< of accumulators and factors
  mlir::Value zero;
  /// Factors, for positions within their extents.
  std::function<mlir::Value(mlir::Value batch, mlir::Value row, mlir::Value k)> left;
  std::function<mlir::Value(mlir::Value batch, mlir::Value k, mlir::Value column)> right;
  std::function<void(mlir::Value batch, mlir::Value row, mlir::Value column, mlir::Value sum)> done;
  /// Of the factors' tensors, before they are widened.
  mlir::Type leftElement, rightElement;
  /// Whether neighbours in memory are neighbours along the depth, else along rows or columns.
  bool leftAlongDepth = true, rightAlongDepth = false;
  /// The same factors, where both are integers of one byte.
  std::optional<ByteFactors> bytes = {};
};

/// Extents of a block's tile of the result.
inline constexpr int64_t kTileRows = 64, kTileColumns = 64;
/// Small tiles at edges make for more blocks than the elements of the result tell: up to two
/// for each multiprocessor of a large GPU. Those that find no tile end at once.
inline constexpr uint64_t kEdgeBlocks = 256;

/// Each block computes tiles of the result, with strips of both factors in shared memory; by
/// the target's matrix units where it has any for these factors.
void emitTiledProduct(GroupEmitter &g, const TiledProduct &product);

} // namespace burin

#endif // BURIN_CODEGEN_GPU_COOPERATION_H
