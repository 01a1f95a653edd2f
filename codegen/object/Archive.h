//===- Archive.h - lib<model>.a ---------------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// llvm::writeArchive wants every member in memory; half a gigabyte of weights would
// be written twice and mapped once more than needed. The format is a page of code.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_ARCHIVE_H
#define BURIN_CODEGEN_OBJECT_ARCHIVE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace burin::object {

struct ArchiveMember {
  std::string name;                 ///< file name without a folder
  uint64_t size = 0;                ///< bytes that `write` writes
  std::vector<std::string> symbols; ///< global symbols that it defines
  std::function<llvm::Error(llvm::raw_ostream &)> write;
};

/// A member out of an object file in memory, which must outlive it.
llvm::Expected<ArchiveMember> objectMember(llvm::StringRef name, llvm::StringRef object);

/// Who reads the archive: they differ in the symbol table and in where names stand.
enum class ArchiveKind : uint8_t {
  Gnu,
  Coff,   ///< GNU's and a second, sorted symbol table
  Darwin, ///< BSD's, with names before the members
};

/// Writes a static library with a symbol table and without time stamps, owners and
/// modes: same members, same bytes. Errors of the stream stay with the stream.
llvm::Error writeArchive(llvm::raw_ostream &out, ArchiveKind kind,
                         llvm::ArrayRef<ArchiveMember> members);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_ARCHIVE_H
