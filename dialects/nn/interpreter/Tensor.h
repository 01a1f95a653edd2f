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

  /// Checks that fromAttr can read `attr`: a number type, and for a resource
  /// that its blob is there and has the right size.
  static llvm::LogicalResult verifyAttr(mlir::ElementsAttr attr,
                                        std::optional<mlir::Location> loc = std::nullopt);
  /// Shares the bytes of a resource attribute, which live as long as the
  /// context; unpacks `dense<>`. Needs verifyAttr; else all elements are 0.
  static Tensor fromAttr(mlir::ElementsAttr attr);
  /// `dense<>` up to kMaxDenseElements, else a resource that shares the bytes.
  mlir::ElementsAttr toAttr() const;

  /// False for the default-constructed value, which stands for an absent operand.
  explicit operator bool() const { return static_cast<bool>(type); }
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
  /// even; integers take the low bits of `value`; setFloat truncates and
  /// saturates integers and saturates 8- and 4-bit floats; bool is `!= 0`.
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

/// The bits of `value` rounded to nearest even in a float type of up to 16
/// bits. Overflow gives the largest finite value if `saturate`, else infinity
/// (NaN in types without one). f8e8m0, which has exponents only, takes the
/// nearest one, of two the upper, and ignores the sign; infinity is its NaN.
uint32_t encodeFloat(mlir::Type elementType, double value, bool saturate);
double decodeFloat(mlir::Type elementType, uint32_t bits);

/// How an integer element type counts: bits, and whether it is signed
/// (signless and index are signed, i1 is not).
struct IntFormat {
  unsigned width = 64;
  bool isSigned = true;
};
IntFormat intFormat(mlir::Type elementType);
/// The low bits of `value`, sign- or zero-extended again.
int64_t wrapInt(int64_t value, IntFormat format);
/// `value` truncated and saturated to the type's range; NaN gives 0.
int64_t saturateInt(double value, IntFormat format);

/// Row-major strides of a shape, in elements.
llvm::SmallVector<int64_t> rowMajorStrides(llvm::ArrayRef<int64_t> shape);

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_INTERPRETER_TENSOR_H
