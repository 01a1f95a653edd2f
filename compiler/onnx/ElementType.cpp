//===- ElementType.cpp - ONNX's element types -----------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/onnx/ElementType.h"

#include <string>

using namespace burin::onnx;

static constexpr ElementTypeInfo kTable[] = {
    {kFloat, "float", 32, 4, DataField::Float},
    {kUint8, "uint8", 8, 1, DataField::Int32},
    {kInt8, "int8", 8, 1, DataField::Int32},
    {kUint16, "uint16", 16, 2, DataField::Int32},
    {kInt16, "int16", 16, 2, DataField::Int32},
    {kInt32, "int32", 32, 4, DataField::Int32},
    {kInt64, "int64", 64, 8, DataField::Int64},
    {kString, "string", 0, 0, DataField::String},
    {kBool, "bool", 8, 1, DataField::Int32},
    {kFloat16, "float16", 16, 2, DataField::Int32},
    {kDouble, "double", 64, 8, DataField::Double},
    {kUint32, "uint32", 32, 4, DataField::Uint64},
    {kUint64, "uint64", 64, 8, DataField::Uint64},
    {kComplex64, "complex64", 64, 8, DataField::Float, 2},
    {kComplex128, "complex128", 128, 16, DataField::Double, 2},
    {kBfloat16, "bfloat16", 16, 2, DataField::Int32},
    {kFloat8E4M3FN, "float8e4m3fn", 8, 1, DataField::Int32},
    {kFloat8E4M3FNUZ, "float8e4m3fnuz", 8, 1, DataField::Int32},
    {kFloat8E5M2, "float8e5m2", 8, 1, DataField::Int32},
    {kFloat8E5M2FNUZ, "float8e5m2fnuz", 8, 1, DataField::Int32},
    {kUint4, "uint4", 4, 1, DataField::Int32},
    {kInt4, "int4", 4, 1, DataField::Int32},
    {kFloat4E2M1, "float4e2m1", 4, 1, DataField::Int32},
    {kFloat8E8M0, "float8e8m0", 8, 1, DataField::Int32},
    {kUint2, "uint2", 2, 1, DataField::Int32},
    {kInt2, "int2", 2, 1, DataField::Int32},
};

const ElementTypeInfo *burin::onnx::elementTypeInfo(int32_t dataType) {
  if (dataType < 1 || dataType > static_cast<int32_t>(std::size(kTable)))
    return nullptr;
  return &kTable[dataType - 1];
}

std::string burin::onnx::elementTypeName(int32_t dataType) {
  if (const ElementTypeInfo *info = elementTypeInfo(dataType))
    return info->name.str();
  return "type " + std::to_string(dataType);
}
