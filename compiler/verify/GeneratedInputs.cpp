//===- GeneratedInputs.cpp - Inputs where nobody gave some ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/GeneratedInputs.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/CheckedArithmetic.h"

#include <cstring>
#include <fmt/format.h>

using namespace burin;
using namespace burin::onnx;
using namespace burin::verify;

namespace {

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// In [-1, 1), a multiple of 2^-23.
  double unit() { return static_cast<double>(next() >> 40) / (1 << 23) - 1; }
  int64_t range(int64_t lo, int64_t hi) { // both included
    return lo + static_cast<int64_t>(next() % static_cast<uint64_t>(hi - lo + 1));
  }

private:
  uint64_t state;
};

} // namespace

template <typename T> static void store(uint8_t *bytes, int64_t i, T value) {
  std::memcpy(bytes + i * sizeof(T), &value, sizeof(T));
}

static uint64_t encode(const llvm::fltSemantics &semantics, double value) {
  llvm::APFloat number(value);
  bool losesInfo;
  number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

static void fill(uint8_t *bytes, int32_t dataType, int64_t count, Random &random) {
  for (int64_t i = 0; i < count; ++i) {
    switch (dataType) {
    case kFloat:
      store(bytes, i, static_cast<float>(random.unit()));
      break;
    case kDouble:
      store(bytes, i, random.unit());
      break;
    case kComplex64:
      store(bytes, 2 * i, static_cast<float>(random.unit()));
      store(bytes, 2 * i + 1, static_cast<float>(random.unit()));
      break;
    case kComplex128:
      store(bytes, 2 * i, random.unit());
      store(bytes, 2 * i + 1, random.unit());
      break;
    case kFloat16:
      store(bytes, i, static_cast<uint16_t>(encode(llvm::APFloat::IEEEhalf(), random.unit())));
      break;
    case kBfloat16:
      store(bytes, i, static_cast<uint16_t>(encode(llvm::APFloat::BFloat(), random.unit())));
      break;
    case kBool:
      store(bytes, i, static_cast<uint8_t>(random.next() >> 63));
      break;
    case kInt8:
      store(bytes, i, static_cast<int8_t>(random.range(-128, 127)));
      break;
    case kUint8:
      store(bytes, i, static_cast<uint8_t>(random.range(0, 255)));
      break;
    // Wider integers are often indices, lengths or token numbers: small ones are
    // valid in most models.
    case kInt16:
    case kUint16:
      store(bytes, i, static_cast<uint16_t>(random.range(0, 3)));
      break;
    case kInt32:
    case kUint32:
      store(bytes, i, static_cast<uint32_t>(random.range(0, 3)));
      break;
    case kInt64:
    case kUint64:
      store(bytes, i, random.range(0, 3));
      break;
    case kInt4:
      store(bytes, i, static_cast<int8_t>(random.range(-8, 7)));
      break;
    case kUint4:
      store(bytes, i, static_cast<uint8_t>(random.range(0, 15)));
      break;
    case kInt2:
      store(bytes, i, static_cast<int8_t>(random.range(-2, 1)));
      break;
    case kUint2:
      store(bytes, i, static_cast<uint8_t>(random.range(0, 3)));
      break;
    case kFloat4E2M1:
      store(bytes, i, static_cast<uint8_t>(random.range(0, 15)));
      break;
    default: // 8-bit floats: finite in every one of them
      store(bytes, i, static_cast<uint8_t>(random.range(0x20, 0x50)));
    }
  }
}

llvm::Expected<std::vector<TensorData>> verify::generateInputs(const object::ModelInterface &model,
                                                               uint64_t seed) {
  Random random(seed);
  std::vector<int64_t> sizes;
  for (const object::SymbolInfo &symbol : model.symbols) {
    int64_t lo = std::max<int64_t>(symbol.lo, 1);
    int64_t hi = std::min(lo + 3, symbol.hi.value_or(lo + 3));
    sizes.push_back(random.range(lo, std::max(lo, hi)));
  }
  std::vector<TensorData> inputs;
  for (const object::TensorInfo &info : model.inputs) {
    TensorData &tensor = inputs.emplace_back();
    tensor.name = info.onnxName;
    tensor.dataType = info.elementType;
    for (const object::Dim &dim : info.dims)
      tensor.dims.push_back(dim.isStatic() ? dim.size : dim.symbol >= 0 ? sizes[dim.symbol] : 1);
    std::optional<int64_t> count = elementCount(tensor.dims);
    const ElementTypeInfo *type = elementTypeInfo(info.elementType);
    if (!count || !type || !type->memoryBytes || *count > (int64_t(1) << 31))
      return llvm::createStringError(
          std::make_error_code(std::errc::invalid_argument), "%s",
          fmt::format("cannot make data for input \"{}\"; give some with --data", info.onnxName)
              .c_str());
    auto bytes = std::make_shared<std::vector<uint8_t>>(*count * type->memoryBytes);
    fill(bytes->data(), info.elementType, *count, random);
    tensor.bytes = bytes->data();
    tensor.size = bytes->size();
    tensor.owner = bytes;
  }
  return inputs;
}
