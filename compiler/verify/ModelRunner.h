//===- ModelRunner.h - Runs a library by its descriptor ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_MODELRUNNER_H
#define BURIN_COMPILER_VERIFY_MODELRUNNER_H

#include "codegen/object/Descriptor.h"
#include "compiler/onnx/TensorData.h"
#include "compiler/verify/GuardedBuffer.h"

#include "llvm/Support/Error.h"

#include <vector>

namespace burin::verify {

/// One call of `<model>_run` with memory of its own: prepared once, run as often as
/// one likes.
class ModelRunner {
public:
  /// Takes the dynamic dimensions from the inputs' shapes. `outputHints` tell how much
  /// room an output gets whose size depends on data and has no bound; may be empty.
  /// Fails where types, ranks or sizes of `inputs` (in the model's order) do not fit.
  static llvm::Expected<ModelRunner> prepare(const object::Descriptor &model,
                                             llvm::ArrayRef<onnx::TensorData> inputs,
                                             llvm::ArrayRef<onnx::TensorData> outputHints);

  /// Runs once and nothing else: for measuring.
  int call() { return model->run(io.data(), arena.data()); }
  /// Runs once on fresh memory and checks that nothing was written but the outputs and
  /// the arena, then hands the outputs out.
  llvm::Expected<std::vector<onnx::TensorData>> run();

  uint64_t arenaBytes() const { return arena.size(); }

private:
  struct Output {
    std::vector<int64_t> shape; ///< written by the model where it depends on data
    int64_t capacity = 0;       ///< elements
    GuardedBuffer buffer;
  };

  llvm::Error bindInputs(llvm::ArrayRef<onnx::TensorData> inputs);
  llvm::Error allocateOutputs(llvm::ArrayRef<onnx::TensorData> hints);
  llvm::Error allocateArena();
  llvm::Error checkGuards() const;

  const object::Descriptor *model = nullptr;
  std::vector<int64_t> dims; ///< a value per symbol
  std::vector<GuardedBuffer> inputs;
  std::vector<std::vector<uint8_t>> inputCopies;
  std::vector<Output> outputs;
  GuardedBuffer arena;
  /// `<model>_io`: pointers and 64-bit numbers only (ModelInterface.h).
  std::vector<uint64_t> io;
};

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_MODELRUNNER_H
