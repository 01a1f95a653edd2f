//===- ShapeMath.h - Arithmetic on extents of a model -----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Offsets, sizes and targets of movement operators, as numbers where they are
// known and as nn ops on i64 tensors of shape [1] where only the run knows.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_SHAPEMATH_H
#define BURIN_COMPILER_IMPORTER_SHAPEMATH_H

#include "compiler/importer/NodeBinder.h"

namespace burin {

class ShapeMath {
public:
  explicit ShapeMath(NodeBinder &n) : n(n) {}

  Extent add(Extent a, Extent b) { return binary(nn::BinaryFn::add, a, b); }
  Extent sub(Extent a, Extent b) { return binary(nn::BinaryFn::sub, a, b); }
  Extent mul(Extent a, Extent b) { return binary(nn::BinaryFn::mul, a, b); }
  /// Truncates; by 0 it gives 0.
  Extent div(Extent a, Extent b) { return binary(nn::BinaryFn::div, a, b); }
  Extent min(Extent a, Extent b) { return binary(nn::BinaryFn::min, a, b); }
  Extent max(Extent a, Extent b) { return binary(nn::BinaryFn::max, a, b); }
  Extent clamp(Extent x, Extent lo, Extent hi) { return min(max(x, lo), hi); }
  /// x < 0 ? x + n : x
  Extent wrap(Extent x, Extent n);
  /// The extents of a numpy broadcast of two dimensions, `a == 1 ? b : a`.
  Extent broadcast(Extent a, Extent b);

  /// As i64 tensor of shape [1] or [].
  mlir::Value vector(Extent x) { return x.isStatic() ? n.ints({x.value}) : x.dynamic; }
  mlir::Value scalar(Extent x) {
    return x.isStatic() ? n.index(x.value) : n.reshape(x.dynamic, llvm::ArrayRef<int64_t>{});
  }
  /// A scalar or one-element integer tensor.
  Extent fromValue(mlir::Value value);
  /// The elements of a 1-D (or 0-D) integer tensor of known length, looking
  /// through concatenations; nullopt where the length is not known.
  std::optional<llvm::SmallVector<Extent>> elements(mlir::Value value);
  /// 0, 1, ..., x - 1 as i64.
  mlir::Value iota(Extent x) { return n.iota(scalar(x), n.b.getI64Type()); }

  /// The shape that the model declares for output `i`, where it is fully
  /// static: it may replace what only the run would tell.
  std::optional<llvm::SmallVector<int64_t>> declaredShape(size_t i);

private:
  Extent binary(nn::BinaryFn fn, Extent a, Extent b);
  NodeBinder &n;
};

/// x as i64, with negative indices counted from the end of `extent`.
mlir::Value wrapIndices(NodeBinder &n, mlir::Value indices, Extent extent);

/// Whether an i64 tensor surely holds extents of tensors (or products, parts
/// and sums of such): no -1 and no 0 with a meaning of its own.
bool holdsExtents(mlir::Value value);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_SHAPEMATH_H
