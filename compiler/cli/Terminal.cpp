//===- Terminal.cpp - Who is reading --------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/cli/Terminal.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/WithColor.h"

#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

using namespace burin;
using llvm::StringRef;

static bool colourOn(int file) {
  const char *none = std::getenv("NO_COLOR"), *terminal = std::getenv("TERM");
  return isatty(file) && !(none && *none) && !(terminal && StringRef(terminal) == "dumb");
}

bool cli::colourOnStderr() { return colourOn(STDERR_FILENO); }
bool cli::progressOnStderr() { return isatty(STDERR_FILENO); }

static std::string coloured(StringRef text, const char *code) {
  return colourOn(STDOUT_FILENO) ? fmt::format("\033[{}m{}\033[0m", code, text.str()) : text.str();
}

std::string cli::bold(StringRef text) { return coloured(text, "1"); }
std::string cli::green(StringRef text) { return coloured(text, "32"); }
std::string cli::red(StringRef text) { return coloured(text, "31"); }

std::string cli::showBytes(uint64_t bytes) {
  if (bytes < 1024)
    return fmt::format("{} B", bytes);
  if (bytes < 1024 * 1024)
    return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1024 * 1024));
}

std::string cli::showCount(uint64_t count) {
  if (count < 10000)
    return fmt::format("{}", count);
  return fmt::format("{:.2f} M", static_cast<double>(count) * 1e-6);
}

bool cli::writeFile(StringRef path, const std::function<void(llvm::raw_ostream &)> &write) {
  if (path == "-") {
    write(llvm::outs());
    llvm::outs().flush();
    return true;
  }
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (!error) {
    write(out);
    out.close();
    error = out.error();
    out.clear_error();
  }
  if (error)
    llvm::errs() << "burin: error: " << path << ": " << error.message() << '\n';
  return !error;
}
