//===- MlOperatorsTest.cpp - ai.onnx.ml and counting n-grams --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OperatorRun.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;
using Catch::Matchers::Contains;

static OperatorRun ml(const char *name, int64_t opset) {
  return OperatorRun(name, opset, "ai.onnx.ml");
}

TEST_CASE("Binarizer, Scaler, Normalizer", "[importer][families]") {
  auto on = [](const char *name) { return ml(name, 1).input({2, 2}, {3, -4, 0, 0}); };
  checkValues(on("Binarizer").set("threshold", 0.5).value(), {2, 2}, {1, 0, 0, 0});
  checkValues(on("Scaler").floats("offset", {1, 2}).floats("scale", {0.5f, 2}).value(), {2, 2},
              {1, -12, -0.5, -4});
  checkValues(on("Normalizer").set("norm", "L1").value(), {2, 2}, {3 / 7.0, -4 / 7.0, 0, 0});
  checkValues(on("Normalizer").set("norm", "L2").value(), {2, 2}, {0.6, -0.8, 0, 0});
  CHECK_THAT(on("Normalizer").set("norm", "L3").error(), Contains("norm is 'L3'"));
  CHECK_THAT(ml("Normalizer", 1).input({}, {1}).error(), Contains("the input"));
  on("Scaler").floats("offset", {1, 2, 3}).error();
}

TEST_CASE("LabelEncoder of numbers", "[importer][families]") {
  auto encoder = [](std::vector<double> values) {
    return ml("LabelEncoder", 2).input({4}, std::move(values), kInt64);
  };
  auto both = [&] { return encoder({5, 1, 9, 7}).ints("keys_int64s", {7, 5, 1, 5}); };
  // Of equal keys the last one counts.
  checkValues(both().ints("values_int64s", {70, 50, 10, 51}).value(), {4}, {51, 10, -1, 70});
  checkValues(both().floats("values_floats", {0.5f, 1, 2, 3}).set("default_float", 0.25).value(),
              {4}, {3, 2, 0.25, 0.5});
  checkValues(ml("LabelEncoder", 4)
                  .input({3}, {1.5, -2, 0})
                  .tensor("keys_tensor", kFloat, {2}, {-2, 1.5})
                  .tensor("values_tensor", kInt32, {2}, {3, 4})
                  .tensor("default_tensor", kInt32, {1}, {9})
                  .value(),
              {3}, {4, 3, 9});
  CHECK_THAT(both().error(), Contains("'values' of numbers are missing"));
  CHECK_THAT(both().ints("values_int64s", {1}).error(), Contains("4 keys for 1 values"));
  CHECK_THAT(encoder({}).floats("keys_floats", {1}).ints("values_int64s", {1}).error(),
             Contains("the keys' type is not that of the input"));
}

/// One node, x[0] <= 1.5: leaf 0 (10 to target 0), else leaf 1 (20 to target 1).
static OperatorRun tree(std::initializer_list<int64_t> trueIds = {0},
                        std::initializer_list<int64_t> trueLeafs = {1}, double mode = 0) {
  return ml("TreeEnsemble", 5)
      .input({2, 1}, {1, 2})
      .set("n_targets", 2)
      .ints("nodes_featureids", {0})
      .ints("nodes_truenodeids", trueIds)
      .ints("nodes_falsenodeids", {1})
      .ints("nodes_trueleafs", trueLeafs)
      .ints("nodes_falseleafs", {1})
      .ints("tree_roots", {0})
      .tensor("nodes_splits", kFloat, {1}, {1.5})
      .tensor("nodes_modes", kUint8, {1}, {mode})
      .tensor("leaf_weights", kFloat, {2}, {10, 20});
}

TEST_CASE("TreeEnsemble", "[importer][families]") {
  auto whole = [](OperatorRun run) { return run.ints("leaf_targetids", {0, 1}); };
  checkValues(whole(tree()).value(), {2, 2}, {10, 0, 0, 20});
  // Greater or equal instead; a logistic function behind.
  checkValues(whole(tree({0}, {1}, 2)).value(), {2, 2}, {0, 20, 10, 0});
  checkValues(whole(tree()).set("post_transform", 2).value(), {2, 2},
              {0.9999546, 0.5, 0.5, 1 - 2.0611537e-9});

  CHECK_THAT(tree().ints("leaf_targetids", {0}).error(), Contains("1 leaf targets for 2"));
  CHECK_THAT(tree().ints("leaf_targetids", {0, 2}).error(), Contains("leaf target 2"));
  CHECK_THAT(whole(tree({5})).error(), Contains("leads to what does not exist"));
  CHECK_THAT(whole(tree({-1})).error(), Contains("leads to what does not exist"));
  CHECK_THAT(whole(tree({0}, {0})).error(), Contains("node 0 leads back to itself"));
  CHECK_THAT(whole(tree({0, 1})).error(), Contains("differ in length"));
  CHECK_THAT(whole(tree({0}, {1}, 9)).error(), Contains("node mode 9 is unknown"));
  CHECK_THAT(whole(tree({0}, {1}, 6)).error(), Contains("'membership_values' tells 0 sets"));
  CHECK_THAT(whole(tree()).set("post_transform", 4).error(), Contains("post_transform 4"));
  CHECK_THAT(ml("TreeEnsemble", 5).input({2, 1}, {}).error(), Contains("must be given"));
  CHECK_THAT(ml("TreeEnsemble", 5).input({2}, {}).error(), Contains("the input"));
  OperatorRun wide = whole(tree());
  wide.node().mutable_attribute(0)->set_i(INT64_MAX);
  CHECK_THAT(wide.error(), Contains("is out of range"));
}

