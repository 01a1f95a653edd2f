//===- TransformerOperatorsTest.cpp - Attention and what is around it -----===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OperatorRun.h"

#include <catch2/catch.hpp>
#include <limits>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;
using Catch::Matchers::Contains;

static OperatorRun microsoft(const char *name) { return OperatorRun(name, 1, "com.microsoft"); }

TEST_CASE("activations of com.microsoft", "[importer][families]") {
  auto on = [](const char *name) { return microsoft(name).input({3}, {-1, 0.5, 2}); };
  const std::vector<double> bias{0.5, 0.5, -1};
  checkValues(on("Gelu").value(), {3}, {-0.1586553, 0.3457312, 1.9545});
  checkValues(on("BiasGelu").input({3}, bias).value(), {3}, {-0.1542688, 0.8413447, 0.8413447});
  checkValues(on("FastGelu").input({3}, bias).value(), {3}, {-0.154286, 0.841192, 0.841192});
  checkValues(on("QuickGelu").value(), {3}, {-0.1542042, 0.3503884, 1.935659});
  checkValues(on("BiasAdd").input({3}, bias).input({3}, {1, 1, 1}).value(), {3}, {0.5, 2, 2});
  on("BiasGelu").error();
  on("BiasGelu").input({2}, {}).error();
  microsoft("Gelu").input({3}, {}, kString).error();
}

TEST_CASE("EmbedLayerNormalization", "[importer][families]") {
  auto embed = [] {
    return microsoft("EmbedLayerNormalization")
        .input({1, 2}, {1, 0}, kInt32)
        .missing()
        .input({2, 2}, {1, 2, 3, 5})
        .input({2, 2}, {0.5, 0, 0, 1})
        .missing();
  };
  std::vector<Values> y = embed()
                              .input({2}, {1, 2})
                              .input({2}, {0, 0.5})
                              .input({1, 2}, {1, 0}, kInt32)
                              .results(3)
                              .run();
  REQUIRE(y.size() == 3);
  checkValues(y[0], {1, 2, 2}, {-1, 2.5, -1, 2.5});
  checkValues(y[1], {1}, {1});
  checkValues(y[2], {1, 2, 2}, {3.5, 5, 1, 3});
  CHECK_THAT(embed().error(), Contains("input 5 is missing"));
  CHECK_THAT(microsoft("EmbedLayerNormalization")
                 .input({2}, {}, kInt32)
                 .missing()
                 .input({2, 2}, {})
                 .input({2, 2}, {})
                 .missing()
                 .input({2}, {})
                 .input({2}, {})
                 .error(),
             Contains("the ids"));
}

TEST_CASE("Attention of com.microsoft", "[importer][families]") {
  auto attention = [] {
    return microsoft("Attention")
        .input({1, 2, 2}, {1, 0, 0.5, 1})
        .input({2, 6}, {1, 0, 2, 0, 0, 1, 0, 1, 0, 2, 1, 0});
  };
  auto biased = [&] { return attention().input({6}, {0, 0, 0, 0, 1, 0}); };
  checkValues(biased().set("num_heads", 1).value(), {1, 2, 2},
              {1.330238, 0.8348808, 1.742817, 0.6285917});
  // The first key only.
  checkValues(biased().input({1}, {1}, kInt32).set("num_heads", 1).value(), {1, 2, 2},
              {1, 1, 1, 1});
  checkValues(biased().input({1, 2}, {1, 0}, kInt32).set("num_heads", 1).value(), {1, 2, 2},
              {1, 1, 1, 1});
  CHECK_THAT(attention().error(), Contains("num_heads"));
  for (int64_t heads : {0, -1, 3})
    CHECK_THAT(attention().set("num_heads", heads).error(), Contains("heads do not fit weights"));
  CHECK_THAT(attention().set("num_heads", 1).ints("qkv_hidden_sizes", {2, 2, INT64_MAX}).error(),
             Contains("heads do not fit weights"));
  CHECK_THAT(attention().set("num_heads", 1).set("do_rotary", 1).error(),
             Contains("not supported"));
  CHECK_THAT(biased().input({1, 1, 1, 2}, {}, kInt32).set("num_heads", 1).error(),
             Contains("a mask_index of rank 4"));
  CHECK_THAT(biased().input({5}, {}, kInt32).set("num_heads", 1).error(),
             Contains("a mask_index of 5 entries"));
  CHECK_THAT(microsoft("Attention").input({2, 2}, {}).input({2, 6}, {}).error(),
             Contains("the input"));
  CHECK_THAT(biased().missing().input({2, 1, 1, 2}, {}).set("num_heads", 1).error(),
             Contains("past"));
}

