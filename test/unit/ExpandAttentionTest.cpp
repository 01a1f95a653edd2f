//===- ExpandAttentionTest.cpp - expand-attention keeps the values --------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/PassTestSupport.h"

#include <catch2/catch.hpp>

static std::string attention(const std::string &q, const std::string &kv, const std::string &extra,
                             const std::string &arguments, const std::string &types,
                             const std::string &attributes, const std::string &result = "") {
  return "func.func @f(%q: " + q + ", %k: " + kv + ", %v: " + kv + arguments + ") -> " +
         (result.empty() ? q.substr(0, q.find(" {")) : result) +
         " {\n  %0 = nn.attention %q, %k, %v " + extra + " {" + attributes + "} : (" +
         q.substr(0, q.find(" {")) + ", " + kv.substr(0, kv.find(" {")) + ", " +
         kv.substr(0, kv.find(" {")) + types + ") -> " +
         (result.empty() ? q.substr(0, q.find(" {")) : result) +
         "\n  return %0 : " + (result.empty() ? q.substr(0, q.find(" {")) : result) + "\n}";
}

static std::string difference(const std::string &module, SameOptions options = {}) {
  options.absent = "nn.attention";
  return differenceAfter("func.func(expand-attention),infer-shapes,canonicalize", module, options);
}

TEST_CASE("expand-attention keeps the values", "[passes]") {
  const std::string q = "tensor<2x4x3x8xf32>", kv = "tensor<2x4x5x8xf32>",
                    kv2 = "tensor<2x2x5x8xf32>", scale = "scale = 0.35 : f64";
  CHECK(difference(attention(q, kv, "", "", "", scale)) == "");
  CHECK(difference(attention(q, kv2, "", "", "", scale)) == "");
  CHECK(difference(attention(q, kv2, "", "", "", scale + ", softcap = 2.0 : f64")) == "");
  CHECK(difference(attention(q, kv2, "", "", "", scale + ", causal = true")) == "");
  CHECK(difference(attention(q, kv, "", "", "",
                             scale + ", window_left = 1 : i64, window_right = 1 : i64")) == "");
  CHECK(difference(attention(q, kv, "mask %m", ", %m: tensor<3x5xf32>", ", tensor<3x5xf32>",
                             scale)) == "");
  // Rows without any visible key occur here.
  CHECK(difference(attention(q, kv, "mask %m", ", %m: tensor<2x1x3x5xi1>", ", tensor<2x1x3x5xi1>",
                             scale + ", causal = true")) == "");
  CHECK(difference(
            attention(q, kv, "kv_len %n", ", %n: tensor<2xi64>", ", tensor<2xi64>", scale)) == "");
  CHECK(difference(attention(q, kv, "offset %o", ", %o: tensor<2xi64>", ", tensor<2xi64>",
                             scale + ", causal = true")) == "");
  CHECK(difference(attention(q, kv, "kv_len %n offset %o sink %s",
                             ", %n: tensor<2xi64>, %o: tensor<i64>, %s: tensor<4xf32>",
                             ", tensor<2xi64>, tensor<i64>, tensor<4xf32>",
                             scale + ", causal = true")) == "");
  CHECK(difference(attention(q, kv, "sink %s", ", %s: tensor<4xf32>", ", tensor<4xf32>",
                             scale + ", softmax_type = f64")) == "");
  SameOptions half{5e-3, 5e-3};
  CHECK(difference(attention("tensor<2x4x3x8xf16>", "tensor<2x2x5x8xf16>", "mask %m",
                             ", %m: tensor<3x5xf16>", ", tensor<3x5xf16>", scale),
                   half) == "");
  SameOptions dynamic;
  dynamic.dims = {{"B", 2}, {"S", 3}, {"T", 5}};
  CHECK(difference(attention("tensor<?x4x?x8xf32> {nn.dims = [\"B\", 4, \"S\", 8]}",
                             "tensor<?x2x?x8xf32> {nn.dims = [\"B\", 2, \"T\", 8]}", "kv_len %n",
                             ", %n: tensor<?xi64> {nn.dims = [\"B\"]}", ", tensor<?xi64>",
                             scale + ", causal = true"),
                   dynamic) == "");
}