/// A tree 3 with x[1] <= 1.5: node 4, else node 5, both leaves; and a tree 8 that is a leaf.
static OperatorRun nodesOf(const char *opType,
                           std::initializer_list<int64_t> falseIds = {5, 0, 0, 0}) {
  return ml(opType, 1)
      .input({2, 2}, {9, 1, 9, 2})
      .ints("nodes_treeids", {3, 3, 3, 8})
      .ints("nodes_nodeids", {1, 4, 5, 0})
      .ints("nodes_featureids", {1, 0, 0, 0})
      .ints("nodes_truenodeids", {4, 0, 0, 0})
      .ints("nodes_falsenodeids", falseIds)
      .floats("nodes_values", {1.5f, 0, 0, 0})
      .strings("nodes_modes", {"BRANCH_LEQ", "LEAF", "LEAF", "LEAF"});
}

TEST_CASE("TreeEnsembleRegressor", "[importer][families]") {
  auto entries = [](OperatorRun run) {
    // Node 5 gives to both targets, told out of order.
    return run.set("n_targets", 2)
        .ints("target_treeids", {3, 8, 3, 3})
        .ints("target_nodeids", {5, 0, 4, 5})
        .ints("target_ids", {0, 1, 0, 1})
        .floats("target_weights", {10, 1, 20, 30});
  };
  auto whole = [&] { return entries(nodesOf("TreeEnsembleRegressor")); };
  checkValues(whole().value(), {2, 2}, {20, 1, 10, 31});
  checkValues(
      whole().set("aggregate_function", "AVERAGE").floats("base_values", {100, 200}).value(),
      {2, 2}, {110, 200.5, 105, 215.5});
  checkValues(whole().set("aggregate_function", "MAX").value(), {2, 2}, {20, 1, 10, 30});
  checkValues(whole().set("aggregate_function", "MIN").value(), {2, 2}, {20, 1, 10, 1});
  // NaN goes where the node says.
  auto single = [](std::initializer_list<int64_t> falseIds,
                   std::initializer_list<int64_t> weighted) {
    return ml("TreeEnsembleRegressor", 1)
        .input({1, 2}, {0, std::nan("")})
        .ints("nodes_treeids", {0, 0, 0})
        .ints("nodes_nodeids", {0, 1, 2})
        .ints("nodes_featureids", {1, 0, 0})
        .ints("nodes_truenodeids", {1, 0, 0})
        .ints("nodes_falsenodeids", falseIds)
        .ints("nodes_missing_value_tracks_true", {1, 0, 0})
        .floats("nodes_values", {1.5f, 0, 0})
        .strings("nodes_modes", {"BRANCH_GT", "LEAF", "LEAF"})
        .ints("target_treeids", {0, 0})
        .ints("target_nodeids", weighted)
        .ints("target_ids", {0, 0})
        .floats("target_weights", {1, 2});
  };
  checkValues(single({2, 0, 0}, {1, 2}).value(), {1, 1}, {1});
  CHECK_THAT(single({2, 0, 0}, {0, 1}).error(),
             Contains("node 0 of tree 0 has a weight, but is no leaf"));
  CHECK_THAT(single({2, 0, 0}, {1}).error(), Contains("2 leaf entries differ in length"));
  CHECK_THAT(ml("TreeEnsembleRegressor", 1)
                 .input({1, 2}, {})
                 .ints("nodes_treeids", {0})
                 .ints("nodes_nodeids", {5})
                 .ints("nodes_featureids", {0})
                 .ints("nodes_truenodeids", {5})
                 .ints("nodes_falsenodeids", {5})
                 .floats("nodes_values", {0})
                 .strings("nodes_modes", {"BRANCH_EQ"})
                 .error(),
             Contains("a tree has no root"));

  CHECK_THAT(whole().floats("base_values", {1}).error(), Contains("1 base values for 2 columns"));
  CHECK_THAT(whole().set("aggregate_function", "MEAN").error(), Contains("'MEAN'"));
  CHECK_THAT(whole().set("post_transform", "PROBIT").error(), Contains("post_transform 'PROBIT'"));
  CHECK_THAT(nodesOf("TreeEnsembleRegressor", {6, 0, 0, 0}).error(),
             Contains("leads to node 6, which does not exist"));
  CHECK_THAT(entries(nodesOf("TreeEnsembleRegressor", {4, 0, 0, 0})).error(),
             Contains("two nodes that nothing leads to"));
  CHECK_THAT(entries(nodesOf("TreeEnsembleRegressor", {5, 0, 0})).error(),
             Contains("differ in length"));
}

