//===- HeaderTest.cpp - Headers, descriptor and report --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/ObjectTestSupport.h"

#include "codegen/object/CText.h"
#include "codegen/object/Descriptor.h"
#include "codegen/object/HeaderWriter.h"
#include "codegen/object/HppWriter.h"
#include "codegen/object/ReportWriter.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace burin::object;
using namespace burin::test;
using namespace llvm;

static const std::vector<std::string> kStrict = {"-Wall",     "-Wextra", "-Wconversion",
                                                 "-pedantic", "-Werror", "-fsyntax-only"};

/// Writes both headers of `model` into `folder`.
static void writeHeaders(const TempFolder &folder, const ModelInterface &model) {
  std::string text;
  raw_string_ostream header(text);
  REQUIRE(messageOf(writeHeader(header, model)) == "");
  writeFile(folder / (model.name + ".h"), text);
  text.clear();
  raw_string_ostream wrapper(text);
  REQUIRE(messageOf(writeHpp(wrapper, model)) == "");
  writeFile(folder / (model.name + ".hpp"), text);
}

static int compile(const TempFolder &folder, StringRef file, StringRef standard,
                   StringRef compiler = "clang") {
  std::vector<std::string> command = {compiler.str(), "-std=" + standard.str(), folder / file};
  command.insert(command.end(), kStrict.begin(), kStrict.end());
  return run(command);
}

TEST_CASE("headers of two models compile together in C and C++") {
  TempFolder folder;
  writeHeaders(folder, staticModel());
  writeHeaders(folder, dynamicModel());
  const char *use = R"(
#include "demo.h"
#include "dyn.h"
typedef char right[DEMO_X_ELEMENTS == 6 && DEMO_ARENA_BYTES == 128 && DEMO_Q_ZERO_POINT == -3 &&
                   DYN_DIM_N_MAX == 8 ? 1 : -1];
burin_status use(const float *x, float *y, void *arena);
burin_status use(const float *x, float *y, void *arena) {
  static const int64_t shape[DEMO_X_RANK] = DEMO_X_SHAPE;
  demo_io io;
  dyn_io other;
  right unused;
  (void)unused;
  (void)shape;
  demo_io_init(&io);
  dyn_io_init(&other);
  io.x = x;
  io.y = y;
  other.dims.N = 2;
  other.picked_capacity = 10;
  if (demo_descriptor.input_count != 2 || dyn_arena_bytes(&other.dims) == 0)
    return BURIN_ERROR_INTERNAL;
  return demo_run(&io, arena) == BURIN_OK ? dyn_run(&other, arena) : BURIN_ERROR_CHECK;
}
)";
  writeFile(folder / "use.c", use);
  writeFile(folder / "use.cpp", use);
  CHECK(compile(folder, "use.c", "c99") == 0);
  CHECK(compile(folder, "use.c", "c17") == 0);
  CHECK(compile(folder, "use.cpp", "c++11") == 0);
  CHECK(compile(folder, "use.cpp", "c++20") == 0);
}

TEST_CASE("the C++ wrapper checks extents at compile time") {
  TempFolder folder;
  writeHeaders(folder, staticModel());
  writeHeaders(folder, dynamicModel());
  std::string use = R"(
#include "demo.hpp"
#include "dyn.hpp"
#include <type_traits>
static_assert(std::is_same_v<demo::Q::element, std::int8_t>);
static_assert(demo::X::shape[1] == 3 && demo::X::elements == 6);
static_assert(demo::Q::real(demo::Q::zero_point) == 0.0f);
burin::Result use(std::array<float, 6> &x, std::array<std::int8_t, 4> &q);
burin::Result use(std::array<float, 6> &x, std::array<std::int8_t, 4> &q) {
  static demo::Arena arena;
  demo::Model model(arena), owner;
  std::array<float, 2> y{};
  std::int64_t out = 0;
  std::array<std::int64_t, 2> shape{};
  std::array<float, 20> wide{};
  dyn::Model other;
  std::array<std::uint8_t, 3> packed{};
  auto result = other.run({.x = x, .packed = packed, .y = wide, .picked = {}, .dims = {2, 5},
                           .picked_shape = &shape});
  if (!result)
    return result;
  return model.run({.x = x, .q = q, .y = y, .layer_out = std::span<std::int64_t, 1>(&out, 1)});
}
)";
  writeFile(folder / "use.cpp", use);
  CHECK(compile(folder, "use.cpp", "c++20") == 0);
  size_t at = use.find("6> &x, std::array<std::int8_t, 4> &q) {");
  REQUIRE(at != std::string::npos);
  use[at] = '5';
  writeFile(folder / "bad.cpp", use + "// the extent of x is wrong");
  CHECK_FALSE(succeeds({"clang", "-std=c++20", "-fsyntax-only", folder / "bad.cpp"}));
}

