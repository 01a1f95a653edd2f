//===- LowerGroupsTest.cpp - Compiled groups against the interpreter ------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/GroupTestSupport.h"

#include <catch2/catch.hpp>

using namespace burin::test;

/// A group of one function body; `head` is its signature behind the name.
static std::string group(const std::string &head, const std::string &body) {
  return "func.func private @g" + head + " attributes {nn.group} {\n" + body + "}\n";
}

TEST_CASE("elementwise groups", "[codegen]") {
  CHECK(checkGroup({.text = group("(%a: tensor<4x33xf32>, %b: tensor<33xf32>) -> tensor<4x33xf32>",
                                  R"(
    %0 = nn.binary add, %a, %b : (tensor<4x33xf32>, tensor<33xf32>) -> tensor<4x33xf32>
    %1 = nn.unary gelu, %0 : (tensor<4x33xf32>) -> tensor<4x33xf32>
    return %1 : tensor<4x33xf32>
  )")}) == "");
  CHECK(checkGroup({.text = group("(%a: tensor<?x5xf32> {nn.dims = [\"N\", 5]}, "
                                  "%b: tensor<?x1xf32> {nn.dims = [\"M\", 1]}) "
                                  "-> (tensor<?x5xf32> {nn.dims = [\"N\", 5]})",
                                  R"(
    %0 = nn.binary mul, %a, %b : (tensor<?x5xf32>, tensor<?x1xf32>) -> tensor<?x5xf32>
    return %0 : tensor<?x5xf32>
  )"),
                    .dims = {3, 1}}) == "");
}

TEST_CASE("transposed and sliced producers", "[codegen]") {
  CHECK(checkGroup({.text = group("(%a: tensor<4x6x5xf16>, %b: tensor<5x1xf16>) "
                                  "-> tensor<5x4x6xf16>",
                                  R"(
    %t = nn.transpose %a, [2, 0, 1] : (tensor<4x6x5xf16>) -> tensor<5x4x6xf16>
    %s = nn.constant dense<[[[1.0]], [[2.0]], [[3.0]], [[0.5]], [[0.1]]]> : tensor<5x1x1xf16>
    %0 = nn.binary mul, %t, %s : (tensor<5x4x6xf16>, tensor<5x1x1xf16>) -> tensor<5x4x6xf16>
    return %0 : tensor<5x4x6xf16>
  )")}) == "");
}

TEST_CASE("reductions", "[codegen]") {
  for (const char *fn : {"sum", "mean", "prod", "min", "max"})
    for (const char *axes : {"[2]", "[1]", "[0, 2]", "[0, 1]"}) {
      std::string result = axes[3] == ',' || axes[2] == ',' ? (axes[4] == '2' ? "7" : "70") : "";
      std::string text = axes == std::string("[2]")      ? "3x7"
                         : axes == std::string("[1]")    ? "3x70"
                         : axes == std::string("[0, 2]") ? "7"
                                                         : "70";
      std::string type = "tensor<" + text + "xf32>";
      INFO(fn << axes);
      CHECK(checkGroup({.text = group("(%a: tensor<3x7x70xf32>) -> " + type,
                                      std::string("    %0 = nn.reduce ") + fn + ", %a, " + axes +
                                          " : (tensor<3x7x70xf32>) -> " + type +
                                          "\n    return %0 : " + type + "\n"),
                        .tolerance = 1e-4,
                        .lo = 0.9,
                        .hi = 1.1}) == "");
    }
}

TEST_CASE("products", "[codegen]") {
  CHECK(checkGroup({.text = group("(%a: tensor<2x5x7xf32>, %b: tensor<7x70xf32>, "
                                  "%c: tensor<70xf32>) -> tensor<2x5x70xf32>",
                                  R"(
    %0 = nn.matmul %a, %b : (tensor<2x5x7xf32>, tensor<7x70xf32>) -> tensor<2x5x70xf32>
    %1 = nn.binary add, %0, %c : (tensor<2x5x70xf32>, tensor<70xf32>) -> tensor<2x5x70xf32>
    %2 = nn.unary relu, %1 : (tensor<2x5x70xf32>) -> tensor<2x5x70xf32>
    return %2 : tensor<2x5x70xf32>
  )")}) == "");
  CHECK(checkGroup({.text = group("(%x: tensor<1x4x9x8xf32>, %w: tensor<6x2x3x3xf32>) "
                                  "-> tensor<1x6x5x4xf32>",
                                  R"(
    %0 = nn.conv %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
        pads = array<i64: 1, 1, 1, 0>, group = 2} : (tensor<1x4x9x8xf32>, tensor<6x2x3x3xf32>)
        -> tensor<1x6x5x4xf32>
    return %0 : tensor<1x6x5x4xf32>
  )")}) == "");
}

TEST_CASE("row kernels", "[codegen]") {
  CHECK(checkGroup({.text = group("(%a: tensor<3x37xf32>) -> tensor<3x37xf32>", R"(
    %0 = nn.softmax %a, [1] : (tensor<3x37xf32>) -> tensor<3x37xf32>
    return %0 : tensor<3x37xf32>
  )")}) == "");
  CHECK(checkGroup({.text = group("(%a: tensor<3x37xf32>, %s: tensor<37xf32>) -> tensor<3x37xf32>",
                                  R"(
    %0 = nn.normalize layer, %a, [1] {epsilon = 1.0e-5 : f64}
        : (tensor<3x37xf32>) -> tensor<3x37xf32>
    %1 = nn.binary mul, %0, %s : (tensor<3x37xf32>, tensor<37xf32>) -> tensor<3x37xf32>
    return %1 : tensor<3x37xf32>
  )")}) == "");
}

/// A group of one op with static shapes.
static std::string single(const std::string &op, const std::string &operands,
                          const std::string &types, const std::string &result) {
  std::string args;
  size_t start = 0;
  for (unsigned i = 0; start < types.size(); ++i) {
    size_t end = types.find(';', start);
    args += (i ? ", %" : "%") + std::string(1, static_cast<char>('a' + i)) + ": " +
            types.substr(start, end - start);
    start = end == std::string::npos ? types.size() : end + 1;
  }
  std::string list = types;
  for (size_t at; (at = list.find(';')) != std::string::npos;)
    list.replace(at, 1, ", ");
  return group("(" + args + ") -> " + result, "  %r = nn." + op + " : (" + list + ") -> " + result +
                                                  "\n  return %r : " + result + "\n");
}

TEST_CASE("movement", "[codegen]") {
  auto check = [](const std::string &text) {
    INFO(text);
    CHECK(checkGroup({.text = text}) == "");
  };
  check(single("concat %a, %b {axis = 1 : i64}", "", "tensor<2x3x4xf16>;tensor<2x1x4xf16>",
               "tensor<2x4x4xf16>"));
  check(single("transpose %a, [0, 2, 1]", "", "tensor<2x3x4xi64>", "tensor<2x4x3xi64>"));
  check(group("(%a: tensor<2x3xf32>) -> tensor<5x4xf32>", R"(
    %low = nn.constant dense<[1, 0]> : tensor<2xi64>
    %high = nn.constant dense<[2, 1]> : tensor<2xi64>
    %value = nn.constant dense<1.5> : tensor<f32>
    %0 = nn.pad %a, %low, %high, %value
        : (tensor<2x3xf32>, tensor<2xi64>, tensor<2xi64>, tensor<f32>) -> tensor<5x4xf32>
    return %0 : tensor<5x4xf32>
  )"));
  check(group("(%a: tensor<6x5xi32>) -> tensor<2x5xi32>", R"(
    %offsets = nn.constant dense<[5, 0]> : tensor<2xi64>
    %sizes = nn.constant dense<[2, 5]> : tensor<2xi64>
    %0 = nn.slice %a, %offsets, %sizes {strides = array<i64: -3, 1>}
        : (tensor<6x5xi32>, tensor<2xi64>, tensor<2xi64>) -> tensor<2x5xi32>
    return %0 : tensor<2x5xi32>
  )"));
  // Indices from -4 to 4 leave the range on both sides.
  check(single("gather %a, %b {axis = 1 : i64}", "", "tensor<2x3x4xf32>;tensor<7xi64>",
               "tensor<2x7x4xf32>"));
  check(single("gather %a, %b {axis = 1 : i64, batch_dims = 1 : i64}", "",
               "tensor<2x3xi8>;tensor<2x5xi64>", "tensor<2x5xi8>"));
  for (const char *fn : {"none", "add", "mul", "min", "max"})
    check(single(std::string("scatter ") + fn + ", %a, %b, %c", "",
                 "tensor<3x4xf32>;tensor<5x1xi64>;tensor<5x1x4xf32>", "tensor<3x4xf32>"));
}

TEST_CASE("ordered folds", "[codegen]") {
  for (const char *attrs : {"", ", exclusive = true", ", reverse = true"})
    CHECK(checkGroup({.text = single(std::string("cumulate sum, %a {axis = 1 : i64") + attrs + "}",
                                     "", "tensor<2x5x3xi32>", "tensor<2x5x3xi32>")}) == "");
  for (const char *fn : {"max", "min"})
    for (const char *attrs : {"", ", last = true", ", keepdims = true"}) {
      std::string result = attrs[2] == 'k' ? "tensor<3x1x2xi64>" : "tensor<3x2xi64>";
      CHECK(checkGroup({.text = single(std::string("arg_reduce ") + fn + ", %a {axis = 1 : i64" +
                                           attrs + "}",
                                       "", "tensor<3x6x2xi8>", result)}) == "");
    }
}

TEST_CASE("calls", "[codegen]") {
  CHECK(checkGroup({.text = group("(%a: tensor<3x9xf32>) -> (tensor<3x4xf32>, tensor<3x4xi64>)",
                                  R"(
    %k = nn.constant dense<4> : tensor<i64>
    %v, %i = nn.top_k %a, %k {axis = 1 : i64}
        : (tensor<3x9xf32>, tensor<i64>) -> (tensor<3x4xf32>, tensor<3x4xi64>)
    return %v, %i : tensor<3x4xf32>, tensor<3x4xi64>
  )")}) == "");
}

TEST_CASE("pooling windows", "[codegen]") {
  for (const char *fn : {"sum", "max"}) {
    CHECK(checkGroup({.text = single(std::string("pool ") + fn +
                                         ", %a {kernel = array<i64: 3, 2>, strides = array<i64: 2, "
                                         "2>, dilations = array<i64: 1, 2>, pads = array<i64: 1, "
                                         "0, 1, 1>, ceil = true}",
                                     "", "tensor<1x2x7x9xf32>", "tensor<1x2x4x5xf32>")}) == "");
    CHECK(checkGroup({.text = single(std::string("pool ") + fn +
                                         ", %a {kernel = array<i64: 3, 3>, strides = array<i64: 1, "
                                         "1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, "
                                         "1, 1, 1>, layout = #nn<layout nhwc>}",
                                     "", "tensor<1x5x6x70xf32>", "tensor<1x5x6x70xf32>")}) == "");
  }
}

TEST_CASE("convolutions", "[codegen]") {
  // Channels last, with dilation and uneven padding.
  CHECK(checkGroup({.text = single("conv %a, %b {strides = array<i64: 1, 2>, dilations = "
                                   "array<i64: 2, 1>, pads = array<i64: 2, 0, 1, 1>, layout = "
                                   "#nn<layout nhwc>}",
                                   "", "tensor<2x7x6x4xf32>;tensor<5x3x3x4xf32>",
                                   "tensor<2x6x3x5xf32>")}) == "");
  // Depthwise.
  CHECK(checkGroup({.text = single("conv %a, %b {strides = array<i64: 1, 1>, dilations = "
                                   "array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 6, "
                                   "layout = #nn<layout nhwc>}",
                                   "", "tensor<1x5x5x6xf32>;tensor<6x3x3x1xf32>",
                                   "tensor<1x5x5x6xf32>")}) == "");
  // One and three spatial dims.
  CHECK(checkGroup({.text = single("conv %a, %b {strides = array<i64: 3>, dilations = array<i64: "
                                   "2>, pads = array<i64: 4, 3>}",
                                   "", "tensor<1x3x90xf32>;tensor<2x3x5xf32>",
                                   "tensor<1x2x30xf32>")}) == "");
  CHECK(checkGroup({.text = single("conv %a, %b {strides = array<i64: 1, 1, 2>, dilations = "
                                   "array<i64: 1, 1, 1>, pads = array<i64: 0, 1, 0, 1, 0, 1>}",
                                   "", "tensor<1x2x4x5x6xf64>;tensor<3x2x2x3x2xf64>",
                                   "tensor<1x3x4x4x3xf64>")}) == "");
  // Padding counts as the zero point.
  CHECK(checkGroup(
            {.text = single("conv %a, %b zps(%c, %d) {strides = array<i64: 1, 1>, dilations "
                            "= array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>}",
                            "", "tensor<1x3x5x5xui8>;tensor<4x3x3x3xi8>;tensor<ui8>;tensor<4xi8>",
                            "tensor<1x4x5x5xi32>"),
             .lo = -100,
             .hi = 100}) == "");
}

TEST_CASE("products of all kinds", "[codegen]") {
  auto check = [](const std::string &text, double tolerance = 1e-5) {
    INFO(text);
    CHECK(checkGroup({.text = text, .tolerance = tolerance}) == "");
  };
  check(single("matmul %a, %b {ta = true}", "", "tensor<3x7x5xf32>;tensor<3x7x6xf32>",
               "tensor<3x5x6xf32>"));
  check(single("matmul %a, %b {tb = true}", "", "tensor<2x1x5x7xf32>;tensor<3x6x7xf32>",
               "tensor<2x3x5x6xf32>"));
  check(single("matmul %a, %b", "", "tensor<5x7xf16>;tensor<7x6xf16>", "tensor<5x6xf16>"), 2e-3);
  check(single("matmul %a, %b zps(%c, %d)", "",
               "tensor<5x7xui8>;tensor<7x6xi8>;tensor<5x1xui8>;tensor<i8>", "tensor<5x6xi32>"));
  check(single("matmul %a, %b", "", "tensor<5x7xi64>;tensor<7x6xi64>", "tensor<5x6xi64>"));
  check(single("matmul %a, %b", "", "tensor<5x0xf32>;tensor<0x6xf32>", "tensor<5x6xf32>"));
}

TEST_CASE("dynamic extents", "[codegen]") {
  std::string dims = R"({nn.dims = ["N", "M"]})";
  CHECK(checkGroup(
            {.text = group("(%a: tensor<?x?xf32> " + dims + ") -> (tensor<?x?xf32> " + dims + ")",
                           R"(
    %0 = nn.softmax %a, [1] : (tensor<?x?xf32>) -> tensor<?x?xf32>
    return %0 : tensor<?x?xf32>
  )"),
             .dims = {3, 70}}) == "");
  CHECK(checkGroup({.text = group(R"((%a: tensor<?x4xf32> {nn.dims = ["N", 4]}, %b: tensor<4x?xf32>
      {nn.dims = [4, "M"]}) -> (tensor<?x?xf32> {nn.dims = ["N", "M"]}))",
                                  R"(
    %0 = nn.matmul %a, %b : (tensor<?x4xf32>, tensor<4x?xf32>) -> tensor<?x?xf32>
    return %0 : tensor<?x?xf32>
  )"),
                    .dims = {3, 70}}) == "");
  CHECK(checkGroup({.text = group(R"((%a: tensor<?x4xf32> {nn.dims = ["N", 4]}) ->
      (tensor<?x4xf32> {nn.dims = ["2*N + 1", 4]}))",
                                  R"(
    %c = nn.constant dense<1.0> : tensor<1x4xf32>
    %0 = nn.concat %a, %c, %a {axis = 0 : i64}
        : (tensor<?x4xf32>, tensor<1x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    return %0 : tensor<?x4xf32>
  )"),
                    .dims = {3, 7}}) == "");
  CHECK(checkGroup({.text = group(R"((%x: tensor<1x2x?x?xf32> {nn.dims = [1, 2, "H", "W"]}) ->
      (tensor<1x2x?x?xf32> {nn.dims = [1, 2, "d0", "d1"]}))",
                                  R"(
    %0 = nn.pool max, %x {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
        dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>}
        : (tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32>
    return %0 : tensor<1x2x?x?xf32>
  )"),
                    .dims = {9, 8, 5, 4}}) == "");
}

TEST_CASE("resampling and random numbers", "[codegen]") {
  CHECK(checkGroup({.text = group("(%a: tensor<2x3x5xf32>) -> tensor<2x4x5xf32>", R"(
    %i = nn.constant dense<[[0, 1], [0, 1], [1, 2], [2, 2]]> : tensor<4x2xi64>
    %w = nn.constant dense<[[1.0, 0.0], [0.5, 0.5], [0.25, 0.75], [1.0, 0.0]]> : tensor<4x2xf32>
    %0 = nn.resample %a, %i, %w {axis = 1 : i64}
        : (tensor<2x3x5xf32>, tensor<4x2xi64>, tensor<4x2xf32>) -> tensor<2x4x5xf32>
    return %0 : tensor<2x4x5xf32>
  )")}) == "");
  for (const std::string type : {"f32", "f64", "f16"})
    CHECK(checkGroup({.text = group("() -> tensor<3x5x" + type + ">",
                                    "    %s = nn.constant dense<[3, 5]> : tensor<2xi64>\n"
                                    "    %0 = nn.random %s as " +
                                        type +
                                        " {seed = 123456789012 : i64} : (tensor<2xi64>) -> "
                                        "tensor<3x5x" +
                                        type + ">\n    return %0 : tensor<3x5x" + type + ">\n"),
                      .tolerance = 0}) == "");
}
