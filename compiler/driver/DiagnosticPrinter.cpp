//===- DiagnosticPrinter.cpp - MLIR's diagnostics as Burin's --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/DiagnosticPrinter.h"

#include "dialects/nn/NodeLoc.h"

using namespace burin;

static Message convert(const mlir::Diagnostic &diagnostic) {
  Message message;
  switch (diagnostic.getSeverity()) {
  case mlir::DiagnosticSeverity::Error:
    message.severity = Severity::Error;
    break;
  case mlir::DiagnosticSeverity::Warning:
    message.severity = Severity::Warning;
    break;
  default:
    message.severity = Severity::Note;
  }
  message.subject = nn::describeNodeLoc(diagnostic.getLocation());
  message.text = diagnostic.str();
  for (const mlir::Diagnostic &note : const_cast<mlir::Diagnostic &>(diagnostic).getNotes()) {
    // MLIR attaches the whole operation to failed verifications: of no use to
    // the author of a model, and with a big constant huge.
    if (llvm::StringRef(note.str()).starts_with("see current operation"))
      continue;
    message.notes.push_back(convert(note));
  }
  return message;
}

DiagnosticPrinter::DiagnosticPrinter(mlir::MLIRContext *context, Diagnostics &diagnostics)
    : ScopedDiagnosticHandler(context) {
  setHandler([&diagnostics](mlir::Diagnostic &diagnostic) {
    diagnostics.add(convert(diagnostic));
    return mlir::success();
  });
}
