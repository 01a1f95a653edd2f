//===- Tensor.h - A tensor of any nn element type ---------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// The value type of the reference interpreter and the only way to read and to
// make constants. Elements are row-major and contiguous; bool and sub-byte
// types take a byte each. Copies share the bytes, which are immutable once
// shared: mutate only a tensor that you just made.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_INTERPRETER_TENSOR_H
#define BURIN_DIALECTS_NN_INTERPRETER_TENSOR_H

#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include <memory>

namespace burin::nn {

class Tensor {
public:
  Tensor() = default;
  /// A zero-filled tensor.
  Tensor(mlir::Type elementType, llvm::ArrayRef<int64_t> shape);
  /// A view of bytes that `owner` keeps alive (a mapping, a parsed message);
  /// `bytes` must hold product(shape) * elementBytes.
  Tensor(mlir::Type elementType, llvm::ArrayRef<int64_t> shape, std::shared_ptr<const void> owner,
         const char *bytes);

  /// Shares the bytes of a resource attribute; unpacks `dense<>`.
  static Tensor fromAttr(mlir::ElementsAttr attr);
  /// `dense<>` up to kMaxDenseElements, else a resource that shares the bytes.
  mlir::ElementsAttr toAttr() const;

  mlir::Type elementType() const { return type.getElementType(); }
  mlir::RankedTensorType tensorType() const { return type; }
  llvm::ArrayRef<int64_t> shape() const { return type.getShape(); }
  int64_t rank() const { return type.getRank(); }
  int64_t size() const { return count; }
  size_t byteSize() const;

  const char *data() const { return bytes; }
  /// For a tensor made with the zero-filling constructor only.
  char *mutableData() { return const_cast<char *>(bytes); }
  template <typename T> const T *as() const { return reinterpret_cast<const T *>(bytes); }
  template <typename T> T *mutableAs() { return reinterpret_cast<T *>(mutableData()); }

  /// Element `i` in row-major order as double (f64 exact; integers rounded) or
  /// as 64-bit integer (unsigned types zero-extended, floats truncated with
  /// saturation, NaN 0). Any number type, also 8- and 4-bit floats.
  double floatAt(int64_t i) const;
  int64_t intAt(int64_t i) const;
  /// Stores with the dialect's cast rules (NN.md, Numerics): round to nearest
  /// even; integers take the low bits of `value`; setFloat saturates integers.
  void setFloat(int64_t i, double value);
  void setInt(int64_t i, int64_t value);

  /// The same bytes under another shape of equal size, or another type of
  /// equal width.
  Tensor reshaped(llvm::ArrayRef<int64_t> shape) const;
  Tensor bitcasted(mlir::Type elementType) const;

private:
  mlir::RankedTensorType type;
  int64_t count = 0;
  std::shared_ptr<const void> owner;
  const char *bytes = nullptr;
};

/// Row-major strides of a shape, in elements.
llvm::SmallVector<int64_t> rowMajorStrides(llvm::ArrayRef<int64_t> shape);

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_INTERPRETER_TENSOR_H
