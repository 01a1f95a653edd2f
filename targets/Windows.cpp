//===- Windows.cpp - Windows on x86-64 ------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "targets/Architectures.h"

#include "llvm/Support/TargetSelect.h"

namespace burin {

static void initialize() {
  x86Level("", "", 128).initialize();
  LLVMInitializeX86AsmParser(); // for the assembly below
}

/// Takes the frame's size in rax and keeps all registers. (The compilers' own probes have
/// names of their runtimes; the model brings one that nothing clashes with.)
static constexpr const char *kStackProbe = R"(
  .text
  .p2align 4
{name}:
  pushq %rcx
  pushq %rax
  leaq 24(%rsp), %rcx
1:
  cmpq $4096, %rax
  jb 2f
  subq $4096, %rcx
  orb $0, (%rcx)
  subq $4096, %rax
  jmp 1b
2:
  subq %rax, %rcx
  orb $0, (%rcx)
  popq %rax
  popq %rcx
  retq
)";

/// Programs of both compilers link these objects: C's ABI is the same, and the "gnu"
/// triple asks for no symbols of Microsoft's runtime.
static Target windows(Target target) {
  target.triple = "x86_64-pc-windows-gnu";
  target.stackProbe = kStackProbe;
  target.initialize = initialize;
  target.runner = Runner();
  target.runner.harness = "x86_64-windows";
  target.runner.linkArguments = {"-m",
                                 "i386pep",
                                 "-e",
                                 "burin_windows_start",
                                 "--subsystem",
                                 "console",
                                 "{harness}/libkernel32.a"};
  target.runner.command = {"wine", "{program}"};
  target.runner.package = "wine";
  // The page that Windows has at a fixed address is taken now and then; and wine's server ends
  // when it has been alone for a while, also while another program connects to it.
  target.runner.startTroubles = {"failed to map the shared user data", "wine client error"};
  return target;
}

std::vector<Target> windowsTargets() {
  // The least that Windows 11 runs on.
  Target base = x86Level("x86_64-windows", "x86-64-v2", 128);
  base.hasRounding = true;
  return {windows(base), windows(x86Level("x86_64-windows-v3", "x86-64-v3", 256))};
}

} // namespace burin
