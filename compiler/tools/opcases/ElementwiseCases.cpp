//===- ElementwiseCases.cpp - Random ops on single elements ---------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/tools/opcases/CaseBuilder.h"
#include "dialects/nn/Scalars.h"

using namespace mlir;

namespace burin::opcases {

/// A type that the scalar function accepts.
static Type acceptedType(CaseBuilder &c, const nn::ScalarRow &row) {
  Type type = c.type("i1");
  for (int tries = 0; tries < 100 && !row.accepts(type); ++tries)
    type = c.numberType();
  return row.onBool && c.random.oneIn(3) ? c.type("i1") : type;
}

static Operation *unary(CaseBuilder &c) {
  auto fn = static_cast<nn::UnaryFn>(c.random.in(0, nn::getMaxEnumValForUnaryFn()));
  Value x = c.operand(acceptedType(c, nn::scalarRow(fn)), c.shape(0, 4));
  FloatAttr alpha = c.b.getF64FloatAttr(static_cast<double>(c.random.in(1, 12)) / 8);
  FloatAttr beta = c.b.getF64FloatAttr(static_cast<double>(c.random.in(1, 12)) / 8);
  return nn::tryCreate<nn::UnaryOp>(c.b, c.loc, nn::UnaryFnAttr::get(c.b.getContext(), fn), x,
                                    alpha, beta);
}

static Operation *binary(CaseBuilder &c) {
  auto fn = static_cast<nn::BinaryFn>(c.random.in(0, nn::getMaxEnumValForBinaryFn()));
  Type type = acceptedType(c, nn::scalarRow(fn));
  Type other = fn == nn::BinaryFn::pow && c.random.oneIn(3) ? c.numberType() : type;
  Shape shape = c.shape(0, 4);
  Value a = c.argument(c.tensor(type, c.broadcastable(shape)));
  Value b = c.operand(other, c.broadcastable(shape));
  return nn::tryCreate<nn::BinaryOp>(c.b, c.loc, fn, a, b);
}

static Operation *compare(CaseBuilder &c) {
  auto fn = static_cast<nn::CompareFn>(c.random.in(0, nn::getMaxEnumValForCompareFn()));
  Type type = fn == nn::CompareFn::eq && c.random.oneIn(4) ? c.type("i1") : c.numberType();
  Shape shape = c.shape(0, 4);
  Value a = c.argument(c.tensor(type, c.broadcastable(shape)));
  Value b = c.operand(type, c.broadcastable(shape));
  return nn::tryCreate<nn::CompareOp>(c.b, c.loc, fn, a, b);
}

static Operation *select(CaseBuilder &c) {
  Type type = c.anyType();
  Shape shape = c.shape(0, 4);
  Value condition = c.argument(c.ints(c.type("i1"), c.broadcastable(shape), 0, 1));
  Value a = c.operand(type, c.broadcastable(shape));
  Value b = c.operand(type, c.broadcastable(shape));
  return nn::tryCreate<nn::SelectOp>(c.b, c.loc, condition, a, b);
}

static Operation *cast(CaseBuilder &c) {
  Type from = c.anyType(), to = c.anyType();
  Value x = c.argument(c.tensor(from, c.shape(0, 3)));
  bool isScale = isa<nn::F8E8M0Type>(to);
  auto round =
      isScale ? c.random.pick({nn::RoundMode::up, nn::RoundMode::down, nn::RoundMode::nearest_up})
              : nn::RoundMode::rne;
  return nn::tryCreate<nn::CastOp>(c.b, c.loc, x, TypeAttr::get(to),
                                   c.b.getBoolAttr(!c.random.oneIn(3)),
                                   nn::RoundModeAttr::get(c.b.getContext(), round));
}

static Operation *bitcast(CaseBuilder &c) {
  auto [from, to] = c.random.pick<std::pair<const char *, const char *>>({{"f32", "i32"},
                                                                          {"i32", "f32"},
                                                                          {"f64", "ui64"},
                                                                          {"i16", "f16"},
                                                                          {"bf16", "ui16"},
                                                                          {"ui8", "i8"},
                                                                          {"f8E4M3FN", "ui8"},
                                                                          {"i8", "f8E5M2"},
                                                                          {"i64", "f64"},
                                                                          {"f16", "bf16"}});
  Value x = c.argument(c.tensor(c.type(from), c.shape(0, 3), Fill::Any));
  return nn::tryCreate<nn::BitcastOp>(c.b, c.loc, x, TypeAttr::get(c.type(to)));
}

namespace {
/// How scales lie along a tensor.
struct Scales {
  Shape shape;
  int64_t axis = 0, block = 0;
};
} // namespace

static Scales scales(CaseBuilder &c, ArrayRef<int64_t> shape) {
  Scales result;
  if (shape.empty() || c.random.oneIn(3))
    return result;
  result.axis = c.random.in(0, shape.size() - 1);
  if (c.random.oneIn(2)) {
    result.shape = {shape[result.axis]};
    return result;
  }
  result.block = c.random.in(1, 3);
  result.shape = Shape(shape);
  result.shape[result.axis] = llvm::divideCeil(shape[result.axis], result.block);
  return result;
}

/// Positive powers of two and their triples: divisions give ties.
static nn::Tensor scaleTensor(CaseBuilder &c, Type type, ArrayRef<int64_t> shape) {
  nn::Tensor result(type, shape);
  for (int64_t i = 0, e = result.size(); i < e; ++i)
    result.setFloat(i, c.random.pick({0.125, 0.25, 0.5, 1.0, 1.5, 0.1}));
  return result;
}

static Operation *quantize(CaseBuilder &c) {
  Type type = c.type(c.random.pick({"f32", "f32", "f32", "f16"}));
  Type to = c.type(c.random.pick({"i8", "ui8", "i16", "ui16", "i4", "ui4", "f8E4M3FN", "f8E5M2"}));
  Shape shape = c.shape(0, 4);
  Scales s = scales(c, shape);
  Value x = c.argument(c.tensor(type, shape));
  Value scale = c.operand(scaleTensor(c, type, s.shape));
  Value zp;
  if (isa<IntegerType>(to) && c.random.oneIn(2))
    zp = c.operand(c.ints(to, s.shape, 0, 7));
  return nn::tryCreate<nn::QuantizeOp>(c.b, c.loc, x, scale, zp, c.b.getI64IntegerAttr(s.axis),
                                       c.b.getI64IntegerAttr(s.block), TypeAttr::get(to),
                                       c.b.getBoolAttr(true), TypeAttr());
}

static Operation *dequantize(CaseBuilder &c) {
  Type type = c.type(c.random.pick(
      {"i8", "ui8", "i16", "ui16", "i32", "i4", "ui4", "i2", "f8E4M3FN", "f8E5M2", "!nn.f4e2m1"}));
  Type to = c.type(c.random.pick({"f32", "f32", "f32", "f16"}));
  Shape shape = c.shape(0, 4);
  Scales s = scales(c, shape);
  Value q = c.argument(c.tensor(type, shape));
  Value scale = c.operand(scaleTensor(c, to, s.shape));
  Value zp;
  if (isa<IntegerType>(type) && !type.isInteger(32) && c.random.oneIn(2))
    zp = c.operand(c.ints(type, s.shape, 0, 1));
  return nn::tryCreate<nn::DequantizeOp>(c.b, c.loc, q, scale, zp, c.b.getI64IntegerAttr(s.axis),
                                         c.b.getI64IntegerAttr(s.block), TypeAttr::get(to));
}

static Operation *requantize(CaseBuilder &c) {
  Type to = c.type(c.random.pick({"i8", "ui8"}));
  Shape shape = c.shape(1, 4);
  Value acc = c.argument(c.ints(c.type("i32"), shape, -2000, 2000));
  Shape perChannel = {shape.back()};
  Value multiplier =
      c.operand(scaleTensor(c, c.type("f32"), c.random.oneIn(2) ? perChannel : Shape()));
  Value zp = c.operand(c.ints(to, {}, 0, 100));
  auto mode = c.random.oneIn(4) ? nn::RequantizeMode::tflite : nn::RequantizeMode::rne_f32;
  return nn::tryCreate<nn::RequantizeOp>(c.b, c.loc, acc, multiplier, zp, TypeAttr::get(to),
                                         nn::RequantizeModeAttr::get(c.b.getContext(), mode));
}

ArrayRef<NamedGenerator> elementwiseGenerators() {
  // The scalar functions are many: they come several times.
  static constexpr NamedGenerator all[] = {{"unary", unary},
                                           {"unary", unary},
                                           {"unary", unary},
                                           {"unary", unary},
                                           {"binary", binary},
                                           {"binary", binary},
                                           {"binary", binary},
                                           {"compare", compare},
                                           {"select", select},
                                           {"cast", cast},
                                           {"cast", cast},
                                           {"cast", cast},
                                           {"bitcast", bitcast},
                                           {"quantize", quantize},
                                           {"dequantize", dequantize},
                                           {"quantize", quantize},
                                           {"requantize", requantize}};
  return all;
}

} // namespace burin::opcases
