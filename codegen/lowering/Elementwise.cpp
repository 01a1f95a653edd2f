//===- Elementwise.cpp - Elements of elementwise ops, collapsing ----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/GroupEmitter.h"

using namespace mlir;

namespace burin {

/// Numpy broadcasting: dims align at the right; an extent of 1 has one index.
Index GroupEmitter::broadcastIndex(Value operand, Value result, IndexRef index) {
  IndexRef from = shape(operand), to = shape(result);
  size_t skip = to.size() - from.size();
  Index mapped;
  for (auto [i, extent] : llvm::enumerate(from)) {
    Value position = index[skip + i];
    if (same(extent, to[skip + i])) {
      mapped.push_back(position);
    } else if (auto known = constant(extent)) {
      mapped.push_back(*known == 1 ? idx(0) : position);
    } else {
      Value one = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, extent, idx(1));
      mapped.push_back(b.createOrFold<arith::SelectOp>(loc, one, idx(0), position));
    }
  }
  return mapped;
}

/// Scale or zero point: per tensor, along an axis, or in blocks along an axis.
Value GroupEmitter::quantParamAt(Value param, Value x, int64_t axis, int64_t block,
                                 IndexRef index) {
  if (!param)
    return {};
  size_t rank = cast<RankedTensorType>(param.getType()).getRank();
  if (rank == 0)
    return at(param, {});
  if (block > 0) {
    Index mapped(index);
    mapped[axis] = div(index[axis], idx(block));
    return at(param, mapped);
  }
  size_t dim = axis;
  if (!dimMap.empty())
    dim = dimMap[dimMap.size() - cast<RankedTensorType>(x.getType()).getRank() + axis];
  Value position = isConstant(shape(param)[0], 1) ? idx(0) : index[dim];
  return at(param, Index{position});
}

Value GroupEmitter::elementwiseAt(Operation *op, IndexRef index) {
  SmallVector<Value, 3> operands;
  if (auto quant = dyn_cast<nn::QuantizeOp>(op)) {
    operands = {
        at(quant.getX(), index),
        quantParamAt(quant.getScale(), quant.getX(), quant.getAxis(), quant.getBlock(), index),
        quantParamAt(quant.getZp(), quant.getX(), quant.getAxis(), quant.getBlock(), index)};
  } else if (auto dequant = dyn_cast<nn::DequantizeOp>(op)) {
    operands = {at(dequant.getQ(), index),
                quantParamAt(dequant.getScale(), dequant.getQ(), dequant.getAxis(),
                             dequant.getBlock(), index),
                quantParamAt(dequant.getZp(), dequant.getQ(), dequant.getAxis(), dequant.getBlock(),
                             index)};
  } else {
    for (Value operand : op->getOperands())
      operands.push_back(at(operand, broadcastIndex(operand, op->getResult(0), index)));
  }
  Value element = scalars.emit(op, operands);
  scalars.setLoc(loc);
  return element;
}

//===----------------------------------------------------------------------===//
// Collapsing
//===----------------------------------------------------------------------===//

namespace {
/// The tensors of an elementwise graph, as far as loops are concerned.
struct Leaves {
  llvm::SmallSetVector<Value, 16> values;
  /// Dims of the results (right-aligned distance) that must stay alone.
  llvm::SmallDenseSet<int64_t> alone;
  bool possible = true;

  void visit(Value value) {
    if (!values.insert(value))
      return;
    Operation *op = value.getDefiningOp();
    if (!op || isa<nn::ConstantOp>(op))
      return;
    if (auto quant = dyn_cast<nn::QuantizeOp>(op))
      return visitQuant(quant.getX(), quant.getScale(), quant.getZp(), quant.getAxis(),
                        quant.getBlock());
    if (auto dequant = dyn_cast<nn::DequantizeOp>(op))
      return visitQuant(dequant.getQ(), dequant.getScale(), dequant.getZp(), dequant.getAxis(),
                        dequant.getBlock());
    if (!ScalarEmitter::isElementwise(op)) {
      possible = false;
      return;
    }
    for (Value operand : op->getOperands())
      visit(operand);
  }

