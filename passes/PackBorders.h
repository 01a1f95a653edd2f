//===- PackBorders.h - Sub-byte types cross the border packed ---*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_PASSES_PACKBORDERS_H
#define BURIN_PASSES_PACKBORDERS_H

#include "llvm/ADT/StringRef.h"

namespace burin {

/// On arguments and results of the entry that `pack-borders` made bytes: the type that
/// the model gives them.
inline constexpr llvm::StringLiteral kPackedAttr = "nn.packed";

} // namespace burin

#endif // BURIN_PASSES_PACKBORDERS_H