TEST_CASE("names become unique identifiers") {
  CHECK(makeIdentifier("serving_default_input:0") == "serving_default_input_0");
  CHECK(makeIdentifier("3d__x/") == "m3d_x");
  CHECK(makeIdentifier("") == "m");
  CHECK(makeIdentifier("int") == "int_");
  CHECK(makeIdentifier("\xc3\xa4") == "m");
  std::vector<std::string> names = makeIdentifiers({"a", "A", "a.1", "arena", "x_shape", "x"});
  CHECK(names == std::vector<std::string>{"a", "A_2", "a_1", "arena_2", "x_shape_t", "x"});
}

TEST_CASE("pieces of C are safe") {
  CHECK(cString("a\"b\\\n\?\?=") == "\"a\\\"b\\\\\\012\\?\\?=\"");
  CHECK(cComment("a*/b/*c\n") == "a_/b_*c_");
  CHECK(cFloat(1) == "1.0f");
  CHECK(cFloat(0.5847029089927673f) == "0.5847029f");
  CHECK(cFloat(1e-30f) == "1e-30f");
  CHECK(storageUnits(*findElementType(22), 5) == 3);
  CHECK(storageUnits(*findElementType(14), 5) == 10);
}

TEST_CASE("interfaces that cannot be written are errors") {
  ModelInterface model = staticModel();
  SECTION("type") {
    model.inputs[0].elementType = 8;
    CHECK(messageOf(checkInterface(model)) == "input \"x\": element type 8 has no C interface");
  }
  SECTION("clash") {
    model.outputs[0].identifier = "X";
    CHECK(messageOf(checkInterface(model)) == "output \"y\": identifier \"X\" is taken");
  }
  SECTION("size") {
    model.inputs[0].dims = {Dim::fixed(INT64_MAX), Dim::fixed(2)};
    CHECK(messageOf(checkInterface(model)) == "input \"x\": has more than 2^63 elements");
  }
  SECTION("arena") {
    model.arenaBytes.reset();
    CHECK(messageOf(checkInterface(model)) == "a static model needs a static arena size");
  }
}

TEST_CASE("the interface's key follows what programs rely on") {
  ModelInterface model = staticModel();
  std::string key = interfaceKey(model);
  CHECK(StringRef(key).starts_with("abi1_"));
  model.modelHash = "other weights";
  model.stackBytes = 100;
  CHECK(interfaceKey(model) == key);
  model.arenaBytes = 256;
  CHECK(interfaceKey(model) != key);
}

