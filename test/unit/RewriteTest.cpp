//===- RewriteTest.cpp - Recognised and folded forms keep their values ----===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/PassTestSupport.h"

#include <catch2/catch.hpp>

namespace {

/// One function on %x: tensor<4x6xf32> (and %y alike) that returns %r.
std::string body(const std::string &lines) {
  return "func.func @f(%x: tensor<4x6xf32>, %y: tensor<4x6xf32>) -> tensor<4x6xf32> {\n"
         "  %half = nn.constant dense<0.5> : tensor<f32>\n"
         "  %one = nn.constant dense<1.0> : tensor<f32>\n"
         "  %two = nn.constant dense<2.0> : tensor<f32>\n"
         "  %three = nn.constant dense<3.0> : tensor<f32>\n"
         "  %six = nn.constant dense<6.0> : tensor<f32>\n"
         "  %zero = nn.constant dense<0.0> : tensor<f32>\n"
         "  %sqrt2 = nn.constant dense<1.41421354> : tensor<f32>\n"
         "  %k = nn.constant dense<0.797884583> : tensor<f32>\n"
         "  %c = nn.constant dense<4.471500e-02> : tensor<f32>\n"
         "  %eps = nn.constant dense<1.0e-5> : tensor<f32>\n" +
         lines + "  return %r : tensor<4x6xf32>\n}\n";
}

std::string bin(const std::string &to, const std::string &fn, const std::string &a,
                const std::string &b, bool scalar = false) {
  return "  %" + to + " = nn.binary " + fn + ", %" + a + ", %" + b +
         " : (tensor<4x6xf32>, tensor<" + (scalar ? "" : "4x6x") + "f32>) -> tensor<4x6xf32>\n";
}
std::string un(const std::string &to, const std::string &fn, const std::string &a,
               const std::string &attributes = "") {
  return "  %" + to + " = nn.unary " + fn + ", %" + a + attributes +
         " : (tensor<4x6xf32>) -> tensor<4x6xf32>\n";
}
std::string red(const std::string &to, const std::string &fn, const std::string &a) {
  return "  %" + to + " = nn.reduce " + fn + ", %" + a +
         ", [1] {keepdims = true} : (tensor<4x6xf32>) -> tensor<4x1xf32>\n";
}
/// Binary with a kept reduction on the right.
std::string row(const std::string &to, const std::string &fn, const std::string &a,
                const std::string &b) {
  return "  %" + to + " = nn.binary " + fn + ", %" + a + ", %" + b +
         " : (tensor<4x6xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>\n";
}

/// The pass must remove `absent` and keep the values.
std::string same(const std::string &pass, const std::string &absent, const std::string &lines) {
  SameOptions options;
  options.absent = absent;
  options.relative = 1e-4;
  options.absolute = 2e-4; // constants of the originals are rounded to f32
  return differenceAfter("func.func(" + pass + ")", body(lines), options);
}

} // namespace

