//===- TensorTest.cpp - Element types, constants, sharing -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "InterpreterTestSupport.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/APFloat.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace mlir;
using namespace burin;
using namespace burin::nn;

static ElementsAttr parse(MLIRContext *context, const std::string &text) {
  return cast<ElementsAttr>(parseAttribute(text, context));
}

TEST_CASE("small floats agree with APFloat on every code", "[tensor]") {
  auto context = test::makeContext();
  Builder b(context.get());
  std::pair<Type, const llvm::fltSemantics *> formats[] = {
      {b.getF16Type(), &llvm::APFloat::IEEEhalf()},
      {b.getBF16Type(), &llvm::APFloat::BFloat()},
      {b.getFloat8E4M3FNType(), &llvm::APFloat::Float8E4M3FN()},
      {b.getFloat8E4M3FNUZType(), &llvm::APFloat::Float8E4M3FNUZ()},
      {b.getFloat8E5M2Type(), &llvm::APFloat::Float8E5M2()},
      {b.getFloat8E5M2FNUZType(), &llvm::APFloat::Float8E5M2FNUZ()},
      {F4E2M1Type::get(context.get()), &llvm::APFloat::Float4E2M1FN()},
  };
  for (auto [type, semantics] : formats) {
    unsigned width = llvm::APFloat::getSizeInBits(*semantics);
    int wrong = 0;
    for (uint32_t bits = 0; bits < (1u << width); ++bits) {
      llvm::APFloat value(*semantics, llvm::APInt(width, bits));
      bool lost;
      value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
      double expected = value.convertToDouble(), actual = decodeFloat(type, bits);
      wrong += std::isnan(expected)
                   ? !std::isnan(actual)
                   : expected != actual ||
                         encodeFloat(type, actual, isTinyFloat(type)) !=
                             (std::isinf(actual) && isTinyFloat(type) ? bits - 1 : bits);
      // Halfway to the next code and just beside it, where that is finite.
      double next = decodeFloat(type, bits + 1);
      if (!std::isfinite(actual) || !std::isfinite(next) || (bits + 1) >> (width - 1) != 0)
        continue;
      double middle = (actual + next) / 2;
      wrong += encodeFloat(type, middle, true) != bits + (bits & 1);
      wrong += encodeFloat(type, std::nextafter(middle, 0), true) != bits;
      wrong += encodeFloat(type, std::nextafter(middle, INFINITY), true) != bits + 1;
    }
    INFO("width " << width);
    CHECK(wrong == 0);
  }
}

TEST_CASE("overflow saturates or leaves the range", "[tensor]") {
  auto context = test::makeContext();
  Builder b(context.get());
  CHECK(encodeFloat(b.getF16Type(), 65519, false) == 0x7bff);
  CHECK(encodeFloat(b.getF16Type(), 65520, false) == 0x7c00);
  CHECK(encodeFloat(b.getFloat8E4M3FNType(), 1e9, true) == 0x7e);
  CHECK(encodeFloat(b.getFloat8E4M3FNType(), 1e9, false) == 0x7f);
  CHECK(encodeFloat(b.getFloat8E4M3FNType(), -INFINITY, true) == 0xfe);
  CHECK(encodeFloat(b.getFloat8E5M2Type(), INFINITY, true) == 0x7b);
  CHECK(encodeFloat(b.getFloat8E5M2Type(), -1e9, false) == 0xfc);
  CHECK(encodeFloat(b.getFloat8E5M2FNUZType(), 1e9, false) == 0x80);
  CHECK(encodeFloat(b.getFloat8E4M3FNUZType(), -1e-9, true) == 0);
  Type f4 = F4E2M1Type::get(context.get());
  CHECK(encodeFloat(f4, 100, true) == 7);
  CHECK(encodeFloat(f4, -INFINITY, false) == 15);
  Type scale = F8E8M0Type::get(context.get());
  CHECK(decodeFloat(scale, 128) == 2);
  CHECK(encodeFloat(scale, 1.4, true) == 127);
  CHECK(encodeFloat(scale, 1.5, true) == 128);
  CHECK(encodeFloat(scale, 0, true) == 0);
  CHECK(encodeFloat(scale, 0x1.8p127, true) == 254);
  CHECK(encodeFloat(scale, 0x1.8p127, false) == 255);
  CHECK(std::isnan(decodeFloat(scale, 255)));
}

