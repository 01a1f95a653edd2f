//===- InspectCommand.cpp - burin inspect ---------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/cli/Commands.h"
#include "compiler/cli/Terminal.h"

#include "llvm/Support/JSON.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <map>

using namespace burin;
using namespace burin::cli;
using llvm::StringRef;

static constexpr const char *kFooter = R"(
Tells what is in a model, and whether Burin can compile it: every problem is listed, not only
the first one. Memory and MACs are those of the compiled library.

Examples:
  burin inspect model.onnx
  burin inspect model.onnx --dim batch=1 --json - | jq .memory

Exit codes: 0 it compiles, 2 it does not.)";

namespace {

/// What the command shows, in text or JSON.
struct Inspection {
  std::string producer;
  int64_t irVersion = 0;
  std::map<std::string, int64_t> opsets;
  std::map<std::string, uint64_t> ops; ///< by operator, subgraphs and functions included
  uint64_t nodes = 0;
  uint64_t parameters = 0;
  std::vector<std::string> problems;
  const object::ModelInterface *compiled = nullptr; ///< null where it does not compile
  /// As the file declares them: name and type.
  std::vector<std::pair<std::string, std::string>> inputs, outputs;
};

} // namespace

static void countNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes,
                       Inspection &found) {
  for (const onnx::NodeProto &node : nodes) {
    bool isStandard = node.domain().empty() || node.domain() == "ai.onnx";
    ++found.ops[isStandard ? node.op_type() : node.domain() + "." + node.op_type()];
    ++found.nodes;
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      countNodes(attribute.g().node(), found);
      for (const onnx::GraphProto &graph : attribute.graphs())
        countNodes(graph.node(), found);
    }
  }
}

static std::string declaredType(const onnx::TypeProto &type) {
  if (!type.has_tensor_type())
    return type.has_sequence_type() ? "sequence" : type.has_optional_type() ? "optional" : "?";
  const auto &tensor = type.tensor_type();
  if (!tensor.has_shape())
    return onnx::elementTypeName(tensor.elem_type()) + "[...]";
  std::vector<std::string> dims;
  for (const auto &dim : tensor.shape().dim())
    dims.push_back(dim.has_dim_value()        ? std::to_string(dim.dim_value())
                   : !dim.dim_param().empty() ? dim.dim_param()
                                              : "?");
  return fmt::format("{}[{}]", onnx::elementTypeName(tensor.elem_type()), fmt::join(dims, ", "));
}

static void readModel(const onnx::ModelProto &model, Inspection &found) {
  found.producer = model.producer_name() +
                   (model.producer_version().empty() ? "" : " " + model.producer_version());
  found.irVersion = model.ir_version();
  for (const auto &opset : model.opset_import())
    found.opsets[opset.domain().empty() ? "ai.onnx" : opset.domain()] = opset.version();
  countNodes(model.graph().node(), found);
  for (const onnx::FunctionProto &function : model.functions())
    countNodes(function.node(), found);
  std::map<std::string, bool> initialized;
  for (const onnx::TensorProto &tensor : model.graph().initializer()) {
    initialized[tensor.name()] = true;
    std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
    found.parameters += onnx::elementCount(dims).value_or(0);
  }
  for (const onnx::ValueInfoProto &input : model.graph().input())
    if (!initialized.count(input.name()))
      found.inputs.emplace_back(input.name(), declaredType(input.type()));
  for (const onnx::ValueInfoProto &output : model.graph().output())
    found.outputs.emplace_back(output.name(), declaredType(output.type()));
}

static uint64_t totalMacs(const object::ModelInterface &model) {
  uint64_t macs = 0;
  for (const object::GroupInfo &group : model.groups)
    macs += group.macs;
  return macs;
}

