//===- RegionBuilder.cpp - Pieces of structured control flow --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/RegionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace burin;

Value burin::extractScalar(NodeBinder &n, Value tensor) {
  SmallVector<Value> zeros;
  for (int64_t i = 0, e = NNBuilder::rank(tensor); i < e; ++i)
    zeros.push_back(n.b.create<arith::ConstantIndexOp>(n.loc, 0));
  return n.b.create<tensor::ExtractOp>(n.loc, tensor, zeros);
}

Value burin::toIndex(NodeBinder &n, Extent count) {
  if (count.isStatic())
    return n.b.create<arith::ConstantIndexOp>(n.loc, count.value);
  Value scalar = extractScalar(n, count.dynamic);
  return n.b.create<arith::IndexCastOp>(n.loc, n.b.getIndexType(), scalar);
}

Value burin::counterTensor(NodeBinder &n, Value counter) {
  Type i64 = n.b.getI64Type();
  Value number = n.b.create<arith::IndexCastOp>(n.loc, i64, counter);
  return n.b.create<tensor::FromElementsOp>(n.loc, RankedTensorType::get({}, i64), number);
}

Value burin::castTo(NodeBinder &n, Value x, Type type) {
  return x.getType() == type ? x : n.b.create<tensor::CastOp>(n.loc, type, x);
}

Type burin::joinTypes(NodeBinder &n, Type a, Type b, const Twine &what) {
  auto left = dyn_cast<RankedTensorType>(a), right = dyn_cast<RankedTensorType>(b);
  if (!left || !right || left.getElementType() != right.getElementType() ||
      left.getRank() != right.getRank()) {
    n.emitError() << what << " have types " << a << " and " << b
                  << ", which must agree in element type and rank";
    return nullptr;
  }
  SmallVector<int64_t> shape;
  for (auto [l, r] : llvm::zip(left.getShape(), right.getShape()))
    shape.push_back(l == r ? l : ShapedType::kDynamic);
  return RankedTensorType::get(shape, left.getElementType());
}

void burin::finishBlock(NodeBinder &n, Block &block, ArrayRef<Value> values, TypeRange types) {
  if (!block.empty() && block.back().hasTrait<OpTrait::IsTerminator>())
    block.back().erase();
  OpBuilder::InsertionGuard guard(n.b);
  n.b.setInsertionPointToEnd(&block);
  SmallVector<Value> cast;
  for (auto [value, type] : llvm::zip(values, types))
    cast.push_back(castTo(n, value, type));
  n.b.create<scf::YieldOp>(n.loc, cast);
}

Value burin::makeAccumulator(NodeBinder &n, RankedTensorType element, Extent count,
                             RankedTensorType declared) {
  if (isa<nn::StrType>(element.getElementType())) {
    n.emitError() << "cannot collect strings over the trips of a loop";
    return nullptr;
  }
  SmallVector<Extent> shape{count};
  for (auto [axis, extent] : llvm::enumerate(element.getShape())) {
    bool known =
        declared && declared.getRank() == element.getRank() + 1 && !declared.isDynamicDim(axis + 1);
    if (ShapedType::isDynamic(extent) && !known) {
      n.emitError() << "the shape of what its body gives per trip is not known before the loop ("
                    << element << "); fix it with --dim or --shape";
      return nullptr;
    }
    shape.push_back(ShapedType::isDynamic(extent) ? declared.getDimSize(axis + 1) : extent);
  }
  return n.broadcastTo(n.scalar(element.getElementType(), 0), n.shapeFrom(shape));
}

Value burin::storeRow(NodeBinder &n, Value accumulator, Value at, Value x) {
  auto none = nn::ScatterFnAttr::get(n.b.getContext(), nn::ScatterFn::none);
  return n.create<nn::ScatterOp>(none, accumulator, at, x);
}