TEST_CASE("integers wrap or saturate", "[tensor]") {
  CHECK(wrapInt(200, {8, true}) == -56);
  CHECK(wrapInt(-1, {8, false}) == 255);
  CHECK(wrapInt(9, {4, true}) == -7);
  CHECK(saturateInt(1e30, {64, true}) == INT64_MAX);
  CHECK(saturateInt(-1e30, {64, true}) == INT64_MIN);
  CHECK(static_cast<uint64_t>(saturateInt(1e30, {64, false})) == UINT64_MAX);
  CHECK(saturateInt(9.3e18, {64, false}) == static_cast<int64_t>(uint64_t(9300000000000000000u)));
  CHECK(saturateInt(-0.5, {8, false}) == 0);
  CHECK(saturateInt(-128.9, {8, true}) == -128);
  CHECK(saturateInt(127.9, {8, true}) == 127);
  CHECK(saturateInt(128, {8, true}) == 127);
  CHECK(saturateInt(NAN, {32, true}) == 0);
}

TEST_CASE("elements of every type are stored and read", "[tensor]") {
  auto context = test::makeContext();
  Builder b(context.get());
  auto both = [&](Type type) {
    Tensor tensor(type, {4});
    tensor.setFloat(0, -2.75);
    tensor.setFloat(1, NAN);
    tensor.setInt(2, 300);
    tensor.setFloat(3, 1e6);
    return test::toText(tensor);
  };
  CHECK(both(b.getF64Type()) == "tensor<4xf64> -2.75 nan 300 1e+06");
  CHECK(both(b.getF32Type()) == "tensor<4xf32> -2.75 nan 300 1e+06");
  CHECK(both(b.getF16Type()) == "tensor<4xf16> -2.75 nan 300 inf");
  CHECK(both(b.getBF16Type()) == "tensor<4xbf16> -2.75 nan 300 999424");
  CHECK(both(b.getFloat8E4M3FNType()) == "tensor<4xf8E4M3FN> -2.75 nan 288 448");
  CHECK(both(b.getI64Type()) == "tensor<4xi64> -2 0 300 1000000");
  CHECK(both(b.getI8Type()) == "tensor<4xi8> -2 0 44 127");
  CHECK(both(b.getIntegerType(8, false)) == "tensor<4xui8> 0 0 44 255");
  CHECK(both(b.getIntegerType(4)) == "tensor<4xi4> -2 0 -4 7");
  CHECK(both(b.getIntegerType(2, false)) == "tensor<4xui2> 0 0 0 3");
  CHECK(both(b.getI1Type()) == "tensor<4xi1> 1 1 1 1");
}

TEST_CASE("dense constants round-trip", "[tensor]") {
  auto context = test::makeContext();
  for (const char *text :
       {"dense<[true, false, true]> : tensor<3xi1>", "dense<true> : tensor<2x2xi1>",
        "dense<[-8, 7]> : tensor<2xi4>", "dense<[0, 15]> : tensor<2xui4>",
        "dense<[1, -1]> : tensor<2xi64>", "dense<-3> : tensor<5xi16>",
        "dense<[1.5, -0.0]> : tensor<2xf16>", "dense<[0.5, 448.0]> : tensor<2xf8E4M3FN>",
        "dense<2.0> : tensor<bf16>", "dense<> : tensor<0x3xf32>",
        "dense<[(1.0,2.0), (3.0,4.0)]> : tensor<2xcomplex<f32>>"}) {
    ElementsAttr attr = parse(context.get(), text);
    INFO(text);
    CHECK(succeeded(Tensor::verifyAttr(attr)));
    CHECK(Tensor::fromAttr(attr).toAttr() == attr);
  }
  Tensor bits = Tensor::fromAttr(parse(context.get(), "dense<[true, false, true]> : tensor<3xi1>"));
  CHECK(test::toText(bits) == "tensor<3xi1> 1 0 1");
  Tensor i4 = Tensor::fromAttr(parse(context.get(), "dense<[-8, 7]> : tensor<2xi4>"));
  CHECK(test::toText(i4) == "tensor<2xi4> -8 7");
}

