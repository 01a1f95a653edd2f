//===- ElementwiseOps.cpp - Functions of one element ----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/NodeBinder.h"
#include "compiler/importer/OperatorFamilies.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace burin;
using nn::UnaryFn;

/// Functions of one argument without parameters; the variant is the function.
static LogicalResult importUnary(NodeBinder &n) {
  n.setResult(0, n.unary(static_cast<UnaryFn>(n.variant()), n.operand(0)));
  return success();
}

/// A function that only floats have, on integers: there and back through f64.
static Value unaryOnFloat(NodeBinder &n, UnaryFn fn, Value x, double alpha = 0, double beta = 0) {
  if (NNBuilder::isFloat(x))
    return n.unary(fn, x, alpha, beta);
  Value wide = n.cast(x, n.b.getF64Type());
  return n.cast(n.unary(fn, wide, alpha, beta), n.elementType(x));
}

static LogicalResult importErf(NodeBinder &n) {
  n.setResult(0, unaryOnFloat(n, UnaryFn::erf, n.operand(0)));
  return success();
}

static LogicalResult importShrink(NodeBinder &n) {
  n.setResult(0, unaryOnFloat(n, UnaryFn::shrink, n.operand(0), n.floatAttr("lambd", 0.5),
                              n.floatAttr("bias", 0)));
  return success();
}

namespace {
/// An activation with a parameter of its own name and default.
struct Activation {
  const char *opType;
  UnaryFn fn;
  const char *alpha;
  double alphaDefault;
  const char *beta = nullptr;
  double betaDefault = 0;
};
} // namespace

static constexpr Activation kActivations[] = {
    {"LeakyRelu", UnaryFn::leaky_relu, "alpha", 0.01f},
    {"Elu", UnaryFn::elu, "alpha", 1},
    {"Celu", UnaryFn::celu, "alpha", 1},
    {"ThresholdedRelu", UnaryFn::thresholded_relu, "alpha", 1},
    {"HardSigmoid", UnaryFn::hard_sigmoid, "alpha", 0.2f, "beta", 0.5f},
    {"Swish", UnaryFn::swish, "alpha", 1},
    // Experimental operators that some old files still hold.
    {"Affine", UnaryFn::affine, "alpha", 1, "beta", 0},
    {"ScaledTanh", UnaryFn::scaled_tanh, "alpha", 1, "beta", 1},
};

static LogicalResult importActivation(NodeBinder &n) {
  const Activation &row = kActivations[n.variant()];
  double alpha = n.floatAttr(row.alpha, row.alphaDefault);
  double beta = row.beta ? n.floatAttr(row.beta, row.betaDefault) : 0;
  n.setResult(0, n.unary(row.fn, n.operand(0), alpha, beta));
  return success();
}

static LogicalResult importSelu(NodeBinder &n) {
  bool old = n.since() < 6;
  double alpha = n.floatAttr("alpha", old ? 1.6732f : 1.67326319217681884765625);
  double gamma = n.floatAttr("gamma", old ? 1.0507f : 1.05070102214813232421875);
  n.setResult(0, n.unary(UnaryFn::selu, n.operand(0), alpha, gamma));
  return success();
}

