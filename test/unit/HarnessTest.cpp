//===- HarnessTest.cpp - The program around a library ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/Harness.h"
#include "codegen/object/Descriptor.h"
#include "compiler/verify/ProcessPool.h"
#include "targets/harness/descriptor.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace burin::verify;

TEST_CASE("the harness reads the descriptor that libraries hold") {
  CHECK(sizeof(struct descriptor) == sizeof(object::Descriptor));
  CHECK(sizeof(struct descriptor_tensor) == sizeof(object::DescriptorTensor));
  CHECK(sizeof(struct descriptor_dim) == sizeof(object::DescriptorDim));
  CHECK(sizeof(struct descriptor_symbol) == sizeof(object::DescriptorSymbol));
  CHECK(offsetof(struct descriptor, outputs) == offsetof(object::Descriptor, outputs));
  CHECK(offsetof(struct descriptor, symbol_count) == offsetof(object::Descriptor, symbolCount));
  CHECK(offsetof(struct descriptor, arena_alignment) ==
        offsetof(object::Descriptor, arenaAlignment));
  CHECK(offsetof(struct descriptor, run) == offsetof(object::Descriptor, run));
  CHECK(offsetof(struct descriptor, arena_bytes_for) ==
        offsetof(object::Descriptor, arenaBytesFor));
  CHECK(offsetof(struct descriptor_tensor, shape) == offsetof(object::DescriptorTensor, shape));
  CHECK(offsetof(struct descriptor_tensor, rank) == offsetof(object::DescriptorTensor, rank));
  CHECK(offsetof(struct descriptor_tensor, data_dependent) ==
        offsetof(object::DescriptorTensor, dataDependent));
  CHECK(offsetof(struct descriptor_dim, symbol) == offsetof(object::DescriptorDim, symbol));
}

TEST_CASE("a program that fails, hangs or talks a lot is reported") {
  ChildResult good = runProgram({"/bin/sh", "-c", "pwd"}, "/", 10);
  CHECK(good.end == ChildResult::End::Exited);
  CHECK(good.code == 0);
  CHECK(good.errors == "/\n");

  ChildResult bad = runProgram({"/bin/sh", "-c", "echo why >&2; exit 3"}, "/", 10);
  CHECK(bad.explain() == "ended with exit code 3: why");
  CHECK(runProgram({"/bin/sh", "-c", "kill -SEGV $$"}, "/", 10).end == ChildResult::End::Killed);
  CHECK(runProgram({"/bin/sh", "-c", "sleep 100 & sleep 100"}, "/", 0.2).end ==
        ChildResult::End::TimedOut);
  ChildResult loud =
      runProgram({"/bin/sh", "-c", "dd if=/dev/zero bs=65536 count=20 2>/dev/null"}, "/", 10);
  CHECK(loud.code == 0);
  CHECK(runProgram({"/no/such/program"}, "/", 10).code == 127);
}

TEST_CASE("missing tools are named with their package") {
  auto message = [](const Target &target) {
    return llvm::toString(Harness::find(target).takeError());
  };
  Target target = *findTarget("aarch64");
  target.name = "a";
  target.runner.command = {"no-such-emulator", "{program}"};
  target.runner.package = "some-package";
  CHECK(message(target) == "'no-such-emulator' is not installed, which runs libraries for 'a' "
                           "(Debian package some-package)");
  target.runner.linker = "no-such-linker";
  CHECK(message(target) == "'no-such-linker' is not installed, which links libraries for 'a' "
                           "(Debian package lld-19)");
  target.runner.harness.clear();
  CHECK(message(target) == "'a' has no emulator that verify knows");
}
