//===- ScalarUnary.cpp - Scalar functions of one argument -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/ScalarEmitter.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace burin {

using nn::UnaryFn;
using FPred = arith::CmpFPredicate;
using IPred = arith::CmpIPredicate;

/// The runtime function that computes `fn` by itself; empty where none does.
static StringRef runtimeName(UnaryFn fn) {
  switch (fn) {
  case UnaryFn::ceil:
    return "ceil";
  case UnaryFn::floor:
    return "floor";
  case UnaryFn::round:
    return "rint";
  case UnaryFn::exp:
    return "exp";
  case UnaryFn::log:
    return "log";
  case UnaryFn::log1p:
    return "log1p";
  case UnaryFn::expm1:
    return "expm1";
  case UnaryFn::sin:
    return "sin";
  case UnaryFn::cos:
    return "cos";
  case UnaryFn::tan:
    return "tan";
  case UnaryFn::asin:
    return "asin";
  case UnaryFn::acos:
    return "acos";
  case UnaryFn::atan:
    return "atan";
  case UnaryFn::sinh:
    return "sinh";
  case UnaryFn::cosh:
    return "cosh";
  case UnaryFn::tanh:
    return "tanh";
  case UnaryFn::asinh:
    return "asinh";
  case UnaryFn::acosh:
    return "acosh";
  case UnaryFn::atanh:
    return "atanh";
  case UnaryFn::erf:
    return "erf";
  default:
    return {};
  }
}

Value ScalarEmitter::unary(UnaryFn fn, Value x, Type elementType, double alpha, double beta) {
  if (isa<IntegerType>(elementType))
    return intUnary(fn, x, elementType, alpha, beta);
  return round(floatUnary(fn, x, alpha, beta), elementType);
}

Value ScalarEmitter::floatUnary(UnaryFn fn, Value x, double alpha, double beta) {
  Type type = x.getType();
  auto k = [&](double value) { return floatConstant(type, value); };
  if (StringRef name = runtimeName(fn); !name.empty())
    return callMath(name, x);
  switch (fn) {
  case UnaryFn::abs:
    return make<math::AbsFOp>(x);
  case UnaryFn::neg:
    return make<arith::NegFOp>(x);
  case UnaryFn::sign: {
    Value below = select(cmpf(FPred::OLT, x, k(0)), k(-1), x); // zero and NaN stay
    return select(cmpf(FPred::OGT, x, k(0)), k(1), below);
  }
  case UnaryFn::sqrt:
    return squareRoot(x);
  case UnaryFn::rsqrt:
    return make<arith::DivFOp>(k(1), squareRoot(x));
  case UnaryFn::recip:
    return make<arith::DivFOp>(k(1), x);
  case UnaryFn::relu:
    return select(cmpf(FPred::OLT, x, k(0)), k(0), x);
  case UnaryFn::leaky_relu:
    return select(cmpf(FPred::OLT, x, k(0)), make<arith::MulFOp>(x, k(alpha)), x);
  case UnaryFn::thresholded_relu:
    return select(cmpf(FPred::OGT, x, k(alpha)), x, k(0));
  case UnaryFn::shrink: {
    // alpha is the threshold, beta the bias.
    Value high = select(cmpf(FPred::OGT, x, k(alpha)), make<arith::SubFOp>(x, k(beta)), k(0));
    return select(cmpf(FPred::OLT, x, k(-alpha)), make<arith::AddFOp>(x, k(beta)), high);
  }
  case UnaryFn::affine:
    return make<arith::AddFOp>(make<arith::MulFOp>(x, k(alpha)), k(beta));
  case UnaryFn::scaled_tanh:
    return make<arith::MulFOp>(k(alpha), callMath("tanh", make<arith::MulFOp>(x, k(beta))));
  case UnaryFn::elu:
    return select(cmpf(FPred::OLT, x, k(0)), make<arith::MulFOp>(k(alpha), callMath("expm1", x)),
                  x);
  case UnaryFn::selu: {
    Value negative = make<arith::MulFOp>(k(alpha), callMath("expm1", x));
    return make<arith::MulFOp>(k(beta), select(cmpf(FPred::OLT, x, k(0)), negative, x));
  }
  case UnaryFn::celu: {
    Value scaled = callMath("expm1", make<arith::DivFOp>(x, k(alpha)));
    return select(cmpf(FPred::OLT, x, k(0)), make<arith::MulFOp>(k(alpha), scaled), x);
  }
  default:
    return gatedUnary(fn, x, alpha, beta);
  }
}