TEST_CASE("recognize-activation keeps the values", "[passes]") {
  auto activation = [](const std::string &lines) {
    return same("recognize-activation", "nn.binary", lines);
  };
  const std::string erf =
      bin("a", "div", "x", "sqrt2", true) + un("t", "erf", "a") + bin("u", "add", "t", "one", true);
  // x * (1 + erf) * 0.5, in all orders, and multiplied out
  CHECK(activation(erf + bin("v", "mul", "x", "u") + bin("r", "mul", "v", "half", true)) == "");
  CHECK(activation(erf + bin("v", "mul", "u", "half", true) + bin("r", "mul", "v", "x")) == "");
  CHECK(activation(erf + bin("h", "mul", "x", "half", true) + bin("r", "mul", "h", "u")) == "");
  CHECK(activation(erf + bin("h", "div", "x", "two", true) + bin("p", "mul", "h", "t") +
                   bin("r", "add", "h", "p")) == "");
  const std::string cube = bin("s", "mul", "x", "x") + bin("q", "mul", "s", "x") +
                           bin("e", "mul", "q", "c", true) + bin("f", "add", "x", "e") +
                           bin("g", "mul", "f", "k", true) + un("t", "tanh", "g") +
                           bin("u", "add", "t", "one", true);
  CHECK(activation(cube + bin("h", "mul", "x", "half", true) + bin("r", "mul", "h", "u")) == "");
  const std::string power = "  %q = nn.binary pow, %x, %three : (tensor<4x6xf32>, tensor<f32>) -> "
                            "tensor<4x6xf32>\n" +
                            cube.substr(cube.find("  %e"));
  CHECK(activation(power + bin("h", "mul", "x", "half", true) + bin("r", "mul", "h", "u")) == "");
  CHECK(activation(un("t", "sigmoid", "x") + bin("r", "mul", "x", "t")) == "");
  CHECK(activation(bin("a", "mul", "x", "three", true) + un("t", "sigmoid", "a") +
                   bin("r", "mul", "t", "x")) == "");
  CHECK(activation(un("n", "neg", "x") + un("e", "exp", "n") + bin("s", "add", "e", "one", true) +
                   un("t", "recip", "s") + bin("r", "mul", "t", "x")) == "");
  CHECK(activation(un("s", "softplus", "x") + un("t", "tanh", "s") + bin("r", "mul", "t", "x")) ==
        "");
  CHECK(activation(un("e", "exp", "x") + bin("o", "add", "e", "one", true) + un("s", "log", "o") +
                   un("t", "tanh", "s") + bin("r", "mul", "t", "x")) == "");
  CHECK(activation(bin("a", "add", "x", "three", true) + bin("b", "max", "a", "zero", true) +
                   bin("t", "min", "b", "six", true) + bin("p", "mul", "x", "t") +
                   bin("r", "div", "p", "six", true)) == "");
  CHECK(activation(
            un("t", "hard_sigmoid", "x", " {alpha = 0.16666666666666666 : f64, beta = 0.5 : f64}") +
            bin("r", "mul", "x", "t")) == "");
  // x that is itself a product
  CHECK(same("recognize-activation", "nn.unary tanh",
             bin("z", "mul", "x", "y") + un("t", "sigmoid", "z") + bin("r", "mul", "z", "t")) ==
        "");
  // near misses stay
  CHECK(activation(un("t", "sigmoid", "x") + bin("r", "mul", "y", "t")) ==
        "nn.binary is still there");
  CHECK(activation(erf + bin("r", "mul", "x", "u")) == "nn.binary is still there");
}

TEST_CASE("recognize-softmax keeps the values", "[passes]") {
  auto softmax = [](const std::string &lines) {
    return same("recognize-softmax", "nn.reduce", lines);
  };
  const std::string shifted = red("m", "max", "x") + row("d", "sub", "x", "m");
  const std::string sum = un("e", "exp", "d") + red("s", "sum", "e");
  CHECK(softmax(shifted + sum + row("r", "div", "e", "s")) == "");
  CHECK(softmax(un("e", "exp", "x") + red("s", "sum", "e") + row("r", "div", "e", "s")) == "");
  CHECK(softmax(shifted + sum +
                "  %i = nn.unary recip, %s : (tensor<4x1xf32>) -> tensor<4x1xf32>\n" +
                row("r", "mul", "e", "i")) == "");
  CHECK(softmax(shifted + sum + "  %l = nn.unary log, %s : (tensor<4x1xf32>) -> tensor<4x1xf32>\n" +
                row("r", "sub", "d", "l")) == "");
  CHECK(softmax(shifted + sum + row("r", "div", "y", "s")) == "nn.reduce is still there");
}