TEST_CASE("big constants share their bytes", "[tensor]") {
  auto context = test::makeContext();
  Builder b(context.get());
  auto buffer = std::make_shared<std::vector<float>>(1000, 1.5f);
  Tensor tensor(b.getF32Type(), {10, 100}, buffer, reinterpret_cast<const char *>(buffer->data()));
  ElementsAttr attr = tensor.toAttr();
  CHECK(isa<DenseResourceElementsAttr>(attr));
  CHECK(Tensor::fromAttr(attr).data() == tensor.data());
  CHECK(tensor.reshaped({1000}).data() == tensor.data());
  CHECK(tensor.bitcasted(b.getI32Type()).intAt(0) == 0x3fc00000);
  // The buffer lives as long as the context needs it.
  std::weak_ptr<std::vector<float>> watch = buffer;
  buffer.reset();
  tensor = Tensor();
  CHECK(!watch.expired());
  CHECK(Tensor::fromAttr(attr).floatAt(999) == 1.5);
  context.reset();
  CHECK(watch.expired());
}

TEST_CASE("resources survive text, and equal input names them equally", "[tensor]") {
  std::string texts[2];
  for (std::string &text : texts) {
    auto context = test::makeContext();
    OpBuilder b(context.get());
    OwningOpRef<ModuleOp> module(ModuleOp::create(b.getUnknownLoc()));
    b.setInsertionPointToStart(module->getBody());
    Type types[] = {b.getIntegerType(4), b.getI1Type(), F8E8M0Type::get(context.get()),
                    b.getFloat8E5M2Type(), b.getI64Type()};
    for (Type type : types) {
      Tensor tensor(type, {70});
      for (int64_t i = 0; i < 70; ++i)
        tensor.setInt(i, i - 3);
      b.create<ConstantOp>(b.getUnknownLoc(), tensor.toAttr());
    }
    // Types that dense<> cannot hold are resources at any size.
    Tensor small(F4E2M1Type::get(context.get()), {2});
    small.setFloat(1, 3);
    b.create<ConstantOp>(b.getUnknownLoc(), small.toAttr());
    llvm::raw_string_ostream stream(text);
    module->print(stream);
  }
  CHECK(texts[0] == texts[1]);

  auto context = test::makeContext();
  auto module = parseSourceString<ModuleOp>(texts[0], context.get());
  INFO(texts[0]);
  REQUIRE(module);
  std::vector<std::string> tensors;
  for (auto op : module->getOps<ConstantOp>())
    tensors.push_back(test::toText(Tensor::fromAttr(op.getValue())));
  REQUIRE(tensors.size() == 6);
  CHECK(tensors[0].substr(0, 36) == "tensor<70xi4> -3 -2 -1 0 1 2 3 4 5 6");
  CHECK(tensors[1].substr(0, 24) == "tensor<70xi1> 1 1 1 0 1 ");
  CHECK(tensors[5] == "tensor<2x!nn.f4e2m1> 0 3");
  std::string again;
  llvm::raw_string_ostream stream(again);
  module->print(stream);
  CHECK(again == texts[0]);
}

TEST_CASE("unusable constants are told", "[tensor]") {
  auto context = test::makeContext();
  auto missing = parse(context.get(), "dense_resource<nowhere> : tensor<100xf32>");
  CHECK(failed(Tensor::verifyAttr(missing)));
  CHECK(Tensor::fromAttr(missing).floatAt(99) == 0);
  CHECK(failed(Tensor::verifyAttr(parse(context.get(), "dense<\"a\"> : tensor<1x!nn.str>"))));
  Builder b(context.get());
  auto resource = cast<DenseResourceElementsAttr>(Tensor(b.getF32Type(), {100}).toAttr());
  auto bigger = DenseResourceElementsAttr::get(RankedTensorType::get({200}, b.getF32Type()),
                                               resource.getRawHandle());
  CHECK(failed(Tensor::verifyAttr(bigger)));
}

TEST_CASE("strides are row-major", "[tensor]") {
  CHECK(rowMajorStrides({2, 3, 4}) == SmallVector<int64_t>{12, 4, 1});
  CHECK(rowMajorStrides({}).empty());
  CHECK(rowMajorStrides({5, 0}) == SmallVector<int64_t>{0, 1});
}
