//===- ExternalData.cpp - Weights in files beside the model ---------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/onnx/ExternalData.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace burin::onnx;
using llvm::StringRef;

MappedFile::~MappedFile() {
  if (length)
    munmap(const_cast<uint8_t *>(bytes), length);
}

std::shared_ptr<const MappedFile> MappedFile::open(const std::string &path, std::string &error) {
  // Non-blocking, so that a pipe under that name cannot stop the compiler.
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) {
    error = "cannot open '" + path + "': " + strerror(errno);
    if (fd >= 0)
      close(fd);
    return nullptr;
  }
  if (!S_ISREG(status.st_mode)) {
    error = "'" + path + "' is not a regular file";
    close(fd);
    return nullptr;
  }
  auto length = static_cast<size_t>(status.st_size);
  void *bytes = nullptr;
  if (length) {
    bytes = mmap(nullptr, length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
      error = "cannot map '" + path + "': " + strerror(errno);
      close(fd);
      return nullptr;
    }
  }
  close(fd);
  return std::shared_ptr<const MappedFile>(
      new MappedFile(static_cast<const uint8_t *>(bytes), length));
}

static std::string resolve(const std::string &path) {
  char buffer[PATH_MAX];
  return realpath(path.c_str(), buffer) ? std::string(buffer) : std::string();
}

std::shared_ptr<const MappedFile> ExternalFiles::map(const std::string &location,
                                                     std::string &error) {
  auto known = files.find(location);
  if (known != files.end())
    return known->second;

  StringRef text = location;
  if (text.empty()) {
    error = "external data without a location";
    return nullptr;
  }
  if (text.contains('\0')) {
    error = "external data location with a zero byte";
    return nullptr;
  }
  if (text.starts_with("/") || text.starts_with("\\") || text.substr(1, 1) == ":") {
    error = "external data location '" + location +
            "' is absolute; it must be relative to the "
            "model's folder";
    return nullptr;
  }
  llvm::SmallVector<StringRef> parts;
  llvm::SplitString(text, parts, "/\\");
  if (llvm::is_contained(parts, "..")) {
    error = "external data location '" + location + "' leaves the model's folder";
    return nullptr;
  }
  std::string root = resolve(folder.empty() ? "." : folder);
  std::string path = resolve((folder.empty() ? std::string(".") : folder) + "/" + location);
  if (root.empty() || path.empty()) {
    error = "external data file '" + location + "' does not exist beside the model";
    return nullptr;
  }
  if (root != "/")
    root += "/";
  if (!StringRef(path + "/").starts_with(root)) {
    error = "external data location '" + location +
            "' leaves the model's folder by a symbolic "
            "link";
    return nullptr;
  }
  auto file = MappedFile::open(path, error);
  if (file)
    files.emplace(location, file);
  return file;
}

std::vector<std::string> ExternalFiles::paths() const {
  std::vector<std::string> result;
  for (const auto &[location, file] : files)
    result.push_back((folder.empty() ? "" : folder + "/") + location);
  return result;
}

ExternalFiles::View ExternalFiles::view(const TensorProto &proto, size_t size, std::string &error) {
  std::string location;
  uint64_t offset = 0, length = size;
  for (const StringStringEntryProto &entry : proto.external_data()) {
    StringRef value = entry.value();
    if (entry.key() == "location") {
      location = entry.value();
    } else if (entry.key() == "offset" || entry.key() == "length") {
      uint64_t &number = entry.key() == "offset" ? offset : length;
      if (value.getAsInteger(10, number)) {
        error = "external data " + entry.key() + " '" + entry.value() + "' is not a number";
        return {};
      }
    }
  }
  auto file = map(location, error);
  if (!file)
    return {};
  if (length != size) {
    error = "external data has a length of " + std::to_string(length) + " bytes, its type needs " +
            std::to_string(size);
    return {};
  }
  if (offset > file->size() || size > file->size() - offset) {
    error = "external data reaches from byte " + std::to_string(offset) + " over " +
            std::to_string(size) + " bytes, but '" + location + "' has only " +
            std::to_string(file->size());
    return {};
  }
  return {file, file->data() + offset};
}
