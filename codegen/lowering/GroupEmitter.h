//===- GroupEmitter.h - Loops of one group ----------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Turns a group of nn ops on tensors into loops on buffers. The principle is
// to pull: at(value, index) emits the code that computes one element of any
// value of the group, down to loads of the group's arguments. Elementwise ops,
// movements and broadcasts thus never exist as tensors. Ops that need a loop
// of their own (the group's root) have an emitter per family, which writes the
// loops, computes the element and hands it to finish(): the epilogue is again
// at() of the results, with the root's element bound.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_LOWERING_GROUPEMITTER_H
#define BURIN_CODEGEN_LOWERING_GROUPEMITTER_H

#include "codegen/gpu/DeviceGroups.h"
#include "codegen/lowering/ScalarEmitter.h"
#include "dialects/nn/interpreter/Tensor.h"
#include "targets/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace burin {

/// Indices or extents, one index value per dimension.
using Index = llvm::SmallVector<mlir::Value, 6>;
using IndexRef = llvm::ArrayRef<mlir::Value>;

struct GroupOptions {
  /// The target converts f16, and rounds to integers, in hardware.
  bool nativeHalf = false, nativeRounding = false;
  /// Width of vector registers; with 32 of them, products keep more rows.
  unsigned vectorBits = 128, vectorRegisters = 16;
  bool hardFloat = true, hardDouble = true;
  std::string roundToWord = {}; ///< see Target
  /// The group is a kernel of a GPU with blocks of so many threads: its outermost loops are
  /// spread over all threads of the grid. 0 for code that runs alone.
  unsigned blockThreads = 0;
  bool roundsVectors = false; ///< see Target
  std::vector<MatrixUnit> matrixUnits = {};
  bool doubleExtrema = true; ///< llvm.minimum and llvm.maximum of f64 may be used

  static GroupOptions of(const Target &target) {
    return {target.hasNativeHalf,
            target.hasRounding,
            target.vectorBits,
            target.vectorRegisters,
            target.hardFloat,
            target.hardDouble,
            target.roundToWord,
            target.blockThreads,
            target.roundsVectors,
            target.matrixUnits,
            target.hardDouble && target.selectsDoubleExtrema};
  }
};

class GroupEmitter {
public:
  GroupEmitter(mlir::func::FuncOp source, const GroupOptions &options);
  /// Writes the lowered function beside `source` and erases the latter. Emits
  /// an error and leaves `source` in place on failure.
  mlir::LogicalResult run();

  //===--------------------------------------------------------------------===//
  // Values
  //===--------------------------------------------------------------------===//

  /// The element of `value` at `index` in compute form (storage form in groups
  /// that only move elements).
  mlir::Value at(mlir::Value value, IndexRef index);
  /// An element of an integer tensor as index; a constant one folds.
  mlir::Value indexAt(mlir::Value value, IndexRef index);
  /// Binds the element of `value` at `index` within the current loop body.
  void bind(mlir::Value value, IndexRef index, mlir::Value element);
  /// Computes and stores all results whose shape is the root's, given its element.
  void finish(mlir::Value root, IndexRef index, mlir::Value element);
  void store(unsigned result, IndexRef index, mlir::Value element);
  /// Reads back what store() wrote.
  mlir::Value load(unsigned result, IndexRef index);
  /// The result's buffer where `root` is the function's only result itself,
  /// unrounded and not in place, so that it may hold intermediate elements.
  std::optional<unsigned> scratchResult(mlir::Value root);

  IndexRef shape(mlir::Value value);
  /// Another shape of the same elements, for a value in memory or a result;
  /// roots that move whole runs use it.
  void setShape(mlir::Value value, IndexRef extents) { shapes[value] = Index(extents); }
  void setOutputShape(unsigned result, IndexRef extents) { outputShapes[result] = Index(extents); }
  /// Whether the value is an argument or a constant.
  bool inMemory(mlir::Value value);
  /// Its elements as flat memref in storage form.
  mlir::Value memoryOf(mlir::Value value);
  mlir::Value outputMemory(unsigned result) { return outputs[result].memory; }
  /// Bytes for a call of the runtime library, and what it returned.
  mlir::Value scratchMemory() { return scratch; }
  void setStatus(mlir::Value value) { status = value; }
  void markStored(unsigned result) { stored[result] = true; }
  mlir::Type elementType(mlir::Value value) { return mlir::getElementTypeOrSelf(value.getType()); }
  /// The type of at()'s result.
  mlir::Type valueType(mlir::Value value);
  mlir::Value zeroOf(mlir::Value value);

