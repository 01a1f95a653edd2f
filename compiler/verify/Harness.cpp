//===- Harness.cpp - The program around a library -------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/Harness.h"

#include "codegen/llvm/EmitObject.h"
#include "compiler/verify/ProcessPool.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace llvm;
using namespace burin;
using namespace burin::verify;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// Linking is quick; this only ends what hangs.
static constexpr double kLinkSeconds = 300;
static constexpr const char *kPointer = "burin_harness_model";

static Error fail(const Twine &message) {
  return createStringError(std::make_error_code(std::errc::no_such_file_or_directory), message);
}

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

/// The linker of the LLVM that Burin was built with, by the names that it goes by.
static std::string findLinker(StringRef name) {
  std::string versioned = (name + "-" + Twine(LLVM_VERSION_MAJOR)).str();
  for (const std::string &candidate : {versioned, name.str()})
    if (auto found = sys::findProgramByName(candidate))
      return *found;
  auto found = sys::findProgramByName(name, {BURIN_LLVM_BIN});
  return found ? *found : "";
}

Expected<Harness> Harness::find(const Target &target) {
  const Runner &runner = target.runner;
  if (runner.harness.empty())
    return fail("'" + target.name + "' has no emulator that verify knows");
  Harness harness(target);
  harness.linker = findLinker(runner.linker);
  if (harness.linker.empty())
    return fail("'" + runner.linker + "' is not installed, which links libraries for '" +
                target.name + "' (Debian package lld-" + Twine(LLVM_VERSION_MAJOR) + ")");
  if (!runner.command.empty() && runner.command.front() != "{program}") {
    auto emulator = sys::findProgramByName(runner.command.front());
    if (!emulator)
      return fail("'" + runner.command.front() + "' is not installed, which runs libraries for '" +
                  target.name + "' (Debian package " + runner.package + ")");
    harness.emulator = *emulator;
  }
  harness.folder = findInstalled(("harness/" + Twine(runner.harness)).str());
  std::error_code error;
  for (fs::directory_iterator it(harness.folder, error), end; !error && it != end;
       it.increment(error))
    if (path::extension(it->path()) == ".o")
      harness.objects.push_back(it->path());
  llvm::sort(harness.objects);
  if (harness.objects.empty())
    return fail("there is no harness for '" + target.name + "' in " + harness.folder);
  return harness;
}

//===----------------------------------------------------------------------===//
// Linking
//===----------------------------------------------------------------------===//

/// An object with one constant, the address of the model's descriptor, under the name
/// that the harness knows: not every linker can give a symbol a second name.
static Error writePointer(const Target &target, StringRef name, const std::string &file) {
  LLVMContext context;
  Module module("model", context);
  auto *pointer = PointerType::getUnqual(context);
  auto *descriptor =
      new GlobalVariable(module, Type::getInt8Ty(context), /*isConstant=*/true,
                         GlobalValue::ExternalLinkage, nullptr, name + "_descriptor");
  new GlobalVariable(module, pointer, /*isConstant=*/true, GlobalValue::ExternalLinkage, descriptor,
                     kPointer);
  auto object = emitModule(module, target, EmitOptions());
  if (!object)
    return object.takeError();
  std::error_code error;
  raw_fd_ostream out(file, error);
  if (error)
    return errorCodeToError(error);
  out.write(object->data(), object->size());
  return Error::success();
}

std::string Harness::filled(StringRef argument, StringRef program) const {
  std::string text = argument.str();
  auto replace = [&](StringRef from, StringRef to) {
    for (size_t at = 0; (at = text.find(from.str(), at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to.str());
  };
  replace("{harness}", folder);
  replace("{program}", program);
  return text;
}

Error Harness::link(StringRef name, ArrayRef<std::string> library, const std::string &scratch,
                    const std::string &program) const {
  SmallString<128> pointer(scratch);
  path::append(pointer, "model.o");
  if (Error error = writePointer(target, name, pointer.str().str()))
    return error;
  std::vector<std::string> command{linker, "-o", program};
  for (const std::string &argument : target.runner.linkArguments)
    command.push_back(filled(argument, program));
  llvm::append_range(command, objects);
  command.push_back(pointer.str().str());
  llvm::append_range(command, library);
  ChildResult child = runProgram(command, scratch, kLinkSeconds);
  if (child.end == ChildResult::End::Exited && child.code == 0)
    return Error::success();
  StringRef first = StringRef(child.errors).split('\n').first;
  return fail("the library does not link: " + (first.empty() ? child.explain() : first.str()));
}

std::vector<std::string> Harness::command(const std::string &program) const {
  std::vector<std::string> command;
  for (const std::string &argument : target.runner.command)
    command.push_back(filled(argument, program));
  if (!emulator.empty())
    command.front() = emulator;
  return command;
}
