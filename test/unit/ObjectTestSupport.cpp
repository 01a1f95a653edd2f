//===- ObjectTestSupport.cpp - Folders, programs and a model --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/ObjectTestSupport.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace burin::object;
using namespace llvm;

namespace burin::test {

TempFolder::TempFolder() {
  SmallString<128> folder;
  if (sys::fs::createUniqueDirectory("burin-test", folder))
    report_fatal_error("no temporary folder");
  path = folder.str().str();
}

TempFolder::~TempFolder() { sys::fs::remove_directories(path); }

std::string TempFolder::operator/(StringRef file) const { return path + "/" + file.str(); }

std::vector<std::string> TempFolder::listing(StringRef inner) const {
  std::vector<std::string> names;
  std::error_code code;
  for (sys::fs::directory_iterator at(*this / inner, code), end; at != end && !code;
       at.increment(code))
    names.push_back(sys::path::filename(at->path()).str());
  llvm::sort(names);
  return names;
}

void writeFile(StringRef path, StringRef text) {
  std::error_code code;
  raw_fd_ostream out(path, code);
  out << text;
}

std::string readFile(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

std::string messageOf(Error error) { return toString(std::move(error)); }

static int runTool(ArrayRef<std::string> command, ArrayRef<std::optional<StringRef>> redirects) {
  std::string program = std::string(BURIN_LLVM_BIN) + "/" + command.front();
  std::vector<StringRef> arguments(command.begin(), command.end());
  return sys::ExecuteAndWait(program, arguments, std::nullopt, redirects, /*SecondsToWait=*/120);
}

int run(std::vector<std::string> command) { return runTool(command, {}); }

bool succeeds(std::vector<std::string> command) {
  // An empty name is the null device.
  return runTool(command, {StringRef(), StringRef(), StringRef()}) == 0;
}

int runFile(StringRef program) {
  return sys::ExecuteAndWait(program, {program}, std::nullopt, {}, /*SecondsToWait=*/60);
}

static TensorInfo tensor(std::string name, int type, std::vector<Dim> dims) {
  TensorInfo info;
  info.onnxName = name;
  info.identifier = makeIdentifier(name);
  info.elementType = type;
  info.dims = std::move(dims);
  return info;
}

ModelInterface staticModel() {
  ModelInterface model;
  model.name = "demo";
  model.modelHash = sha256("demo");
  model.compilerVersion = "0.1.0";
  model.target = "x86-64";
  model.options = "-O2";
  model.inputs = {tensor("x", 1, {Dim::fixed(2), Dim::fixed(3)}), tensor("q", 3, {Dim::fixed(4)})};
  model.inputs[1].quantization = Quantization{0.5847029089927673f, -3};
  model.outputs = {tensor("y", 1, {Dim::fixed(2)}), tensor("layer/out */", 7, {})};
  model.arenaBytes = 128;
  model.weightsBytes = 24;
  model.groups = {{"g0", {"conv", "relu"}, 10, 24, 8}, {"g1", {}, 1, 8, 8}};
  model.arenaMap = {{"a", 0, 64, 0, 1, ""}, {"b", 0, 64, 1, 1, "a"}};
  model.peakOwner = "g0";
  model.flash = {{"weights", 24}, {"code", 100}};
  return model;
}

ModelInterface dynamicModel() {
  ModelInterface model;
  model.name = "dyn";
  model.modelHash = sha256("dyn");
  model.compilerVersion = "0.1.0";
  model.target = "x86-64";
  model.symbols = {{"N", "N", 1, 8}, {"unk__7", "unk_7", 0, std::nullopt}};
  model.inputs = {tensor("x", 1, {Dim::dynamic(0), Dim::fixed(3)}),
                  tensor("packed", 22, {Dim::dynamic(1)})};
  model.outputs = {tensor("y", 14, {Dim::dynamic(0), Dim::dynamic(-1, "2*N + 1")}),
                   tensor("picked", 7, {Dim{}, Dim::fixed(3)})};
  model.outputs[1].dataDependent = true;
  return model;
}

} // namespace burin::test