static void printText(const Inspection &found) {
  llvm::raw_ostream &out = llvm::outs();
  auto heading = [&](StringRef text) { out << bold(text) << '\n'; };
  std::vector<std::string> opsets;
  for (const auto &[domain, version] : found.opsets)
    opsets.push_back(fmt::format("{} {}", domain, version));
  out << fmt::format("opset {}, IR version {}", fmt::join(opsets, ", "), found.irVersion);
  if (!found.producer.empty())
    out << ", made by " << found.producer;
  out << fmt::format("\n{} nodes, {} parameters\n", found.nodes, showCount(found.parameters));
  heading("inputs");
  for (const auto &[name, type] : found.inputs)
    out << "  " << name << "  " << type << '\n';
  heading("outputs");
  for (const auto &[name, type] : found.outputs)
    out << "  " << name << "  " << type << '\n';
  heading("operators");
  std::vector<std::pair<uint64_t, std::string>> ops;
  for (const auto &[name, count] : found.ops)
    ops.emplace_back(count, name);
  std::stable_sort(ops.begin(), ops.end(),
                   [](const auto &a, const auto &b) { return a.first > b.first; });
  for (const auto &[count, name] : ops)
    out << fmt::format("{:6}  {}\n", count, name);
  if (found.compiled) {
    const object::ModelInterface &model = *found.compiled;
    heading("compiled");
    if (!model.symbols.empty()) {
      out << "  dimensions ";
      for (const object::SymbolInfo &symbol : model.symbols)
        out << ' ' << symbol.name << '='
            << (symbol.hi ? fmt::format("{}..{}", symbol.lo, *symbol.hi) : "any");
      out << "  (fix or bound them with --dim)\n";
    }
    out << "  arena       "
        << (model.arenaBytes ? showBytes(*model.arenaBytes) : "depends on the dimensions") << '\n'
        << "  weights     " << showBytes(model.weightsBytes) << '\n'
        << "  MACs        " << showCount(totalMacs(model)) << '\n'
        << "  groups      " << model.groups.size() << '\n';
  } else {
    heading("problems");
    for (const std::string &problem : found.problems)
      out << "  " << problem << '\n';
  }
}

static void writeJson(llvm::raw_ostream &out, const Inspection &found) {
  llvm::json::OStream json(out, 2);
  auto text = [](StringRef value) { return llvm::json::fixUTF8(value); };
  auto tensors = [&](StringRef key, const auto &list) {
    json.attributeArray(key, [&] {
      for (const auto &[name, type] : list)
        json.object([&] {
          json.attribute("name", text(name));
          json.attribute("type", text(type));
        });
    });
  };
  json.object([&] {
    json.attribute("producer", text(found.producer));
    json.attribute("ir_version", found.irVersion);
    json.attributeObject("opsets", [&] {
      for (const auto &[domain, version] : found.opsets)
        json.attribute(text(domain), version);
    });
    json.attribute("nodes", static_cast<int64_t>(found.nodes));
    json.attribute("parameters", static_cast<int64_t>(found.parameters));
    tensors("inputs", found.inputs);
    tensors("outputs", found.outputs);
    json.attributeObject("operators", [&] {
      for (const auto &[name, count] : found.ops)
        json.attribute(text(name), static_cast<int64_t>(count));
    });
    json.attribute("compiles", found.compiled != nullptr);
    json.attributeArray("problems", [&] {
      for (const std::string &problem : found.problems)
        json.value(text(problem));
    });
    if (const object::ModelInterface *model = found.compiled) {
      json.attributeArray("dimensions", [&] {
        for (const object::SymbolInfo &symbol : model->symbols)
          json.object([&] {
            json.attribute("name", text(symbol.name));
            json.attribute("lo", symbol.lo);
            if (symbol.hi)
              json.attribute("hi", *symbol.hi);
          });
      });
      json.attributeObject("memory", [&] {
        if (model->arenaBytes)
          json.attribute("arena_bytes", static_cast<int64_t>(*model->arenaBytes));
        json.attribute("weights_bytes", static_cast<int64_t>(model->weightsBytes));
      });
      json.attribute("macs", static_cast<int64_t>(totalMacs(*model)));
      json.attribute("groups", static_cast<int64_t>(model->groups.size()));
    }
  });
  out << '\n';
}

static int runInspect(const ModelArguments &arguments, const std::string &jsonPath) {
  // The problems are the result, not errors of the command.
  Diagnostics diagnostics;
  Inspection found;
  Compilation compilation(arguments.resolved(), diagnostics);
  bool compiles = succeeded(compilation.lower());
  const onnx::LoadedModel *model = compilation.loadedModel();
  for (const Message &message : diagnostics.messages())
    found.problems.push_back(message.str());
  if (!model) {
    for (const std::string &problem : found.problems)
      llvm::errs() << problem << '\n';
    return kExitCannotCompile;
  }
  readModel(model->proto(), found);
  if (compiles)
    found.compiled = &compilation.interface();
  if (jsonPath != "-")
    printText(found);
  if (!jsonPath.empty() &&
      !writeFile(jsonPath, [&](llvm::raw_ostream &out) { writeJson(out, found); }))
    return kExitCannotCompile;
  return compiles ? kExitOk : kExitCannotCompile;
}

void cli::addInspectCommand(CLI::App &app, Session &session) {
  CLI::App *command =
      app.add_subcommand("inspect", "Tell what is in a model and what is not supported");
  auto arguments = std::make_shared<ModelArguments>();
  auto json = std::make_shared<std::string>();
  addModelArguments(*command, *arguments);
  command->add_option("--json", *json, "Write the findings as JSON; '-' for stdout")
      ->type_name("FILE");
  command->footer(kFooter);
  command->callback(
      [arguments, json, &session] { session.exitCode = runInspect(*arguments, *json); });
}
