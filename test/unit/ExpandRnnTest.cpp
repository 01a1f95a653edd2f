//===- ExpandRnnTest.cpp - expand-rnn keeps the values --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/PassTestSupport.h"

#include <catch2/catch.hpp>

namespace {

/// An nn.rnn with T = 4 (or the symbol T), B = 3, I = 2, H = 5.
struct Layer {
  std::string kind;
  int gates, activations;
  std::string fns;
  bool bias = true, lens = false, h0 = false, c0 = false, peepholes = false, onlyLast = false;
  std::string direction = "forward", attributes = "", steps = "4", element = "f32";

  std::string str() const {
    int d = direction == "bidirectional" ? 2 : 1;
    auto n = [](int value) { return std::to_string(value); };
    auto tensor = [&](const std::string &dims) { return "tensor<" + dims + "x" + element + ">"; };
    std::string x = tensor(steps + "x3x2"), w = tensor(n(d) + "x" + n(gates * 5) + "x2"),
                r = tensor(n(d) + "x" + n(gates * 5) + "x5"), state = tensor(n(d) + "x3x5"),
                y = tensor(steps + "x" + n(d) + "x3x5");
    std::string arguments = "%x: " + x + (steps == "?" ? " {nn.dims = [\"T\", 3, 2]}" : "") +
                            ", %w: " + w + ", %r: " + r;
    std::string operands, types = x + ", " + w + ", " + r;
    auto optional = [&](bool given, const std::string &name, const std::string &type) {
      if (!given)
        return;
      arguments += ", %" + name + ": " + type;
      operands += " " + name + " %" + name;
      types += ", " + type;
    };
    optional(bias, "b", tensor(n(d) + "x" + n(2 * gates * 5)));
    optional(lens, "lens", "tensor<3xi32>");
    optional(h0, "h0", state);
    optional(c0, "c0", state);
    optional(peepholes, "p", tensor(n(d) + "x15"));
    std::string list, zeros;
    for (int i = 0; i < d; ++i) {
      list += (i ? ", " : "") + fns;
      for (int k = 0; k < activations; ++k)
        zeros += zeros.empty() ? "0.5" : ", 0.5";
    }
    std::string results = y + ", " + state + (kind == "lstm" ? ", " + state : "");
    std::string count = kind == "lstm" ? "3" : "2";
    std::string all = "%0#0, %0#1" + std::string(kind == "lstm" ? ", %0#2" : "");
    return "func.func @f(" + arguments + ") -> (" + (onlyLast ? state : results) +
           ") {\n  %0:" + count + " = nn.rnn " + kind + ", %x, %w, %r" + operands +
           " {alphas = array<f64: " + zeros + ">, betas = array<f64: " + zeros + ">, fns = [" +
           list + "]" +
           (direction == "forward" ? "" : ", direction = #nn<direction " + direction + ">") +
           attributes + "} : (" + types + ") -> (" + results + ")\n  return " +
           (onlyLast ? "%0#1 : " + state : all + " : " + results) + "\n}";
  }
};

std::string fn(const std::string &name) { return "#nn<unary_fn " + name + ">"; }

Layer lstm() { return {"lstm", 4, 3, fn("sigmoid") + ", " + fn("tanh") + ", " + fn("tanh")}; }
Layer gru() { return {"gru", 3, 2, fn("sigmoid") + ", " + fn("tanh")}; }
Layer rnn() { return {"rnn", 1, 1, fn("tanh")}; }

std::string difference(const Layer &layer) {
  SameOptions options;
  options.absent = "nn.rnn";
  options.dims = {{"T", 4}};
  if (layer.element != "f32")
    options.relative = options.absolute = 5e-3;
  return differenceAfter("func.func(expand-rnn),infer-shapes,canonicalize,cse", layer.str(),
                         options);
}

} // namespace

TEST_CASE("expand-rnn keeps the values", "[passes]") {
  for (const char *direction : {"forward", "reverse", "bidirectional"})
    for (Layer layer : {lstm(), gru(), rnn()})
      for (int variant = 0; variant < 4; ++variant) {
        layer.direction = direction;
        layer.bias = variant != 1;
        layer.lens = layer.h0 = variant >= 2;
        layer.steps = variant == 3 ? "?" : "4";
        layer.c0 = layer.peepholes = variant >= 2 && layer.kind == "lstm";
        INFO(layer.str());
        CHECK(difference(layer) == "");
      }
}

TEST_CASE("expand-rnn knows the variants of the cells", "[passes]") {
  auto with = [](Layer layer, const std::string &attributes) {
    layer.attributes = attributes;
    layer.h0 = true;
    return difference(layer);
  };
  CHECK(with(lstm(), ", input_forget = true") == "");
  CHECK(with(lstm(), ", clip = 0.3 : f64") == "");
  CHECK(with(gru(), ", linear_before_reset = true") == "");
  CHECK(with(rnn(), ", clip = 0.3 : f64") == "");
  Layer layer = gru();
  layer.attributes = ", linear_before_reset = true";
  layer.bias = false;
  CHECK(difference(layer) == "");
  layer = gru();
  layer.fns = fn("hard_sigmoid") + ", " + fn("leaky_relu");
  CHECK(difference(layer) == "");
  layer = lstm();
  layer.steps = "1";
  layer.lens = true;
  CHECK(difference(layer) == "");
  layer = lstm();
  layer.onlyLast = true;
  layer.direction = "bidirectional";
  CHECK(difference(layer) == "");
  layer = gru();
  layer.element = "f16";
  CHECK(difference(layer) == "");
}
