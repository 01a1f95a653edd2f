//===- OutputSet.h - Files that appear together or not at all ---*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_OUTPUTSET_H
#define BURIN_CODEGEN_OBJECT_OUTPUTSET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <deque>
#include <memory>
#include <string>

namespace burin::object {

/// Collects output files under temporary names in their final folders. commit()
/// renames them all; without it, or when anything fails, none of them is left.
class OutputSet {
public:
  OutputSet() = default;
  OutputSet(const OutputSet &) = delete;
  OutputSet &operator=(const OutputSet &) = delete;
  ~OutputSet();

  /// Opens a file that becomes `path`; makes its folder when missing. The stream
  /// lives as long as the set.
  llvm::Expected<llvm::raw_fd_ostream &> open(llvm::StringRef path);

  /// Makes all files appear. On failure removes those that already did.
  llvm::Error commit();

private:
  struct File {
    std::string path;
    llvm::sys::fs::TempFile temp;
    std::unique_ptr<llvm::raw_fd_ostream> stream;
  };
  File *find(llvm::StringRef path);
  llvm::Error close(File &file);

  std::deque<File> files;
};

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_OUTPUTSET_H
