//===- StackProbeTest.cpp - Large frames where stacks grow by pages -------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/ObjectTestSupport.h"

#include "codegen/llvm/EmitObject.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SourceMgr.h"

#include <catch2/catch.hpp>

using namespace burin::test;
using namespace llvm;

/// A frame of 300,000 bytes, of which only the lowest is touched: far behind the page
/// that makes the stack grow. All arguments must survive the probe. (Wine's stacks grow
/// without, too; it runs the probe all the same.)
static const char *kLargeFrame = R"(
define i64 @large(i64 %a, i64 %b, i64 %c, i64 %d) noinline {
  %frame = alloca [300000 x i8]
  store volatile i8 1, ptr %frame
  %ab = add i64 %a, %b
  %cd = mul i64 %c, %d
  %sum = add i64 %ab, %cd
  ret i64 %sum
}
define i32 @start() {
  %got = call i64 @large(i64 1, i64 2, i64 3, i64 4)
  %wrong = icmp ne i64 %got, 15
  %code = zext i1 %wrong to i32
  ret i32 %code
}
)";

TEST_CASE("frames larger than a page touch the stack in order on Windows") {
  const burin::Target *target = burin::findTarget("x86_64-windows");
  REQUIRE(target);
  LLVMContext context;
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseAssemblyString(kLargeFrame, diagnostic, context);
  REQUIRE(module);
  burin::EmitOptions options;
  options.optLevel = 0; // keeps the frame
  SmallVector<char, 0> object = cantFail(burin::emitModule(*module, *target, options));
  CHECK(cantFail(burin::undefinedSymbols(object)).empty());

  TempFolder folder;
  writeFile(folder / "large.o", StringRef(object.data(), object.size()));
  REQUIRE(run({"ld.lld", "-m", "i386pep", "-e", "start", "--subsystem", "console",
               folder / "large.o", "-o", folder / "large.exe"}) == 0);
  if (auto wine = sys::findProgramByName("wine")) {
    // Wine makes its configuration at its first start.
    StringRef build = sys::path::parent_path(sys::path::parent_path(BURIN_CLI));
    std::string prefix = ("WINEPREFIX=" + build + "/wine").str();
    std::vector<std::string> environment = {prefix, "WINEDEBUG=-all", "PATH=/usr/bin:/bin"};
    std::vector<StringRef> variables(environment.begin(), environment.end());
    std::string program = folder / "large.exe";
    CHECK(sys::ExecuteAndWait(*wine, {*wine, program}, ArrayRef<StringRef>(variables),
                              {StringRef(), StringRef(), StringRef()}, /*SecondsToWait=*/120) == 0);
  }
}
