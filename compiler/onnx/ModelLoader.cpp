//===- ModelLoader.cpp - Reads .onnx and .pb files ------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/onnx/ModelLoader.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Path.h"
#include <climits>
#include <cstdio>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

using namespace burin;
using namespace burin::onnx;
using llvm::StringRef;

// Where protobuf's own log goes while this thread parses.
static thread_local std::string *capturedLog = nullptr;

static void captureLog(google::protobuf::LogLevel, const char *, int, const std::string &text) {
  if (capturedLog && capturedLog->empty())
    *capturedLog = text;
}

// Parses `bytes` as a whole; on failure says why.
template <typename Proto>
static bool parseMessage(StringRef bytes, Proto &message, std::string &error) {
  if (bytes.size() > INT_MAX) {
    error = "the file has more than 2 GiB; weights of that size must be in external data";
    return false;
  }
  static const bool installed = [] {
    google::protobuf::SetLogHandler(captureLog);
    return true;
  }();
  (void)installed;
  std::string log;
  capturedLog = &log;
  google::protobuf::io::ArrayInputStream array(bytes.data(), static_cast<int>(bytes.size()));
  google::protobuf::io::CodedInputStream stream(&array);
  stream.SetTotalBytesLimit(INT_MAX);
  stream.SetRecursionLimit(kMaxMessageDepth);
  bool parsed = message.ParsePartialFromCodedStream(&stream) && stream.ConsumedEntireMessage();
  capturedLog = nullptr;
  if (parsed)
    return true;
  error = "not a protobuf message of the expected kind: damaged, truncated, or nested more than " +
          std::to_string(kMaxMessageDepth) + " levels deep";
  if (!log.empty())
    error += " (" + log + ")";
  return false;
}

std::shared_ptr<LoadedModel> LoadedModel::parse(StringRef bytes, const std::string &fileName,
                                                const std::string &folder,
                                                Diagnostics &diagnostics) {
  if (bytes.empty()) {
    diagnostics.error(fileName, "the file is empty");
    return nullptr;
  }
  auto message = std::make_shared<ModelProto>();
  std::string error;
  if (!parseMessage(bytes, *message, error)) {
    diagnostics.error(fileName, error);
    return nullptr;
  }
  // Text and other files often parse as a message of unknown fields.
  if (!message->has_graph()) {
    diagnostics.error(fileName, "this is no ONNX model: it has no graph");
    return nullptr;
  }
  return std::shared_ptr<LoadedModel>(
      new LoadedModel(std::move(message), fileName, folder, bytes.size()));
}

std::shared_ptr<LoadedModel> LoadedModel::load(const std::string &path, Diagnostics &diagnostics) {
  std::string fileName = llvm::sys::path::filename(path).str();
  std::string error;
  auto file = MappedFile::open(path, error);
  if (!file) {
    diagnostics.error("", error);
    return nullptr;
  }
  StringRef bytes(reinterpret_cast<const char *>(file->data()), file->size());
  return parse(bytes, fileName, llvm::sys::path::parent_path(path).str(), diagnostics);
}

std::shared_ptr<LoadedModel> LoadedModel::fromProto(ModelProto proto, const std::string &fileName,
                                                    const std::string &folder) {
  auto message = std::make_shared<ModelProto>(std::move(proto));
  size_t size = message->ByteSizeLong();
  return std::shared_ptr<LoadedModel>(new LoadedModel(std::move(message), fileName, folder, size));
}

// Reads a file into a message that the tensors of it will share.
template <typename Proto>
static std::shared_ptr<const Proto> loadMessage(const std::string &path, Diagnostics &diagnostics) {
  std::string error;
  auto message = std::make_shared<Proto>();
  auto file = MappedFile::open(path, error);
  if (!file) {
    diagnostics.error("", error);
    return nullptr;
  }
  StringRef bytes(reinterpret_cast<const char *>(file->data()), file->size());
  if (!parseMessage(bytes, *message, error)) {
    diagnostics.error(path, error);
    return nullptr;
  }
  return message;
}

std::optional<TensorData> onnx::loadTensorFile(const std::string &path, Diagnostics &diagnostics) {
  auto message = loadMessage<TensorProto>(path, diagnostics);
  if (!message)
    return std::nullopt;
  std::string error;
  ExternalFiles external(llvm::sys::path::parent_path(path).str());
  auto tensor = readTensor(*message, message, &external, error);
  if (!tensor)
    diagnostics.error(path, error);
  return tensor;
}

