//===- InterpreterProductTest.cpp - Products, control flow, folding -------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "InterpreterTestSupport.h"

#include "mlir/Parser/Parser.h"
#include <catch2/catch.hpp>

using burin::test::run;
using burin::test::runMain;

TEST_CASE("nn.matmul", "[interpreter]") {
  const std::string a = "%a = nn.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>\n";
  CHECK(run(a + R"(
    %r = nn.matmul %a, %a : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)") ==
        "tensor<2x2xf32> 7 10 15 22");
  CHECK(run(a + R"(
    %r = nn.matmul %a, %a {ta = true} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)") ==
        "tensor<2x2xf32> 10 14 14 20");
  CHECK(run(a + R"(
    %r = nn.matmul %a, %a {tb = true} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)") ==
        "tensor<2x2xf32> 5 11 11 25");
  // Batches broadcast.
  CHECK(run(a + R"(
    %b = nn.constant dense<[[[1.0], [0.0]], [[0.0], [1.0]]]> : tensor<2x2x1xf32>
    %r = nn.matmul %a, %b : (tensor<2x2xf32>, tensor<2x2x1xf32>) -> tensor<2x2x1xf32>)") ==
        "tensor<2x2x1xf32> 1 3 2 4");
  CHECK(run(R"(
    %a = nn.constant dense<> : tensor<2x0xf32>
    %b = nn.constant dense<> : tensor<0x2xf32>
    %r = nn.matmul %a, %b : (tensor<2x0xf32>, tensor<0x2xf32>) -> tensor<2x2xf32>)") ==
        "tensor<2x2xf32> 0 0 0 0");
  CHECK(run(R"(
    %a = nn.constant dense<[[200, 3]]> : tensor<1x2xui8>
    %b = nn.constant dense<[[1, -1], [2, -128]]> : tensor<2x2xi8>
    %x = nn.constant dense<100> : tensor<ui8>
    %y = nn.constant dense<[[0, 1]]> : tensor<1x2xi8>
    %r = nn.matmul %a, %b zps(%x, %y) : (tensor<1x2xui8>, tensor<2x2xi8>, tensor<ui8>, tensor<1x2xi8>) -> tensor<1x2xi32>)") ==
        "tensor<1x2xi32> -94 12313");
}

TEST_CASE("nn.conv", "[interpreter]") {
  const std::string x = "%x = nn.constant dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], "
                        "[7.0, 8.0, 9.0]]]]> : tensor<1x1x3x3xf32>\n";
  const std::string w =
      "%w = nn.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>\n";
  const std::string unit = "strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, ";
  CHECK(run(x + w + "%r = nn.conv %x, %w {" + unit + R"(pads = array<i64: 0, 0, 0, 0>} :
    (tensor<1x1x3x3xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>)") ==
        "tensor<1x1x2x2xf32> 37 47 67 77");
  CHECK(run(x + w + R"(
    %r = nn.conv %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 2, 1>, pads = array<i64: 1, 1, 0, 0>} :
    (tensor<1x1x3x3xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x1x2xf32>)") ==
        "tensor<1x1x1x2xf32> 16 39");
  // A pad wider than the input, and 1-D with groups.
  CHECK(run(R"(
    %x = nn.constant dense<[[[1.0, 2.0], [3.0, 4.0]]]> : tensor<1x2x2xf32>
    %w = nn.constant dense<[[[1.0]], [[10.0]]]> : tensor<2x1x1xf32>
    %r = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 3>, group = 2 : i64} :
    (tensor<1x2x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x5xf32>)") ==
        "tensor<1x2x5xf32> 1 2 0 0 0 30 40 0 0 0");
  // nhwc: the same numbers as the first, with two filters.
  CHECK(run(R"(
    %x = nn.constant dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]> : tensor<1x3x3x1xf32>
    %w = nn.constant dense<[[[[1.0], [2.0]], [[3.0], [4.0]]], [[[0.0], [0.0]], [[0.0], [1.0]]]]> : tensor<2x2x2x1xf32>
    %r = nn.conv %x, %w {)" +
            unit + R"(pads = array<i64: 0, 0, 0, 0>, layout = #nn<layout nhwc>} :
    (tensor<1x3x3x1xf32>, tensor<2x2x2x1xf32>) -> tensor<1x2x2x2xf32>)") ==
        "tensor<1x2x2x2xf32> 37 5 47 6 67 8 77 9");
  // Padding has the value of the zero point; zero points per filter.
  CHECK(run(R"(
    %x = nn.constant dense<[[[10, 20]]]> : tensor<1x1x2xui8>
    %w = nn.constant dense<[[[1, 2]], [[3, 4]]]> : tensor<2x1x2xi8>
    %xz = nn.constant dense<5> : tensor<ui8>
    %wz = nn.constant dense<[0, 1]> : tensor<2xi8>
    %r = nn.conv %x, %w zps(%xz, %wz) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 0>} :
    (tensor<1x1x2xui8>, tensor<2x1x2xi8>, tensor<ui8>, tensor<2xi8>) -> tensor<1x2x2xi32>)") ==
        "tensor<1x2x2xi32> 10 35 15 55");
}

