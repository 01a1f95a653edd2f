//===- FuzzImport.cpp - libFuzzer target of the importer ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Whatever the bytes are: a module or a message, and nothing leaks. Every input
// has a context of its own, because attributes live as long as their context.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/Importer.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include <cstdlib>

// libMLIR is not instrumented: containers and arenas that both touch look
// overflown and poisoned.
extern "C" const char *__asan_default_options() {
  return "detect_container_overflow=0:allow_user_poisoning=0:allocator_may_return_null=1";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  burin::Diagnostics diagnostics;
  // No file is in this folder.
  auto model = burin::onnx::LoadedModel::parse({reinterpret_cast<const char *>(data), size},
                                               "fuzz.onnx", "/nonexistent", diagnostics);
  if (!model) {
    if (!diagnostics.hasErrors())
      abort();
    return 0;
  }
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  bool reported = false;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    reported |= diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    return mlir::success();
  });
  auto module = burin::importModel(context, *model);
  // A failure has a reason.
  if (!module && !reported)
    abort();
  return 0;
}
