//===- ProductTile.h - The register tile of products ------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// What gemm and conv do in their innermost loops. A tile is `height` rows by
// `columns` columns of sums, in vectors of `lanes`, carried by the loops. A run
// adds to each row the product of elements that lie side by side on the left
// with as many packed rows of weights. How products are added (f32, dot products
// of bytes, plain integers) stays in here.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_KERNELS_PRODUCTTILE_H
#define BURIN_CODEGEN_KERNELS_PRODUCTTILE_H

#include "codegen/kernels/KernelEmitter.h"

namespace burin {

/// What a product kernel op says, and its buffers.
struct ProductForm {
  KernelEmitter::Buffer left, weights;
  int64_t nr, lanes, zero;
  kernel::Dot dot;
  mlir::StringAttr intrinsic;
  bool byLane;
  mlir::ArrayAttr widen; ///< of Dot::halves: left side, weights
  int64_t part;          ///< products that are added up on their own; 0: all
  bool inF64;            ///< parts are added in f64

  /// `op` is a kernel.gemm or a kernel.conv.
  template <class OpTy>
  static ProductForm of(KernelEmitter &e, OpTy op, mlir::Value left, mlir::Value weights) {
    return {e.buffer(left),
            e.buffer(weights),
            static_cast<int64_t>(op.getNr()),
            static_cast<int64_t>(op.getLanes()),
            static_cast<int64_t>(op.getXZero()),
            op.getDot(),
            op.getIntrinsicAttr(),
            op.getByLane(),
            op.getWidenAttr(),
            static_cast<int64_t>(op.getPart()),
            op.getInF64()};
  }

  int64_t group() const { return kernel::productsPerLane(dot); }
  bool isFloat() const { return left.type.getElementType().isF32(); }
  /// What the left side has too much; sums in front of the panels undo it.
  int64_t offset() const {
    return isFloat() ? 0 : kernel::leftOffset(dot, left.type.getElementType(), zero);
  }
  /// Elements of a panel that hold `count` i32 sums per column.
  int64_t sumElements(int64_t count) const {
    return offset() == 0 ? 0 : count * nr * 4 / weightBytes();
  }
  int64_t weightBytes() const { return weights.type.getElementType().getIntOrFloatBitWidth() / 8; }
  int64_t panelElements() const { return weights.type.getShape().back(); }
};

class ProductTile {
public:
  ProductTile(KernelEmitter &e, const ProductForm &form, int64_t height, int64_t columns);

  llvm::SmallVector<mlir::Value> zeros();
  /// Vectors of a row.
  int64_t vectors() const { return used; }
  /// Adds a run of `depth` elements that begin at `left` (one position per row)
  /// and at `weights`.
  llvm::SmallVector<mlir::Value> run(mlir::ValueRange sums, llvm::ArrayRef<mlir::Value> left,
                                     mlir::Value weights, int64_t depth);
  /// The same for a run-time number of whole groups.
  llvm::SmallVector<mlir::Value> run(mlir::ValueRange sums, llvm::ArrayRef<mlir::Value> left,
                                     mlir::Value weights, mlir::Value groups);
  /// The same for one row whose elements `element` gives, 0 <= i < depth.
  llvm::SmallVector<mlir::Value> gather(mlir::ValueRange sums, mlir::Value weights, int64_t depth,
                                        llvm::function_ref<mlir::Value(int64_t)> element);

  /// One i32 sum per column from a panel, a vector each.
  llvm::SmallVector<mlir::Value> loadSums(mlir::Value at);
  /// Ends the tile: adds `undo` (empty: nothing) to each row, applies the
  /// epilogue and stores. `indexOf` gives the result's index for a row and the
  /// column `column`.
  void finish(
      mlir::ValueRange sums, llvm::ArrayRef<mlir::Value> undo, mlir::Value panel,
      llvm::function_ref<llvm::SmallVector<mlir::Value>(int64_t row, mlir::Value column)> indexOf);

private:
  /// run() without parts.
  llvm::SmallVector<mlir::Value> chain(mlir::ValueRange sums, llvm::ArrayRef<mlir::Value> left,
                                       mlir::Value weights, int64_t depth);
  llvm::SmallVector<mlir::Value> chain(mlir::ValueRange sums, llvm::ArrayRef<mlir::Value> left,
                                       mlir::Value weights, mlir::Value groups);
  llvm::SmallVector<mlir::Value> zerosOf(mlir::Type type);
  llvm::SmallVector<mlir::Value> addPart(mlir::ValueRange sums, mlir::ValueRange part);
  void finishJoined(
      mlir::ValueRange sums, llvm::ArrayRef<mlir::Value> undo, mlir::Value column,
      llvm::function_ref<llvm::SmallVector<mlir::Value>(int64_t row, mlir::Value column)> indexOf);
  using Left = llvm::function_ref<mlir::Value(int64_t row)>;
  /// One group of elements from each row times a packed row of weights.
  llvm::SmallVector<mlir::Value> step(mlir::ValueRange sums, mlir::Value weights, Left left);
  mlir::Value loadWeights(mlir::Value at);
  /// Whether sums are blocks of two rows and two columns.
  bool isBlocked() const { return form.dot == kernel::Dot::blocks; }
  /// step() and finish() where they are.
  llvm::SmallVector<mlir::Value> stepOfBlocks(mlir::ValueRange sums, mlir::Value weights,
                                              Left left);
  llvm::SmallVector<mlir::Value> rowsOfBlocks(mlir::ValueRange sums);
  /// The first `valid` elements of a group on the left, in all lanes, as the dot
  /// product takes them.
  mlir::Value loadLeft(mlir::Value at, int64_t valid);
  mlir::Value splatGroup(mlir::Value bytes);
  mlir::Value splat(mlir::Value element);
  mlir::Value flipSigns(mlir::Value groups);
  /// Groups (widened elements where g is 1) as the dot product takes them.
  mlir::Value asOperand(mlir::Value groups);
  /// Groups of `lanes` steps at `at`, and one of them as loadLeft gives it.
  mlir::Value loadSteps(mlir::Value at);
  mlir::Value stepOf(mlir::Value steps, int64_t step);
  mlir::Value multiplyAdd(mlir::Value left, mlir::Value weights, mlir::Value sum);
  mlir::Value call(mlir::Type result, mlir::ValueRange operands);
  /// A word of four bytes as two words of two i16.
  mlir::Value widenHalves(mlir::Value word, unsigned side);

  KernelEmitter &e;
  const ProductForm &form;
  int64_t height, columns, used, lanes, g;
  mlir::Type sumType;
};

} // namespace burin

#endif // BURIN_CODEGEN_KERNELS_PRODUCTTILE_H
