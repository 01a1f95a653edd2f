//===- ScalarEmitterTest.cpp - Scalar formulas against the interpreter ----===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/NN.h"
#include "test/unit/GroupTestSupport.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace burin::test;

static mlir::Type parse(const std::string &name) {
  mlir::Builder b(&context());
  if (name == "f64")
    return b.getF64Type();
  if (name == "f32")
    return b.getF32Type();
  if (name == "f16")
    return b.getF16Type();
  if (name == "bf16")
    return b.getBF16Type();
  bool isUnsigned = name[0] == 'u';
  unsigned width = std::stoi(name.substr(isUnsigned ? 2 : 1));
  return isUnsigned ? b.getIntegerType(width, false) : b.getIntegerType(width);
}

/// One group with up to eight lines `%ri = nn.<op>` of the same result type.
static std::string group(const std::vector<std::string> &ops, const std::string &args,
                         const std::string &operandTypes, const std::string &result) {
  std::string body, names, types;
  for (size_t i = 0; i < ops.size(); ++i) {
    std::string name = "%r" + std::to_string(i);
    body += "  " + name + " = nn." + ops[i] + " : (" + operandTypes + ") -> " + result + "\n";
    names += (i ? ", " : "") + name;
    types += (i ? ", " : "") + result;
  }
  return "func.func private @g(" + args + ") -> (" + types + ") attributes {nn.group} {\n" + body +
         "  return " + names + " : " + types + "\n}\n";
}

/// Special values of a type: limits, signs, halves; NaN and Inf for floats.
static nn::Tensor specials(const std::string &name, unsigned rotate, bool small = false) {
  static const double kFloats[] = {
      0,   -0.0, 1,     -1,   0.5,      1.5, 2.5,       -2.5, 3.7,   -3.7,  1e-6,  100.3, -128.6,
      300, 1e9,  -3e10, 2e19, INFINITY, NAN, -INFINITY, 6e-8, 65519, 65520, 448.1, 0.0019};
  static const int64_t kInts[] = {0,         1,         -1,  2,   -2,   3,     7,
                                  -8,        5,         127, 128, -128, 32768, INT32_MIN,
                                  INT64_MIN, INT64_MAX, 8,   31,  63,   64,    -7};
  mlir::Type type = parse(name);
  int64_t count = 24;
  nn::Tensor tensor(type, {count});
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = (i * (rotate ? 5 : 1) + rotate) % 24;
    if (mlir::isa<mlir::IntegerType>(type))
      tensor.setInt(i, kInts[at % (small ? 9 : 21)]);
    else
      tensor.setFloat(i, kFloats[at % (small ? 13 : 25)]);
  }
  return tensor;
}

TEST_CASE("unary formulas", "[codegen]") {
  std::vector<std::string> floats, integers;
  for (unsigned i = 0; i <= nn::getMaxEnumValForUnaryFn(); ++i) {
    std::string name = nn::stringifyUnaryFn(static_cast<nn::UnaryFn>(i)).str();
    std::string op = "unary " + name + ", %a {alpha = 0.75, beta = 0.25}";
    if (name == "abs" || name == "neg" || name == "sign" || name == "relu" || name == "not")
      integers.push_back(op);
    if (name != "not")
      floats.push_back(op);
  }
  auto check = [](const std::vector<std::string> &ops, const std::string &type, double tolerance) {
    for (size_t i = 0; i < ops.size(); i += 8) {
      std::vector<std::string> some(ops.begin() + i, ops.begin() + std::min(i + 8, ops.size()));
      std::string tensor = "tensor<24x" + type + ">";
      std::string text = group(some, "%a: " + tensor, tensor, tensor);
      INFO(text);
      CHECK(checkGroup({.text = text, .inputs = {specials(type, 0)}, .tolerance = tolerance}) ==
            "");
    }
  };
  check(floats, "f32", 2e-6);
  check(floats, "f64", 1e-13);
  check(floats, "f16", 1e-3);
  check(floats, "bf16", 8e-3);
  for (const char *type : {"i8", "ui8", "i16", "i32", "ui32", "i64", "ui64"})
    check(integers, type, 0);
}

TEST_CASE("binary formulas", "[codegen]") {
  auto check = [](const std::vector<std::string> &fns, const std::string &type, double tolerance) {
    std::vector<std::string> ops;
    for (const std::string &fn : fns)
      ops.push_back("binary " + fn + ", %a, %b");
    std::string tensor = "tensor<24x" + type + ">";
    std::string text =
        group(ops, "%a: " + tensor + ", %b: " + tensor, tensor + ", " + tensor, tensor);
    INFO(text);
    for (unsigned rotate : {0u, 3u, 11u})
      CHECK(checkGroup({.text = text,
                        .inputs = {specials(type, 0), specials(type, rotate)},
                        .tolerance = tolerance}) == "");
  };
  for (const char *type : {"f32", "f16", "bf16", "f64"})
    check({"add", "sub", "mul", "div", "rem", "mod", "min", "max"}, type,
          type[0] == 'b' ? 8e-3 : 1e-3);
  for (const char *type : {"i8", "ui8", "i16", "ui16", "i32", "ui32", "i64", "ui64"}) {
    check({"add", "sub", "mul", "div", "rem", "mod", "min", "max"}, type, 0);
    check({"and", "or", "xor", "shl", "shr", "pow"}, type, 0);
  }
  check({"and", "or", "xor", "min", "max"}, "i1", 0);
  for (const char *type : {"f32", "i8", "ui8", "i64", "ui64"}) {
    std::string tensor = std::string("tensor<24x") + type + ">";
    std::vector<std::string> ops;
    for (const char *fn : {"eq", "ne", "lt", "le", "gt", "ge"})
      ops.push_back(std::string("compare ") + fn + ", %a, %b");
    CHECK(checkGroup({.text = group(ops, "%a: " + tensor + ", %b: " + tensor,
                                    tensor + ", " + tensor, "tensor<24xi1>"),
                      .inputs = {specials(type, 0), specials(type, 3)}}) == "");
  }
}

