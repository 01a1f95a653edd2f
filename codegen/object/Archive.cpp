//===- Archive.cpp - lib<model>.a -----------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/Archive.h"

#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Object/ObjectFile.h"

using namespace llvm;

namespace burin::object {

Error writeArchive(raw_fd_ostream &out, ArrayRef<MemoryBufferRef> members) {
  std::vector<NewArchiveMember> list;
  for (MemoryBufferRef member : members) {
    // A member that is no object would silently be missing from the symbol table.
    Expected<std::unique_ptr<llvm::object::ObjectFile>> object =
        llvm::object::ObjectFile::createObjectFile(member);
    if (!object)
      return createFileError(member.getBufferIdentifier(), object.takeError());
    list.emplace_back(member);
  }
  if (Error error = writeArchiveToStream(out, list, SymtabWritingMode::NormalSymtab,
                                         llvm::object::Archive::K_GNU, /*Deterministic=*/true,
                                         /*Thin=*/false))
    return error;
  out.flush();
  if (!out.has_error())
    return Error::success();
  std::error_code code = out.error();
  out.clear_error();
  return errorCodeToError(code);
}

} // namespace burin::object
