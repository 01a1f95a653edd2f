//===- OrderCompares.h - Vector compares that mind NaN ----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_LLVM_ORDERCOMPARES_H
#define BURIN_CODEGEN_LLVM_ORDERCOMPARES_H

namespace llvm {
class Module;
} // namespace llvm

namespace burin {

/// Rewrites comparisons of vectors of floats so that none has to be inverted and NaN is
/// found by its bits: for targets whose Target::invertsCompares is set. Nothing else may
/// optimise the module after it.
void orderCompares(llvm::Module &module);

} // namespace burin

#endif // BURIN_CODEGEN_LLVM_ORDERCOMPARES_H
