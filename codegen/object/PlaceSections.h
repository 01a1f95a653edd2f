//===- PlaceSections.h - Sections that linker scripts name ------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_PLACESECTIONS_H
#define BURIN_CODEGEN_OBJECT_PLACESECTIONS_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace burin::object {

/// Names the sections of firmware after the model, so that a linker script can put one
/// model's code or tables where it wants: `.text.burin.<model>.<function>` and
/// `.rodata.burin.<model>.tables.<name>` (the weights' object has
/// `.rodata.burin.<model>.weights`). Each function and table keeps a section of its own.
///
/// Drops `.note.GNU-stack`: compilers for firmware leave it out, and GNU ld warns of
/// every object without it as soon as one object has it.
///
/// `object` is ELF; fails when it cannot be read.
llvm::Expected<llvm::SmallVector<char, 0>> placeSections(llvm::StringRef object,
                                                         llvm::StringRef model);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_PLACESECTIONS_H