TEST_CASE("recognize-normalize keeps the values", "[passes]") {
  auto normalize = [](const std::string &lines) {
    return same("recognize-normalize", "nn.reduce", lines);
  };
  auto tail = [](const std::string &squared) {
    return red("v", "mean", squared) +
           "  %w = nn.binary add, %v, %eps : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>\n";
  };
  auto root = [](const std::string &fn) {
    return "  %q = nn.unary " + fn + ", %w : (tensor<4x1xf32>) -> tensor<4x1xf32>\n";
  };
  const std::string d = red("m", "mean", "x") + row("d", "sub", "x", "m");
  const std::string square = bin("s", "mul", "d", "d");
  CHECK(normalize(d + square + tail("s") + root("sqrt") + row("r", "div", "d", "q")) == "");
  CHECK(normalize(d + bin("s", "pow", "d", "two", true) + tail("s") + root("rsqrt") +
                  row("r", "mul", "d", "q")) == "");
  CHECK(normalize(d + row("d2", "sub", "x", "m") + bin("s", "mul", "d2", "d2") + tail("s") +
                  root("sqrt") + row("r", "div", "d", "q")) == "");
  CHECK(normalize(bin("s", "mul", "x", "x") + tail("s") + root("sqrt") +
                  row("r", "div", "x", "q")) == "");
  CHECK(normalize(bin("s", "mul", "y", "y") + tail("s") + root("sqrt") +
                  row("r", "div", "x", "q")) == "nn.reduce is still there");
}

TEST_CASE("fold-affine keeps the values", "[passes]") {
  const std::string weights = "[[[0.5]], [[-1.0]], [[2.0]]]",
                    types =
                        "  %w = nn.constant dense<" + weights +
                        "> : tensor<3x1x1xf32>\n"
                        "  %s = nn.constant dense<[[2.0], [3.0], [0.5]]> : tensor<3x1xf32>\n"
                        "  %t = nn.constant dense<[[[1.0], [-1.0], [4.0]]]> : tensor<1x3x1xf32>\n"
                        "  %n = nn.constant dense<3.0> : tensor<f32>\n";
  auto conv = [&](const std::string &lines) {
    SameOptions options;
    options.absent = "nn.check";
    return differenceAfter(
        "func.func(fold-affine)",
        "func.func @f(%x: tensor<2x1x4xf32>) -> tensor<2x3x4xf32> {\n" + types +
            "  %0 = nn.conv %x, %w {dilations = array<i64: 1>, pads = array<i64: "
            "0, 0>, strides = array<i64: 1>} : (tensor<2x1x4xf32>, "
            "tensor<3x1x1xf32>) -> tensor<2x3x4xf32>\n" +
            lines + "  return %r : tensor<2x3x4xf32>\n}\n",
        options);
  };
  auto op = [](const std::string &to, const std::string &fn, const std::string &a,
               const std::string &b, const std::string &type) {
    return "  %" + to + " = nn.binary " + fn + ", %" + a + ", %" + b + " : (tensor<2x3x4xf32>, " +
           type + ") -> tensor<2x3x4xf32>\n";
  };
  const std::string col = "tensor<3x1xf32>", full = "tensor<1x3x1xf32>", scalar = "tensor<f32>";
  CHECK(conv(op("a", "mul", "0", "s", col) + op("r", "add", "a", "t", full)) == "");
  CHECK(conv(op("a", "add", "0", "t", full) + op("b", "mul", "a", "s", col) +
             op("r", "add", "b", "t", full)) == "");
  CHECK(conv(op("a", "sub", "0", "t", full) + op("b", "div", "a", "n", scalar) +
             op("r", "mul", "b", "s", col)) == "");
}

