//===- ModelRunnerTest.cpp - Loading and running a library ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The library is made of C here, so that it can misbehave.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/ModelRunner.h"
#include "codegen/object/WeightsObject.h"
#include "compiler/verify/Border.h"
#include "compiler/verify/EmulatedMachine.h"
#include "compiler/verify/GeneratedInputs.h"
#include "compiler/verify/LoadedLibrary.h"
#include "test/unit/ObjectTestSupport.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"

#include <catch2/catch.hpp>
#include <cstring>

using namespace burin;
using namespace burin::object;
using namespace burin::onnx;
using namespace burin::test;
using namespace burin::verify;

/// y[n] = sum of x[n][3] + weight; q = p; found = the indices of x's rows with a sum
/// above 0. x[0][0] tells what to do wrong.
static constexpr const char *kSource = R"(
#include <stdint.h>
#include <stddef.h>
#include <string.h>
struct io { const float *x; const uint8_t *p; float *y; uint8_t *q; int64_t *found;
            int64_t n, m; int64_t *found_shape; int64_t found_capacity; };
extern const float toy_w0[4] __attribute__((visibility("hidden")));
size_t toy_arena_bytes(const int64_t *dims) { return (size_t)dims[0] * 8; }
void toy_y_shape(const int64_t *dims, int64_t *shape) { shape[0] = dims[0]; }
void toy_q_shape(const int64_t *dims, int64_t *shape) { shape[0] = dims[1]; }
#ifdef IMPORT
float expf(float);
#endif
int toy_run(const struct io *io, void *arena) {
  float *sums = arena;
  int64_t found = 0;
  for (int64_t i = 0; i < io->n; ++i) {
    sums[i] = io->x[3 * i] + io->x[3 * i + 1] + io->x[3 * i + 2] + toy_w0[3];
    if (sums[i] > 0) {
      if (found == io->found_capacity)
        return 4;
      io->found[found++] = i;
    }
  }
  memcpy(io->y, sums, (size_t)io->n * 4);
  memmove(io->q, io->p, (size_t)(io->m + 1) / 2);
  io->found_shape[0] = found;
  switch ((int)io->x[0]) {
  case 101: io->y[io->n] = 0; break;
  case 102: sums[-1] = 0; break;
  case 103: ((float *)io->x)[1] = 7; break;
  case 104: return 3;
  case 105: io->found_shape[0] = 1 << 30; break;
  case 106: __builtin_trap();
  }
#ifdef IMPORT
  io->y[0] = expf(io->y[0]);
#endif
  return 0;
}
)";

static TensorInfo tensor(std::string name, int type, Dim dim) {
  TensorInfo info;
  info.onnxName = info.identifier = std::move(name);
  info.elementType = type;
  info.dims = {std::move(dim)};
  return info;
}

static ModelInterface toyModel() {
  ModelInterface model;
  model.name = "toy";
  model.symbols = {{"N", "n", 1, 8}, {"M", "m", 0, std::nullopt}};
  model.inputs = {tensor("x", kFloat, Dim::dynamic(0)), tensor("p", kInt4, Dim::dynamic(1))};
  model.inputs[0].dims.push_back(Dim::fixed(3));
  model.outputs = {tensor("y", kFloat, Dim::dynamic(0)), tensor("q", kInt4, Dim::dynamic(1)),
                   tensor("found", kInt64, Dim{})};
  model.outputs[2].dataDependent = true;
  return model;
}

/// Compiles the library to the objects `toy.o` and `weights.o`.
static void compileToy(const TempFolder &folder, std::vector<std::string> flags = {}) {
  writeFile(folder / "toy.c", kSource);
  std::vector<std::string> command = {"clang",      "-O1", "-fPIC",           "-S",
                                      "-emit-llvm", "-o",  folder / "toy.ll", folder / "toy.c"};
  command.insert(command.end(), flags.begin(), flags.end());
  REQUIRE(run(command) == 0);
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  auto module = llvm::parseAssemblyFile(folder / "toy.ll", diagnostic, context);
  REQUIRE(module);
  REQUIRE(messageOf(emitDescriptor(*module, toyModel())) == "");
  std::string text;
  llvm::raw_string_ostream out(text);
  out << *module;
  writeFile(folder / "all.ll", text);
  REQUIRE(run({"clang", "-Wno-override-module", "-O1", "-fPIC", "-c", "-o", folder / "toy.o",
               folder / "all.ll"}) == 0);
  const float weights[4] = {0, 0, 0, 0.5f};
  {
    std::error_code error;
    llvm::raw_fd_ostream file(folder / "weights.o", error);
    WeightConstant constant{
        "toy_w0", 64, {reinterpret_cast<const char *>(weights), sizeof(weights)}};
    REQUIRE(messageOf(writeWeightsObject(file, ObjectFormat(), "toy", constant)) == "");
  }
}

