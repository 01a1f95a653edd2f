//===- ElementTypes.cpp - ONNX's element types as MLIR's ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/ElementTypes.h"

#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Tensor.h"

using namespace mlir;
using namespace burin;
using namespace burin::onnx;

Type burin::elementTypeOf(MLIRContext *context, int32_t onnxType) {
  auto integer = [&](unsigned width) -> Type { return IntegerType::get(context, width); };
  auto natural = [&](unsigned width) -> Type {
    return IntegerType::get(context, width, IntegerType::Unsigned);
  };
  switch (onnxType) {
  case kFloat:
    return Float32Type::get(context);
  case kUint8:
    return natural(8);
  case kInt8:
    return integer(8);
  case kUint16:
    return natural(16);
  case kInt16:
    return integer(16);
  case kInt32:
    return integer(32);
  case kInt64:
    return integer(64);
  case kString:
    return nn::StrType::get(context);
  case kBool:
    return integer(1);
  case kFloat16:
    return Float16Type::get(context);
  case kDouble:
    return Float64Type::get(context);
  case kUint32:
    return natural(32);
  case kUint64:
    return natural(64);
  case kComplex64:
    return ComplexType::get(Float32Type::get(context));
  case kComplex128:
    return ComplexType::get(Float64Type::get(context));
  case kBfloat16:
    return BFloat16Type::get(context);
  case kFloat8E4M3FN:
    return Float8E4M3FNType::get(context);
  case kFloat8E4M3FNUZ:
    return Float8E4M3FNUZType::get(context);
  case kFloat8E5M2:
    return Float8E5M2Type::get(context);
  case kFloat8E5M2FNUZ:
    return Float8E5M2FNUZType::get(context);
  case kUint4:
    return natural(4);
  case kInt4:
    return integer(4);
  case kFloat4E2M1:
    return nn::F4E2M1Type::get(context);
  case kFloat8E8M0:
    return nn::F8E8M0Type::get(context);
  case kUint2:
    return natural(2);
  case kInt2:
    return integer(2);
  default:
    return nullptr;
  }
}

int32_t burin::onnxTypeOf(Type type) {
  // Types are uniqued: the table above is the only truth.
  for (int32_t onnxType = kFloat; onnxType <= kInt2; ++onnxType)
    if (elementTypeOf(type.getContext(), onnxType) == type)
      return onnxType;
  return kUndefined;
}

// A tensor that the loader lets pass is one that nn.constant accepts.
static_assert(onnx::kMaxElements == nn::kMaxElements);

ElementsAttr burin::constantAttr(MLIRContext *context, const TensorData &tensor) {
  Type elementType = elementTypeOf(context, tensor.dataType);
  if (!elementType)
    return nullptr;
  if (tensor.dataType == kString) {
    SmallVector<StringRef> texts(tensor.strings.begin(), tensor.strings.end());
    return cast<ElementsAttr>(Attribute(
        DenseStringElementsAttr::get(RankedTensorType::get(tensor.dims, elementType), texts)));
  }
  return nn::Tensor(elementType, tensor.dims, tensor.owner,
                    reinterpret_cast<const char *>(tensor.bytes))
      .toAttr();
}

std::vector<std::string> burin::constantStrings(ElementsAttr attr) {
  std::vector<std::string> texts;
  if (auto strings = dyn_cast_or_null<DenseStringElementsAttr>(attr)) {
    auto raw = strings.getRawStringData();
    for (int64_t i = 0, e = strings.getNumElements(); i < e; ++i)
      texts.push_back(raw[strings.isSplat() ? 0 : i].str());
  }
  return texts;
}
