//===- TensorData.h - The elements of a TensorProto -------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A typed view of a tensor in a model file: the bytes stay in the parsed
// message or in the mapped file. In memory elements are row-major, in the
// host's order, and bool and the sub-byte types take a byte each (integers
// sign- or zero-extended).
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_ONNX_TENSORDATA_H
#define BURIN_COMPILER_ONNX_TENSORDATA_H

#include "compiler/onnx/ElementType.h"
#include "compiler/onnx/ExternalData.h"
#include "compiler/onnx/onnx.pb.h"

#include "llvm/ADT/ArrayRef.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace burin::onnx {

struct TensorData {
  int32_t dataType = kUndefined;
  std::vector<int64_t> dims;
  /// Keeps `bytes` alive.
  std::shared_ptr<const void> owner;
  const uint8_t *bytes = nullptr;
  /// Elements times ElementTypeInfo::memoryBytes; 0 for strings.
  size_t size = 0;
  /// The elements of a string tensor.
  std::vector<std::string> strings;
  std::string name;

  int64_t elementCount() const;
};

/// The largest tensor that may be made where a file holds fewer bytes than the
/// tensor has (sparse ones), in bytes.
inline constexpr int64_t kMaxSynthesizedBytes = int64_t(1) << 28;

/// Far above any real tensor, and low enough for all sizes to fit into 64 bits.
inline constexpr int64_t kMaxElements = int64_t(1) << 40;

/// The product of dims; nullopt where one is negative or where those that are
/// not zero exceed kMaxElements.
std::optional<int64_t> elementCount(llvm::ArrayRef<int64_t> dims);

/// Views the elements of `proto`, which `owner` keeps alive. `external` may be
/// null where files outside are not allowed. On failure `error` says why,
/// naming the tensor.
std::optional<TensorData> readTensor(const TensorProto &proto, std::shared_ptr<const void> owner,
                                     ExternalFiles *external, std::string &error);
/// Makes a sparse tensor dense.
std::optional<TensorData> readSparseTensor(const SparseTensorProto &proto,
                                           const std::shared_ptr<const void> &owner,
                                           ExternalFiles *external, std::string &error);

/// The tensor as a message with raw_data (or string_data).
TensorProto writeTensor(const TensorData &tensor);

} // namespace burin::onnx

#endif // BURIN_COMPILER_ONNX_TENSORDATA_H
