//===- WeightsWriter.h - One format of objects with constants ---*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// The interface behind WeightsObject.h, with what the formats share. A writer knows all
// offsets before the first byte is written, so that the bytes go out in one pass and
// nothing is copied.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_WEIGHTSWRITER_H
#define BURIN_CODEGEN_OBJECT_WEIGHTSWRITER_H

#include "codegen/object/WeightsObject.h"

#include <memory>
#include <vector>

namespace burin::object {

class WeightsWriter {
public:
  virtual ~WeightsWriter() = default;
  uint64_t fileSize() const { return size; }
  /// Writes the file; the constants were checked before.
  virtual void write(llvm::raw_ostream &out) = 0;

protected:
  WeightsWriter(llvm::StringRef model, llvm::ArrayRef<WeightConstant> constants);

  /// Moves on from byte `position` of the file.
  void begin(llvm::raw_ostream &stream) {
    out = &stream;
    position = 0;
  }
  void put(llvm::StringRef bytes) {
    out->write(bytes.data(), bytes.size());
    position += bytes.size();
  }
  /// A structure as it lies in memory: all our hosts and targets are little-endian.
  template <class T> void put(const T &object) {
    put(llvm::StringRef(reinterpret_cast<const char *>(&object), sizeof(T)));
  }
  void padTo(uint64_t offset);
  /// All constants, the first of them at `start`.
  void putConstants(uint64_t start);

  std::string model;
  llvm::ArrayRef<WeightConstant> constants;
  std::vector<uint64_t> offsets; ///< of each constant, from the section's start
  uint64_t dataSize = 0;         ///< of the section
  uint64_t alignment = 1;        ///< of the section
  uint64_t size = 0;             ///< of the file; set by the constructors
  uint64_t position = 0;

private:
  llvm::raw_ostream *out = nullptr;
};

/// Names in a row, each ended by a zero, behind `head`.
class NameTable {
public:
  explicit NameTable(size_t head) : bytes(head, '\0') {}
  uint32_t add(llvm::StringRef name) {
    auto offset = static_cast<uint32_t>(bytes.size());
    bytes.append(name.begin(), name.end());
    bytes.push_back('\0');
    return offset;
  }
  std::string bytes;
};

/// The formats, one file each (ElfWeights.cpp, ...).
using WriterFactory = std::unique_ptr<WeightsWriter>(const ObjectFormat &, llvm::StringRef model,
                                                     llvm::ArrayRef<WeightConstant>);
WriterFactory createElfWriter, createCoffWriter, createMachOWriter, createWasmWriter;

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_WEIGHTSWRITER_H
