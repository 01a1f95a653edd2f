//===- IndexMath.cpp - Indices of gather and scatter ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/IndexMath.h"

#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;

SmallVector<Extent> burin::rowMajorExtents(NodeBinder &n, ArrayRef<Extent> extents) {
  ShapeMath math(n);
  SmallVector<Extent> strides(extents.size(), Extent(1));
  for (size_t i = extents.size(); i-- > 1;)
    strides[i - 1] = math.mul(strides[i], extents[i]);
  return strides;
}

Value burin::linearIndex(NodeBinder &n, Value indices, ArrayRef<Extent> extents) {
  Value wide = n.cast(indices, n.b.getI64Type());
  Value negative = n.compare(nn::CompareFn::lt, wide, n.index(0));
  Value wrapped = n.select(negative, n.add(wide, n.shapeFrom(extents)), wide);
  Value weighted = n.mul(wrapped, n.shapeFrom(rowMajorExtents(n, extents)));
  return n.reduce(nn::ReduceFn::sum, weighted, {NNBuilder::rank(indices) - 1}, false);
}