TEST_CASE("TreeEnsembleClassifier", "[importer][families]") {
  auto entries = [](std::initializer_list<int64_t> ids, std::initializer_list<float> weights) {
    return nodesOf("TreeEnsembleClassifier")
        .results(2)
        .ints("class_treeids", {3, 3, 8})
        .ints("class_nodeids", {4, 5, 0})
        .ints("class_ids", ids)
        .floats("class_weights", weights);
  };
  auto check = [](OperatorRun run, std::vector<double> labels, std::vector<double> scores) {
    auto y = run.run();
    REQUIRE(y.size() == 2);
    checkValues(y[0], {2}, labels);
    checkValues(y[1], {2, static_cast<int64_t>(scores.size() / 2)}, scores);
  };
  check(entries({0, 1, 2}, {2, 3, 2.5f}).ints("classlabels_int64s", {-5, 6, 7}), {7, 6},
        {2, 0, 2.5, 0, 3, 2.5});
  check(entries({0, 1, 2}, {2, 3, 2.5f})
            .ints("classlabels_int64s", {-5, 6, 7})
            .floats("base_values", {1, 0, 0}),
        {-5, 6}, {3, 0, 2.5, 1, 3, 2.5});
  // Of two classes the leaves tell one: a probability if no weight is negative, else a margin.
  check(entries({0, 0, 0}, {0.25f, 0.5f, 0.125f}).ints("classlabels_int64s", {4, 5}), {4, 5},
        {0.625, 0.375, 0.375, 0.625});
  check(entries({0, 0, 0}, {-1, 2, 0.5f}).ints("classlabels_int64s", {4, 5}), {4, 5},
        {0.5, -0.5, -2.5, 2.5});
  check(entries({0, 0, 0}, {-1, 2, 0.5f})
            .ints("classlabels_int64s", {4, 5})
            .floats("base_values", {-3})
            .set("post_transform", "LOGISTIC"),
        {4, 4}, {0.9706878, 0.0293122, 0.6224593, 0.3775407});
  CHECK_THAT(entries({0, 1, 2}, {1, 1, 1}).strings("classlabels_strings", {"a", "b"}).error(),
             Contains("give the model 'classlabels_int64s'"));
  CHECK_THAT(entries({0, 1, 2}, {1, 1, 1}).ints("classlabels_int64s", {1, 2}).error(),
             Contains("leaf target 2 is not below 2"));
}

TEST_CASE("TfIdfVectorizer", "[importer][families]") {
  auto count = [](const char *mode, int64_t skips, std::initializer_list<int64_t> counts = {0, 4}) {
    return OperatorRun("TfIdfVectorizer", 9)
        .input({12}, {1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8}, kInt64)
        .set("mode", mode)
        .set("min_gram_length", 2)
        .set("max_gram_length", 2)
        .set("max_skip_count", skips)
        .ints("ngram_counts", counts)
        .ints("ngram_indexes", {0, 1, 2, 3, 4, 5, 6})
        .ints("pool_int64s", {2, 3, 5, 4, 5, 6, 7, 8, 6, 7});
  };
  checkValues(count("TF", 0).value(), {7}, {0, 0, 0, 0, 1, 1, 1});
  // 7 _ _ _ _ _ 8 and 5 6, 7 8, 6 7, 7 _ _ _ 8 with up to five between.
  checkValues(count("TF", 5).value(), {7}, {0, 0, 0, 0, 1, 3, 1});
  checkValues(count("TFIDF", 0).floats("weights", {1, 1, 1, 1, 0.5f, 2, 3}).value(), {7},
              {0, 0, 0, 0, 0.5, 2, 3});
  CHECK_THAT(count("TD", 0).error(), Contains("mode is 'TD'"));
  CHECK_THAT(count("TF", -1).error(), Contains("make no sense"));
  CHECK_THAT(count("TF", 0, {0, 5}).error(), Contains("'ngram_counts'"));
  CHECK_THAT(count("TF", 0).floats("weights", {1}).error(), Contains("'weights' has 1 entries"));
  CHECK_THAT(OperatorRun("TfIdfVectorizer", 9).input({4}, {}).error(),
             Contains("counts n-grams of integers only"));
  CHECK_THAT(OperatorRun("TfIdfVectorizer", 9).input({4}, {}, kInt64).error(),
             Contains("min_gram_length"));
}