/// Compiles the library and links it into this process.
static llvm::Expected<LoadedLibrary> loadToy(std::vector<std::string> flags = {}) {
  TempFolder folder;
  compileToy(folder, std::move(flags));
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> objects;
  for (const char *name : {"toy.o", "weights.o"})
    objects.push_back(std::move(*llvm::MemoryBuffer::getFile(folder / name)));
  return LoadedLibrary::link("toy", std::move(objects));
}

template <typename T>
static TensorData data(int32_t type, std::vector<int64_t> dims, std::vector<T> values) {
  auto owned = std::make_shared<std::vector<T>>(std::move(values));
  TensorData result;
  result.dataType = type;
  result.dims = std::move(dims);
  result.bytes = reinterpret_cast<const uint8_t *>(owned->data());
  result.size = owned->size() * sizeof(T);
  result.owner = owned;
  return result;
}

static llvm::Expected<std::vector<TensorData>> runToy(const LoadedLibrary &library,
                                                      std::vector<float> x) {
  int64_t rows = static_cast<int64_t>(x.size()) / 3;
  auto runner = ModelRunner::prepare(
      library.descriptor(),
      {data<float>(kFloat, {rows, 3}, std::move(x)), data<int8_t>(kInt4, {3}, {-8, 7, -1})}, {});
  if (!runner)
    return runner.takeError();
  return runner->run();
}

static std::string errorOf(llvm::Expected<std::vector<TensorData>> result) {
  return messageOf(result.takeError());
}

TEST_CASE("a library runs by its descriptor", "[verify]") {
  llvm::Expected<LoadedLibrary> library = loadToy();
  REQUIRE(messageOf(library.takeError()) == "");
  auto outputs = runToy(*library, {1, 2, 3, -4, -5, -6});
  REQUIRE(messageOf(outputs.takeError()) == "");
  REQUIRE(outputs->size() == 3);
  CHECK((*outputs)[0].dims == std::vector<int64_t>{2});
  float y[2];
  std::memcpy(y, (*outputs)[0].bytes, sizeof(y));
  CHECK(y[0] == 6.5f);
  CHECK(y[1] == -14.5f);
  // Four-bit elements were packed on the way in and unpacked on the way out.
  CHECK((*outputs)[1].dims == std::vector<int64_t>{3});
  CHECK(static_cast<int8_t>((*outputs)[1].bytes[0]) == -8);
  CHECK(static_cast<int8_t>((*outputs)[1].bytes[2]) == -1);
  CHECK((*outputs)[2].dims == std::vector<int64_t>{1});

  // Whatever it does wrong is found.
  CHECK(errorOf(runToy(*library, {101, 0, 0})) ==
        "the code wrote outside of output y: byte 4 of 4");
  CHECK(errorOf(runToy(*library, {102, 0, 0})) ==
        "the code wrote outside of the arena: byte -1 of 8");
  CHECK(errorOf(runToy(*library, {103, 0, 0})) == "the code changed input x");
  CHECK(errorOf(runToy(*library, {104, 0, 0})) ==
        "the library returned 3: a dimension is out of bounds");
  CHECK(errorOf(runToy(*library, {105, 0, 0})) ==
        "output \"found\": the library reports the shape int64[1073741824]");

  // So is what does not fit it.
  CHECK(errorOf(runToy(*library, std::vector<float>(27))) ==
        "input \"x\": dimension N is 9, the library takes 1..8");
  auto prepare = [&](std::vector<TensorData> inputs) {
    return messageOf(ModelRunner::prepare(library->descriptor(), inputs, {}).takeError());
  };
  TensorData p = data<int8_t>(kInt4, {0}, {});
  CHECK(prepare({p}) == "1 inputs given, the model has 2");
  CHECK(prepare({data<float>(kFloat, {2, 2}, {1, 2, 3, 4}), p}) ==
        "input \"x\": the data is float[2, 2], the model wants 3 along axis 1");
  CHECK(prepare({data<float>(kFloat, {3}, {1, 2, 3}), p}) ==
        "input \"x\": the data is float[3], the model wants rank 2");
  CHECK(prepare({data<double>(kDouble, {1, 3}, {1, 2, 3}), p}) ==
        "input \"x\": the data is double[1, 3], the model wants float");
}

