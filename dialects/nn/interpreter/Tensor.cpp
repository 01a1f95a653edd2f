//===- Tensor.cpp - A tensor of any nn element type -----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/interpreter/Tensor.h"
#include "dialects/nn/NN.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>

using namespace mlir;

namespace burin::nn {

/// Data of a resource is aligned for any element, as parsed text needs it too.
static constexpr size_t kBlobAlign = 16;

template <typename T> static T load(const char *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}
template <typename T> static void store(char *bytes, T value) {
  std::memcpy(bytes, &value, sizeof(T));
}

//===----------------------------------------------------------------------===//
// Construction, attributes
//===----------------------------------------------------------------------===//

Tensor::Tensor(Type elementType, ArrayRef<int64_t> shape)
    : type(RankedTensorType::get(shape, elementType)), count(type.getNumElements()) {
  // calloc maps big zero pages lazily.
  auto *memory = static_cast<char *>(std::calloc(std::max<size_t>(byteSize(), 1), 1));
  if (!memory)
    llvm::report_bad_alloc_error("out of memory for a tensor");
  owner =
      std::shared_ptr<const void>(memory, [](const void *p) { std::free(const_cast<void *>(p)); });
  bytes = memory;
}

Tensor::Tensor(Type elementType, ArrayRef<int64_t> shape, std::shared_ptr<const void> owner,
               const char *bytes)
    : type(RankedTensorType::get(shape, elementType)), count(type.getNumElements()),
      owner(std::move(owner)), bytes(bytes) {}

size_t Tensor::byteSize() const { return static_cast<size_t>(count) * elementBytes(elementType()); }

static bool isNumber(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    type = complex.getElementType();
  return type.isIntOrIndexOrFloat() || isa<F4E2M1Type, F8E8M0Type>(type);
}

LogicalResult Tensor::verifyAttr(ElementsAttr attr, std::optional<Location> loc) {
  if (!isNumber(attr.getElementType()))
    return emitOptionalError(loc, "constant has elements that are not numbers");
  if (isa<DenseIntOrFPElementsAttr>(attr))
    return success();
  auto resource = dyn_cast<DenseResourceElementsAttr>(attr);
  if (!resource)
    return emitOptionalError(loc, "constant must be 'dense' or 'dense_resource'");
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob)
    return emitOptionalError(loc, "resource '", resource.getRawHandle().getKey(), "' has no data");
  uint64_t needed = elementBytes(attr.getElementType());
  for (int64_t extent : attr.getShapedType().getShape()) {
    bool overflow = false;
    needed = llvm::SaturatingMultiply<uint64_t>(needed, extent, &overflow);
    if (overflow)
      return emitOptionalError(loc, "constant is too big");
  }
  if (blob->getData().size() != needed)
    return emitOptionalError(loc, "resource '", resource.getRawHandle().getKey(), "' has ",
                             blob->getData().size(), " bytes instead of ", needed);
  return success();
}

/// Unpacks the raw data of `dense<>`: bits for i1, else whole bytes; one
/// element for a splat.
static void unpackDense(DenseIntOrFPElementsAttr attr, Tensor &tensor) {
  if (tensor.size() == 0)
    return;
  ArrayRef<char> raw = attr.getRawData();
  Type type = tensor.elementType();
  size_t width = elementBytes(type);
  char *to = tensor.mutableData();
  if (type.isInteger(1)) {
    for (int64_t i = 0, e = tensor.size(); i < e; ++i)
      to[i] = attr.isSplat() ? raw[0] != 0 : (raw[i / 8] >> (i % 8)) & 1;
    return;
  }
  if (attr.isSplat())
    for (int64_t i = 0, e = tensor.size(); i < e; ++i)
      std::memcpy(to + i * width, raw.data(), width);
  else
    std::memcpy(to, raw.data(), tensor.byteSize());
  // `dense<>` keeps sub-byte integers unextended.
  if (isa<IntegerType>(type) && elementBits(type) < 8)
    for (int64_t i = 0, e = tensor.size(); i < e; ++i)
      tensor.setInt(i, to[i]);
}

Tensor Tensor::fromAttr(ElementsAttr attr) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr);
      resource && succeeded(verifyAttr(attr)))
    return Tensor(attr.getElementType(), attr.getShapedType().getShape(), nullptr,
                  resource.getRawHandle().getBlob()->getData().data());
  Tensor result(attr.getElementType(), attr.getShapedType().getShape());
  if (auto dense = dyn_cast<DenseIntOrFPElementsAttr>(attr))
    unpackDense(dense, result);
  return result;
}

