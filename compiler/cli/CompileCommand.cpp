//===- CompileCommand.cpp - burin compile ---------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/cli/Commands.h"
#include "compiler/cli/Terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace burin;
using namespace burin::cli;
using llvm::StringRef;

static constexpr const char *kFooter = R"(
Examples:
  burin compile kws.onnx -o build
      writes build/libkws.a, kws.h, kws.hpp and the report kws.json
  burin compile bert.onnx --dim batch=1 --dim seq=1..512
      one size is fixed, the other bounded: the arena's size becomes a constant
  burin compile kws.onnx --emit asm -o -
      shows the machine code; obj, llvm and mlir work the same way
  burin compile kws.onnx --emit mlir=form-groups
      shows the IR after a pass; --trace lists their names
  burin compile kws.onnx --max-ram 64K --max-flash 256K
      ends with exit code 3 and no files when the library would be larger)";

namespace {

struct CompileArguments : ModelArguments {
  std::string folder;
  std::string emit = "lib";
  std::string maxRam, maxFlash, maxMacs;
};

} // namespace

/// `64K`, `1M`, `1500`
static bool parseSize(StringRef text, std::optional<uint64_t> &size) {
  if (text.empty())
    return true;
  unsigned shift = 0;
  for (auto [suffix, bits] : {std::pair("K", 10u), {"M", 20u}, {"G", 30u}})
    if (text.consume_back(suffix))
      shift = bits;
  uint64_t value;
  if (text.getAsInteger(10, value) || value > (UINT64_MAX >> shift))
    return false;
  size = value << shift;
  return true;
}

static std::optional<Emit> parseEmit(StringRef text, std::string &pass) {
  if (text.consume_front("mlir=")) {
    pass = text.str();
    return Emit::Mlir;
  }
  for (auto [name, emit] : {std::pair("lib", Emit::Library),
                            {"obj", Emit::Object},
                            {"asm", Emit::Assembly},
                            {"llvm", Emit::Llvm},
                            {"mlir", Emit::Mlir},
                            {"cpp", Emit::Cpp},
                            {"ptx", Emit::Ptx}})
    if (text == name)
      return emit;
  return std::nullopt;
}

static int usageError(const std::string &text) {
  llvm::errs() << "burin: error: " << text << '\n';
  return kExitCannotCompile;
}

static void printSummary(const object::ModelInterface &model, StringRef folder) {
  std::string arena = model.arenaBytes ? showBytes(*model.arenaBytes) : "depends on the dimensions";
  uint64_t macs = 0;
  for (const object::GroupInfo &group : model.groups)
    macs += group.macs;
  llvm::outs() << fmt::format("{}/lib{}.a for {}: arena {}, weights {}, {} groups", folder.str(),
                              model.name, model.target, arena, showBytes(model.weightsBytes),
                              model.groups.size());
  if (macs)
    llvm::outs() << fmt::format(", {} MACs", showCount(macs));
  llvm::outs() << '\n';
  if (!model.gpuContextBytes)
    return;
  size_t onHost = llvm::count_if(
      model.groups, [](const object::GroupInfo &group) { return !group.hostReason.empty(); });
  llvm::outs() << fmt::format("{} groups are kernels, {} run on the host{}\n",
                              model.groups.size() - onHost, onHost, onHost ? ":" : "");
  for (const object::GroupInfo &group : model.groups)
    if (!group.hostReason.empty())
      llvm::outs() << fmt::format("  {}: {}\n", group.name, group.hostReason);
}