/// A library that does nothing: the functions of dynamicModel(), N up to 8.
static std::unique_ptr<Module> dynamicLibrary(LLVMContext &context) {
  SMDiagnostic diagnostic;
  auto module = parseAssemblyString(R"(
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"
define i32 @dyn_run(ptr %io, ptr %arena) {
  %missing = icmp eq ptr %arena, null
  %status = zext i1 %missing to i32
  ret i32 %status
}
define i64 @dyn_arena_bytes(ptr %dims) {
  %n = load i64, ptr %dims
  %good = icmp ule i64 %n, 8
  %bytes = select i1 %good, i64 64, i64 0
  ret i64 %bytes
}
define void @dyn_y_shape(ptr %dims, ptr %shape) {
  %n = load i64, ptr %dims
  store i64 %n, ptr %shape
  %twice = shl i64 %n, 1
  %width = add i64 %twice, 1
  %second = getelementptr i64, ptr %shape, i64 1
  store i64 %width, ptr %second
  ret void
})",
                                    diagnostic, context);
  REQUIRE(module);
  return module;
}

static void writeModule(const std::string &path, const Module &module) {
  std::string text;
  raw_string_ostream out(text);
  out << module;
  writeFile(path, text);
}

TEST_CASE("the descriptor is what the header declares") {
  TempFolder folder;
  LLVMContext context;
  std::unique_ptr<Module> module = dynamicLibrary(context);
  ModelInterface model = dynamicModel();
  REQUIRE(messageOf(emitDescriptor(*module, model)) == "");
  REQUIRE_FALSE(verifyModule(*module, &errs()));
  CHECK(messageOf(emitDescriptor(*module, model)) == "\"dyn_descriptor\" is already in the module");
  writeModule(folder / "dyn.ll", *module);
  writeHeaders(folder, model);
  writeFile(folder / "main.c", R"(
#include "dyn.h"
#include <string.h>
#define CHECK(x) do { if (!(x)) return __LINE__; } while (0)
int main(void) {
  const burin_descriptor *d = &dyn_descriptor;
  const burin_tensor_info *y = &d->outputs[0], *picked = &d->outputs[1];
  int64_t dims[2] = {4, 9}, shape[2] = {0, 0};
  dyn_io io;
  dyn_io_init(&io);
  CHECK(d->abi_version == BURIN_ABI_VERSION && d->descriptor_bytes == sizeof(burin_descriptor));
  CHECK(!strcmp(d->model, "dyn") && !strcmp(d->target, "x86-64") && strlen(d->model_hash) == 64);
  CHECK(d->input_count == 2 && d->output_count == 2 && d->symbol_count == 2);
  CHECK(!strcmp(d->symbols[1].name, "unk__7") && !strcmp(d->symbols[1].identifier, "unk_7"));
  CHECK(d->symbols[0].lo == 1 && d->symbols[0].hi == 8 && d->symbols[1].hi == -1);
  CHECK(d->inputs[0].dims[0].size == -1 && d->inputs[0].dims[0].symbol == 0);
  CHECK(d->inputs[0].dims[1].size == 3 && d->inputs[0].dims[1].symbol == -1);
  CHECK(d->inputs[1].type == 22 && d->inputs[1].rank == 1 && !d->inputs[1].shape);
  CHECK(!strcmp(y->dims[1].expression, "2*N + 1") && y->scale == 0.0f && y->type == 14);
  y->shape(dims, shape);
  CHECK(shape[0] == 4 && shape[1] == 9 && picked->data_dependent == 1 && !picked->shape);
  CHECK(d->arena_bytes == UINT64_MAX && d->arena_align == 64 && d->arena_bytes_for(dims) == 64);
  CHECK(d->run(&io, 0) == BURIN_ERROR_NULL && dyn_run(&io, 0) == BURIN_ERROR_NULL);
  return 0;
})");
  std::vector<std::string> link = {
      "clang", "-Wno-override-module", folder / "main.c", folder / "dyn.ll", "-o", folder / "main"};
  REQUIRE(run(link) == 0);
  CHECK(runFile(folder / "main") == 0);

  // The header of another interface does not link with this library.
  model.inputs[0].dims[1] = Dim::fixed(4);
  writeHeaders(folder, model);
  CHECK_FALSE(succeeds(link));
}