ElementsAttr Tensor::toAttr() const {
  MLIRContext *context = type.getContext();
  if (count <= kMaxDenseElements && !isa<F4E2M1Type, F8E8M0Type, StrType>(elementType())) {
    unsigned width = isa<IntegerType>(elementType()) ? intFormat(elementType()).width : 8;
    if (width >= 8)
      return DenseElementsAttr::getFromRawBuffer(type, ArrayRef<char>(bytes, byteSize()));
    // i1 is packed there and sub-byte integers are not extended.
    SmallVector<APInt> values;
    for (int64_t i = 0; i < count; ++i)
      values.emplace_back(width, intAt(i));
    return DenseElementsAttr::get(type, values);
  }
  auto &manager = DenseResourceElementsHandle::getManagerInterface(context);
  // A number of this context, so that equal input gives equal names.
  auto *dialect = context->getLoadedDialect<NNDialect>();
  std::string key = "c" + std::to_string(dialect ? dialect->nextResource() : 0);
  std::shared_ptr<const void> keep = owner;
  auto blob = UnmanagedAsmResourceBlob::allocateWithAlign(
      ArrayRef<char>(bytes, byteSize()), kBlobAlign, [keep](void *, size_t, size_t) {},
      /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, manager.insert(key, std::move(blob)));
}

Tensor Tensor::reshaped(ArrayRef<int64_t> shape) const {
  Tensor result = *this;
  result.type = RankedTensorType::get(shape, elementType());
  assert(result.type.getNumElements() == count && "reshape changes the size");
  return result;
}

Tensor Tensor::bitcasted(Type elementType) const {
  Tensor result = *this;
  result.type = RankedTensorType::get(shape(), elementType);
  assert(result.byteSize() == byteSize() && "bitcast changes the width");
  return result;
}

SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

//===----------------------------------------------------------------------===//
// Small floats
//===----------------------------------------------------------------------===//

namespace {
/// A float format of up to 16 bits with sign, exponent and mantissa.
struct SmallFloat {
  int mantissa;     ///< stored bits
  int bias;         ///< of the exponent
  uint32_t sign;    ///< mask of the sign bit
  uint32_t largest; ///< bits of the largest finite value
  uint32_t inf;     ///< bits of infinity, or of what overflow gives
  uint32_t nan;     ///< a quiet NaN, or the largest value in a type without
  bool hasInf;
  bool hasMinusZero;
};
} // namespace

static SmallFloat smallFloat(Type type) {
  return llvm::TypeSwitch<Type, SmallFloat>(type)
      .Case<Float16Type>(
          [](auto) { return SmallFloat{10, 15, 0x8000, 0x7bff, 0x7c00, 0x7e00, true, true}; })
      .Case<BFloat16Type>(
          [](auto) { return SmallFloat{7, 127, 0x8000, 0x7f7f, 0x7f80, 0x7fc0, true, true}; })
      .Case<Float8E4M3FNType>(
          [](auto) { return SmallFloat{3, 7, 0x80, 0x7e, 0x7f, 0x7f, false, true}; })
      .Case<Float8E4M3FNUZType>(
          [](auto) { return SmallFloat{3, 8, 0x80, 0x7f, 0x80, 0x80, false, false}; })
      .Case<Float8E5M2Type>(
          [](auto) { return SmallFloat{2, 15, 0x80, 0x7b, 0x7c, 0x7f, true, true}; })
      .Case<Float8E5M2FNUZType>(
          [](auto) { return SmallFloat{2, 16, 0x80, 0x7f, 0x80, 0x80, false, false}; })
      // f4e2m1 has neither infinity nor NaN (it becomes -0, as in ONNX) and always saturates.
      .Default([](auto) { return SmallFloat{1, 1, 0x8, 0x7, 0x7, 0x8, false, true}; });
}

/// Only an exponent with bias 127; 255 is NaN.
static uint32_t encodeE8M0(double value, bool saturate) {
  if (!std::isfinite(value))
    return 255;
  value = std::fabs(value);
  if (value == 0)
    return 0;
  int exponent;
  double fraction = 2 * std::frexp(value, &exponent); // in [1, 2)
  exponent += 126 + (fraction >= 1.5);
  return std::clamp(exponent, 0, saturate ? 254 : 255);
}

uint32_t encodeFloat(Type type, double value, bool saturate) {
  if (isa<F8E8M0Type>(type))
    return encodeE8M0(value, saturate);
  SmallFloat format = smallFloat(type);
  if (std::isnan(value))
    return format.nan;
  saturate |= isa<F4E2M1Type>(type);
  uint32_t sign = std::signbit(value) ? format.sign : 0;
  double magnitude = std::fabs(value);
  uint32_t bits = 0;
  if (std::isinf(magnitude)) {
    bits = format.largest + 1;
  } else if (magnitude != 0) {
    // The unit in the last place; subnormals share the lowest exponent's.
    int exponent = std::max(std::ilogb(magnitude), 1 - format.bias);
    double units = std::nearbyint(std::ldexp(magnitude, format.mantissa - exponent));
    // A carry into the next exponent and subnormals come out right by adding.
    int64_t wide = (static_cast<int64_t>(exponent + format.bias - 1) << format.mantissa) +
                   static_cast<int64_t>(units);
    bits = static_cast<uint32_t>(std::min<int64_t>(wide, int64_t(format.largest) + 1));
  }
  if (bits > format.largest) {
    if (saturate)
      bits = format.largest;
    else if (!format.hasInf)
      return format.nan == format.sign ? format.nan : format.inf | sign;
    else
      bits = format.inf;
  }
  return bits == 0 && !format.hasMinusZero ? 0 : bits | sign;
}

