//===- InterpreterTest.cpp - Values of elementwise, movement, reduction ---===//
//
// Part of Burin, under the Apache License v2.0.
//
// Hand-computed results, one case per op, and the edges of the numerics table.
//
//===----------------------------------------------------------------------===//

#include "InterpreterTestSupport.h"

#include <catch2/catch.hpp>

using burin::test::run;

TEST_CASE("nn.constant, nn.unary", "[interpreter]") {
  CHECK(run("%0 = nn.constant dense<[1.0, -2.5]> : tensor<2xf32>") == "tensor<2xf32> 1 -2.5");
  CHECK(run(R"(
    %x = nn.constant dense<[-1.5, 2.5, 0x7FC00000]> : tensor<3xf32>
    %r = nn.unary round, %x : (tensor<3xf32>) -> tensor<3xf32>)") == "tensor<3xf32> -2 2 nan");
  CHECK(run(R"(
    %x = nn.constant dense<[-1.0, 2.0]> : tensor<2xf16>
    %r = nn.unary leaky_relu, %x {alpha = 0.1 : f64} : (tensor<2xf16>) -> tensor<2xf16>)") ==
        "tensor<2xf16> -0.0999756 2");
  CHECK(run(R"(
    %x = nn.constant dense<[-128, 5]> : tensor<2xi8>
    %r = nn.unary neg, %x : (tensor<2xi8>) -> tensor<2xi8>)") == "tensor<2xi8> -128 -5");
  CHECK(run(R"(
    %x = nn.constant dense<[true, false]> : tensor<2xi1>
    %r = nn.unary not, %x : (tensor<2xi1>) -> tensor<2xi1>)") == "tensor<2xi1> 0 1");
  CHECK(run(R"(
    %x = nn.constant dense<> : tensor<0x3xf32>
    %r = nn.unary exp, %x : (tensor<0x3xf32>) -> tensor<0x3xf32>)") == "tensor<0x3xf32>");
}

TEST_CASE("nn.binary broadcasts", "[interpreter]") {
  CHECK(run(R"(
    %a = nn.constant dense<[[1], [2]]> : tensor<2x1xi32>
    %b = nn.constant dense<[10, 20, 30]> : tensor<3xi32>
    %r = nn.binary add, %a, %b : (tensor<2x1xi32>, tensor<3xi32>) -> tensor<2x3xi32>)") ==
        "tensor<2x3xi32> 11 21 31 12 22 32");
  // An extent of 0 wins over 1.
  CHECK(run(R"(
    %a = nn.constant dense<1.0> : tensor<2x1xf32>
    %b = nn.constant dense<> : tensor<0xf32>
    %r = nn.binary mul, %a, %b : (tensor<2x1xf32>, tensor<0xf32>) -> tensor<2x0xf32>)") ==
        "tensor<2x0xf32>");
  CHECK(run(R"(
    %a = nn.constant dense<[7, 7, -128]> : tensor<3xi8>
    %b = nn.constant dense<[0, -2, -1]> : tensor<3xi8>
    %r = nn.binary div, %a, %b : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>)") ==
        "tensor<3xi8> 0 -3 -128");
  CHECK(run(R"(
    %a = nn.constant dense<[18446744073709551615, 5]> : tensor<2xui64>
    %b = nn.constant dense<[2, 7]> : tensor<2xui64>
    %r = nn.binary max, %a, %b : (tensor<2xui64>, tensor<2xui64>) -> tensor<2xui64>)") ==
        "tensor<2xui64> 18446744073709551615 7");
  CHECK(run(R"(
    %a = nn.constant dense<[1.0, 0x7FC00000]> : tensor<2xf32>
    %b = nn.constant dense<[0x7FC00000, 1.0]> : tensor<2xf32>
    %r = nn.binary min, %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>)") ==
        "tensor<2xf32> nan nan");
}

TEST_CASE("nn.binary pow mixes types", "[interpreter]") {
  CHECK(run(R"(
    %a = nn.constant dense<[2, 9, 2]> : tensor<3xi32>
    %b = nn.constant dense<[3.0, 0.5, -1.0]> : tensor<3xf32>
    %r = nn.binary pow, %a, %b : (tensor<3xi32>, tensor<3xf32>) -> tensor<3xi32>)") ==
        "tensor<3xi32> 8 3 0");
  CHECK(run(R"(
    %a = nn.constant dense<[2.0, -3.0]> : tensor<2xf32>
    %b = nn.constant dense<[-1, 3]> : tensor<2xi64>
    %r = nn.binary pow, %a, %b : (tensor<2xf32>, tensor<2xi64>) -> tensor<2xf32>)") ==
        "tensor<2xf32> 0.5 -27");
  CHECK(run(R"(
    %a = nn.constant dense<[-1, 2, 3]> : tensor<3xi8>
    %b = nn.constant dense<[-3, -3, 4]> : tensor<3xi64>
    %r = nn.binary pow, %a, %b : (tensor<3xi8>, tensor<3xi64>) -> tensor<3xi8>)") ==
        "tensor<3xi8> -1 0 81");
}

TEST_CASE("nn.compare, nn.select", "[interpreter]") {
  CHECK(run(R"(
    %a = nn.constant dense<[1.0, 0x7FC00000, 2.0]> : tensor<3xf32>
    %r = nn.compare ne, %a, %a : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>)") ==
        "tensor<3xi1> 0 1 0");
  CHECK(run(R"(
    %a = nn.constant dense<[200, 3]> : tensor<2xui8>
    %b = nn.constant dense<100> : tensor<ui8>
    %r = nn.compare lt, %a, %b : (tensor<2xui8>, tensor<ui8>) -> tensor<2xi1>)") ==
        "tensor<2xi1> 0 1");
  CHECK(run(R"(
    %c = nn.constant dense<[[true], [false]]> : tensor<2x1xi1>
    %a = nn.constant dense<[1, 2]> : tensor<2xi64>
    %b = nn.constant dense<-1> : tensor<i64>
    %r = nn.select %c, %a, %b : (tensor<2x1xi1>, tensor<2xi64>, tensor<i64>) -> tensor<2x2xi64>)") ==
        "tensor<2x2xi64> 1 2 -1 -1");
}

TEST_CASE("nn.cast", "[interpreter]") {
  auto cast = [](const std::string &value, const std::string &from, const std::string &to,
                 const std::string &attrs = "") {
    std::string x = "tensor<" + from + ">", y = "tensor<4x" + to + ">";
    return run("%x = nn.constant dense<" + value + "> : " + x + "\n%r = nn.cast %x to " + to + " " +
               attrs + " : (" + x + ") -> " + y);
  };
  std::string reals = "[-2.7, 300.5, 0x7FC00000, 0xFF800000]";
  CHECK(cast(reals, "4xf32", "i8") == "tensor<4xi8> -2 127 0 -128");
  CHECK(cast(reals, "4xf32", "ui8") == "tensor<4xui8> 0 255 0 0");
  CHECK(cast(reals, "4xf32", "i4") == "tensor<4xi4> -2 7 0 -8");
  CHECK(cast(reals, "4xf32", "i1") == "tensor<4xi1> 1 1 1 1");
  CHECK(cast(reals, "4xf32", "bf16") == "tensor<4xbf16> -2.70312 300 nan -inf");
  CHECK(cast("[70000.0, 65519.0, 1.0e-8, -0.0]", "4xf32", "f16") == "tensor<4xf16> inf 65504 0 -0");
  CHECK(cast("[300, -1, 256, 5]", "4xi32", "ui8") == "tensor<4xui8> 44 255 0 5");
  CHECK(cast("[256, 0, -1, 2]", "4xi32", "i1") == "tensor<4xi1> 1 0 1 1");
  CHECK(cast("[true, false, true, true]", "4xi1", "f32") == "tensor<4xf32> 1 0 1 1");
  CHECK(cast("[-1, 7, -8, 3]", "4xi4", "i32") == "tensor<4xi32> -1 7 -8 3");
  std::string wide = "[1000.0, 448.0, -0.001, 0x7F800000]";
  CHECK(cast(wide, "4xf32", "f8E4M3FN") == "tensor<4xf8E4M3FN> 448 448 -0.00195312 448");
  CHECK(cast(wide, "4xf32", "f8E4M3FN", "{saturate = false}") ==
        "tensor<4xf8E4M3FN> nan 448 -0.00195312 nan");
  CHECK(cast(wide, "4xf32", "f8E5M2", "{saturate = false}") ==
        "tensor<4xf8E5M2> 1024 448 -0.000976562 inf");
  CHECK(cast(wide, "4xf32", "!nn.f4e2m1") == "tensor<4x!nn.f4e2m1> 6 6 -0 6");
  std::string scales = "[1.25, 1.5, 3.0, 4.0]";
  CHECK(cast(scales, "4xf32", "!nn.f8e8m0") == "tensor<4x!nn.f8e8m0> 1 2 4 4");
  CHECK(cast(scales, "4xf32", "!nn.f8e8m0", "{round = #nn<round_mode up>}") ==
        "tensor<4x!nn.f8e8m0> 2 2 4 4");
  CHECK(cast(scales, "4xf32", "!nn.f8e8m0", "{round = #nn<round_mode down>}") ==
        "tensor<4x!nn.f8e8m0> 1 1 2 4");
  // 2^24 + 1 and 2^53 + 2^29 + 1: one rounding only.
  CHECK(cast("[16777217, 9007199791611905, -1, 0]", "4xi64", "f32") ==
        "tensor<4xf32> 1.67772e+07 9.0072e+15 -1 0");
}

TEST_CASE("nn.bitcast", "[interpreter]") {
  CHECK(run(R"(
    %x = nn.constant dense<[1.0, -0.0]> : tensor<2xf32>
    %r = nn.bitcast %x to i32 : (tensor<2xf32>) -> tensor<2xi32>)") ==
        "tensor<2xi32> 1065353216 -2147483648");
}

TEST_CASE("nn.reshape, nn.transpose, nn.broadcast_to", "[interpreter]") {
  const std::string x = "%x = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>\n";
  CHECK(run(x + R"(
    %s = nn.constant dense<[3, -1]> : tensor<2xi64>
    %r = nn.reshape %x, %s : (tensor<2x3xi32>, tensor<2xi64>) -> tensor<3x2xi32>)") ==
        "tensor<3x2xi32> 1 2 3 4 5 6");
  CHECK(run(x + R"(
    %r = nn.transpose %x, [1, 0] : (tensor<2x3xi32>) -> tensor<3x2xi32>)") ==
        "tensor<3x2xi32> 1 4 2 5 3 6");
  CHECK(run(R"(
    %x = nn.constant dense<[[1], [2]]> : tensor<2x1xi4>
    %s = nn.constant dense<[2, 2, 3]> : tensor<3xi64>
    %r = nn.broadcast_to %x, %s : (tensor<2x1xi4>, tensor<3xi64>) -> tensor<2x2x3xi4>)") ==
        "tensor<2x2x3xi4> 1 1 1 2 2 2 1 1 1 2 2 2");
}

TEST_CASE("nn.slice", "[interpreter]") {
  const std::string x = "%x = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>\n";
  CHECK(run(x + R"(
    %o = nn.constant dense<[0, 1]> : tensor<2xi64>
    %s = nn.constant dense<[2, 2]> : tensor<2xi64>
    %r = nn.slice %x, %o, %s : (tensor<2x3xi32>, tensor<2xi64>, tensor<2xi64>) -> tensor<2x2xi32>)") ==
        "tensor<2x2xi32> 2 3 5 6");
  CHECK(run(x + R"(
    %o = nn.constant dense<[1, 2]> : tensor<2xi64>
    %s = nn.constant dense<[2, 2]> : tensor<2xi64>
    %r = nn.slice %x, %o, %s {strides = array<i64: -1, -2>} : (tensor<2x3xi32>, tensor<2xi64>, tensor<2xi64>) -> tensor<2x2xi32>)") ==
        "tensor<2x2xi32> 6 4 3 1");
  std::string outside = run(x + R"(
    %o = nn.constant dense<[0, 2]> : tensor<2xi64>
    %s = nn.constant dense<[2, 2]> : tensor<2xi64>
    %r = nn.slice %x, %o, %s : (tensor<2x3xi32>, tensor<2xi64>, tensor<2xi64>) -> tensor<2x2xi32>)");
  CHECK(outside.substr(0, 6) == "error:");
}

TEST_CASE("nn.concat, nn.pad", "[interpreter]") {
  CHECK(run(R"(
    %a = nn.constant dense<[[1], [2]]> : tensor<2x1xi32>
    %b = nn.constant dense<> : tensor<2x0xi32>
    %c = nn.constant dense<[[3, 4], [5, 6]]> : tensor<2x2xi32>
    %r = nn.concat %a, %b, %c {axis = 1 : i64} : (tensor<2x1xi32>, tensor<2x0xi32>, tensor<2x2xi32>) -> tensor<2x3xi32>)") ==
        "tensor<2x3xi32> 1 3 4 2 5 6");
  CHECK(run(R"(
    %x = nn.constant dense<[[1, 2]]> : tensor<1x2xi32>
    %l = nn.constant dense<[1, 0]> : tensor<2xi64>
    %h = nn.constant dense<[0, 1]> : tensor<2xi64>
    %v = nn.constant dense<9> : tensor<i32>
    %r = nn.pad %x, %l, %h, %v : (tensor<1x2xi32>, tensor<2xi64>, tensor<2xi64>, tensor<i32>) -> tensor<2x3xi32>)") ==
        "tensor<2x3xi32> 9 9 9 1 2 9");
}

TEST_CASE("nn.gather", "[interpreter]") {
  const std::string x = "%x = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>\n";
  CHECK(run(x + R"(
    %i = nn.constant dense<[2, -1, 3, 0]> : tensor<4xi64>
    %r = nn.gather %x, %i {axis = 1 : i64} : (tensor<2x3xi32>, tensor<4xi64>) -> tensor<2x4xi32>)") ==
        "tensor<2x4xi32> 3 0 0 1 6 0 0 4");
  CHECK(run(x + R"(
    %i = nn.constant dense<[[1, 0], [2, 2]]> : tensor<2x2xi32>
    %r = nn.gather %x, %i {axis = 1 : i64, batch_dims = 1 : i64} : (tensor<2x3xi32>, tensor<2x2xi32>) -> tensor<2x2xi32>)") ==
        "tensor<2x2xi32> 2 1 6 6");
}

TEST_CASE("nn.scatter", "[interpreter]") {
  auto scatter = [](const std::string &fn) {
    return run(
        R"(
    %d = nn.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi32>
    %i = nn.constant dense<[1, 7, 1, -1]> : tensor<4xi64>
    %u = nn.constant dense<[[9, 1], [0, 0], [2, 8], [0, 0]]> : tensor<4x2xi32>
    %r = nn.scatter )" +
        fn +
        R"(, %d, %i, %u : (tensor<3x2xi32>, tensor<4xi64>, tensor<4x2xi32>) -> tensor<3x2xi32>)");
  };
  CHECK(scatter("none") == "tensor<3x2xi32> 1 2 2 8 5 6");
  CHECK(scatter("add") == "tensor<3x2xi32> 1 2 14 13 5 6");
  CHECK(scatter("mul") == "tensor<3x2xi32> 1 2 54 32 5 6");
  CHECK(scatter("min") == "tensor<3x2xi32> 1 2 2 1 5 6");
  CHECK(scatter("max") == "tensor<3x2xi32> 1 2 9 8 5 6");
}

TEST_CASE("nn.iota, nn.shape_of", "[interpreter]") {
  CHECK(run(R"(
    %n = nn.constant dense<3> : tensor<i64>
    %r = nn.iota %n as f32 : (tensor<i64>) -> tensor<3xf32>)") == "tensor<3xf32> 0 1 2");
  CHECK(run(R"(
    %x = nn.constant dense<> : tensor<2x0xf32>
    %r = nn.shape_of %x : (tensor<2x0xf32>) -> tensor<2xi64>)") == "tensor<2xi64> 2 0");
}

TEST_CASE("nn.reduce", "[interpreter]") {
  auto reduce = [](const std::string &fn, const std::string &x, const std::string &type,
                   const std::string &attrs, const std::string &result) {
    return run("%x = nn.constant dense<" + x + "> : " + type + "\n%r = nn.reduce " + fn + ", %x, " +
               attrs + " : (" + type + ") -> " + result);
  };
  const std::string x = "[[1.0, 2.0], [3.0, 6.0]]";
  CHECK(reduce("sum", x, "tensor<2x2xf32>", "[0]", "tensor<2xf32>") == "tensor<2xf32> 4 8");
  CHECK(reduce("mean", x, "tensor<2x2xf32>", "[1] {keepdims = true}", "tensor<2x1xf32>") ==
        "tensor<2x1xf32> 1.5 4.5");
  CHECK(reduce("prod", x, "tensor<2x2xf32>", "[0, 1]", "tensor<f32>") == "tensor<f32> 36");
  CHECK(reduce("max", x, "tensor<2x2xf32>", "[]", "tensor<2x2xf32>") == "tensor<2x2xf32> 1 2 3 6");
  CHECK(reduce("max", "[1.0, 0x7FC00000, 3.0]", "tensor<3xf32>", "[0]", "tensor<f32>") ==
        "tensor<f32> nan");
  // Empty sets give the identity.
  for (auto [fn, type, value] : {std::tuple("sum", "f32", "0"),
                                 {"prod", "f32", "1"},
                                 {"mean", "f32", "nan"},
                                 {"min", "f32", "inf"},
                                 {"max", "f32", "-inf"},
                                 {"max", "i8", "-128"},
                                 {"min", "ui8", "255"},
                                 {"min", "i1", "1"},
                                 {"max", "i1", "0"}}) {
    std::string t = type;
    CHECK(reduce(fn, "", "tensor<0x1x" + t + ">", "[0]", "tensor<1x" + t + ">") ==
          "tensor<1x" + t + "> " + value);
  }
  CHECK(reduce("sum", "[100, 100]", "tensor<2xi8>", "[0]", "tensor<i8>") == "tensor<i8> -56");
  CHECK(reduce("mean", "[-3, -4]", "tensor<2xi32>", "[0]", "tensor<i32>") == "tensor<i32> -3");
  CHECK(reduce("min", "[true, false]", "tensor<2xi1>", "[0]", "tensor<i1>") == "tensor<i1> 0");
}

TEST_CASE("nn.arg_reduce", "[interpreter]") {
  auto arg = [](const std::string &fn, const std::string &attrs) {
    return run("%x = nn.constant dense<[[1.0, 3.0, 3.0], [2.0, 0x7FC00000, 9.0]]> : "
               "tensor<2x3xf32>\n%r = nn.arg_reduce " +
               fn + ", %x {axis = 1 : i64" + attrs + "} : (tensor<2x3xf32>) -> tensor<2xi64>");
  };
  CHECK(arg("max", "") == "tensor<2xi64> 1 1");
  CHECK(arg("max", ", last = true") == "tensor<2xi64> 2 1");
  CHECK(arg("min", "") == "tensor<2xi64> 0 1");
}

TEST_CASE("nn.cumulate", "[interpreter]") {
  auto cumulate = [](const std::string &attrs) {
    return run("%x = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>\n"
               "%r = nn.cumulate " +
               attrs + " : (tensor<2x3xi32>) -> tensor<2x3xi32>");
  };
  CHECK(cumulate("sum, %x {axis = 1 : i64}") == "tensor<2x3xi32> 1 3 6 4 9 15");
  CHECK(cumulate("sum, %x {axis = 0 : i64, reverse = true}") == "tensor<2x3xi32> 5 7 9 4 5 6");
  CHECK(cumulate("prod, %x {axis = 1 : i64, exclusive = true}") == "tensor<2x3xi32> 1 1 2 1 4 20");
}

TEST_CASE("nn.top_k", "[interpreter]") {
  auto topK = [](const std::string &attrs) {
    return run("%x = nn.constant dense<[3.0, 0x7FC00000, 1.0, 3.0]> : tensor<4xf32>\n"
               "%k = nn.constant dense<3> : tensor<i64>\n%v, %i = nn.top_k %x, %k {axis = 0 : i64" +
               attrs + "} : (tensor<4xf32>, tensor<i64>) -> (tensor<3xf32>, tensor<3xi64>)");
  };
  CHECK(topK("") == "tensor<3xf32> nan 3 3 | tensor<3xi64> 1 0 3");
  CHECK(topK(", largest = false") == "tensor<3xf32> 1 3 3 | tensor<3xi64> 2 0 3");
}

TEST_CASE("nn.softmax, nn.normalize", "[interpreter]") {
  CHECK(run(R"(
    %x = nn.constant dense<[[0.0, 1000.0], [0xFF800000, 0xFF800000]]> : tensor<2x2xf32>
    %r = nn.softmax %x, [1] : (tensor<2x2xf32>) -> tensor<2x2xf32>)") ==
        "tensor<2x2xf32> 0 1 nan nan");
  CHECK(run(R"(
    %x = nn.constant dense<[[0.0, 0.0], [0.0, 0.0]]> : tensor<2x2xf32>
    %r = nn.softmax %x, [0, 1] {log = true} : (tensor<2x2xf32>) -> tensor<2x2xf32>)") ==
        "tensor<2x2xf32> -1.38629 -1.38629 -1.38629 -1.38629");
  CHECK(run(R"(
    %x = nn.constant dense<[1.0, 3.0]> : tensor<2xf32>
    %r = nn.normalize layer, %x, [0] {epsilon = 0.0 : f64} : (tensor<2xf32>) -> tensor<2xf32>)") ==
        "tensor<2xf32> -1 1");
  CHECK(run(R"(
    %x = nn.constant dense<[1.0, 7.0]> : tensor<2xf32>
    %r = nn.normalize rms, %x, [0] {epsilon = 0.0 : f64} : (tensor<2xf32>) -> tensor<2xf32>)") ==
        "tensor<2xf32> 0.2 1.4");
}

TEST_CASE("nn.quantize, nn.dequantize", "[interpreter]") {
  const std::string x = "%x = nn.constant dense<[-1.25, 0.25, 0.75, 1000.0]> : tensor<4xf32>\n"
                        "%s = nn.constant dense<0.5> : tensor<f32>\n";
  CHECK(run(x + R"(
    %z = nn.constant dense<10> : tensor<ui8>
    %r = nn.quantize %x, %s, %z to ui8 : (tensor<4xf32>, tensor<f32>, tensor<ui8>) -> tensor<4xui8>)") ==
        "tensor<4xui8> 8 10 12 255");
  CHECK(run(x + R"(
    %r = nn.quantize %x, %s to i4 : (tensor<4xf32>, tensor<f32>) -> tensor<4xi4>)") ==
        "tensor<4xi4> -2 0 2 7");
  CHECK(run(x + R"(
    %r = nn.quantize %x, %s to f8E4M3FN : (tensor<4xf32>, tensor<f32>) -> tensor<4xf8E4M3FN>)") ==
        "tensor<4xf8E4M3FN> -2.5 0.5 1.5 448");
  const std::string q = "%q = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>\n";
  CHECK(run(q + R"(
    %s = nn.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %z = nn.constant dense<[1, 4]> : tensor<2xi8>
    %r = nn.dequantize %q, %s, %z to f32 {axis = 0 : i64} : (tensor<2x3xi8>, tensor<2xf32>, tensor<2xi8>) -> tensor<2x3xf32>)") ==
        "tensor<2x3xf32> 0 0.5 1 0 2 4");
  // Blocks of two along the last axis, the last one partial.
  CHECK(run(q + R"(
    %s = nn.constant dense<[[1.0, 10.0], [2.0, 20.0]]> : tensor<2x2xf32>
    %r = nn.dequantize %q, %s to f32 {axis = 1 : i64, block = 2 : i64} : (tensor<2x3xi8>, tensor<2x2xf32>) -> tensor<2x3xf32>)") ==
        "tensor<2x3xf32> 1 2 30 8 10 120");
}

TEST_CASE("nn.requantize", "[interpreter]") {
  auto requantize = [](const std::string &attrs) {
    return run(R"(
    %a = nn.constant dense<[5, -5, 1000, 7]> : tensor<4xi32>
    %m = nn.constant dense<0.5> : tensor<f32>
    %z = nn.constant dense<1> : tensor<i8>
    %r = nn.requantize %a, %m, %z to i8 )" +
               attrs + " : (tensor<4xi32>, tensor<f32>, tensor<i8>) -> tensor<4xi8>");
  };
  CHECK(requantize("") == "tensor<4xi8> 3 -1 127 5");
  CHECK(requantize("{mode = #nn<requantize_mode tflite>}") == "tensor<4xi8> 4 -1 127 5");
}