TEST_CASE("the harness finds what a library does wrong", "[verify]") {
  TempFolder folder;
  compileToy(folder);
  Target target = *findTarget("x86-64");
  if (!runsInProcess(target))
    return;
  // Without an emulator, as a program of its own.
  target.runner.command = {"{program}"};
  target.runner.guardBytes = 64;
  auto machine =
      EmulatedMachine::make(toyModel(), {folder / "toy.o", folder / "weights.o"}, target, {});
  REQUIRE(messageOf(machine.takeError()) == "");
  std::vector<DataSet> sets;
  for (std::vector<float> x : std::vector<std::vector<float>>{{1, 2, 3, -4, -5, -6},
                                                              {101, 0, 0},
                                                              {102, 0, 0},
                                                              {103, 0, 0},
                                                              {104, 0, 0},
                                                              {105, 0, 0},
                                                              std::vector<float>(27),
                                                              {7, 8, 9},
                                                              {106, 0, 0},
                                                              {1, 2, 3}}) {
    int64_t rows = static_cast<int64_t>(x.size()) / 3;
    sets.push_back(
        {"",
         {data<float>(kFloat, {rows, 3}, std::move(x)), data<int8_t>(kInt4, {3}, {-8, 7, -1})},
         {}});
  }
  std::vector<llvm::Expected<RunResult>> results = (*machine)->run(sets);
  REQUIRE(results.size() == sets.size());
  for (size_t good : {0, 7}) {
    REQUIRE(messageOf(results[good].takeError()) == "");
    const std::vector<TensorData> &outputs = results[good]->outputs;
    REQUIRE(outputs.size() == 3);
    float y;
    std::memcpy(&y, outputs[0].bytes, sizeof(y));
    CHECK(y == (good ? 24.5f : 6.5f));
    CHECK(results[good]->arenaBytes == (good ? 8 : 16));
    CHECK(outputs[1].dims == std::vector<int64_t>{3});
    CHECK(static_cast<int8_t>(outputs[1].bytes[0]) == -8);
    CHECK(outputs[2].dims == std::vector<int64_t>{1});
  }
  auto error = [&](size_t i) { return messageOf(results[i].takeError()); };
  CHECK(error(1) == "the code wrote outside of output y: byte 4");
  CHECK(error(2) == "the code wrote outside of the arena: byte -1");
  CHECK(error(3) == "the code changed input x");
  CHECK(error(4) == "the library returned 3: a dimension is out of bounds");
  CHECK(error(5) == "output \"found\": the library reports the shape int64[1073741824]");
  CHECK(error(6) == "input \"x\": dimension N is 9, the library takes 1..8");
  // A crash takes along what comes after it, nothing of what was before.
  CHECK(error(8) == "the emulator crashed (Illegal instruction)");
  CHECK(error(9) == "the emulator crashed (Illegal instruction)");
}

TEST_CASE("a library that needs more than memcpy does not load", "[verify]") {
  llvm::Expected<LoadedLibrary> library = loadToy({"-DIMPORT"});
  std::string message = messageOf(library.takeError());
  CHECK(message.find("cannot load the object") != std::string::npos);
  CHECK(message.find("expf") != std::string::npos);
}

TEST_CASE("sub-byte elements pack from the lowest bits", "[verify]") {
  const uint8_t values[] = {1, 0xfe, 3, 2, 1};
  CHECK(packElements(values, 3, 4) == std::vector<uint8_t>{0xe1, 0x03});
  CHECK(packElements(values, 5, 2) == std::vector<uint8_t>{0xb9, 0x01});
  const uint8_t packed[] = {0xe1, 0x03};
  CHECK(unpackElements(packed, 3, 4, true) == std::vector<uint8_t>{1, 0xfe, 3});
  CHECK(unpackElements(packed, 3, 4, false) == std::vector<uint8_t>{1, 14, 3});
}

TEST_CASE("generated inputs depend on the seed only", "[verify]") {
  ModelInterface model = toyModel();
  auto first = generateInputs(model, 1), again = generateInputs(model, 1),
       other = generateInputs(model, 2);
  REQUIRE(bool(first));
  REQUIRE(bool(again));
  REQUIRE(bool(other));
  REQUIRE((*first)[0].dims == (*again)[0].dims);
  CHECK(std::memcmp((*first)[0].bytes, (*again)[0].bytes, (*first)[0].size) == 0);
  CHECK(std::memcmp((*first)[0].bytes, (*other)[0].bytes, 12) != 0);
  CHECK((*first)[0].dims[0] >= 1);
  CHECK((*first)[0].dims[0] <= 8);
}
