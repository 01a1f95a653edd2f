//===- Border.h - Tensors as they cross a library's border ------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// What all machines share that run a library: they check inputs against the model,
// and turn tensors into the bytes of the C interface and back.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_BORDER_H
#define BURIN_COMPILER_VERIFY_BORDER_H

#include "codegen/object/Descriptor.h"
#include "compiler/onnx/TensorData.h"

#include "llvm/Support/Error.h"

#include <deque>
#include <vector>

namespace burin::verify {

/// The largest buffer that verify provides for one output or arena.
inline constexpr uint64_t kMaxBuffer = uint64_t(1) << 35;

/// A model's dynamic dimensions, a value per symbol, as the shapes of `inputs` (in the
/// model's order) say. Fails where types, ranks or sizes do not fit.
llvm::Expected<std::vector<int64_t>> bindDims(const object::Descriptor &model,
                                              llvm::ArrayRef<onnx::TensorData> inputs);

/// The bytes that the library gets for a tensor: 4- and 2-bit types packed.
std::vector<uint8_t> toBorder(const onnx::TensorData &tensor);
/// The other way, from the bytes of `dims` elements.
onnx::TensorData fromBorder(const object::DescriptorTensor &tensor, std::vector<int64_t> dims,
                            const uint8_t *bytes);

/// The error of a library that reports a shape which cannot be.
llvm::Error wrongShape(const object::DescriptorTensor &tensor, llvm::ArrayRef<int64_t> dims);

/// Bits of an element at the border; fails for types without a C form.
llvm::Expected<unsigned> borderBits(const object::DescriptorTensor &tensor);
/// Bytes of `elements`; nothing beyond kMaxBuffer.
std::optional<uint64_t> borderBytes(unsigned bits, int64_t elements);
/// What the caller may count on for tensors: the alignment of their elements.
size_t borderAlignment(int32_t dataType);

/// Elements to provide for an output whose sizes are `shape`, those negative that
/// depend on data and have no bound. `hint` is what is expected, if anything.
llvm::Expected<int64_t> outputCapacity(const object::DescriptorTensor &tensor,
                                       llvm::ArrayRef<int64_t> shape, const onnx::TensorData *hint);

/// The descriptor of a library that is not in this process, made from what the
/// compiler knows. Its functions are null.
class InterfaceDescriptor {
public:
  explicit InterfaceDescriptor(object::ModelInterface model);
  InterfaceDescriptor(const InterfaceDescriptor &) = delete;
  InterfaceDescriptor &operator=(const InterfaceDescriptor &) = delete;
  const object::Descriptor &descriptor() const { return value; }

private:
  std::vector<object::DescriptorTensor> tensors(llvm::ArrayRef<object::TensorInfo> list);

  object::ModelInterface model; ///< holds the names
  object::Descriptor value{};
  std::deque<std::vector<object::DescriptorDim>> dims;
  std::vector<object::DescriptorTensor> inputs, outputs;
  std::vector<object::DescriptorSymbol> symbols;
};

/// Between a byte per element, as the compiler holds 4- and 2-bit types, and packed
/// bytes, lowest bits first, as they cross the C border.
std::vector<uint8_t> packElements(const uint8_t *bytes, int64_t count, unsigned bits);
std::vector<uint8_t> unpackElements(const uint8_t *packed, int64_t count, unsigned bits,
                                    bool isSigned);

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_BORDER_H
