//===- burin-interp-suite.cpp - Test folders through the interpreter ------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Imports every model below the given folders, evaluates it with the reference
// interpreter, and compares with the expected outputs under ONNX's tolerance.
// It tests importer and interpreter without any code generation:
//
//   burin-interp-suite FOLDER... [--filter GLOB] [--print] [-j N]
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/DiagnosticPrinter.h"
#include "compiler/importer/ElementTypes.h"
#include "compiler/importer/Importer.h"
#include "compiler/verify/Compare.h"
#include "compiler/verify/DataSet.h"
#include "compiler/verify/Suite.h"
#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Interpreter.h"

#include "llvm/Support/CommandLine.h"

#include <map>

using namespace burin;
using namespace burin::verify;
using namespace mlir;
namespace cl = llvm::cl;

static cl::list<std::string> folders(cl::Positional, cl::OneOrMore, cl::desc("FOLDER..."));
static cl::list<std::string> filters("filter", cl::desc("only cases whose name matches"));
static cl::opt<unsigned> workers("j", cl::desc("cases at a time"), cl::init(1));
static cl::opt<bool> printModules("print", cl::desc("print the imported modules"));
static cl::opt<bool> listCases("list", cl::desc("one line per case that does not pass"),
                               cl::init(true));
static cl::opt<double> timeout("timeout", cl::desc("seconds per case"), cl::init(60));

/// The bytes of a test tensor as the interpreter wants them; nothing for types
/// that it lacks.
static std::optional<nn::Tensor> toTensor(MLIRContext &context, const onnx::TensorData &data) {
  Type type = elementTypeOf(&context, data.dataType);
  if (!type || isa<nn::StrType>(type))
    return std::nullopt;
  return nn::Tensor(type, data.dims, data.owner, reinterpret_cast<const char *>(data.bytes));
}

static onnx::TensorData fromTensor(const nn::Tensor &tensor) {
  onnx::TensorData data;
  data.dataType = onnxTypeOf(tensor.elementType());
  data.dims.assign(tensor.shape().begin(), tensor.shape().end());
  auto keep = std::make_shared<nn::Tensor>(tensor);
  data.bytes = reinterpret_cast<const uint8_t *>(keep->data());
  data.size = keep->byteSize();
  data.owner = keep;
  return data;
}

/// The names and types that a function's arguments or results carry.
static std::vector<Wanted> wantedOf(TypeRange types,
                                    llvm::function_ref<StringAttr(unsigned)> name) {
  std::vector<Wanted> wanted;
  for (auto [i, type] : llvm::enumerate(types)) {
    StringAttr attr = name(i);
    auto tensor = dyn_cast<RankedTensorType>(type);
    wanted.push_back({attr ? attr.str() : "", tensor ? onnxTypeOf(tensor.getElementType()) : 0});
  }
  return wanted;
}

static std::string firstLine(const Diagnostics &diagnostics) {
  for (const Message &message : diagnostics.messages())
    if (message.severity == Severity::Error)
      return message.str().substr(0, message.str().find('\n'));
  return "no message";
}

static CaseResult runCase(const std::string &path) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  Diagnostics diagnostics;
  DiagnosticPrinter printer(&context, diagnostics);
  auto model = onnx::LoadedModel::load(path, diagnostics);
  if (!model)
    return {Outcome::BadData, firstLine(diagnostics)};
  OwningOpRef<ModuleOp> module = importModel(context, *model);
  if (!module)
    return {Outcome::Unsupported, firstLine(diagnostics)};
  if (printModules)
    module->print(llvm::outs());
  llvm::outs().flush();
  auto main = module->lookupSymbol<func::FuncOp>("main");
  std::vector<Wanted> inputs = wantedOf(main.getArgumentTypes(), [&](unsigned i) {
    return main.getArgAttrOfType<StringAttr>(i, nn::kNameAttr);
  });
  std::vector<Wanted> outputs = wantedOf(main.getResultTypes(), [&](unsigned i) {
    return main.getResultAttrOfType<StringAttr>(i, nn::kNameAttr);
  });
  std::vector<std::string> sets = findDataSets(path);
  if (sets.empty())
    return {Outcome::BadData, "no test data"};
  for (const std::string &folder : sets) {
    std::optional<DataSet> set = readDataSet(folder, diagnostics);
    if (!set)
      return {Outcome::BadData, firstLine(diagnostics)};
    std::string error;
    auto given = matchTensors(set->inputs, inputs, "input", error);
    auto expected = given ? matchTensors(set->outputs, outputs, "output", error) : std::nullopt;
    if (!expected)
      return {Outcome::BadData, error};
    SmallVector<nn::Tensor> arguments;
    for (const onnx::TensorData &data : *given) {
      std::optional<nn::Tensor> tensor = toTensor(context, data);
      if (!tensor)
        return {Outcome::Unsupported, "strings are not evaluated"};
      arguments.push_back(*tensor);
    }
    auto results = nn::evaluateFunction(main, arguments);
    if (failed(results))
      return {Outcome::Unsupported, firstLine(diagnostics)};
    for (auto [result, wanted] : llvm::zip(*results, *expected)) {
      Comparison comparison = compareTensors(fromTensor(result), wanted, Tolerance::backend());
      if (!comparison.matches)
        return {Outcome::Mismatch, "output " + wanted.name + ": " + comparison.message};
    }
  }
  return {Outcome::Passed, ""};
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "Test folders through the reference interpreter\n");
  std::vector<std::string> cases;
  for (const std::string &folder : folders)
    llvm::append_range(cases, findCases(folder, llvm::ArrayRef<std::string>(filters)));
  SuiteOptions options;
  options.pool.workers = workers;
  options.pool.timeoutSeconds = timeout;
  options.log = listCases ? &llvm::outs() : nullptr;
  if (printModules) {
    // In this process, so that the text is seen.
    for (const std::string &folder : cases) {
      CaseResult result = runCase(folder + "/model.onnx");
      llvm::outs() << folder << ": " << outcomeName(result.outcome) << " " << result.message
                   << "\n";
    }
    return 0;
  }
  SuiteResult suite = runSuite(cases, options, runCase);
  std::map<std::string, unsigned> counts;
  for (const SuiteCase &test : suite.cases)
    ++counts[outcomeName(test.result.outcome).str()];
  for (auto &[name, count] : counts)
    llvm::outs() << count << " " << name << (name == counts.rbegin()->first ? "\n" : ", ");
  return counts.size() == 1 && counts.count("passed") ? 0 : 1;
}