TEST_CASE("Attention", "[importer][families]") {
  auto attention = [] {
    return OperatorRun("Attention", 23)
        .input({1, 1, 2, 2}, {1, 0, 0, 2})
        .input({1, 1, 3, 2}, {1, 1, 0, 1, 2, 0})
        .input({1, 1, 3, 2}, {1, 2, 3, 4, 5, 6});
  };
  checkValues(attention().value(), {1, 1, 2, 2}, {3.58396, 4.58396, 2.32515, 3.32515});
  checkValues(attention().set("is_causal", 1).value(), {1, 1, 2, 2}, {1, 2, 2, 3});
  double hidden = -std::numeric_limits<double>::infinity();
  checkValues(attention().input({2, 3}, {0, hidden, hidden, 0, 0, hidden}).value(), {1, 1, 2, 2},
              {1, 2, 2, 3});

  auto joined = [] {
    return OperatorRun("Attention", 23)
        .input({1, 2, 4}, {})
        .input({1, 3, 4}, {})
        .input({1, 3, 4}, {});
  };
  CHECK_THAT(joined().error(), Contains("inputs of rank 3 need 'q_num_heads'"));
  auto withHeads = [&](int64_t heads) {
    return joined().set("q_num_heads", heads).set("kv_num_heads", heads).error();
  };
  CHECK_THAT(withHeads(0), Contains("inputs of rank 3 need 'q_num_heads'"));
  CHECK_THAT(withHeads(-2), Contains("inputs of rank 3 need 'q_num_heads'"));
  CHECK_THAT(withHeads(3), Contains("3 heads (q_num_heads) do not divide the last extent"));
  CHECK_THAT(attention().set("qk_matmul_output_mode", 9).results(4).error(),
             Contains("expected 0 to 3"));
  CHECK_THAT(attention().missing().input({1, 1, 1, 2}, {}).error(), Contains("come together"));
  OperatorRun("Attention", 23).input({2, 2}, {}).input({2, 2}, {}).input({2, 2}, {}).error();
}

TEST_CASE("RotaryEmbedding", "[importer][families]") {
  auto rotary = [] {
    return OperatorRun("RotaryEmbedding", 23)
        .input({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})
        .constant({2, 2}, {1, 1, 0.5403023, 0.8775826})
        .constant({2, 2}, {0, 0, 0.841471, 0.4794255})
        .input({1, 2}, {0, 1}, kInt64);
  };
  checkValues(rotary().value(), {1, 1, 2, 4},
              {1, 2, 3, 4, -3.188785, 1.430091, 7.989471, 9.897214});
  checkValues(rotary().set("interleaved", 1).value(), {1, 1, 2, 4},
              {1, 2, 3, 4, -2.347314, 7.449169, 2.307674, 10.37664});
  for (int64_t rotated : {3, 6, -2})
    CHECK_THAT(rotary().set("rotary_embedding_dim", rotated).error(), Contains("cannot rotate"));
  auto joined = [] {
    return OperatorRun("RotaryEmbedding", 23)
        .input({1, 2, 4}, {})
        .input({1, 2, 1}, {})
        .input({1, 2, 1}, {});
  };
  CHECK_THAT(joined().error(), Contains("needs 'num_heads'"));
  CHECK_THAT(joined().set("num_heads", 3).error(), Contains("needs 'num_heads'"));
  CHECK_THAT(OperatorRun("RotaryEmbedding", 23)
                 .input({1, 1, 2, 4}, {})
                 .input({2, 2}, {})
                 .input({2, 2}, {})
                 .error(),
             Contains("the cache at its positions"));
}