  //===--------------------------------------------------------------------===//
  // Index arithmetic (folds constants)
  //===--------------------------------------------------------------------===//

  mlir::Value idx(int64_t value);
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  mlir::Value div(mlir::Value x, mlir::Value y); ///< both non-negative
  mlir::Value rem(mlir::Value x, mlir::Value y); ///< both non-negative
  mlir::Value ceilDiv(mlir::Value x, int64_t y); ///< the same
  mlir::Value min(mlir::Value x, mlir::Value y);
  mlir::Value max(mlir::Value x, mlir::Value y);
  mlir::Value product(IndexRef values);
  static std::optional<int64_t> constant(mlir::Value value);
  static bool isConstant(mlir::Value value, int64_t expected);
  /// Equal for sure.
  static bool same(mlir::Value x, mlir::Value y);
  /// Row-major position and back.
  mlir::Value linearize(IndexRef index, IndexRef shape);
  Index delinearize(mlir::Value position, IndexRef shape);
  /// 0 <= index < extent.
  mlir::Value inRange(mlir::Value index, mlir::Value extent);
  mlir::Value both(mlir::Value p, mlir::Value q); ///< conditions

  //===--------------------------------------------------------------------===//
  // Loops
  //===--------------------------------------------------------------------===//

  using Body = llvm::function_ref<void(mlir::Value)>;
  using NestBody = llvm::function_ref<void(IndexRef)>;
  using FoldBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(IndexRef, mlir::ValueRange)>;

  void loop(mlir::Value from, mlir::Value to, Body body, int64_t step = 1);
  /// In a kernel, the outermost nest gives each thread its share of the positions.
  void nest(IndexRef extents, NestBody body);
  /// The same for blocks, whose threads share the work for a position.
  void eachOfBlock(mlir::Value count, Body body);
  /// A thread's share of a fold, and of a loop, over positions that its block works on.
  mlir::Value share(IndexRef extents, mlir::Value init,
                    llvm::function_ref<mlir::Value(IndexRef, mlir::Value)> step);
  void eachShared(IndexRef extents, NestBody body);
  mlir::Value blocks() { return blockCount; }
  /// Number of the thread in its block.
  mlir::Value lane() { return laneNumber; }
  /// An array of the module without contents; its memory space says where it lies.
  mlir::Value moduleArray(llvm::StringRef name, mlir::MemRefType type);
  bool hasShape(KernelShape shape) const { return perElement() && shape == kernelShape; }
  /// Each element is for a thread of its own: loops over runs would only serialise them.
  bool perElement() const { return options.blockThreads > 0; }
  /// Nested loops from `from` to `to` that carry values; returns the last ones.
  llvm::SmallVector<mlir::Value> fold(IndexRef from, IndexRef to, mlir::ValueRange init,
                                      FoldBody body);
  llvm::SmallVector<mlir::Value> fold(IndexRef extents, mlir::ValueRange init, FoldBody body);
  /// Runs `then` where the condition holds, else gives `otherwise`.
  mlir::Value guarded(mlir::Value condition, mlir::Value otherwise,
                      llvm::function_ref<mlir::Value()> then);
  /// The value of one of two branches.
  mlir::Value either(mlir::Value condition, mlir::Type type, llvm::function_ref<mlir::Value()> then,
                     llvm::function_ref<mlir::Value()> otherwise);
  void when(mlir::Value condition, llvm::function_ref<void()> then);
  void branch(mlir::Value condition, llvm::function_ref<void()> then,
              llvm::function_ref<void()> otherwise);

  /// A small array on the stack, allocated at the function's entry.
  mlir::Value stackArray(int64_t size, mlir::Type type);
  mlir::Value loadFrom(mlir::Value array, mlir::Value index);
  void storeTo(mlir::Value array, mlir::Value index, mlir::Value value);