TEST_CASE("the C++ wrapper checks sizes that are not static") {
  TempFolder folder;
  LLVMContext context;
  std::unique_ptr<Module> module = dynamicLibrary(context);
  REQUIRE(messageOf(emitDescriptor(*module, dynamicModel())) == "");
  writeModule(folder / "dyn.ll", *module);
  writeHeaders(folder, dynamicModel());
  writeFile(folder / "main.cpp", R"(
#include "dyn.hpp"
#define CHECK(x) do { if (!(x)) return __LINE__; } while (0)
int main() {
  std::array<float, 24> x{};
  std::array<std::uint8_t, 3> packed{}; // five elements of four bits
  std::array<float, 100> y{};           // complex: two floats per element
  std::array<std::int64_t, 30> picked{};
  std::array<std::int64_t, 2> shape{};
  std::span<float> all(x);
  dyn::Model model;
  auto run = [&](dyn::Model &model, std::size_t inputs, std::size_t outputs, dyn::Dims dims) {
    return model.run({.x = all.first(inputs), .packed = packed,
                      .y = std::span<float>(y).first(outputs), .picked = picked, .dims = dims,
                      .picked_shape = &shape}).error();
  };
  CHECK(run(model, 6, 20, {2, 5}) == BURIN_OK);
  CHECK(run(model, 6, 20, {2, 6}) == BURIN_OK);
  CHECK(run(model, 6, 20, {2, 7}) == BURIN_ERROR_DIMS);
  CHECK(run(model, 7, 20, {2, 5}) == BURIN_ERROR_DIMS);
  CHECK(run(model, 6, 20, {9, 5}) == BURIN_ERROR_DIMS);
  CHECK(run(model, 6, 20, {-1, 5}) == BURIN_ERROR_DIMS);
  CHECK(run(model, 6, 19, {2, 5}) == BURIN_ERROR_CAPACITY);
  alignas(64) std::byte arena[64];
  dyn::Model small(std::span<std::byte>(arena).first(63)), right(arena), none{std::span<std::byte>()};
  CHECK(run(small, 6, 20, {2, 5}) == BURIN_ERROR_CAPACITY);
  CHECK(run(right, 6, 20, {2, 5}) == BURIN_OK);
  CHECK(run(none, 6, 20, {2, 5}) == BURIN_ERROR_NULL);
  return 0;
}
)");
  REQUIRE(run({"clang++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-Wno-override-module",
               "-fsanitize=undefined", "-fno-sanitize-recover", folder / "main.cpp",
               folder / "dyn.ll", "-o", folder / "main"}) == 0);
  CHECK(runFile(folder / "main") == 0);
}

TEST_CASE("the descriptor needs an entry to describe") {
  LLVMContext context;
  Module module("empty", context);
  CHECK(messageOf(emitDescriptor(module, staticModel())) ==
        "the module does not define \"demo_run\"");
}

TEST_CASE("the report tells what it knows") {
  auto report = [](const ModelInterface &model) {
    std::string text;
    raw_string_ostream out(text);
    REQUIRE(messageOf(writeReport(out, model)) == "");
    return nlohmann::json::parse(text);
  };
  nlohmann::json json = report(staticModel());
  CHECK(json["inputs"][0]["shape"] == nlohmann::json({2, 3}));
  CHECK(json["inputs"][1]["zero_point"] == -3);
  CHECK(json["outputs"][1]["name"] == "layer/out */");
  CHECK(json["memory"]["arena_bytes"] == 128);
  CHECK(json["totals"]["macs"] == 11);
  CHECK(json["totals"]["flash"] == 124);
  CHECK(json["arena"][1]["alias_of"] == "a");

  ModelInterface dynamic = dynamicModel();
  dynamic.inputs[0].onnxName = "not \xff UTF-8";
  json = report(dynamic);
  CHECK_FALSE(json["memory"].contains("arena_bytes"));
  CHECK(json["outputs"][0]["shape"] == nlohmann::json({"N", "2*N + 1"}));
  CHECK(json["outputs"][1]["shape"] == nlohmann::json({nullptr, 3}));
}