TEST_CASE("canonicalize-movement keeps the values", "[passes]") {
  auto moved = [](const std::string &lines, const std::string &absent) {
    SameOptions options;
    options.absent = absent;
    return differenceAfter("func.func(canonicalize-movement)", lines, options);
  };
  CHECK(moved("func.func @f(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {\n"
              "  %c = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>\n"
              "  %0 = nn.transpose %x, [0, 2, 1] : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>\n"
              "  %1 = nn.unary exp, %0 : (tensor<2x4x3xf32>) -> tensor<2x4x3xf32>\n"
              "  %2 = nn.binary add, %1, %c : (tensor<2x4x3xf32>, tensor<3xf32>) -> "
              "tensor<2x4x3xf32>\n"
              "  %3 = nn.transpose %2, [0, 2, 1] : (tensor<2x4x3xf32>) -> tensor<2x3x4xf32>\n"
              "  return %3 : tensor<2x3x4xf32>\n}\n",
              "nn.transpose") == "");
  CHECK(moved("func.func @f(%x: tensor<2x3x4xf32>) -> (tensor<3xf32>, tensor<1x1x3xf32>) {\n"
              "  %0 = nn.transpose %x, [2, 0, 1] : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>\n"
              "  %1 = nn.reduce sum, %0, [0, 1] : (tensor<4x2x3xf32>) -> tensor<3xf32>\n"
              "  %2 = nn.transpose %x, [2, 0, 1] : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>\n"
              "  %3 = nn.reduce sum, %2, [0, 1] {keepdims = true} : (tensor<4x2x3xf32>) -> "
              "tensor<1x1x3xf32>\n"
              "  return %1, %3 : tensor<3xf32>, tensor<1x1x3xf32>\n}\n",
              "nn.transpose") == "");
  CHECK(moved("func.func @f(%x: tensor<2x3x4xf32>, %y: tensor<2x3x4xf32>) -> tensor<2x4x4xf32> {\n"
              "  %0 = nn.transpose %x, [0, 2, 1] : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>\n"
              "  %1 = nn.matmul %0, %y : (tensor<2x4x3xf32>, tensor<2x3x4xf32>) -> "
              "tensor<2x4x4xf32>\n"
              "  return %1 : tensor<2x4x4xf32>\n}\n",
              "nn.transpose") == "");
  CHECK(
      moved("func.func @f(%x: tensor<1x4xf32>, %y: tensor<3x4xf32>) -> tensor<3x4xf32> {\n"
            "  %s = nn.constant dense<[3, 4]> : tensor<2xi64>\n"
            "  %0 = nn.broadcast_to %x, %s : (tensor<1x4xf32>, tensor<2xi64>) -> tensor<3x4xf32>\n"
            "  %1 = nn.binary sub, %y, %0 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>\n"
            "  return %1 : tensor<3x4xf32>\n}\n",
            "nn.broadcast_to") == "");
  CHECK(moved("func.func @f(%x: tensor<2x3xf32>, %y: tensor<5x3xf32>) -> tensor<3x7xf32> {\n"
              "  %0 = nn.transpose %x, [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>\n"
              "  %1 = nn.transpose %y, [1, 0] : (tensor<5x3xf32>) -> tensor<3x5xf32>\n"
              "  %2 = nn.concat %0, %1 {axis = 1} : (tensor<3x2xf32>, tensor<3x5xf32>) -> "
              "tensor<3x7xf32>\n"
              "  return %2 : tensor<3x7xf32>\n}\n",
              "nn.check") == "");
}

TEST_CASE("fold-pad keeps the values", "[passes]") {
  auto padded = [](const std::string &fn, const std::string &value, const std::string &ceil) {
    SameOptions options;
    options.absent = "nn.pad";
    return differenceAfter(
        "func.func(fold-pad)",
        "func.func @f(%x: tensor<1x2x6xf32>) -> tensor<1x2x4xf32> {\n"
        "  %l = nn.constant dense<[0, 0, 1]> : tensor<3xi64>\n"
        "  %v = nn.constant dense<" +
            value +
            "> : tensor<f32>\n"
            "  %0 = nn.pad %x, %l, %l, %v : (tensor<1x2x6xf32>, tensor<3xi64>, tensor<3xi64>, "
            "tensor<f32>) -> tensor<1x2x8xf32>\n"
            "  %1 = nn.pool " +
            fn +
            ", %0 {kernel = array<i64: 2>, strides = array<i64: 2>, "
            "dilations = array<i64: 1>, pads = array<i64: 0, 0>" +
            ceil +
            "} : (tensor<1x2x8xf32>) -> tensor<1x2x4xf32>\n"
            "  return %1 : tensor<1x2x4xf32>\n}\n",
        options);
  };
  CHECK(padded("sum", "0.0", "") == "");
  CHECK(padded("max", "0xFF800000", "") == "");
  CHECK(padded("max", "0.0", "") == "nn.pad is still there");
  CHECK(padded("sum", "0.0", ", ceil = true") == "nn.pad is still there");
}
