//===- Kernels.cpp - What the kernels of the interpreter share ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/interpreter/Kernels.h"

#include <cstring>

using namespace mlir;

namespace burin::nn::interp {

/// Elements that need no decoding; mapped files may not align them.
template <typename T, typename To> static void widen(const char *bytes, std::vector<To> &values) {
  for (size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
    values[i] = static_cast<To>(value); // NOLINT(bugprone-signed-char-misuse): int8_t is a number
  }
}

std::vector<double> toFloats(const Tensor &tensor) {
  std::vector<double> values(tensor.size());
  if (tensor.elementType().isF32())
    widen<float>(tensor.data(), values);
  else if (tensor.elementType().isF64())
    widen<double>(tensor.data(), values);
  else
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = tensor.floatAt(i);
  return values;
}

std::vector<int64_t> toInts(const Tensor &tensor) {
  std::vector<int64_t> values(tensor.size());
  Type type = tensor.elementType();
  if (type.isInteger(64))
    widen<int64_t>(tensor.data(), values);
  else if (type.isSignlessInteger(32))
    widen<int32_t>(tensor.data(), values);
  else if (type.isSignlessInteger(8))
    widen<int8_t>(tensor.data(), values);
  else if (type.isUnsignedInteger(8))
    widen<uint8_t>(tensor.data(), values);
  else
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = tensor.intAt(i);
  return values;
}

void storeFloats(Tensor &tensor, ArrayRef<double> values) {
  for (size_t i = 0; i < values.size(); ++i)
    tensor.setFloat(i, values[i]);
}

void storeInts(Tensor &tensor, ArrayRef<int64_t> values) {
  for (size_t i = 0; i < values.size(); ++i)
    tensor.setInt(i, values[i]);
}

int64_t product(ArrayRef<int64_t> shape) {
  int64_t result = 1;
  for (int64_t extent : shape)
    result *= extent;
  return result;
}

Strides broadcastStrides(ArrayRef<int64_t> shape, ArrayRef<int64_t> to) {
  SmallVector<int64_t> own = rowMajorStrides(shape);
  Strides strides(to.size(), 0);
  size_t missing = to.size() - shape.size();
  for (size_t d = 0; d < shape.size(); ++d)
    if (shape[d] != 1)
      strides[missing + d] = own[d];
  return strides;
}

Strides reducedStrides(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes) {
  Strides strides(shape.size(), 0);
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    if (llvm::is_contained(axes, static_cast<int64_t>(d)))
      continue;
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

} // namespace burin::nn::interp
