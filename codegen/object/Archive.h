//===- Archive.h - lib<model>.a ---------------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_ARCHIVE_H
#define BURIN_CODEGEN_OBJECT_ARCHIVE_H

#include "codegen/object/OutputSet.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace burin::object {

/// Writes a static library of object files with a symbol table and no time stamps,
/// owners or modes of files: same members, same bytes. The member's names are the
/// buffers' identifiers. Members may be mapped files; they are not copied in memory.
llvm::Error writeArchive(llvm::raw_fd_ostream &out, llvm::ArrayRef<llvm::MemoryBufferRef> members);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_ARCHIVE_H
