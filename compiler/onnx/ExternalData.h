//===- ExternalData.h - Weights in files beside the model -------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_ONNX_EXTERNALDATA_H
#define BURIN_COMPILER_ONNX_EXTERNALDATA_H

#include "compiler/onnx/onnx.pb.h"

#include "llvm/ADT/StringRef.h"
#include <map>
#include <memory>
#include <string>

namespace burin::onnx {

/// A whole file, mapped read-only.
class MappedFile {
public:
  ~MappedFile();
  MappedFile(const MappedFile &) = delete;
  /// Null, and `error`, where the path is no readable regular file.
  static std::shared_ptr<const MappedFile> open(const std::string &path, std::string &error);

  const uint8_t *data() const { return bytes; }
  size_t size() const { return length; }

private:
  MappedFile(const uint8_t *bytes, size_t length) : bytes(bytes), length(length) {}
  const uint8_t *bytes;
  size_t length;
};

/// The files beside one model, mapped once each. A model names files by
/// relative paths and can reach nothing outside of its own folder, also not by
/// `..` or symbolic links.
class ExternalFiles {
public:
  explicit ExternalFiles(std::string folder) : folder(std::move(folder)) {}

  struct View {
    std::shared_ptr<const void> owner;
    const uint8_t *bytes = nullptr;
  };
  /// The `size` bytes that a tensor's external_data describes; a null owner
  /// and `error` where they cannot be had.
  View view(const TensorProto &proto, size_t size, std::string &error);
  /// Paths of the files that were read so far, sorted.
  std::vector<std::string> paths() const;

private:
  std::shared_ptr<const MappedFile> map(const std::string &location, std::string &error);

  std::string folder;
  std::map<std::string, std::shared_ptr<const MappedFile>> files;
};

} // namespace burin::onnx

#endif // BURIN_COMPILER_ONNX_EXTERNALDATA_H
