//===- Pools.h - Building pools ---------------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_POOLS_H
#define BURIN_COMPILER_IMPORTER_POOLS_H

#include "compiler/importer/Windows.h"

namespace burin {

struct PoolAttrs {
  WindowAttrs window;
  bool ceil = false;
};

/// Attributes of a pool over x; reported and nullopt where they are wrong.
std::optional<PoolAttrs> readPool(NodeBinder &n, mlir::Value x,
                                  nn::Layout layout = nn::Layout::nchw);

/// The fold alone. Padding that only the run knows must be in x already.
mlir::Value buildPool(NodeBinder &n, nn::PoolFn fn, mlir::Value x, const WindowAttrs &window,
                      bool ceil, nn::Layout layout = nn::Layout::nchw);

/// Sums over windows by their number of elements, with the padding where
/// `countPads` is set.
mlir::Value buildAveragePool(NodeBinder &n, mlir::Value x, const PoolAttrs &attrs, bool countPads,
                             nn::Layout layout = nn::Layout::nchw);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_POOLS_H
