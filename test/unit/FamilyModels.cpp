//===- FamilyModels.cpp - Good models of intricate operators --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/FamilyModels.h"

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;

using Models = std::vector<OperatorRun>;

static void addSignal(Models &models) {
  auto add = [&](const char *opType, int64_t opset) -> OperatorRun & {
    return models.emplace_back(opType, opset);
  };
  add("DFT", 17).input({1, 4, 2}, {}).set("inverse", 1).set("axis", 1);
  add("DFT", 20).input({1, 4, 1}, {}).constant({}, {6}, kInt64).constant({}, {1}, kInt64);
  add("DFT", 20).input({1, 3, 2}, {}).set("inverse", 1).set("onesided", 1);
  add("STFT", 17).input({1, 6, 1}, {}).constant({}, {2}, kInt64).input({2}, {});
  add("STFT", 17).input({1, 6}, {}).input({}, {}, kInt64).missing().constant({}, {2}, kInt64);
  for (const char *window : {"HannWindow", "HammingWindow", "BlackmanWindow"})
    add(window, 17).constant({}, {4}, kInt64).set("periodic", 0).set("output_datatype", 11);
  add("MelWeightMatrix", 17)
      .constant({}, {2}, kInt64)
      .constant({}, {16}, kInt64)
      .constant({}, {8192}, kInt64)
      .constant({}, {0})
      .constant({}, {4096});
  add("Det", 22).input({2, 2, 2}, {});
}

