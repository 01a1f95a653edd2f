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
