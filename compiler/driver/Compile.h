//===- Compile.h - The way of a model, step by step -------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Front ends and tests drive a compilation through this class, and can stop after
// any step. Includes no MLIR, so that those who only pass options on build fast.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_DRIVER_COMPILE_H
#define BURIN_COMPILER_DRIVER_COMPILE_H

#include "codegen/object/ModelInterface.h"
#include "compiler/onnx/ModelLoader.h"

#include "llvm/Support/LogicalResult.h"
#include "llvm/Support/MemoryBuffer.h"

#include <functional>

namespace llvm {
class Module;
} // namespace llvm
namespace mlir {
class ModuleOp;
} // namespace mlir

namespace burin {

/// What every command of `burin` returns to its caller.
enum ExitCode : int {
  kExitOk = 0,
  kExitMismatch = 1,      ///< outputs differ from what was expected
  kExitCannotCompile = 2, ///< bad arguments, bad input, or something unsupported
  kExitOverBudget = 3,    ///< over --max-ram, --max-flash or --max-macs
};

/// What `burin compile` writes.
enum class Emit : uint8_t { Library, Object, Assembly, Llvm, Mlir, Cpp, Ptx };

struct CompileOptions {
  std::string modelPath;
  /// Prefix of every symbol; by default the file's name as C identifier.
  std::string name;
  std::string target = "native";
  /// `NAME=K` and `NAME=LO..HI`.
  std::vector<std::string> dims;
  /// `INPUT=1,3,H,W`.
  std::vector<std::string> shapes;
  unsigned optLevel = 2;
  /// Keep to the order of operations of the model: no rewrite that changes rounding.
  bool exact = false;

  /// Also make the kernels for this machine, to run them in an emulator (GPU targets).
  bool emulate = false;
  /// May change the kernels before they are optimised: for tests of the emulator.
  std::function<void(llvm::Module &)> editKernels;

  /// Budgets; nothing is written when one is exceeded.
  std::optional<uint64_t> maxRam, maxFlash, maxMacs;

  /// Where to write what the library was made from, for make and ninja; nowhere if empty.
  std::string depfile;

  /// Prints every pass with its time and what it changed.
  llvm::raw_ostream *trace = nullptr;
  /// Stop after the pass or step of this name, for `--emit mlir=PASS`.
  std::string stopAfter;
};

/// One model on its way. Every step reports its problems to `diagnostics` and fails
/// then; a step runs those before it that did not run yet.
class Compilation {
public:
  Compilation(CompileOptions options, Diagnostics &diagnostics);
  ~Compilation();

  /// The model as one function of nn ops, as it was written.
  llvm::LogicalResult import();
  /// The same after inference, folding, recognition and quantisation: still tensors,
  /// still evaluated by the interpreter.
  llvm::LogicalResult importAndSimplify();
  /// Groups with a planned arena, lowered to LLVM's dialect.
  llvm::LogicalResult lower();
  /// Machine code in memory.
  llvm::LogicalResult compileToObject();
  /// Compares sizes with the budgets of the options.
  llvm::LogicalResult checkBudgets();
  /// Writes what was asked for: all files or none. `folder` may be `-` for text.
  llvm::LogicalResult write(Emit what, llvm::StringRef folder);

  /// Everything about the model's border; complete after compileToObject().
  const object::ModelInterface &interface() const;
  /// What stands in the archive, for linking it right here.
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> takeObjects();
  /// Evaluates the imported model with the reference interpreter.
  std::optional<std::vector<onnx::TensorData>> interpret(llvm::ArrayRef<onnx::TensorData> inputs);

  mlir::ModuleOp module();
  const onnx::LoadedModel *loadedModel() const;
  /// Whether the pass or step of `stopAfter` was reached.
  bool stopped() const;
  bool overBudget() const;
  /// Entry points of the kernels of a GPU target.
  const std::vector<std::string> &kernels() const;

private:
  struct State;
  std::unique_ptr<State> state;
};

/// "0.1.0"
llvm::StringRef burinVersion();

} // namespace burin

#endif // BURIN_COMPILER_DRIVER_COMPILE_H