TEST_CASE("LinearAttention", "[importer][families]") {
  auto attention = [](const char *rule) {
    return OperatorRun("LinearAttention", 27)
        .input({1, 2, 2}, {1, 0, 0, 2})
        .input({1, 2, 2}, {1, 1, 0, 1})
        .input({1, 2, 2}, {1, 2, 3, 4})
        .set("q_num_heads", 1)
        .set("kv_num_heads", 1)
        .set("update_rule", rule)
        .results(2);
  };
  std::vector<Values> y = attention("linear").run();
  REQUIRE(y.size() == 2);
  checkValues(y[0], {1, 2, 2}, {0.7071068, 1.414214, 5.656854, 8.485281});
  checkValues(y[1], {1, 1, 2, 2}, {1, 2, 4, 6});
  auto gated = [&] {
    return attention("gated_delta").missing().input({1, 2, 1}, {-0.6931472, -1.386294});
  };
  y = gated().input({1, 2, 1}, {1, 0.5}).run();
  REQUIRE(y.size() == 2);
  checkValues(y[0], {1, 2, 2}, {0.7071068, 1.414214, 2.298097, 3.181981});
  checkValues(y[1], {1, 1, 2, 2}, {0.25, 0.5, 1.625, 2.25});

  CHECK_THAT(attention("square").error(), Contains("update_rule is 'square'"));
  CHECK_THAT(attention("gated").error(), Contains("'gated' needs 'decay'"));
  CHECK_THAT(gated().error(), Contains("'beta'"));
  // Ranks that are wrong.
  CHECK_THAT(gated().input({1, 2}, {}).error(), Contains("'beta'"));
  CHECK_THAT(attention("gated").missing().input({2}, {}).error(), Contains("'decay'"));
  auto bare = [] {
    return OperatorRun("LinearAttention", 27)
        .input({1, 2, 2}, {})
        .input({1, 2, 2}, {})
        .input({1, 2, 2}, {})
        .set("update_rule", "linear");
  };
  CHECK_THAT(bare().error(), Contains("q_num_heads"));
  for (int64_t heads : {0, -1, 3})
    bare().set("q_num_heads", heads).set("kv_num_heads", heads).error();
}

TEST_CASE("CausalConvWithState", "[importer][families]") {
  auto conv = [](std::vector<double> taps) {
    return OperatorRun("CausalConvWithState", 27)
        .input({1, 1, 4}, {1, 2, 3, 4})
        .constant({1, 1, 3}, std::move(taps))
        .results(2);
  };
  std::vector<Values> y = conv({1, 10, 100}).input({1}, {0.5}).input({1, 1, 2}, {7, 8}).run();
  REQUIRE(y.size() == 2);
  checkValues(y[0], {1, 1, 4}, {187.5, 218.5, 321.5, 432.5});
  checkValues(y[1], {1, 1, 2}, {3, 4});
  checkValues(conv({0.01, 0.1, 1}).set("activation", "silu").value(), {1, 1, 4},
              {0.7310586, 1.870897, 3.08548, 4.263299});
  CHECK_THAT(conv({1, 1, 1}).set("activation", "relu").error(), Contains("activation is 'relu'"));
  auto on = [](std::initializer_list<int64_t> x, std::initializer_list<int64_t> w) {
    return OperatorRun("CausalConvWithState", 27).input(x, {}).input(w, {});
  };
  CHECK_THAT(on({1, 4}, {1, 1, 3}).error(), Contains("the input"));
  CHECK_THAT(on({1, 1, 4}, {1, 3}).error(), Contains("the weight"));
  CHECK_THAT(on({1, 1, 4}, {1, 1, 0}).error(), Contains("must be known"));
  on({1, 3, 4}, {2, 1, 3}).error();
}