  void visitQuant(Value x, Value scale, Value zp, int64_t axis, int64_t block) {
    visit(x);
    if (block > 0)
      possible = false;
    for (Value param : {scale, zp}) {
      if (!param)
        continue;
      // A parameter along an axis keeps its own shape: it must be a leaf.
      Operation *op = param.getDefiningOp();
      possible &= !op || isa<nn::ConstantOp>(op);
      if (cast<RankedTensorType>(param.getType()).getRank() == 1)
        alone.insert(cast<RankedTensorType>(x.getType()).getRank() - axis);
    }
  }
};
} // namespace

/// Merges neighbouring dims over which every tensor is contiguous or constant,
/// so that the loops are long and flat.
void GroupEmitter::collapse(ArrayRef<unsigned> results) {
  auto terminator = cast<func::ReturnOp>(source.getBody().front().getTerminator());
  Leaves leaves;
  for (unsigned result : results)
    leaves.visit(terminator.getOperand(result));
  Index full = outputShapes[results[0]];
  int64_t rank = full.size();
  if (!leaves.possible || rank < 2)
    return;
  // Extents aligned to the full rank.
  auto extentAt = [&](Value value, int64_t dim) -> Value {
    IndexRef own = shape(value);
    int64_t skip = rank - static_cast<int64_t>(own.size());
    return dim < skip ? Value() : own[dim - skip];
  };
  auto isOne = [&](Value extent) { return !extent || isConstant(extent, 1); };
  // All of a run of dims at once: being mergeable is not transitive where an extent of 1
  // stands between two others.
  auto mergeable = [&](int64_t first, int64_t last) {
    for (int64_t dim = first; dim <= last; ++dim)
      if (leaves.alone.contains(rank - dim))
        return false;
    return llvm::all_of(leaves.values, [&](Value value) {
      bool isWhole = true, isConstant = true;
      for (int64_t dim = first; dim <= last; ++dim) {
        Value extent = extentAt(value, dim);
        isWhole &= extent ? same(extent, full[dim]) : isOne(full[dim]);
        isConstant &= isOne(extent);
      }
      return isWhole || isConstant;
    });
  };
  dimMap.assign(rank, 0);
  for (int64_t dim = 1, first = 0; dim < rank; ++dim) {
    if (!mergeable(first, dim))
      first = dim;
    dimMap[dim] = dimMap[dim - 1] + (first == dim ? 1 : 0);
  }
  if (dimMap.back() == rank - 1)
    return;
  auto merged = [&](Value value) {
    Index extents(dimMap.back() + 1, idx(1));
    for (int64_t dim = 0; dim < rank; ++dim)
      if (Value extent = extentAt(value, dim))
        extents[dimMap[dim]] = mul(extents[dimMap[dim]], extent);
    return extents;
  };
  // One value per extent: broadcasting compares values.
  Index mergedFull(dimMap.back() + 1, idx(1));
  for (int64_t dim = 0; dim < rank; ++dim)
    mergedFull[dimMap[dim]] = mul(mergedFull[dimMap[dim]], full[dim]);
  SmallVector<std::pair<Value, Index>> changes;
  for (Value value : leaves.values) {
    Index extents(mergedFull.size());
    for (size_t group = 0; group < mergedFull.size(); ++group) {
      bool one = true;
      for (int64_t dim = 0; dim < rank; ++dim)
        one &= dimMap[dim] != group || isOne(extentAt(value, dim));
      bool whole = true;
      for (int64_t dim = 0; dim < rank; ++dim)
        if (dimMap[dim] == group)
          whole &= extentAt(value, dim) ? same(extentAt(value, dim), full[dim])
                                        : isConstant(full[dim], 1);
      extents[group] = whole ? mergedFull[group] : one ? idx(1) : merged(value)[group];
    }
    changes.push_back({value, extents});
  }
  for (auto &[value, extents] : changes)
    shapes[value] = extents;
  for (unsigned result : results)
    outputShapes[result] = mergedFull;
}

} // namespace burin
