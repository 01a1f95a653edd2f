//===- Architectures.h - CPUs that several systems share --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Starting points for descriptions of other systems on the same CPU: Linux's, to be
// changed where the system differs.
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

} // namespace burin

#endif // BURIN_TARGETS_ARCHITECTURES_H