static int runCompile(const CompileArguments &arguments) {
  CompileOptions options = arguments.resolved();
  std::optional<Emit> emit = parseEmit(arguments.emit, options.stopAfter);
  if (!emit)
    return usageError(fmt::format("--emit takes lib, obj, asm, llvm, mlir, mlir=PASS, cpp or ptx, "
                                  "not '{}'",
                                  arguments.emit));
  if (*emit == Emit::Cpp)
    return usageError("--emit cpp is not available yet");
  for (auto [text, size] : {std::pair(&arguments.maxRam, &options.maxRam),
                            {&arguments.maxFlash, &options.maxFlash},
                            {&arguments.maxMacs, &options.maxMacs}})
    if (!parseSize(*text, *size))
      return usageError(
          fmt::format("'{}' is no size: give a number, or one with K, M or G", *text));
  // Text is for reading, files are for a folder.
  bool isText =
      *emit == Emit::Assembly || *emit == Emit::Llvm || *emit == Emit::Mlir || *emit == Emit::Ptx;
  std::string folder = !arguments.folder.empty() ? arguments.folder : isText ? "-" : ".";

  Diagnostics diagnostics(&llvm::errs(), colourOnStderr());
  Compilation compilation(options, diagnostics);
  bool done = succeeded(compilation.write(*emit, folder));
  diagnostics.finish();
  if (!done)
    return compilation.overBudget() ? kExitOverBudget : kExitCannotCompile;
  if (*emit == Emit::Library)
    printSummary(compilation.interface(), folder);
  return kExitOk;
}

void cli::addCompileCommand(CLI::App &app, Session &session) {
  CLI::App *command = app.add_subcommand("compile", "Compile a model to a static library");
  auto arguments = std::make_shared<CompileArguments>();
  addModelArguments(*command, *arguments);
  command
      ->add_option("-o,--output", arguments->folder,
                   "Folder for the files, made if missing; '-' for stdout (text only)")
      ->type_name("DIR");
  command
      ->add_option("--emit", arguments->emit,
                   "What to write: lib, obj, asm, llvm, mlir, mlir=PASS, cpp, ptx")
      ->type_name("KIND")
      ->capture_default_str();
  command->add_option("--max-ram", arguments->maxRam, "Fail if the arena is larger (64K, 1M)")
      ->type_name("SIZE");
  command->add_option("--max-flash", arguments->maxFlash, "Fail if code and weights are larger")
      ->type_name("SIZE");
  command->add_option("--max-macs", arguments->maxMacs, "Fail if it multiplies more often")
      ->type_name("COUNT");
  command
      ->add_option("--depfile", arguments->options.depfile,
                   "Also write which files the library was made from, for make and ninja")
      ->type_name("FILE");
  command->footer(kFooter);
  command->callback([arguments, &session] { session.exitCode = runCompile(*arguments); });
}

//===----------------------------------------------------------------------===//
// Options of all commands that compile
//===----------------------------------------------------------------------===//

CompileOptions ModelArguments::resolved() const {
  CompileOptions result = options;
  result.trace = trace ? &llvm::errs() : nullptr;
  return result;
}

void cli::addModelArguments(CLI::App &command, ModelArguments &arguments, bool modelIsRequired) {
  CompileOptions &options = arguments.options;
  command.add_option("MODEL", options.modelPath, "The .onnx file")->required(modelIsRequired);
  command.add_option("--target", options.target, "Machine to compile for, see 'burin targets'")
      ->type_name("TARGET")
      ->capture_default_str();
  command
      .add_option("--dim", options.dims,
                  "Fix or bound a dynamic dimension: batch=1, seq=1..512; repeatable")
      ->type_name("NAME=K|NAME=LO..HI")
      ->allow_extra_args(false);
  command
      .add_option("--shape", options.shapes,
                  "Shape of an input: numbers and names of dimensions; repeatable")
      ->type_name("INPUT=1,3,H,W")
      ->allow_extra_args(false);
  command.add_option("--name", options.name, "Prefix of all symbols; default: the file's name")
      ->type_name("NAME");
  command
      .add_option("-O", options.optLevel,
                  "0 compiles fast, 3 tries hardest; the results are the same")
      ->type_name("0..3")
      ->check(CLI::Range(0, 3))
      ->capture_default_str();
  command.add_flag("--exact", options.exact,
                   "No rewrite that changes rounding: slower, closest to the model as written");
  command.add_flag("--trace", arguments.trace,
                   "Print every pass with its time and what it changed");
}
