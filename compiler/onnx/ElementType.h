//===- ElementType.h - ONNX's element types ---------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_ONNX_ELEMENTTYPE_H
#define BURIN_COMPILER_ONNX_ELEMENTTYPE_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace burin::onnx {

/// TensorProto.DataType of the ONNX standard.
enum DataType : int32_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBfloat16 = 16,
  kFloat8E4M3FN = 17,
  kFloat8E4M3FNUZ = 18,
  kFloat8E5M2 = 19,
  kFloat8E5M2FNUZ = 20,
  kUint4 = 21,
  kInt4 = 22,
  kFloat4E2M1 = 23,
  kFloat8E8M0 = 24,
  kUint2 = 25,
  kInt2 = 26,
};

/// AttributeProto.AttributeType.
enum AttributeType : int32_t {
  kAttrUndefined = 0,
  kAttrFloat = 1,
  kAttrInt = 2,
  kAttrString = 3,
  kAttrTensor = 4,
  kAttrGraph = 5,
  kAttrFloats = 6,
  kAttrInts = 7,
  kAttrStrings = 8,
  kAttrTensors = 9,
  kAttrGraphs = 10,
  kAttrSparseTensor = 11,
  kAttrSparseTensors = 12,
  kAttrTypeProto = 13,
  kAttrTypeProtos = 14,
};

/// Which repeated field of a TensorProto holds elements of a type when they
/// are not in raw_data.
enum class DataField : uint8_t { None, Float, Int32, Int64, Double, Uint64, String };

struct ElementTypeInfo {
  int32_t dataType;
  llvm::StringLiteral name; ///< as in ONNX's operator tables: "float", "int4"
  /// Bits in a file: 1..4 elements share a byte, lowest bits first.
  unsigned fileBits;
  /// Bytes in the compiler's memory: one at least. 0 for strings.
  unsigned memoryBytes;
  DataField field;
  /// Entries of `field` that make an element (2 for complex); sub-byte types
  /// pack as many elements into an entry as into a byte.
  unsigned fieldEntries = 1;
};

/// The row of a data type, or null for a number that ONNX does not define.
const ElementTypeInfo *elementTypeInfo(int32_t dataType);
/// "float", or "type 99" for unknown numbers.
std::string elementTypeName(int32_t dataType);

} // namespace burin::onnx

#endif // BURIN_COMPILER_ONNX_ELEMENTTYPE_H
