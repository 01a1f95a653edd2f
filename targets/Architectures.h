//===- Architectures.h - CPUs that several systems share --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Starting points for descriptions, to be changed where a system or core differs: Linux's
// for servers, the barest core's for firmware.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TARGETS_ARCHITECTURES_H
#define BURIN_TARGETS_ARCHITECTURES_H

#include "targets/Target.h"

namespace burin {

/// x86-64 with vectors of 128, 256 or 512 bits (X86.cpp).
Target x86Level(llvm::StringRef name, llvm::StringRef cpu, unsigned vectorBits);

/// 64-bit ARM with NEON, and the same with sdot (AArch64.cpp).
Target neon(llvm::StringRef name, llvm::StringRef cpu, llvm::StringRef features = "");
Target withDotProducts(Target target);

/// A 32-bit core without an operating system, with soft floats until the caller knows
/// better (Microcontroller.cpp).
Target microcontroller(llvm::StringRef name, llvm::StringRef triple, llvm::StringRef cpu);

/// Sets `target`'s runner to QEMU's system emulator: `machine` holds the words behind -M,
/// `script` the memory map in the harness's folder. Counts instructions.
void runOnMachine(Target &target, llvm::StringRef harness, llvm::StringRef emulator,
                  std::initializer_list<llvm::StringRef> machine, llvm::StringRef script);

} // namespace burin

#endif // BURIN_TARGETS_ARCHITECTURES_H
