//===- TensorData.cpp - The elements of a TensorProto ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/onnx/TensorData.h"

#include "llvm/Support/MathExtras.h"
#include <bit>
#include <cstring>

using namespace burin::onnx;

static_assert(std::endian::native == std::endian::little, "views of raw_data are little-endian");

std::optional<int64_t> burin::onnx::elementCount(llvm::ArrayRef<int64_t> dims) {
  int64_t count = 1;
  bool zero = false;
  for (int64_t dim : dims) {
    if (dim < 0)
      return std::nullopt;
    zero |= dim == 0;
    if (dim == 0)
      continue;
    if (dim > kMaxElements / count)
      return std::nullopt;
    count *= dim;
  }
  return zero ? 0 : count;
}

int64_t TensorData::elementCount() const { return burin::onnx::elementCount(dims).value_or(0); }

namespace {
/// Makes the bytes of one tensor.
class Reader {
public:
  Reader(const TensorProto &proto, std::shared_ptr<const void> owner, ExternalFiles *external,
         std::string &error)
      : proto(proto), owner(std::move(owner)), external(external), error(error) {}

  std::optional<TensorData> read();

private:
  bool fail(const std::string &text) {
    error = proto.name().empty() ? text : "tensor \"" + proto.name() + "\": " + text;
    return false;
  }
  // Bytes that `count` elements take in a file.
  size_t fileBytes() const { return llvm::divideCeil(uint64_t(count) * info->fileBits, 8); }

  bool readStrings();
  bool readBytes(const uint8_t *bytes, std::shared_ptr<const void> bytesOwner);
  bool readFields();
  bool readInt32Field();
  // Elements are in the field as they are in memory.
  template <typename Field> bool viewField(const Field &field, size_t entryBytes);
  bool checkEntries(size_t have);
  std::shared_ptr<uint8_t> allocate();

  const TensorProto &proto;
  std::shared_ptr<const void> owner;
  ExternalFiles *external;
  std::string &error;
  const ElementTypeInfo *info = nullptr;
  int64_t count = 0;
  TensorData result;
};
} // namespace

std::shared_ptr<uint8_t> Reader::allocate() {
  result.size = static_cast<size_t>(count) * info->memoryBytes;
  std::shared_ptr<uint8_t> bytes(new uint8_t[result.size + 1], std::default_delete<uint8_t[]>());
  result.owner = bytes;
  result.bytes = bytes.get();
  return bytes;
}

std::optional<TensorData> Reader::read() {
  result.name = proto.name();
  result.dataType = proto.data_type();
  result.dims.assign(proto.dims().begin(), proto.dims().end());
  info = elementTypeInfo(proto.data_type());
  if (!info) {
    fail("unknown element type " + std::to_string(proto.data_type()));
    return std::nullopt;
  }
  for (int64_t dim : result.dims)
    if (dim < 0) {
      fail("negative dimension " + std::to_string(dim));
      return std::nullopt;
    }
  auto elements = burin::onnx::elementCount(result.dims);
  if (!elements) {
    fail("its dimensions overflow");
    return std::nullopt;
  }
  count = *elements;
  if (proto.has_segment()) {
    fail("tensors in segments are not supported");
    return std::nullopt;
  }

  bool done;
  constexpr int32_t kExternal = 1;
  if (proto.data_location() == kExternal) {
    if (info->field == DataField::String) {
      done = fail("strings cannot be in external data");
    } else if (!external) {
      done = fail("external data is not allowed here");
    } else {
      std::string why;
      ExternalFiles::View view = external->view(proto, fileBytes(), why);
      done = view.owner ? readBytes(view.bytes, view.owner) : fail(why);
    }
  } else if (proto.data_location() != 0) {
    done = fail("unknown data location " + std::to_string(proto.data_location()));
  } else if (info->field == DataField::String) {
    done = readStrings();
  } else if (proto.has_raw_data()) {
    const std::string &raw = proto.raw_data();
    if (raw.size() != fileBytes())
      done = fail("raw_data has " + std::to_string(raw.size()) + " bytes, its type needs " +
                  std::to_string(fileBytes()));
    else
      done = readBytes(reinterpret_cast<const uint8_t *>(raw.data()), owner);
  } else {
    done = readFields();
  }
  if (!done)
    return std::nullopt;
  return std::move(result);
}

