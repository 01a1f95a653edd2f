//===- OutputSet.cpp - Files that appear together or not at all -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/OutputSet.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace burin::object {

/// `path` in front of the message of `code`.
static Error fileError(StringRef path, std::error_code code) { return createFileError(path, code); }

OutputSet::~OutputSet() {
  for (File &file : files) {
    // Flushed before: a stream that fails in its destructor ends the process.
    consumeError(close(file));
    file.stream.reset();
    consumeError(file.temp.discard());
  }
}

OutputSet::File *OutputSet::find(StringRef path) {
  auto found = llvm::find_if(files, [&](const File &file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

Expected<raw_fd_ostream &> OutputSet::open(StringRef path) {
  if (find(path))
    return fileError(path, std::make_error_code(std::errc::file_exists));
  StringRef folder = sys::path::parent_path(path);
  if (!folder.empty())
    if (std::error_code code =
            sys::fs::create_directories(folder, /*IgnoreExisting=*/true, sys::fs::perms::all_all))
      return fileError(folder, code);
  if (sys::fs::is_directory(path))
    return fileError(path, std::make_error_code(std::errc::is_a_directory));
  // Beside the final name: renaming across file systems would copy.
  Expected<sys::fs::TempFile> temp =
      sys::fs::TempFile::create(path + ".%%%%%%%%.tmp", sys::fs::all_read | sys::fs::all_write);
  if (!temp)
    return createFileError(path, temp.takeError());
  auto stream = std::make_unique<raw_fd_ostream>(temp->FD, /*shouldClose=*/false);
  files.push_back({path.str(), std::move(*temp), std::move(stream)});
  return *files.back().stream;
}

Error OutputSet::close(File &file) {
  file.stream->flush();
  if (!file.stream->has_error())
    return Error::success();
  std::error_code code = file.stream->error();
  file.stream->clear_error();
  return fileError(file.path, code);
}

Error OutputSet::commit() {
  // Everything is on disk before the first file appears.
  for (File &file : files)
    if (Error error = close(file))
      return error;
  std::vector<std::string> kept;
  while (!files.empty()) {
    File &file = files.front();
    file.stream.reset();
    if (Error error = file.temp.keep(file.path)) {
      files.pop_front();
      for (const std::string &path : kept)
        (void)sys::fs::remove(path);
      return error;
    }
    kept.push_back(file.path);
    files.pop_front();
  }
  return Error::success();
}

} // namespace burin::object
