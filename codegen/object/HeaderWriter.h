//===- HeaderWriter.h - <model>.h -------------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_HEADERWRITER_H
#define BURIN_CODEGEN_OBJECT_HEADERWRITER_H

#include "codegen/object/ModelInterface.h"

#include "llvm/Support/raw_ostream.h"

namespace burin::object {

/// Writes `<model>.h`: C99 and C++, needs <stddef.h> and <stdint.h> only.
/// Fails when checkInterface() does.
llvm::Error writeHeader(llvm::raw_ostream &out, const ModelInterface &model);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_HEADERWRITER_H
