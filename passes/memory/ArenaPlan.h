//===- ArenaPlan.h - Where every value of the entry lives -------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// After form-groups, the values of the entry are whole tensors, so memory
// planning is an exact, simple problem. Every value gets a placement: a buffer
// and nothing else, because views share their source's buffer. A buffer is an
// input, an output, a constant, or a range of the caller's arena.
//
// In place. A group may write its result over an operand (`nn.inplace`,
// dialects/nn/Groups.h). It does so where the operand's buffer belongs to the
// arena and nobody reads any value in it later; the two then are one buffer.
//
// Concat. Operands that are ranges of the result (nn::joinsRanges), of sizes
// that follow from the inputs' and made in the same block, are computed in the
// result's buffer: they get a slice of it. Only the others are copied. Slices start at multiples of
// their elements' size, which is all that generated code expects.
//
// Control flow. An `scf.if` owns one buffer per tensor result; a branch either
// computes right into it or copies at its end. A loop owns one buffer per
// carried tensor, alive during the whole loop: the initial value is copied in,
// the body computes the next value elsewhere, the end of the body copies it
// back. Where a body yields another carried tensor (a swap), the copies go
// through a temporary. `scf.condition` forwards values without a copy.
//
// Calls of the runtime library (RuntimeCall.h) have scratch memory, a buffer
// that lives during the call only.
//
// Errors. A run that fails must leave the caller's outputs as they were. So an
// output is a buffer to compute in only for values that are made behind
// everything that may fail (mayFail); others are copied out at the end.
//
// Sizes. With static shapes offsets are constants. Otherwise sizes are
// expressions over the named dimensions, and the offset of a buffer is
//   max over earlier buffers alive at the same time of offset_j + size_j
// computed once at the start of a run. "Earlier" means lower in a plan for one
// choice of the dimensions: their upper bounds, so that the arena is as small
// then as if they were fixed, else a typical size. Static buffers take part.
// Extents that depend on data are replaced by their upper bounds.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_PASSES_MEMORY_ARENAPLAN_H
#define BURIN_PASSES_MEMORY_ARENAPLAN_H

#include "dialects/nn/NN.h"
#include "dialects/nn/SymbolicShapes.h"
#include "passes/memory/PlanOffsets.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace burin {

struct Buffer {
  enum class Kind { Arena, Input, Output, Constant, Slice };
  Kind kind = Kind::Arena;
  unsigned index = 0;                ///< Input, Output: its number; Slice: the buffer it is part of
  nn::DimExpr start;                 ///< Slice: first byte in that buffer
  nn::ConstantOp constant;           ///< Constant
  mlir::Value owner;                 ///< the value that made the buffer (names it)
  nn::DimExpr bytes;                 ///< Arena: size over named dimensions
  unsigned first = 0, last = 0;      ///< Arena: positions of the entry's ops
  std::optional<int64_t> offset;     ///< Arena: where it is a constant
  std::optional<int64_t> end;        ///< Arena: offset and size, where both are constants
  int64_t base = 0;                  ///< Arena: lowest offset, on buffers with constant ends
  llvm::SmallVector<unsigned> below; ///< Arena: other buffers on which it stands
};

class ArenaPlan {
public:
  /// Plans the entry. Emits an error where a size has no bound.
  static llvm::FailureOr<ArenaPlan> compute(mlir::func::FuncOp entry, nn::SymbolicShapes &shapes,
                                            int64_t alignment);

  llvm::ArrayRef<Buffer> buffers() const { return allBuffers; }
  /// The buffer of a tensor value of the entry.
  const Buffer &bufferOf(mlir::Value value) const { return allBuffers[indexOf(value)]; }
  unsigned indexOf(mlir::Value value) const { return placement.lookup(value); }
  /// The temporary through which `yield`'s operand `operand` is copied back.
  std::optional<unsigned> yieldTemporary(mlir::Operation *yield, unsigned operand) const;

  /// The scratch memory of a call of a group; nothing where it needs none.
  std::optional<unsigned> scratchOf(mlir::Operation *call) const;

  bool isStatic() const { return dynamicBuffers.empty(); }
  /// Size of a static arena; else the greatest constant end of a buffer.
  int64_t staticBytes() const { return bytes; }
  /// Largest sum of live buffers, a lower bound of a static arena's size. With
  /// symbolic sizes: where the dimensions are at their upper bounds.
  int64_t staticLiveSet() const { return liveSet; }
  /// Buffers without constant end in the order in which these are to be computed.
  llvm::ArrayRef<unsigned> dynamicOrder() const { return dynamicBuffers; }
  int64_t alignment() const { return align; }

private:
  friend class ArenaPlanner;
  llvm::SmallVector<Buffer> allBuffers;
  llvm::DenseMap<mlir::Value, unsigned> placement;
  llvm::DenseMap<std::pair<mlir::Operation *, unsigned>, unsigned> temporaries;
  llvm::DenseMap<mlir::Operation *, unsigned> scratches;
  llvm::SmallVector<unsigned> dynamicBuffers;
  int64_t bytes = 0;
  int64_t liveSet = 0;
  int64_t align = 64;
};

/// Bytes of a value as generated code stores it; null where an extent that
/// depends on data has no bound.
nn::DimExpr boundedBytes(mlir::Value value, nn::SymbolicShapes &shapes);

/// Whether a run may end with an error at an op of the entry or inside it: a
/// call of the runtime library, nn.check, a reshape that run-time extents may
/// make impossible.
bool mayFail(mlir::Operation *op, nn::SymbolicShapes &shapes);

} // namespace burin

#endif // BURIN_PASSES_MEMORY_ARENAPLAN_H
