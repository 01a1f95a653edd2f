//===- HppWriter.h - <model>.hpp --------------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_HPPWRITER_H
#define BURIN_CODEGEN_OBJECT_HPPWRITER_H

#include "codegen/object/ModelInterface.h"

#include "llvm/Support/raw_ostream.h"

namespace burin::object {

/// Writes `<model>.hpp`: the same interface in C++20 on top of `<model>.h`.
/// Fails when checkInterface() does.
llvm::Error writeHpp(llvm::raw_ostream &out, const ModelInterface &model);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_HPPWRITER_H
