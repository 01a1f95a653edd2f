//===- Terminal.h - Who is reading ------------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_CLI_TERMINAL_H
#define BURIN_COMPILER_CLI_TERMINAL_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <string>

namespace burin::cli {

/// Colour and progress are for people: on a terminal, unless NO_COLOR is set.
bool colourOnStderr();
bool progressOnStderr();

/// `text` in bold or green or red, where stdout is a terminal that takes it.
std::string bold(llvm::StringRef text);
std::string green(llvm::StringRef text);
std::string red(llvm::StringRef text);

/// "1.5 KiB", "24 B"
std::string showBytes(uint64_t bytes);
/// "18.95 M"
std::string showCount(uint64_t count);

/// Calls `write` with the stream of a file, or of stdout for "-". Prints an error and
/// gives false where it cannot be written.
bool writeFile(llvm::StringRef path, const std::function<void(llvm::raw_ostream &)> &write);

} // namespace burin::cli

#endif // BURIN_COMPILER_CLI_TERMINAL_H