TEST_CASE("conversions", "[codegen]") {
  const char *types[] = {"f64",  "f32", "f16",  "bf16", "i1",   "i8", "ui8", "i16",
                         "ui16", "i32", "ui32", "i64",  "ui64", "i4", "ui4"};
  for (const char *from : types)
    for (const char *to : types) {
      if (std::string(from) == to)
        continue;
      std::string in = std::string("tensor<24x") + from + ">";
      std::string out = std::string("tensor<24x") + to + ">";
      INFO(from << " to " << to);
      CHECK(checkGroup({.text = group({std::string("cast %a to ") + to}, "%a: " + in, in, out),
                        .inputs = {specials(from, 0)},
                        .tolerance = 0}) == "");
    }
  for (const char *to :
       {"f8E4M3FN", "f8E4M3FNUZ", "f8E5M2", "f8E5M2FNUZ", "!nn.f4e2m1", "!nn.f8e8m0"})
    for (const char *attrs : {"", " {saturate = false}"}) {
      // Through the small float and back: its codes must agree.
      std::string in = "tensor<24xf32>", out = std::string("tensor<24x") + to + ">";
      INFO(to << attrs);
      CHECK(checkGroup({.text = "func.func private @g(%a: " + in + ") -> " + in +
                                " attributes {nn.group} {\n  %0 = nn.cast %a to " + to + attrs +
                                " : (" + in + ") -> " + out + "\n  %1 = nn.cast %0 to f32 : (" +
                                out + ") -> " + in + "\n  return %1 : " + in + "\n}\n",
                        .inputs = {specials("f32", 0)},
                        .tolerance = 0}) == "");
      CHECK(checkGroup(
                {.text = group({std::string("cast %a to ") + to + attrs}, "%a: " + in, in, out),
                 .inputs = {specials("f32", 0)},
                 .tolerance = 0}) == "");
    }
}

TEST_CASE("quantisation", "[codegen]") {
  for (const char *type : {"i8", "ui8", "i16", "ui16", "i4"}) {
    std::string q = std::string(type);
    std::string body = "  %s = nn.constant dense<[0.5, 0.1, 2.0]> : tensor<3xf32>\n"
                       "  %z = nn.constant dense<[1, 0, 3]> : tensor<3x" +
                       q +
                       ">\n"
                       "  %0 = nn.quantize %a, %s, %z to " +
                       q +
                       " {axis = 1 : i64} : (tensor<4x3x5xf32>, "
                       "tensor<3xf32>, tensor<3x" +
                       q + ">) -> tensor<4x3x5x" + q + ">\n";
    CHECK(checkGroup({.text = "func.func private @g(%a: tensor<4x3x5xf32>) -> tensor<4x3x5x" + q +
                              "> attributes {nn.group} {\n" + body + "  return %0 : tensor<4x3x5x" +
                              q + ">\n}\n",
                      .lo = -30,
                      .hi = 30}) == "");
    CHECK(checkGroup({.text = "func.func private @g(%a: tensor<4x3x5xf32>) -> tensor<4x3x5xf32> "
                              "attributes {nn.group} {\n" +
                              body +
                              "  %1 = nn.dequantize %0, %s, %z to f32 {axis = 1 : i64} : "
                              "(tensor<4x3x5x" +
                              q + ">, tensor<3xf32>, tensor<3x" + q +
                              ">) -> tensor<4x3x5xf32>\n  return %1 : tensor<4x3x5xf32>\n}\n",
                      .lo = -30,
                      .hi = 30}) == "");
  }
  for (const char *mode : {"rne_f32", "tflite"})
    CHECK(checkGroup({.text = std::string("func.func private @g(%a: tensor<40xi32>) -> "
                                          "tensor<40xi8> attributes {nn.group} {\n"
                                          "  %m = nn.constant dense<0.0037> : tensor<f32>\n"
                                          "  %z = nn.constant dense<-3> : tensor<i8>\n"
                                          "  %0 = nn.requantize %a, %m, %z to i8 {mode = "
                                          "#nn<requantize_mode ") +
                              mode +
                              ">} : (tensor<40xi32>, tensor<f32>, tensor<i8>) -> tensor<40xi8>\n"
                              "  return %0 : tensor<40xi8>\n}\n",
                      .lo = -50000,
                      .hi = 50000}) == "");
}
