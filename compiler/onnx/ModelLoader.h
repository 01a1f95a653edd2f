//===- ModelLoader.h - Reads .onnx and .pb files ----------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Knows the file format and nothing of MLIR. Whatever the bytes are, the
// outcome is a model or a message.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_ONNX_MODELLOADER_H
#define BURIN_COMPILER_ONNX_MODELLOADER_H

#include "compiler/onnx/Diagnostics.h"
#include "compiler/onnx/TensorData.h"

namespace burin::onnx {

/// A parsed model. The message and the mapped files stay alive as long as a
/// tensor that was read from them.
class LoadedModel {
public:
  /// Null, and an error in `diagnostics`, where the file is no model.
  static std::shared_ptr<LoadedModel> load(const std::string &path, Diagnostics &diagnostics);
  /// The same for bytes in memory; external data is looked for in `folder`.
  static std::shared_ptr<LoadedModel> parse(llvm::StringRef bytes, const std::string &fileName,
                                            const std::string &folder, Diagnostics &diagnostics);
  /// A model made in memory.
  static std::shared_ptr<LoadedModel> fromProto(ModelProto proto, const std::string &fileName,
                                                const std::string &folder);

  const ModelProto &proto() const { return *message; }
  /// The file's name without its folder, for messages.
  const std::string &fileName() const { return name; }
  /// Bytes of the model's file (without external data).
  size_t fileSize() const { return size; }

  /// Files with external data that were read so far.
  std::vector<std::string> dataFiles() const { return external.paths(); }

  /// Views a tensor of this model (see readTensor).
  std::optional<TensorData> tensor(const TensorProto &proto, std::string &error) const {
    return readTensor(proto, message, &external, error);
  }
  std::optional<TensorData> tensor(const SparseTensorProto &proto, std::string &error) const {
    return readSparseTensor(proto, message, &external, error);
  }

private:
  LoadedModel(std::shared_ptr<const ModelProto> message, std::string name,
              const std::string &folder, size_t size)
      : message(std::move(message)), name(std::move(name)), size(size), external(folder) {}

  std::shared_ptr<const ModelProto> message;
  std::string name;
  size_t size;
  mutable ExternalFiles external;
};

/// Nested messages deeper than this are an error. A subgraph takes three levels.
inline constexpr int kMaxMessageDepth = 200;

/// A value of a test data file: a tensor, a sequence, or an optional.
struct ValueData {
  enum class Kind : uint8_t { Tensor, Sequence, Optional } kind = Kind::Tensor;
  /// One for a tensor; an optional has none or its value's.
  std::vector<ValueData> elements; ///< of a sequence, or the value of an optional
  TensorData tensor;
  std::string name;
};

/// Reads `input_0.pb`. The file does not tell which kind of message it holds.
std::optional<TensorData> loadTensorFile(const std::string &path, Diagnostics &diagnostics);
std::optional<ValueData> loadValueFile(const std::string &path, ValueData::Kind kind,
                                       Diagnostics &diagnostics);
/// Writes a TensorProto file; false and an error where that fails.
bool saveTensorFile(const std::string &path, const TensorData &tensor, Diagnostics &diagnostics);

} // namespace burin::onnx

#endif // BURIN_COMPILER_ONNX_MODELLOADER_H
