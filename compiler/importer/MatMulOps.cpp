//===- MatMulOps.cpp - Matrix products ------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/Products.h"

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/Windows.h"

using namespace mlir;
using namespace burin;

Value burin::buildMatMul(NodeBinder &n, Value a, Value b, MatMulOptions options) {
  return n.create<nn::MatMulOp>(a, b, options.aZp, options.bZp, n.b.getBoolAttr(options.ta),
                                n.b.getBoolAttr(options.tb), TypeAttr());
}

/// Without the axis `axis` of extent 1.
static Value dropAxis(NodeBinder &n, Value x, int64_t axis) {
  SmallVector<Extent> extents = n.extents(x);
  if (axis >= 0 && axis < static_cast<int64_t>(extents.size()))
    extents.erase(extents.begin() + axis);
  return n.reshape(x, extents);
}

Value burin::buildNumpyMatMul(NodeBinder &n, Value a, Value b, MatMulOptions options) {
  // A vector on the left is a row, one on the right a column.
  bool row = n.rank(a) == 1, column = n.rank(b) == 1;
  if (!n.requireMinRank(a, 1, "the first matrix") || !n.requireMinRank(b, 1, "the second matrix"))
    return a;
  if (row) {
    a = n.reshape(a, {Extent(1), n.extent(a, 0)});
    options.ta = false;
  }
  if (column) {
    b = n.reshape(b, {n.extent(b, 0), Extent(1)});
    options.tb = false;
  }
  Value y = buildMatMul(n, a, b, options);
  if (column)
    y = dropAxis(n, y, n.rank(y) - 1);
  if (row)
    y = dropAxis(n, y, n.rank(y) - (column ? 1 : 2));
  return y;
}

static LogicalResult importMatMul(NodeBinder &n) {
  n.setResult(0, buildNumpyMatMul(n, n.operand(0), n.operand(1)));
  return success();
}

void burin::normalizeZeroPoints(NodeBinder &n, Value a, Value b, Value &aZp, Value &bZp) {
  if (!aZp && !bZp)
    return;
  aZp = aZp ? scalarIfSingle(n, aZp) : n.scalarLike(a, 0);
  bZp = bZp ? scalarIfSingle(n, bZp) : n.scalarLike(b, 0);
  // One per row of a.
  if (n.rank(aZp) == 1 && n.rank(a) > 1)
    aZp = n.reshape(aZp, {n.extent(aZp, 0), Extent(1)});
}

static LogicalResult importMatMulInteger(NodeBinder &n) {
  Value a = n.operand(0), b = n.operand(1);
  MatMulOptions options;
  options.aZp = n.operand(2);
  options.bZp = n.operand(3);
  normalizeZeroPoints(n, a, b, options.aZp, options.bZp);
  n.setResult(0, buildNumpyMatMul(n, a, b, options));
  return success();
}

/// factor * x; integers by way of f64 unless the factor is 1.
static Value scaleBy(NodeBinder &n, Value x, double factor) {
  if (factor == 1)
    return x;
  if (NNBuilder::isFloat(x))
    return n.mul(x, n.scalarLike(x, factor));
  Value wide = n.cast(x, n.b.getF64Type());
  return n.cast(n.mul(wide, n.scalarLike(wide, factor)), n.elementType(x));
}

static Value buildGemm(NodeBinder &n) {
  Value a = n.operand(0), b = n.operand(1), c = n.operand(2);
  if (!n.requireRank(a, 2, "A") || !n.requireRank(b, 2, "B"))
    return a;
  MatMulOptions options;
  options.ta = n.boolAttr("transA", false);
  options.tb = n.boolAttr("transB", false);
  double alpha = n.floatAttr("alpha", 1), beta = n.floatAttr("beta", 1);
  Value y = scaleBy(n, buildMatMul(n, a, b, options), alpha);
  // beta 0 hides C, even its NaNs.
  return c && beta != 0 ? n.add(y, scaleBy(n, c, beta)) : y;
}

static LogicalResult importGemm(NodeBinder &n) {
  if (n.since() < 7 && !n.boolAttr("broadcast", false) && n.hasOperand(2) &&
      !n.requireRank(n.operand(2), 2, "C without the attribute 'broadcast'"))
    return failure();
  n.setResult(0, buildGemm(n));
  return success();
}

static LogicalResult importFusedGemm(NodeBinder &n) {
  SmallVector<double> params;
  for (StringRef name : {"activation_alpha", "activation_beta", "activation_gamma"})
    if (auto value = n.optionalFloat(name))
      params.push_back(*value);
  n.setResult(0, applyActivation(n, buildGemm(n), n.stringAttr("activation", ""), params));
  return success();
}

/// With transBatch the first axis of an operand is the last batch axis:
/// [M, batch..., K].
static Value moveBatch(NodeBinder &n, Value x) {
  SmallVector<int64_t> perm;
  for (int64_t axis = 1; axis + 1 < n.rank(x); ++axis)
    perm.push_back(axis);
  perm.append({0, n.rank(x) - 1});
  return n.transpose(x, perm);
}

static LogicalResult importFusedMatMul(NodeBinder &n) {
  Value a = n.operand(0), b = n.operand(1);
  if (n.boolAttr("transBatchA", false) && n.rank(a) > 2)
    a = moveBatch(n, a);
  if (n.boolAttr("transBatchB", false) && n.rank(b) > 2)
    b = moveBatch(n, b);
  MatMulOptions options;
  options.ta = n.boolAttr("transA", false);
  options.tb = n.boolAttr("transB", false);
  Value y = scaleBy(n, buildNumpyMatMul(n, a, b, options), n.floatAttr("alpha", 1));
  SmallVector<double> params;
  for (StringRef name : {"activation_alpha", "activation_beta", "activation_gamma"})
    if (auto value = n.optionalFloat(name))
      params.push_back(*value);
  n.setResult(0, applyActivation(n, y, n.stringAttr("activation", ""), params));
  return success();
}

void burin::registerMatMulOps(OpRegistry &registry) {
  registry.add("MatMul", 1, 2, importMatMul);
  registry.add("MatMulInteger", 10, {2, 4}, importMatMulInteger);
  registry.add("Gemm", 1, 3, importGemm);
  registry.add("Gemm", 7, {2, 3}, importGemm);
  registry.addTo(OpRegistry::kMicrosoftDomain, "FusedGemm", 1, {2, 3}, importFusedGemm);
  for (StringRef name : {"FusedMatMul", "TransposeMatMul", "FusedMatMulActivation"})
    registry.addTo(OpRegistry::kMicrosoftDomain, name, 1, 2, importFusedMatMul);
}
