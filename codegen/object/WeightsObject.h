//===- WeightsObject.h - Constants as an object file ------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Weights never become LLVM constants: those cost three times their size in memory
// and seconds of time. They are external globals to LLVM, and this writer puts their
// bytes from the mapped model straight into a relocatable file of the system's format.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_WEIGHTSOBJECT_H
#define BURIN_CODEGEN_OBJECT_WEIGHTSOBJECT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <string>

namespace burin::object {

/// One constant tensor. The bytes are borrowed, in the target's (little) byte order.
struct WeightConstant {
  std::string symbol; ///< `<model>_w<N>`
  uint64_t alignment = 64;
  llvm::ArrayRef<char> bytes;
};

/// What an object with constants shares with the object of the code beside it.
struct ObjectFormat {
  enum Kind : uint8_t { Elf, Coff, MachO, Wasm } kind = Elf;
  bool is64 = true;
  uint32_t machine = llvm::ELF::EM_X86_64; ///< Mach-O: the CPU's type
  uint32_t flags = 0;                      ///< ELF only, as the one below
  bool hasStackNote = true;                ///< `.note.GNU-stack`
  uint32_t cpuSubtype = 0;                 ///< Mach-O only, as the two below
  uint32_t platform = 0;
  uint32_t minimumVersion = 0; ///< xxxx.yy.zz in nibbles

  /// What stands before the names of C.
  llvm::StringRef symbolPrefix() const { return kind == MachO ? "_" : ""; }
};

/// Reads the format off the object with the model's code.
llvm::Expected<ObjectFormat> readFormat(llvm::StringRef modelObject);

/// Sections beyond this size cannot be reached with 32-bit PC-relative addresses.
inline constexpr uint64_t kLargeSection = uint64_t(2) << 30;

/// True when weights of this size go to `.lrodata`: code must address them through
/// pointers (code model `large` for these globals).
bool isLargeSection(const ObjectFormat &format, uint64_t bytes);

/// Bytes that the section of `constants` takes, padding included.
uint64_t weightsSectionSize(llvm::ArrayRef<WeightConstant> constants);

/// Bytes of the whole object file.
uint64_t weightsObjectSize(const ObjectFormat &format, llvm::StringRef modelName,
                           llvm::ArrayRef<WeightConstant> constants);

/// Writes a relocatable object with read-only data: `constants` in order, each under a
/// global symbol that does not leave the program or shared library it is linked into,
/// where the format can say so. Same input, same bytes. Fails when an alignment is no
/// power of two or beyond the format, a symbol repeats, or the constants are too large
/// for the format; errors of the stream stay with the stream.
llvm::Error writeWeightsObject(llvm::raw_ostream &out, const ObjectFormat &format,
                               llvm::StringRef modelName, llvm::ArrayRef<WeightConstant> constants);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_WEIGHTSOBJECT_H