double decodeFloat(Type type, uint32_t bits) {
  if (isa<F8E8M0Type>(type))
    return bits == 255 ? NAN : std::ldexp(1.0, static_cast<int>(bits) - 127);
  SmallFloat format = smallFloat(type);
  bits &= 2 * format.sign - 1;
  if (!format.hasMinusZero && bits == format.sign)
    return NAN;
  bool negative = bits & format.sign;
  bits &= format.sign - 1;
  double magnitude;
  if (bits > format.largest) {
    magnitude = format.hasInf && bits == format.inf ? INFINITY : NAN;
  } else {
    int exponent = static_cast<int>(bits >> format.mantissa);
    uint32_t fraction = bits & ((1u << format.mantissa) - 1);
    if (exponent != 0)
      fraction |= 1u << format.mantissa;
    magnitude = std::ldexp(fraction, std::max(exponent, 1) - format.bias - format.mantissa);
  }
  return negative ? -magnitude : magnitude;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

IntFormat intFormat(Type type) {
  if (!isa<IntegerType>(type))
    return {64, true};
  unsigned width = std::min(type.getIntOrFloatBitWidth(), 64u);
  return {width, width != 1 && !type.isUnsignedInteger()};
}

int64_t wrapInt(int64_t value, IntFormat format) {
  unsigned unused = 64 - format.width;
  uint64_t high = static_cast<uint64_t>(value) << unused;
  return format.isSigned ? static_cast<int64_t>(high) >> unused
                         : static_cast<int64_t>(high >> unused);
}

int64_t saturateInt(double value, IntFormat format) {
  if (std::isnan(value))
    return 0;
  // The bounds are powers of two, so exact as doubles.
  double above = std::ldexp(1.0, static_cast<int>(format.width - format.isSigned));
  double below = format.isSigned ? -above : 0;
  if (value <= below)
    return format.isSigned ? wrapInt(int64_t(1) << (format.width - 1), format) : 0;
  if (value >= above)
    return wrapInt(format.isSigned ? ~(uint64_t(1) << (format.width - 1)) : ~uint64_t(0), format);
  return format.isSigned ? static_cast<int64_t>(value)
                         : static_cast<int64_t>(static_cast<uint64_t>(value));
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static int64_t loadInt(const char *bytes, Type type) {
  IntFormat format = intFormat(type);
  if (format.width == 1)
    return *bytes != 0;
  switch (elementBytes(type)) {
  case 1:
    return wrapInt(load<uint8_t>(bytes), format);
  case 2:
    return wrapInt(load<uint16_t>(bytes), format);
  case 4:
    return wrapInt(load<uint32_t>(bytes), format);
  default:
    return load<int64_t>(bytes);
  }
}

static double loadFloat(const char *bytes, Type type) {
  if (type.isF32())
    return load<float>(bytes);
  if (type.isF64())
    return load<double>(bytes);
  return decodeFloat(type, elementBytes(type) == 2 ? load<uint16_t>(bytes) : load<uint8_t>(bytes));
}

static bool isFloat(Type type) { return isa<FloatType, F4E2M1Type, F8E8M0Type>(type); }

double Tensor::floatAt(int64_t i) const {
  const char *at = bytes + i * elementBytes(elementType());
  if (isFloat(elementType()))
    return loadFloat(at, elementType());
  int64_t value = loadInt(at, elementType());
  return intFormat(elementType()).isSigned ? static_cast<double>(value)
                                           : static_cast<double>(static_cast<uint64_t>(value));
}

int64_t Tensor::intAt(int64_t i) const {
  const char *at = bytes + i * elementBytes(elementType());
  if (isFloat(elementType()))
    return saturateInt(loadFloat(at, elementType()), IntFormat());
  return loadInt(at, elementType());
}

void Tensor::setFloat(int64_t i, double value) {
  Type to = elementType();
  char *at = mutableData() + i * elementBytes(to);
  if (to.isF32())
    return store(at, static_cast<float>(value));
  if (to.isF64())
    return store(at, value);
  if (isFloat(to)) {
    uint32_t bits = encodeFloat(to, value, /*saturate=*/isTinyFloat(to));
    return elementBytes(to) == 2 ? store(at, static_cast<uint16_t>(bits))
                                 : store(at, static_cast<uint8_t>(bits));
  }
  if (to.isInteger(1))
    return store<uint8_t>(at, value != 0);
  setInt(i, saturateInt(value, intFormat(to)));
}

void Tensor::setInt(int64_t i, int64_t value) {
  Type to = elementType();
  if (isFloat(to))
    return setFloat(i, static_cast<double>(value));
  char *at = mutableData() + i * elementBytes(to);
  if (to.isInteger(1))
    return store<uint8_t>(at, value != 0);
  value = wrapInt(value, intFormat(to));
  switch (elementBytes(to)) {
  case 1:
    return store(at, static_cast<uint8_t>(value));
  case 2:
    return store(at, static_cast<uint16_t>(value));
  case 4:
    return store(at, static_cast<uint32_t>(value));
  default:
    return store(at, value);
  }
}

} // namespace burin::nn