static LogicalResult importGelu(NodeBinder &n) {
  std::string approximate = n.stringAttr("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    return n.emitError() << "unknown approximation '" << approximate << "'";
  n.setResult(0, n.unary(approximate == "tanh" ? UnaryFn::gelu_tanh : UnaryFn::gelu, n.operand(0)));
  return success();
}

static LogicalResult importIdentity(NodeBinder &n) {
  n.setResult(0, n.bound(0));
  return success();
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

/// The element type that `to` of Cast-1 names.
static int64_t typeByName(StringRef name) {
  return llvm::StringSwitch<int64_t>(name.upper())
      .Case("FLOAT", 1)
      .Case("UINT8", 2)
      .Case("INT8", 3)
      .Case("UINT16", 4)
      .Case("INT16", 5)
      .Case("INT32", 6)
      .Case("INT64", 7)
      .Case("STRING", 8)
      .Case("BOOL", 9)
      .Case("FLOAT16", 10)
      .Case("DOUBLE", 11)
      .Case("UINT32", 12)
      .Case("UINT64", 13)
      .Case("COMPLEX64", 14)
      .Case("COMPLEX128", 15)
      .Default(0);
}

static LogicalResult castTo(NodeBinder &n, Type type) {
  Value x = n.operand(0);
  if (n.elementType(x) == type) {
    n.setResult(0, x);
    return success();
  }
  if (isa<nn::StrType>(n.elementType(x)) || isa<nn::StrType>(type))
    return n.emitError() << "casts of strings are not supported";
  // Of a float, 4- and 2-bit integers take the low bits of its truncation.
  if (type.isIntOrIndex() && nn::elementBits(type) < 8 && n.isFloat(x))
    x = n.cast(x, n.b.getI32Type());
  bool saturate = n.boolAttr("saturate", true);
  nn::RoundMode round = nn::RoundMode::rne;
  std::string mode = n.stringAttr("round_mode", "up");
  if (isa<nn::F8E8M0Type>(type)) {
    if (mode != "up" && mode != "down" && mode != "nearest")
      return n.emitError() << "unknown round_mode '" << mode << "'";
    round = mode == "up"     ? nn::RoundMode::up
            : mode == "down" ? nn::RoundMode::down
                             : nn::RoundMode::nearest_up;
  }
  // ONNX leaves floats beyond the range of an integer open, but its reference keeps the
  // low bits for 4- and 2-bit integers.
  if (isa<FloatType>(n.elementType(x)) && type.isInteger() && nn::elementBits(type) < 8)
    x = n.cast(x, n.b.getI32Type());
  n.setResult(0, n.create<nn::CastOp>(x, TypeAttr::get(type), n.b.getBoolAttr(saturate),
                                      nn::RoundModeAttr::get(n.b.getContext(), round)));
  return success();
}

static LogicalResult importCast(NodeBinder &n) {
  int64_t to = n.since() < 6 ? typeByName(n.stringAttr("to", "")) : n.requiredInt("to");
  Type type = n.dataType(to);
  return n.failed() ? failure() : castTo(n, type);
}

/// Only the type of the second input matters.
static LogicalResult importCastLike(NodeBinder &n) { return castTo(n, n.elementType(1)); }

static LogicalResult importBitCast(NodeBinder &n) {
  Type type = n.dataType(n.requiredInt("to"));
  if (n.failed())
    return failure();
  n.setResult(0, n.create<nn::BitcastOp>(n.operand(0), TypeAttr::get(type)));
  return success();
}

//===----------------------------------------------------------------------===//
// Tests of single elements
//===----------------------------------------------------------------------===//

/// 8- and 4-bit floats convert exactly; they have no operations of their own.
static Value comparable(NodeBinder &n, Value x) {
  return nn::isTinyFloat(n.elementType(x)) ? n.cast(x, n.b.getF32Type()) : x;
}

static LogicalResult importIsNaN(NodeBinder &n) {
  Value x = comparable(n, n.operand(0));
  n.setResult(0, n.compare(nn::CompareFn::ne, x, x));
  return success();
}

static LogicalResult importIsInf(NodeBinder &n) {
  bool positive = n.boolAttr("detect_positive", true);
  bool negative = n.boolAttr("detect_negative", true);
  Value x = comparable(n, n.operand(0));
  constexpr double kInf = std::numeric_limits<double>::infinity();
  if (positive && negative)
    x = n.unary(UnaryFn::abs, x);
  // A number is never less than -Inf: no case is false for all of them.
  auto fn = positive || negative ? nn::CompareFn::eq : nn::CompareFn::lt;
  n.setResult(0, n.compare(fn, x, n.scalarLike(x, positive ? kInf : -kInf)));
  return success();
}

/// min(max(x, lo), hi), which is what ONNX wants of lo > hi and of NaN.
static LogicalResult importClip(NodeBinder &n) {
  Value x = n.operand(0), lo, hi;
  if (n.since() < 11) {
    if (auto bound = n.optionalFloat("min"))
      lo = n.scalarLike(x, *bound);
    if (auto bound = n.optionalFloat("max"))
      hi = n.scalarLike(x, *bound);
  } else {
    // Files also hold bounds of shape [1].
    if (n.hasOperand(1))
      lo = n.reshape(n.operand(1), ArrayRef<int64_t>{});
    if (n.hasOperand(2))
      hi = n.reshape(n.operand(2), ArrayRef<int64_t>{});
  }
  if (lo)
    x = n.binary(nn::BinaryFn::max, x, lo);
  if (hi)
    x = n.binary(nn::BinaryFn::min, x, hi);
  n.setResult(0, x);
  return success();
}

void burin::registerElementwiseOps(OpRegistry &registry) {
  static constexpr std::pair<const char *, UnaryFn> kUnary[] = {
      {"Abs", UnaryFn::abs},
      {"Neg", UnaryFn::neg},
      {"Sign", UnaryFn::sign},
      {"Ceil", UnaryFn::ceil},
      {"Floor", UnaryFn::floor},
      {"Round", UnaryFn::round},
      {"Sqrt", UnaryFn::sqrt},
      {"Reciprocal", UnaryFn::recip},
      {"Exp", UnaryFn::exp},
      {"Log", UnaryFn::log},
      {"Sin", UnaryFn::sin},
      {"Cos", UnaryFn::cos},
      {"Tan", UnaryFn::tan},
      {"Asin", UnaryFn::asin},
      {"Acos", UnaryFn::acos},
      {"Atan", UnaryFn::atan},
      {"Sinh", UnaryFn::sinh},
      {"Cosh", UnaryFn::cosh},
      {"Tanh", UnaryFn::tanh},
      {"Asinh", UnaryFn::asinh},
      {"Acosh", UnaryFn::acosh},
      {"Atanh", UnaryFn::atanh},
      {"Sigmoid", UnaryFn::sigmoid},
      {"Relu", UnaryFn::relu},
      {"HardSwish", UnaryFn::hard_swish},
      {"Softplus", UnaryFn::softplus},
      {"Softsign", UnaryFn::softsign},
      {"Mish", UnaryFn::mish},
      {"Not", UnaryFn::not_},
      {"BitwiseNot", UnaryFn::not_},
  };
  for (auto [opType, fn] : kUnary)
    registry.add(opType, 1, 1, importUnary, static_cast<int64_t>(fn));
  for (auto [i, row] : llvm::enumerate(kActivations))
    registry.add(row.opType, 1, 1, importActivation, i);
  registry.add("Erf", 9, 1, importErf);
  registry.add("Shrink", 9, 1, importShrink);
  registry.add("Selu", 1, 1, importSelu);
  registry.add("Selu", 6, 1, importSelu);
  registry.add("Gelu", 20, 1, importGelu);
  registry.add("Identity", 1, 1, importIdentity, 0, Accepts::Anything);
  registry.add("Cast", 1, 1, importCast);
  registry.add("Cast", 6, 1, importCast);
  registry.add("CastLike", 15, 2, importCastLike);
  registry.add("BitCast", 26, 1, importBitCast);
  registry.add("IsNaN", 9, 1, importIsNaN);
  registry.add("IsInf", 10, 1, importIsInf);
  registry.add("Clip", 1, 1, importClip);
  registry.add("Clip", 11, {1, 3}, importClip);
}
