//===- OpBuild.h - Short names for building nn ops --------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// For passes that expand an op into others: operand types fit by construction
// there, so the generated builders (which abort on a mismatch) are used.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_PASSES_OPBUILD_H
#define BURIN_PASSES_OPBUILD_H

#include "dialects/nn/NN.h"

namespace burin {

/// One extent: known, or a 1-element i64 tensor that holds it at run time.
class Extent {
public:
  Extent(int64_t known) : number(known) {}
  explicit Extent(mlir::Value runtime) : number(mlir::ShapedType::kDynamic), value(runtime) {}

  bool isKnown() const { return !value; }
  /// The number, or kDynamic.
  int64_t known() const { return number; }
  mlir::Value runtime() const { return value; }

private:
  int64_t number;
  mlir::Value value;
};

class OpBuild {
public:
  using Value = mlir::Value;
  using Type = mlir::Type;
  using Extents = llvm::ArrayRef<Extent>;

  OpBuild(mlir::OpBuilder &builder, mlir::Location loc) : b(builder), loc(loc) {}

  // Elementwise.
  Value unary(nn::UnaryFn fn, Value x, double alpha = 0, double beta = 0);
  Value binary(nn::BinaryFn fn, Value a, Value b);
  /// With a scalar of x's element type.
  Value binary(nn::BinaryFn fn, Value x, double scalar);
  Value add(Value a, Value b) { return binary(nn::BinaryFn::add, a, b); }
  Value sub(Value a, Value b) { return binary(nn::BinaryFn::sub, a, b); }
  Value mul(Value a, Value b) { return binary(nn::BinaryFn::mul, a, b); }
  Value compare(nn::CompareFn fn, Value a, Value b);
  Value select(Value c, Value a, Value b);
  /// No op where x has the type already.
  Value cast(Value x, Type to);
  Value scalar(Type element, double value) { return nn::createScalar(b, loc, element, value); }

  // Extents.
  Extent dim(Value x, int64_t axis);
  llvm::SmallVector<Extent> dims(Value x);
  Extent product(Extent x, Extent y);
  Extent plus(Extent x, int64_t number);
  /// 1-D i64 tensor of the extents.
  Value shape(Extents extents);

  // Movement; results know every known extent.
  Value reshape(Value x, Extents extents);
  Value broadcastTo(Value x, Extents extents);
  Value transpose(Value x, llvm::ArrayRef<int64_t> perm);
  /// `size` elements of `axis` from `offset` on.
  Value slice(Value x, int64_t axis, int64_t offset, Extent size);
  Value concat(mlir::ValueRange xs, int64_t axis);
  Value iota(Extent n, Type element);

  // Others.
  Value reduce(nn::ReduceFn fn, Value x, llvm::ArrayRef<int64_t> axes, bool keepdims);
  /// `acc`: element type of the product, null for the operands' own.
  Value matmul(Value a, Value b, bool ta = false, bool tb = false, Type acc = {});
  /// tensor.cast to a type that knows other extents; no op where it is the type.
  Value withType(Value x, Type type);

  /// The value as a constant, where its op was made from constants.
  Value folded(Value value);

  mlir::OpBuilder &builder() { return b; }
  mlir::Location location() const { return loc; }

private:
  mlir::OpBuilder &b;
  mlir::Location loc;
};

/// Element type of a ranked tensor value.
inline mlir::Type elementType(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getElementType();
}

/// The type in which a composite on this float type is computed: f32, or f64
/// for f64.
mlir::Type computeType(mlir::Type element);

} // namespace burin

#endif // BURIN_PASSES_OPBUILD_H