TEST_CASE("nn.conv_transpose", "[interpreter]") {
  CHECK(run(R"(
    %x = nn.constant dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf32>
    %w = nn.constant dense<[[[1.0, 10.0, 100.0]]]> : tensor<1x1x3xf32>
    %r = nn.conv_transpose %x, %w {strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, output_padding = array<i64: 1>} :
    (tensor<1x1x2xf32>, tensor<1x1x3xf32>) -> tensor<1x1x6xf32>)") ==
        "tensor<1x1x6xf32> 1 10 102 20 200 0");
  CHECK(run(R"(
    %x = nn.constant dense<[[[1.0, 2.0], [3.0, 4.0]]]> : tensor<1x2x2xf32>
    %w = nn.constant dense<[[[1.0, 10.0]], [[2.0, 20.0]]]> : tensor<2x1x2xf32>
    %r = nn.conv_transpose %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 0>, output_padding = array<i64: 0>, group = 2 : i64} :
    (tensor<1x2x2xf32>, tensor<2x1x2xf32>) -> tensor<1x2x2xf32>)") ==
        "tensor<1x2x2xf32> 12 20 68 80");
}

TEST_CASE("nn.pool", "[interpreter]") {
  auto pool = [](const std::string &fn, const std::string &attrs, const std::string &type) {
    return run("%x = nn.constant dense<[[[1.0, 5.0, 2.0, 4.0, 3.0]]]> : tensor<1x1x5xf32>\n"
               "%r = nn.pool " +
               fn + ", %x {kernel = array<i64: 2>, dilations = array<i64: 1>, " + attrs +
               "} : (tensor<1x1x5xf32>) -> " + type);
  };
  CHECK(pool("max", "strides = array<i64: 2>, pads = array<i64: 0, 0>", "tensor<1x1x2xf32>") ==
        "tensor<1x1x2xf32> 5 4");
  CHECK(pool("sum", "strides = array<i64: 2>, pads = array<i64: 0, 0>, ceil = true",
             "tensor<1x1x3xf32>") == "tensor<1x1x3xf32> 6 6 3");
  CHECK(pool("sum", "strides = array<i64: 1>, pads = array<i64: 1, 0>", "tensor<1x1x5xf32>") ==
        "tensor<1x1x5xf32> 1 6 7 6 7");
  CHECK(run(R"(
    %x = nn.constant dense<[[[[-3, 7]], [[-5, 9]]]]> : tensor<1x2x1x2xi8>
    %r = nn.pool max, %x {kernel = array<i64: 2, 1>, dilations = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, layout = #nn<layout nhwc>} : (tensor<1x2x1x2xi8>) -> tensor<1x1x1x2xi8>)") ==
        "tensor<1x1x1x2xi8> -3 9");
}

TEST_CASE("nn.resample", "[interpreter]") {
  CHECK(run(R"(
    %x = nn.constant dense<[[1.0, 3.0], [5.0, 7.0]]> : tensor<2x2xf32>
    %i = nn.constant dense<[[0, 0], [0, 1], [1, 1]]> : tensor<3x2xi64>
    %w = nn.constant dense<[[1.0, 0.0], [0.5, 0.5], [1.0, 0.0]]> : tensor<3x2xf32>
    %r = nn.resample %x, %i, %w {axis = 0 : i64} : (tensor<2x2xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x2xf32>)") ==
        "tensor<3x2xf32> 1 3 3 5 5 7");
}

TEST_CASE("nn.attention", "[interpreter]") {
  // Two query heads share one key head; equal logits average the values.
  const std::string qkv = R"(
    %q = nn.constant dense<0.0> : tensor<1x2x2x1xf32>
    %k = nn.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
    %v = nn.constant dense<[[[[2.0], [4.0], [12.0]]]]> : tensor<1x1x3x1xf32>
  )";
  const std::string types = "(tensor<1x2x2x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>";
  const std::string result = " -> tensor<1x2x2x1xf32>";
  CHECK(run(qkv + "%r = nn.attention %q, %k, %v {scale = 1.0 : f64} : " + types + ")" + result) ==
        "tensor<1x2x2x1xf32> 6 6 6 6");
  CHECK(run(qkv + "%r = nn.attention %q, %k, %v {scale = 1.0 : f64, causal = true} : " + types +
            ")" + result) == "tensor<1x2x2x1xf32> 2 3 2 3");
  CHECK(run(qkv + R"(
    %m = nn.constant dense<[[true, false, true], [false, false, false]]> : tensor<2x3xi1>
    %r = nn.attention %q, %k, %v mask %m {scale = 1.0 : f64} : )" +
            types + ", tensor<2x3xi1>)" + result) == "tensor<1x2x2x1xf32> 7 0 7 0");
  CHECK(run(qkv + R"(
    %l = nn.constant dense<[2]> : tensor<1xi64>
    %s = nn.constant dense<[0.0, 0xFF800000]> : tensor<2xf32>
    %r = nn.attention %q, %k, %v kv_len %l sink %s {scale = 1.0 : f64} : )" +
            types + ", tensor<1xi64>, tensor<2xf32>)" + result) == "tensor<1x2x2x1xf32> 2 2 3 3");
}