/// Functions built from a gate between 0 and 1 and their relatives.
Value ScalarEmitter::gatedUnary(UnaryFn fn, Value x, double alpha, double beta) {
  Type type = x.getType();
  auto k = [&](double value) { return floatConstant(type, value); };
  auto mul = [&](Value p, Value q) { return make<arith::MulFOp>(p, q); };
  auto add = [&](Value p, Value q) { return make<arith::AddFOp>(p, q); };
  auto sigmoid = [&](Value v) {
    return make<arith::DivFOp>(k(1), add(k(1), callMath("exp", make<arith::NegFOp>(v))));
  };
  auto softplus = [&](Value v) {
    Value tail = callMath("exp", make<arith::NegFOp>(make<math::AbsFOp>(v)));
    Value positive = select(cmpf(FPred::OLT, v, k(0)), k(0), v);
    return add(positive, callMath("log1p", tail));
  };
  auto gate = [&](double slope, double offset) {
    Value line = add(mul(x, k(slope)), k(offset));
    line = select(cmpf(FPred::OLT, line, k(0)), k(0), line);
    return select(cmpf(FPred::OGT, line, k(1)), k(1), line);
  };
  switch (fn) {
  case UnaryFn::sigmoid:
    return sigmoid(x);
  case UnaryFn::swish:
    return mul(x, sigmoid(mul(x, k(alpha))));
  case UnaryFn::softplus:
    return softplus(x);
  case UnaryFn::mish:
    return mul(x, callMath("tanh", softplus(x)));
  case UnaryFn::softsign:
    return make<arith::DivFOp>(x, add(k(1), make<math::AbsFOp>(x)));
  case UnaryFn::hard_sigmoid:
    return gate(alpha, beta);
  case UnaryFn::hard_swish:
    return mul(x, gate(1.0 / 6, 0.5));
  case UnaryFn::gelu: {
    Value gauss = add(k(1), callMath("erf", mul(x, k(0.70710678118654752440))));
    return mul(mul(k(0.5), x), gauss);
  }
  case UnaryFn::gelu_tanh: {
    Value cubic = add(x, mul(k(0.044715), mul(x, mul(x, x))));
    Value bend = callMath("tanh", mul(k(0.79788456080286535588), cubic));
    return mul(mul(k(0.5), x), add(k(1), bend));
  }
  default: // not: zero is true
    return select(cmpf(FPred::OEQ, x, k(0)), k(1), k(0));
  }
}

Value ScalarEmitter::intUnary(UnaryFn fn, Value x, Type elementType, double alpha, double beta) {
  Type type = x.getType();
  auto k = [&](uint64_t value) { return intConstant(type, value); };
  bool isUnsigned = isUnsignedElement(elementType);
  Value zero = k(0);
  switch (fn) {
  case UnaryFn::abs:
    if (isUnsigned)
      return x;
    return wrapSubByte(select(cmpi(IPred::slt, x, zero), make<arith::SubIOp>(zero, x), x),
                       elementType);
  case UnaryFn::neg:
    return wrapSubByte(make<arith::SubIOp>(zero, x), elementType);
  case UnaryFn::sign: {
    Value positive = select(cmpi(IPred::ne, x, zero), k(1), zero);
    return isUnsigned ? positive : select(cmpi(IPred::slt, x, zero), k(-1), positive);
  }
  case UnaryFn::ceil:
  case UnaryFn::floor:
  case UnaryFn::round:
    return x;
  case UnaryFn::relu:
    return isUnsigned ? x : select(cmpi(IPred::slt, x, zero), zero, x);
  case UnaryFn::not_:
    return wrapSubByte(make<arith::XOrIOp>(x, k(-1)), elementType);
  default: {
    // A float function of an integer goes through f64 and saturates.
    Type real = b.getF64Type();
    return cast(floatUnary(fn, cast(x, elementType, real), alpha, beta), real, elementType);
  }
  }
}

} // namespace burin