namespace {
/// Turns messages of values into ValueData; `owner` is the outermost one.
class ValueReader {
public:
  ValueReader(std::shared_ptr<const void> owner, std::string &error)
      : owner(std::move(owner)), error(error) {}

  std::optional<ValueData> tensor(const TensorProto &proto) {
    auto data = readTensor(proto, owner, nullptr, error);
    return data ? wrap(std::move(*data)) : std::nullopt;
  }
  std::optional<ValueData> tensor(const SparseTensorProto &proto) {
    auto data = readSparseTensor(proto, owner, nullptr, error);
    return data ? wrap(std::move(*data)) : std::nullopt;
  }
  std::optional<ValueData> sequence(const SequenceProto &proto);
  std::optional<ValueData> optional(const OptionalProto &proto);

private:
  static std::optional<ValueData> wrap(TensorData data) {
    ValueData value;
    value.name = data.name;
    value.tensor = std::move(data);
    return value;
  }
  template <typename Range, typename Fn> bool append(ValueData &into, const Range &range, Fn read) {
    for (const auto &proto : range) {
      auto element = read(proto);
      if (!element)
        return false;
      into.elements.push_back(std::move(*element));
    }
    return true;
  }

  std::shared_ptr<const void> owner;
  std::string &error;
};
} // namespace

std::optional<ValueData> ValueReader::sequence(const SequenceProto &proto) {
  ValueData value;
  value.kind = ValueData::Kind::Sequence;
  value.name = proto.name();
  if (proto.map_values_size()) {
    error = "sequences of maps are not supported";
    return std::nullopt;
  }
  auto readAny = [&](const auto &element) { return tensor(element); };
  if (!append(value, proto.tensor_values(), readAny) ||
      !append(value, proto.sparse_tensor_values(), readAny) ||
      !append(value, proto.sequence_values(),
              [&](const SequenceProto &element) { return sequence(element); }) ||
      !append(value, proto.optional_values(),
              [&](const OptionalProto &element) { return optional(element); }))
    return std::nullopt;
  return value;
}

std::optional<ValueData> ValueReader::optional(const OptionalProto &proto) {
  ValueData value;
  value.kind = ValueData::Kind::Optional;
  value.name = proto.name();
  std::optional<ValueData> inner;
  if (proto.has_tensor_value())
    inner = tensor(proto.tensor_value());
  else if (proto.has_sparse_tensor_value())
    inner = tensor(proto.sparse_tensor_value());
  else if (proto.has_sequence_value())
    inner = sequence(proto.sequence_value());
  else if (proto.has_optional_value())
    inner = optional(proto.optional_value());
  else if (proto.has_map_value())
    error = "optional maps are not supported";
  else
    return value;
  if (!inner)
    return std::nullopt;
  value.elements.push_back(std::move(*inner));
  return value;
}

std::optional<ValueData> onnx::loadValueFile(const std::string &path, ValueData::Kind kind,
                                             Diagnostics &diagnostics) {
  std::optional<ValueData> value;
  std::string error;
  switch (kind) {
  case ValueData::Kind::Tensor: {
    auto data = loadTensorFile(path, diagnostics);
    if (!data)
      return std::nullopt;
    value.emplace();
    value->name = data->name;
    value->tensor = std::move(*data);
    return value;
  }
  case ValueData::Kind::Sequence: {
    auto message = loadMessage<SequenceProto>(path, diagnostics);
    if (!message)
      return std::nullopt;
    value = ValueReader(message, error).sequence(*message);
    break;
  }
  case ValueData::Kind::Optional: {
    auto message = loadMessage<OptionalProto>(path, diagnostics);
    if (!message)
      return std::nullopt;
    value = ValueReader(message, error).optional(*message);
    break;
  }
  }
  if (!value)
    diagnostics.error(path, error);
  return value;
}

bool onnx::saveTensorFile(const std::string &path, const TensorData &tensor,
                          Diagnostics &diagnostics) {
  std::string bytes;
  if (!writeTensor(tensor).SerializeToString(&bytes)) {
    diagnostics.error(path, "the tensor is too big for one file");
    return false;
  }
  FILE *file = fopen(path.c_str(), "wb");
  bool written = file && fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  if (file)
    written &= fclose(file) == 0;
  if (!written)
    diagnostics.error(path, "cannot write the file");
  return written;
}