TEST_CASE("nn.rnn", "[interpreter]") {
  // A linear recurrence h = x + h / 2 in both directions; the second sequence is shorter.
  CHECK(run(R"(
    %x = nn.constant dense<[[[8.0], [8.0]], [[4.0], [2.0]]]> : tensor<2x2x1xf32>
    %w = nn.constant dense<1.0> : tensor<2x1x1xf32>
    %r = nn.constant dense<0.5> : tensor<2x1x1xf32>
    %l = nn.constant dense<[2, 1]> : tensor<2xi32>
    %y, %h = nn.rnn rnn, %x, %w, %r lens %l {direction = #nn<direction bidirectional>, fns = [#nn<unary_fn affine>, #nn<unary_fn affine>], alphas = array<f64: 1.0, 1.0>, betas = array<f64: 0.0, 0.0>} :
    (tensor<2x2x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>, tensor<2xi32>) -> (tensor<2x2x2x1xf32>, tensor<2x2x1xf32>))") ==
        "tensor<2x2x2x1xf32> 8 8 10 8 8 0 4 0 | tensor<2x2x1xf32> 8 8 10 8");
  // lstm and gru with all parameters 0: gates are 1/2, candidates 0.
  CHECK(run(R"(
    %x = nn.constant dense<1.0> : tensor<2x1x1xf32>
    %w = nn.constant dense<0.0> : tensor<1x4x1xf32>
    %c = nn.constant dense<8.0> : tensor<1x1x1xf32>
    %y, %h, %cc = nn.rnn lstm, %x, %w, %w c0 %c {fns = [#nn<unary_fn sigmoid>, #nn<unary_fn tanh>, #nn<unary_fn affine>], alphas = array<f64: 0.0, 0.0, 1.0>, betas = array<f64: 0.0, 0.0, 0.0>} :
    (tensor<2x1x1xf32>, tensor<1x4x1xf32>, tensor<1x4x1xf32>, tensor<1x1x1xf32>) -> (tensor<2x1x1x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>))") ==
        "tensor<2x1x1x1xf32> 2 1 | tensor<1x1x1xf32> 1 | tensor<1x1x1xf32> 2");
  CHECK(run(R"(
    %x = nn.constant dense<1.0> : tensor<2x1x1xf32>
    %w = nn.constant dense<0.0> : tensor<1x3x1xf32>
    %h0 = nn.constant dense<8.0> : tensor<1x1x1xf32>
    %y, %h = nn.rnn gru, %x, %w, %w h0 %h0 {fns = [#nn<unary_fn sigmoid>, #nn<unary_fn tanh>], alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>} :
    (tensor<2x1x1xf32>, tensor<1x3x1xf32>, tensor<1x3x1xf32>, tensor<1x1x1xf32>) -> (tensor<2x1x1x1xf32>, tensor<1x1x1xf32>))") ==
        "tensor<2x1x1x1xf32> 4 2 | tensor<1x1x1xf32> 2");
}

TEST_CASE("nn.random is reproducible", "[interpreter]") {
  const std::string random = R"(
    %s = nn.constant dense<[3]> : tensor<1xi64>
    %r = nn.random %s as f32 {seed = 7 : i64} : (tensor<1xi64>) -> tensor<3xf32>)";
  CHECK(run(random) == run(random));
  CHECK(run(random).substr(0, 15) == "tensor<3xf32> 0");
}

TEST_CASE("nn.check", "[interpreter]") {
  CHECK(run("%c = nn.constant dense<true> : tensor<i1>\nnn.check %c, 3, \"no\" : tensor<i1>") ==
        "");
  CHECK(run("%c = nn.constant dense<false> : tensor<i1>\nnn.check %c, 3, \"no\" : tensor<i1>") ==
        "error: no (status 3)");
}

TEST_CASE("control flow", "[interpreter]") {
  // 1 + 2 + ... + n by scf.for, doubled by a call; the shape grows in the while loop.
  const std::string loops = R"(
    func.func private @twice(%x: tensor<i64>) -> tensor<i64> {
      %0 = nn.binary add, %x, %x : (tensor<i64>, tensor<i64>) -> tensor<i64>
      return %0 : tensor<i64>
    }
    func.func @main(%n: tensor<i64>) -> (tensor<i64>, tensor<?xi64>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %count = tensor.extract %n[] : tensor<i64>
      %high = arith.index_cast %count : i64 to index
      %zero = nn.constant dense<0> : tensor<i64>
      %sum = scf.for %i = %c0 to %high step %c1 iter_args(%acc = %zero) -> (tensor<i64>) {
        %i1 = arith.addi %i, %c1 : index
        %v = arith.index_cast %i1 : index to i64
        %t = tensor.from_elements %v : tensor<i64>
        %next = nn.binary add, %acc, %t : (tensor<i64>, tensor<i64>) -> tensor<i64>
        scf.yield %next : tensor<i64>
      }
      %r = func.call @twice(%sum) : (tensor<i64>) -> tensor<i64>
      %empty = nn.constant dense<> : tensor<0xi64>
      %start = tensor.cast %empty : tensor<0xi64> to tensor<?xi64>
      %grown = scf.while (%x = %start) : (tensor<?xi64>) -> tensor<?xi64> {
        %d = tensor.dim %x, %c0 : tensor<?xi64>
        %more = arith.cmpi slt, %d, %high : index
        scf.condition(%more) %x : tensor<?xi64>
      } do {
      ^bb0(%x: tensor<?xi64>):
        %one = nn.constant dense<1> : tensor<1xi64>
        %y = nn.concat %x, %one {axis = 0 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?xi64>
        scf.yield %y : tensor<?xi64>
      }
      return %r, %grown : tensor<i64>, tensor<?xi64>
    })";
  CHECK(runMain(loops, {"dense<4> : tensor<i64>"}) == "tensor<i64> 20 | tensor<4xi64> 1 1 1 1");
  CHECK(runMain(loops, {"dense<0> : tensor<i64>"}) == "tensor<i64> 0 | tensor<0xi64>");
  burin::nn::EvalLimits few;
  few.maxLoopTrips = 3;
  CHECK(runMain(loops, {"dense<4> : tensor<i64>"}, few) == "error: loop exceeds 3 iterations");
  CHECK(runMain(loops, {"dense<4> : tensor<i32>"}).substr(0, 16) == "error: argument ");

  const std::string branch = R"(
    func.func @main(%c: tensor<i1>, %x: tensor<?xf32>) -> tensor<?xf32> {
      %flag = tensor.extract %c[] : tensor<i1>
      %r = scf.if %flag -> (tensor<?xf32>) {
        %0 = nn.unary neg, %x : (tensor<?xf32>) -> tensor<?xf32>
        scf.yield %0 : tensor<?xf32>
      } else {
        scf.yield %x : tensor<?xf32>
      }
      return %r : tensor<?xf32>
    })";
  CHECK(runMain(branch, {"dense<true> : tensor<i1>", "dense<[1.0, 2.0]> : tensor<2xf32>"}) ==
        "tensor<2xf32> -1 -2");
  CHECK(runMain(branch, {"dense<false> : tensor<i1>", "dense<5.0> : tensor<1xf32>"}) ==
        "tensor<1xf32> 5");
}

TEST_CASE("run-time shapes are checked", "[interpreter]") {
  const std::string add = R"(
    func.func @main(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
      %0 = nn.binary add, %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
      return %0 : tensor<?xf32>
    })";
  CHECK(runMain(add, {"dense<1.0> : tensor<2xf32>", "dense<1.0> : tensor<3xf32>"}).substr(0, 6) ==
        "error:");
  CHECK(runMain(add, {"dense<1.0> : tensor<2xf32>", "dense<1.0> : tensor<1xf32>"}) ==
        "tensor<2xf32> 2 2");
  const std::string recursion = R"(
    func.func @main() -> tensor<f32> {
      %0 = func.call @main() : () -> tensor<f32>
      return %0 : tensor<f32>
    })";
  CHECK(runMain(recursion) == "error: calls nest too deeply");
  const std::string huge = R"(
    func.func @main(%s: tensor<2xi64>) -> tensor<?x?xf32> {
      %x = nn.constant dense<1.0> : tensor<f32>
      %0 = nn.broadcast_to %x, %s : (tensor<f32>, tensor<2xi64>) -> tensor<?x?xf32>
      return %0 : tensor<?x?xf32>
    })";
  CHECK(runMain(huge, {"dense<[65536, 65536]> : tensor<2xi64>"}) ==
        "error: a result has more than 2147483648 elements");
}