static void addTraining(Models &models) {
  auto add = [&](const char *opType) -> OperatorRun & {
    OperatorRun &run = models.emplace_back(opType, 1, "ai.onnx.preview.training");
    return run.input({}, {}).input({}, {}, kInt64).input({2}, {}).input({2}, {}).input({2}, {});
  };
  add("Adagrad").set("decay_factor", 0.1).results(2);
  add("Adam").input({2}, {}).set("alpha", 0.9).results(3);
  add("Momentum").set("alpha", 0.9).set("beta", 0.5).set("mode", "nesterov").results(2);
  for (const char *loss : {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"}) {
    OperatorRun &run = models.emplace_back(loss, 13);
    run.input({2, 3, 2}, {}).input({2, 2}, {}, kInt64).input({3}, {});
    run.set("ignore_index", -1).set("reduction", "mean");
  }
}

static void addSequences(Models &models) {
  auto add = [&](const char *opType) -> OperatorRun & {
    OperatorRun &run = models.emplace_back(opType, 17);
    addInput(run.graph(), "a", {1, 2});
    addNode(run.graph(), "SequenceConstruct", {"a", "a"}, {"s"});
    return run.operand("s");
  };
  auto joined = [](OperatorRun &run) {
    run.graph().clear_output();
    addInt(addNode(run.graph(), "ConcatFromSequence", {"y0"}, {"z"}), "axis", 0);
    addOutput(run.graph(), "z");
  };
  add("SequenceLength");
  add("SequenceAt").constant({}, {-1}, kInt64);
  add("ConcatFromSequence").set("axis", 0).set("new_axis", 1);
  joined(add("SequenceInsert").operand("a").constant({}, {0}, kInt64));
  joined(add("SequenceErase").constant({}, {0}, kInt64));
  OperatorRun &map = add("SequenceMap");
  GraphProto &body = addGraph(map.node(), "body");
  body.set_name("body");
  addInput(body, "e", {1, 2});
  addNode(body, "Neg", {"e"}, {"f"});
  addOutput(body, "f");
  joined(map);
  joined(
      models.emplace_back("SplitToSequence", 11).input({3, 2}, {}).constant({2}, {1, 2}, kInt64));
  OperatorRun &optional = models.emplace_back("OptionalGetElement", 18);
  addInput(optional.graph(), "v", {2});
  addNode(optional.graph(), "Optional", {"v"}, {"o"});
  optional.operand("o");
}

static void addMl(Models &models) {
  auto add = [&](const char *opType, int64_t opset) -> OperatorRun & {
    return models.emplace_back(opType, opset, "ai.onnx.ml");
  };
  add("Binarizer", 1).input({2, 2}, {}).set("threshold", 0.5);
  add("Scaler", 1).input({2, 2}, {}).floats("offset", {1, 2}).floats("scale", {2, 3});
  add("Normalizer", 1).input({2, 2}, {}).set("norm", "L2");
  add("LabelEncoder", 2)
      .input({4}, {}, kInt64)
      .ints("keys_int64s", {7, 5})
      .floats("values_floats", {1, 2});
  add("LabelEncoder", 4)
      .input({3}, {})
      .tensor("keys_tensor", kFloat, {2}, {-2, 1})
      .tensor("values_tensor", kInt32, {2}, {3, 4})
      .tensor("default_tensor", kInt32, {1}, {9});
  add("TreeEnsemble", 5)
      .input({2, 1}, {})
      .set("n_targets", 2)
      .set("post_transform", 3)
      .ints("nodes_featureids", {0, 0})
      .ints("nodes_truenodeids", {0, 1})
      .ints("nodes_falsenodeids", {1, 2})
      .ints("nodes_trueleafs", {1, 1})
      .ints("nodes_falseleafs", {0, 1})
      .ints("nodes_missing_value_tracks_true", {1, 0})
      .ints("tree_roots", {0})
      .ints("leaf_targetids", {0, 1, 0})
      .tensor("nodes_splits", kFloat, {2}, {1.5, 2})
      .tensor("nodes_modes", kUint8, {2}, {0, 4})
      .tensor("leaf_weights", kFloat, {3}, {10, 20, 30});
  // Two trees, one of which is a leaf.
  for (const char *prefix : {"target", "class"}) {
    bool isClassifier = prefix[0] == 'c';
    std::string entry = prefix;
    OperatorRun &trees = add(isClassifier ? "TreeEnsembleClassifier" : "TreeEnsembleRegressor", 1);
    trees.input({3, 2}, {})
        .results(isClassifier ? 2 : 1)
        .ints("nodes_treeids", {7, 7, 7, 9})
        .ints("nodes_nodeids", {0, 1, 2, 0})
        .ints("nodes_featureids", {1, 0, 0, 0})
        .ints("nodes_truenodeids", {2, 0, 0, 0})
        .ints("nodes_falsenodeids", {1, 0, 0, 0})
        .floats("nodes_values", {0.25f, 0, 0, 0})
        .strings("nodes_modes", {"BRANCH_LT", "LEAF", "LEAF", "LEAF"})
        .set("post_transform", "SOFTMAX")
        .ints(entry + "_treeids", {9, 7, 7, 7})
        .ints(entry + "_nodeids", {0, 2, 1, 2})
        .ints(entry + "_ids", {2, 0, 1, 1})
        .floats(entry + "_weights", {0.5f, 1, 2, 0.75f})
        .floats("base_values", {0.125f, 0, -1});
    if (isClassifier)
      trees.ints("classlabels_int64s", {10, 20, 30});
    else
      trees.set("n_targets", 3);
  }
  models.emplace_back("TfIdfVectorizer", 9)
      .input({6}, {}, kInt64)
      .set("mode", "TFIDF")
      .set("min_gram_length", 1)
      .set("max_gram_length", 2)
      .set("max_skip_count", 1)
      .ints("ngram_counts", {0, 2})
      .ints("ngram_indexes", {0, 1, 2})
      .ints("pool_int64s", {2, 3, 5, 4})
      .floats("weights", {1, 2, 3});
}

static void addTransformer(Models &models) {
  auto add = [&](const char *opType, int64_t opset, const char *domain = "") -> OperatorRun & {
    return models.emplace_back(opType, opset, domain);
  };
  const char *microsoft = "com.microsoft";
  for (const char *gelu : {"BiasGelu", "FastGelu"})
    add(gelu, 1, microsoft).input({2, 3}, {}).input({3}, {});
  add("QuickGelu", 1, microsoft).input({3}, {});
  add("EmbedLayerNormalization", 1, microsoft)
      .input({1, 2}, {}, kInt32)
      .missing()
      .input({2, 2}, {})
      .input({2, 2}, {})
      .missing()
      .input({2}, {})
      .input({2}, {})
      .input({1, 2}, {}, kInt32)
      .results(3);
  add("Attention", 1, microsoft)
      .input({1, 2, 2}, {})
      .input({2, 6}, {})
      .input({6}, {})
      .input({1, 3}, {}, kInt32)
      .input({2, 1, 2, 1, 1}, {})
      .set("num_heads", 2)
      .set("unidirectional", 1)
      .results(2);
  add("Attention", 23)
      .input({1, 2, 4}, {})
      .input({1, 3, 2}, {})
      .input({1, 3, 2}, {})
      .input({2, 3}, {})
      .set("q_num_heads", 2)
      .set("kv_num_heads", 1)
      .set("softcap", 2.0);
  add("RotaryEmbedding", 23)
      .input({1, 2, 4}, {})
      .input({2, 1}, {})
      .input({2, 1}, {})
      .input({1, 2}, {}, kInt64)
      .set("num_heads", 2)
      .set("interleaved", 1);
  add("LinearAttention", 27)
      .input({1, 2, 4}, {})
      .input({1, 2, 2}, {})
      .input({1, 2, 2}, {})
      .missing()
      .input({1, 2, 1}, {})
      .input({1, 2, 1}, {})
      .set("q_num_heads", 2)
      .set("kv_num_heads", 1)
      .results(2);
  add("CausalConvWithState", 27)
      .input({1, 1, 4}, {})
      .input({1, 1, 3}, {})
      .input({1}, {})
      .input({1, 1, 2}, {})
      .set("activation", "silu")
      .results(2);
}

std::vector<OperatorRun> burin::test::familyModels() {
  Models models;
  models.reserve(64); // the builders hold references
  addSignal(models);
  addTraining(models);
  addSequences(models);
  addMl(models);
  addTransformer(models);
  return models;
}