bool Reader::readStrings() {
  if (proto.string_data_size() != count)
    return fail("string_data has " + std::to_string(proto.string_data_size()) +
                " entries, its type needs " + std::to_string(count));
  result.strings.assign(proto.string_data().begin(), proto.string_data().end());
  return true;
}

// Sign- or zero-extends the elements of packed bytes, lowest bits first.
static void unpack(const uint8_t *packed, uint8_t *out, int64_t count,
                   const ElementTypeInfo &info) {
  unsigned bits = info.fileBits, perByte = 8 / bits, mask = (1u << bits) - 1;
  bool isSigned = info.dataType == kInt4 || info.dataType == kInt2;
  for (int64_t i = 0; i < count; ++i) {
    unsigned value = (packed[i / perByte] >> (i % perByte * bits)) & mask;
    if (isSigned && (value >> (bits - 1)))
      value |= ~mask;
    out[i] = static_cast<uint8_t>(value);
  }
}

bool Reader::readBytes(const uint8_t *bytes, std::shared_ptr<const void> bytesOwner) {
  if (info->fileBits < 8) {
    unpack(bytes, allocate().get(), count, *info);
    return true;
  }
  size_t size = fileBytes();
  bool aligned = reinterpret_cast<uintptr_t>(bytes) % std::min(info->memoryBytes, 8u) == 0;
  bool odd = false; // a bool that is neither 0 nor 1
  if (info->dataType == kBool)
    for (size_t i = 0; i < size; ++i)
      odd |= bytes[i] > 1;
  if (aligned && !odd) {
    result.owner = std::move(bytesOwner);
    result.bytes = bytes;
    result.size = size;
    return true;
  }
  auto copy = allocate();
  memcpy(copy.get(), bytes, size);
  if (odd)
    for (size_t i = 0; i < size; ++i)
      copy.get()[i] = bytes[i] != 0;
  return true;
}

bool Reader::checkEntries(size_t have) {
  static constexpr const char *kNames[] = {
      "", "float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data"};
  uint64_t need = uint64_t(count) * info->fieldEntries;
  if (info->fileBits < 8)
    need = llvm::divideCeil(uint64_t(count), 8 / info->fileBits);
  if (have == need)
    return true;
  return fail(std::string(kNames[static_cast<int>(info->field)]) + " has " + std::to_string(have) +
              " entries, its type needs " + std::to_string(need));
}

template <typename Field> bool Reader::viewField(const Field &field, size_t entryBytes) {
  if (!checkEntries(field.size()))
    return false;
  result.owner = owner;
  result.bytes = reinterpret_cast<const uint8_t *>(field.data());
  result.size = field.size() * entryBytes;
  return true;
}

bool Reader::readInt32Field() {
  const auto &field = proto.int32_data();
  if (!checkEntries(field.size()))
    return false;
  uint8_t *out = allocate().get();
  if (info->fileBits < 8) {
    std::vector<uint8_t> packed(field.begin(), field.end());
    unpack(packed.data(), out, count, *info);
    return true;
  }
  for (int i = 0; i < field.size(); ++i) {
    int32_t value = field[i];
    if (info->dataType == kBool)
      value = value != 0;
    memcpy(out + size_t(i) * info->memoryBytes, &value, info->memoryBytes);
  }
  return true;
}

bool Reader::readFields() {
  switch (info->field) {
  case DataField::Float:
    return viewField(proto.float_data(), 4);
  case DataField::Double:
    return viewField(proto.double_data(), 8);
  case DataField::Int64:
    return viewField(proto.int64_data(), 8);
  case DataField::Int32:
    return info->dataType == kInt32 ? viewField(proto.int32_data(), 4) : readInt32Field();
  case DataField::Uint64: {
    if (info->dataType == kUint64)
      return viewField(proto.uint64_data(), 8);
    const auto &field = proto.uint64_data();
    if (!checkEntries(field.size()))
      return false;
    uint8_t *out = allocate().get();
    for (int i = 0; i < field.size(); ++i) {
      auto value = static_cast<uint32_t>(field[i]);
      memcpy(out + size_t(i) * 4, &value, 4);
    }
    return true;
  }
  case DataField::String:
  case DataField::None:
    break;
  }
  return fail("no data");
}