TEST_CASE("ops of constants fold", "[interpreter]") {
  auto context = burin::test::makeContext();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(R"(
    func.func @main(%x: tensor<2xf32>) {
      %a = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
      %s = nn.constant dense<[100]> : tensor<1xi64>
      %0 = nn.unary neg, %a : (tensor<2xf32>) -> tensor<2xf32>
      %1 = nn.unary neg, %x : (tensor<2xf32>) -> tensor<2xf32>
      %2 = nn.random %s as f32 {seed = 7 : i64} : (tensor<1xi64>) -> tensor<100xf32>
      %one = nn.constant dense<1.0> : tensor<1xf32>
      %3 = nn.broadcast_to %one, %s : (tensor<1xf32>, tensor<1xi64>) -> tensor<100xf32>
      return
    })",
                                                        context.get());
  REQUIRE(module);
  std::vector<std::string> folded;
  module->walk([&](mlir::Operation *op) {
    auto attrs = burin::nn::foldOp(op, 64);
    if (succeeded(attrs))
      folded.push_back(burin::test::toText(burin::nn::Tensor::fromAttr((*attrs)[0])));
    if (mlir::isa<burin::nn::BroadcastToOp>(op))
      CHECK(succeeded(burin::nn::foldOp(op, 100)));
  });
  CHECK(folded == std::vector<std::string>{"tensor<2xf32> -1 -2"});
}

TEST_CASE("nn.call", "[interpreter]") {
  CHECK(run(R"(
    %x = nn.constant dense<[[2.0, 1.0], [1.0, 1.0]]> : tensor<2x2xf32>
    %r = nn.call "det"(%x) : (tensor<2x2xf32>) -> tensor<f32>)") == "tensor<f32> 1");
  CHECK(run(R"(
    %x = nn.constant dense<[true, false, true]> : tensor<3xi1>
    %r:2 = nn.call "nonzero"(%x) : (tensor<3xi1>) -> (tensor<3xi64>, tensor<i64>))") ==
        "tensor<3xi64> 0 2 0 | tensor<i64> 2");
  CHECK(run(R"(
    %x = nn.constant dense<1.0> : tensor<2xf32>
    %r = nn.call "nothing"(%x) : (tensor<2xf32>) -> tensor<2xf32>)") ==
        "error: runtime-lib has no function 'nothing'");
  CHECK(run(R"(
    %x = nn.constant dense<1.0> : tensor<2x3xf32>
    %r = nn.call "det"(%x) : (tensor<2x3xf32>) -> tensor<f32>)") ==
        "error: operands of 'det' do not fit together");
}