  /// Folds for a strip of elements of the innermost output dimension at a time,
  /// with accumulators on the stack, so that the innermost loop runs over
  /// contiguous elements and vectorises. `step` gets the output index, the
  /// folded index and the accumulator and returns the new one; `done` gets the
  /// result of each element.
  struct Strip {
    mlir::Value init; ///< first value of each accumulator
    Index output;     ///< extents of the output, rank >= 1
    /// Bounds of the fold under the output index without its last dimension.
    std::function<std::pair<Index, Index>(IndexRef)> bounds;
    /// Optional: positions of the innermost dimension that take part in the
    /// step with this folded index.
    std::function<std::pair<mlir::Value, mlir::Value>(IndexRef)> lanes;
    /// Several positions of the last but one dimension at a time, which share
    /// what depends on the innermost one; `bounds` must not depend on it.
    bool blockRows = false;
  };
  using StripBody = llvm::function_ref<mlir::Value(IndexRef, IndexRef, mlir::Value)>;
  using StripDone = llvm::function_ref<void(IndexRef, mlir::Value)>;
  void strip(const Strip &shape, StripBody step, StripDone done);

  mlir::InFlightDiagnostic error(mlir::Operation *op);
  bool hasErrors() const { return hasFailed; }

  mlir::OpBuilder b;
  mlir::Location loc;
  mlir::func::FuncOp source;
  /// The group only moves elements: values are in storage form.
  bool raw = false;
  GroupOptions options;

private:
  struct Buffer {
    mlir::Value memory; ///< flat memref
    mlir::Type elementType;
  };
  struct Memo {
    mlir::Value value;
    Index index;
    mlir::Value element;
  };
  /// Elements bound within one region are unknown outside.
  struct Scope {
    explicit Scope(GroupEmitter &g) : g(g), size(g.memo.size()) {}
    ~Scope() { g.memo.resize(size); }
    GroupEmitter &g;
    size_t size;
  };

  mlir::LogicalResult createFunction();
  mlir::LogicalResult computeShapes();
  mlir::LogicalResult emitBody();
  /// Loops over all results that no root has stored, by shape.
  void emitPointwise(llvm::ArrayRef<unsigned> results);
  void collapse(llvm::ArrayRef<unsigned> results);
  void emitThreadIds();
  void spread(IndexRef extents, NestBody body);
  Index positionOf(mlir::Value number, IndexRef extents);
  mlir::Value compute(mlir::Value value, IndexRef index);
  mlir::Value constantAt(nn::ConstantOp op, IndexRef index);
  mlir::Value table(nn::ConstantOp op);
  mlir::Value constantElement(const nn::Tensor &tensor, int64_t position);
  mlir::Value loadBuffer(const Buffer &buffer, mlir::Value position);
  Index broadcastIndex(mlir::Value operand, mlir::Value result, IndexRef index);
  mlir::Value quantParamAt(mlir::Value param, mlir::Value x, int64_t axis, int64_t block,
                           IndexRef index);
  mlir::Value elementwiseAt(mlir::Operation *op, IndexRef index);
  Buffer flatBuffer(mlir::Value memref, mlir::RankedTensorType type, IndexRef extents);

public:
  ScalarEmitter scalars;

private:
  mlir::func::FuncOp lowered;
  mlir::Block *entry = nullptr;
  mlir::Value scratch, status; ///< of groups with a call
  llvm::DenseMap<mlir::Value, Buffer> arguments;
  llvm::SmallVector<Buffer> outputs;
  llvm::SmallVector<Index> outputShapes;
  llvm::SmallVector<bool> stored;
  llvm::DenseMap<mlir::Value, Index> shapes;
  llvm::DenseMap<int64_t, mlir::Value> constants;
  llvm::DenseMap<mlir::Value, mlir::Value> tables; ///< constants in memory
  llvm::SmallVector<unsigned> dimMap;              ///< collapsed dim of each old one
  std::vector<Memo> memo;
  KernelShape kernelShape = KernelShape::Elements;
  mlir::Value laneNumber, block, blockCount;
  mlir::Value thread, threadCount; ///< in the grid, of a kernel
  unsigned arrays = 0;
  bool isSpread = false; ///< within a thread's share
  bool hasFailed = false;
};

/// Emits the loops of an op that has its own; false where at() serves.
bool emitRoot(GroupEmitter &g, mlir::Operation *op);
/// Whether emitRoot() knows the op.
bool isRoot(mlir::Operation *op);
/// One element of a movement op; null where the op is none.
mlir::Value movementAt(GroupEmitter &g, mlir::Operation *op, IndexRef index);
/// One element of an op that folds (reduce, matmul, conv, pool, ...), by a loop
/// in place; null where the op is none.
mlir::Value foldedAt(GroupEmitter &g, mlir::Operation *op, IndexRef index);

} // namespace burin

#endif // BURIN_CODEGEN_LOWERING_GROUPEMITTER_H
