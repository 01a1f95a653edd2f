//===- CaseBuilder.cpp - Random single-operator modules -------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/tools/opcases/CaseBuilder.h"

#include "mlir/AsmParser/AsmParser.h"
#include <cmath>

using namespace mlir;

namespace burin::opcases {

uint64_t Random::next() {
  uint64_t z = state += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

int64_t Random::in(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(next() % static_cast<uint64_t>(high - low + 1));
}

CaseBuilder::CaseBuilder(MLIRContext &context, uint64_t seed)
    : random(seed), b(&context), loc(NameLoc::get(b.getStringAttr("case"))),
      module(ModuleOp::create(loc)), dynamic(random.oneIn(4)) {
  b.setInsertionPointToEnd(module->getBody());
  main = b.create<func::FuncOp>(loc, "main", b.getFunctionType({}, {}));
  b.setInsertionPointToEnd(main.addEntryBlock());
}

//===----------------------------------------------------------------------===//
// Types and shapes
//===----------------------------------------------------------------------===//

Type CaseBuilder::type(StringRef text) { return parseType(text, b.getContext()); }

Type CaseBuilder::floatType() {
  return type(random.pick({"f32", "f32", "f32", "f32", "f64", "f16", "bf16"}));
}
Type CaseBuilder::intType() {
  return type(random.pick({"i8", "i16", "i32", "i64", "ui8", "ui16", "ui32", "ui64"}));
}
Type CaseBuilder::numberType() { return random.oneIn(3) ? intType() : floatType(); }
Type CaseBuilder::anyType() {
  if (!random.oneIn(4))
    return numberType();
  return type(random.pick({"i1", "i4", "ui4", "i2", "ui2", "f8E4M3FN", "f8E4M3FNUZ", "f8E5M2",
                           "f8E5M2FNUZ", "!nn.f4e2m1", "!nn.f8e8m0"}));
}

Shape CaseBuilder::shape(int64_t minRank, int64_t maxRank, int64_t largest, bool mayBeEmpty) {
  Shape result;
  for (int64_t rank = random.in(minRank, maxRank); rank > 0; --rank)
    result.push_back(random.in(1, largest));
  if (mayBeEmpty && !result.empty() && random.oneIn(12))
    result[random.in(0, result.size() - 1)] = 0;
  return result;
}

Shape CaseBuilder::broadcastable(ArrayRef<int64_t> to) {
  Shape result(to);
  for (int64_t &extent : result)
    if (random.oneIn(4))
      extent = 1;
  if (random.oneIn(3))
    result.erase(result.begin(), result.begin() + random.in(0, result.size()));
  return result;
}

Shape CaseBuilder::axes(int64_t rank) {
  Shape result;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (random.oneIn(2))
      result.push_back(axis);
  return result;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

nn::Tensor CaseBuilder::tensor(Type type, ArrayRef<int64_t> shape, Fill fill) {
  nn::Tensor result(type, shape);
  bool isFloat = !isa<IntegerType>(type);
  // Only one in four tensors has extremes, so that results mean something.
  bool wild = fill == Fill::Any && random.oneIn(4);
  int64_t range = fill == Fill::Finite ? 8 : 32;
  for (int64_t i = 0, e = result.size(); i < e; ++i) {
    if (fill == Fill::Bytes)
      result.setInt(i, static_cast<int64_t>(random.next()));
    else if (wild && random.oneIn(6) && isFloat)
      result.setFloat(i, random.pick({NAN * 1.0, INFINITY * 1.0, -INFINITY * 1.0, -0.0, 1e-30, -3e4,
                                      65520.0, 1e10, 2147483648.0, 0.5}));
    else if (wild && random.oneIn(6))
      result.setInt(i, random.pick<int64_t>({INT64_MIN, INT64_MAX, -1, INT32_MIN, INT32_MAX, -128,
                                             127, 128, 255, -32768, 65535}));
    else if (isFloat)
      result.setFloat(i, static_cast<double>(random.in(-range, range)) / 4);
    else
      result.setInt(i, random.in(-range / 2, range / 2));
  }
  return result;
}

nn::Tensor CaseBuilder::ints(Type type, ArrayRef<int64_t> shape, int64_t low, int64_t high) {
  nn::Tensor result(type, shape);
  for (int64_t i = 0, e = result.size(); i < e; ++i)
    result.setInt(i, random.in(low, high));
  return result;
}

Value CaseBuilder::argument(const nn::Tensor &tensor) {
  Shape shape(tensor.shape());
  SmallVector<Attribute> dims;
  for (int64_t &extent : shape) {
    // Equal extents get equal symbols, so every op's constraints hold.
    if (dynamic && extent > 1 && nn::elementBits(tensor.elementType()) >= 8) {
      dims.push_back(b.getStringAttr("D" + std::to_string(extent)));
      extent = ShapedType::kDynamic;
    } else {
      dims.push_back(b.getI64IntegerAttr(extent));
    }
  }
  unsigned number = arguments.size();
  arguments.push_back(tensor);
  SmallVector<NamedAttribute> attrs = {
      b.getNamedAttr(nn::kDimsAttr, b.getArrayAttr(dims)),
      b.getNamedAttr(nn::kNameAttr, b.getStringAttr("x" + std::to_string(number)))};
  main.insertArgument(number, RankedTensorType::get(shape, tensor.elementType()),
                      b.getDictionaryAttr(attrs), loc);
  return main.getArgument(number);
}

Value CaseBuilder::constant(const nn::Tensor &tensor) {
  return b.create<nn::ConstantOp>(loc, tensor.toAttr());
}

Value CaseBuilder::operand(const nn::Tensor &tensor) {
  return random.oneIn(4) ? constant(tensor) : argument(tensor);
}

Value CaseBuilder::shapeOperand(ArrayRef<int64_t> values) {
  return nn::createShape(b, loc, values);
}
Value CaseBuilder::indexOperand(int64_t value) { return nn::createIndex(b, loc, value); }

OwningOpRef<ModuleOp> CaseBuilder::finish(Operation *op) {
  if (!op)
    return nullptr;
  b.create<func::ReturnOp>(loc, op->getResults());
  main.setType(b.getFunctionType(main.getArgumentTypes(), op->getResultTypes()));
  for (unsigned i = 0; i < op->getNumResults(); ++i)
    main.setResultAttr(i, nn::kNameAttr, b.getStringAttr("y" + std::to_string(i)));
  return std::move(module);
}

} // namespace burin::opcases