std::optional<TensorData> burin::onnx::readTensor(const TensorProto &proto,
                                                  std::shared_ptr<const void> owner,
                                                  ExternalFiles *external, std::string &error) {
  return Reader(proto, std::move(owner), external, error).read();
}

std::optional<TensorData> burin::onnx::readSparseTensor(const SparseTensorProto &proto,
                                                        const std::shared_ptr<const void> &owner,
                                                        ExternalFiles *external,
                                                        std::string &error) {
  auto fail = [&](const std::string &text) {
    error = "sparse tensor \"" + proto.values().name() + "\": " + text;
    return std::nullopt;
  };
  auto values = readTensor(proto.values(), owner, external, error);
  if (!values)
    return std::nullopt;
  auto indices = readTensor(proto.indices(), owner, external, error);
  if (!indices)
    return std::nullopt;
  const ElementTypeInfo *info = elementTypeInfo(values->dataType);
  TensorData result;
  result.name = values->name;
  result.dataType = values->dataType;
  result.dims.assign(proto.dims().begin(), proto.dims().end());
  auto count = elementCount(result.dims);
  if (!count)
    return fail("its dimensions overflow");
  // A string takes a std::string each.
  size_t elementBytes = info->memoryBytes ? info->memoryBytes : 32;
  if (*count > kMaxSynthesizedBytes / static_cast<int64_t>(elementBytes))
    return fail("made dense it would take more than " + std::to_string(kMaxSynthesizedBytes >> 20) +
                " MiB");
  if (values->dims.size() != 1)
    return fail("its values must have one dimension");
  int64_t nonZeros = values->dims[0];
  size_t rank = result.dims.size();
  bool linear = indices->dims.size() == 1;
  bool tuples = indices->dims.size() == 2 && indices->dims[1] == static_cast<int64_t>(rank);
  if (indices->dataType != kInt64 || !(linear || tuples) || indices->dims[0] != nonZeros)
    return fail("its indices must be int64 of shape [values] or [values, rank]");

  bool isString = values->dataType == kString;
  if (isString)
    result.strings.resize(*count);
  result.size = static_cast<size_t>(*count) * info->memoryBytes;
  std::shared_ptr<uint8_t> bytes(new uint8_t[result.size + 1](), std::default_delete<uint8_t[]>());
  const auto *index = reinterpret_cast<const int64_t *>(indices->bytes);
  for (int64_t i = 0; i < nonZeros; ++i) {
    int64_t position = linear ? index[i] : 0;
    for (size_t axis = 0; !linear && axis < rank; ++axis) {
      int64_t at = index[i * rank + axis];
      if (at < 0 || at >= result.dims[axis])
        return fail("index " + std::to_string(at) + " is out of range");
      position = position * result.dims[axis] + at;
    }
    if (position < 0 || position >= *count)
      return fail("index " + std::to_string(position) + " is out of range");
    if (isString)
      result.strings[position] = values->strings[i];
    else
      memcpy(bytes.get() + position * info->memoryBytes, values->bytes + i * info->memoryBytes,
             info->memoryBytes);
  }
  result.bytes = bytes.get();
  result.owner = std::move(bytes);
  return result;
}

TensorProto burin::onnx::writeTensor(const TensorData &tensor) {
  TensorProto proto;
  proto.set_name(tensor.name);
  proto.set_data_type(tensor.dataType);
  for (int64_t dim : tensor.dims)
    proto.add_dims(dim);
  const ElementTypeInfo *info = elementTypeInfo(tensor.dataType);
  if (!info || info->field == DataField::String) {
    for (const std::string &text : tensor.strings)
      proto.add_string_data(text);
    return proto;
  }
  if (info->fileBits >= 8) {
    proto.set_raw_data(tensor.bytes, tensor.size);
    return proto;
  }
  unsigned bits = info->fileBits, perByte = 8 / bits, mask = (1u << bits) - 1;
  std::string packed(llvm::divideCeil(tensor.size, perByte), '\0');
  for (size_t i = 0; i < tensor.size; ++i)
    packed[i / perByte] |= static_cast<char>((tensor.bytes[i] & mask) << (i % perByte * bits));
  proto.set_raw_data(std::move(packed));
  return proto;
}
