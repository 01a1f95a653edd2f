//===- ReductionCases.cpp - Random ops that fold and order ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/tools/opcases/CaseBuilder.h"

using namespace mlir;

namespace burin::opcases {

static Operation *reduce(CaseBuilder &c) {
  auto fn = static_cast<nn::ReduceFn>(c.random.in(0, nn::getMaxEnumValForReduceFn()));
  bool ordered = fn == nn::ReduceFn::min || fn == nn::ReduceFn::max;
  Type type = ordered && c.random.oneIn(6) ? c.type("i1") : c.numberType();
  Shape shape = c.shape(0, 4);
  Value x = c.argument(c.tensor(type, shape, ordered ? Fill::Any : Fill::Finite));
  return nn::tryCreate<nn::ReduceOp>(c.b, c.loc, nn::ReduceFnAttr::get(c.b.getContext(), fn), x,
                                     c.b.getDenseI64ArrayAttr(c.axes(shape.size())),
                                     c.b.getBoolAttr(c.random.oneIn(2)));
}

static Operation *argReduce(CaseBuilder &c) {
  auto fn = c.random.pick({nn::ArgFn::min, nn::ArgFn::max});
  Shape shape = c.shape(1, 4, 6, /*mayBeEmpty=*/false);
  Value x = c.argument(c.tensor(c.numberType(), shape));
  return nn::tryCreate<nn::ArgReduceOp>(c.b, c.loc, nn::ArgFnAttr::get(c.b.getContext(), fn), x,
                                        c.b.getI64IntegerAttr(c.random.in(0, shape.size() - 1)),
                                        c.b.getBoolAttr(c.random.oneIn(2)),
                                        c.b.getBoolAttr(c.random.oneIn(2)));
}

static Operation *cumulate(CaseBuilder &c) {
  auto fn = c.random.pick({nn::CumulateFn::sum, nn::CumulateFn::prod});
  Shape shape = c.shape(1, 4);
  Value x = c.argument(c.tensor(c.numberType(), shape, Fill::Finite));
  return nn::tryCreate<nn::CumulateOp>(c.b, c.loc, nn::CumulateFnAttr::get(c.b.getContext(), fn), x,
                                       c.b.getI64IntegerAttr(c.random.in(0, shape.size() - 1)),
                                       c.b.getBoolAttr(c.random.oneIn(2)),
                                       c.b.getBoolAttr(c.random.oneIn(2)));
}

static Operation *topK(CaseBuilder &c) {
  Shape shape = c.shape(1, 3, 8);
  int64_t axis = c.random.in(0, shape.size() - 1);
  Value x = c.argument(c.tensor(c.numberType(), shape));
  Value k = c.indexOperand(c.random.in(0, shape[axis]));
  return nn::tryCreate<nn::TopKOp>(c.b, c.loc, x, k, c.b.getI64IntegerAttr(axis),
                                   c.b.getBoolAttr(c.random.oneIn(2)));
}

static Operation *softmax(CaseBuilder &c) {
  Shape shape = c.shape(1, 4, 9);
  Shape axes = c.random.oneIn(4) ? c.axes(shape.size()) : Shape{c.random.in(0, shape.size() - 1)};
  Value x = c.argument(c.tensor(c.floatType(), shape, Fill::Finite));
  return nn::tryCreate<nn::SoftmaxOp>(c.b, c.loc, x, c.b.getDenseI64ArrayAttr(axes),
                                      c.b.getBoolAttr(c.random.oneIn(2)));
}

static Operation *normalize(CaseBuilder &c) {
  auto fn = c.random.pick({nn::NormalizeFn::layer, nn::NormalizeFn::rms});
  Shape shape = c.shape(1, 4, 9);
  Shape axes =
      c.random.oneIn(3) ? c.axes(shape.size()) : Shape{static_cast<int64_t>(shape.size()) - 1};
  Value x = c.argument(c.tensor(c.floatType(), shape, Fill::Finite));
  return nn::tryCreate<nn::NormalizeOp>(c.b, c.loc, nn::NormalizeFnAttr::get(c.b.getContext(), fn),
                                        x, c.b.getDenseI64ArrayAttr(axes),
                                        c.b.getF64FloatAttr(0.01));
}

ArrayRef<NamedGenerator> reductionGenerators() {
  static constexpr NamedGenerator all[] = {
      {"reduce", reduce}, {"reduce", reduce},   {"arg_reduce", argReduce}, {"cumulate", cumulate},
      {"top_k", topK},    {"softmax", softmax}, {"normalize", normalize}};
  return all;
}

} // namespace burin::opcases
