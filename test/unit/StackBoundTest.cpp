//===- StackBoundTest.cpp - How much stack a model needs ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/ObjectTestSupport.h"

#include "codegen/llvm/EmitObject.h"
#include "codegen/object/StackBound.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"

#include <catch2/catch.hpp>

using namespace burin::object;
using namespace burin::test;
using namespace llvm;

static const char *kFunctions = R"(
declare void @memcpy(ptr, ptr, i64)
define internal void @leaf(ptr %p) noinline {
  %a = alloca [512 x i8]
  store volatile ptr %a, ptr %p
  call void @memcpy(ptr %p, ptr %a, i64 512)
  ret void
}
define internal void @small(ptr %p) noinline {
  %a = alloca [16 x i8]
  store volatile ptr %a, ptr %p
  ret void
}
define void @entry(ptr %p) {
  %a = alloca [1024 x i8]
  store volatile ptr %a, ptr %p
  call void @small(ptr %p)
  call void @leaf(ptr %p)
  ret void
}
define void @again(ptr %p) {
  call void @again(ptr %p)
  store volatile i8 0, ptr %p
  ret void
}
define void @pointer(ptr %p) {
  call void %p(ptr %p)
  store volatile i8 0, ptr %p
  ret void
}
define void @grows(ptr %p, i64 %n) {
  %a = alloca i8, i64 %n
  store volatile ptr %a, ptr %p
  ret void
}
)";

TEST_CASE("the stack bound follows the heaviest chain of calls") {
  TempFolder folder;
  LLVMContext context;
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseAssemblyString(kFunctions, diagnostic, context);
  REQUIRE(module);
  writeFile(folder / "m.ll", kFunctions);
  struct Machine {
    const char *triple;
    uint64_t returnAddress;
  };
  for (Machine machine : {Machine{"x86_64-linux-gnu", 8}, Machine{"thumbv7em-none-eabihf", 0},
                          Machine{"aarch64-linux-gnu", 0}}) {
    INFO(machine.triple);
    REQUIRE(run({"llc", "-O2", "-filetype=obj", "-stack-size-section",
                 std::string("-mtriple=") + machine.triple, folder / "m.ll", "-o",
                 folder / "m.o"}) == 0);
    std::string object = readFile(folder / "m.o");
    auto bound = cantFail(stackBound(*module, object, "entry"));
    REQUIRE(bound);
    CHECK(bound->bytes >= 1024 + 512 + 2 * machine.returnAddress);
    CHECK(bound->bytes <= 1024 + 512 + 100);
    CHECK(bound->chain == std::vector<std::string>{"entry", "leaf"});
    CHECK_FALSE(cantFail(stackBound(*module, object, "again")));
    CHECK_FALSE(cantFail(stackBound(*module, object, "pointer")));
    CHECK_FALSE(cantFail(stackBound(*module, object, "grows")));
    CHECK_FALSE(cantFail(stackBound(*module, object, "memcpy")));
  }
  CHECK(messageOf(stackBound(*module, "no object", "entry").takeError()) != "");
}

TEST_CASE("without recorded frames there is no stack bound") {
  TempFolder folder;
  LLVMContext context;
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseAssemblyString(kFunctions, diagnostic, context);
  writeFile(folder / "m.ll", kFunctions);
  REQUIRE(run({"llc", "-filetype=obj", folder / "m.ll", "-o", folder / "m.o"}) == 0);
  CHECK_FALSE(cantFail(stackBound(*module, readFile(folder / "m.o"), "entry")));
}

TEST_CASE("stack memory of run-time size is refused") {
  for (const char *text :
       {"%a = alloca i8, i64 %n\n", "br label %next\nnext:\n%a = alloca i64\n"}) {
    LLVMContext context;
    SMDiagnostic error;
    auto module = parseAssemblyString(std::string("define void @grows(ptr %p, i64 %n) {\n") + text +
                                          "store volatile ptr %a, ptr %p\nret void\n}\n",
                                      error, context);
    REQUIRE(module);
    auto object = burin::emitModule(*module, *burin::findTarget("native"));
    bool emitted = static_cast<bool>(object);
    REQUIRE_FALSE(emitted);
    CHECK(toString(object.takeError()) == "internal error: stack memory of run-time size in grows");
  }
}
