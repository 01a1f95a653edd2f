//===- ReportWriter.h - <model>.json ----------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Schema ("?" marks members that may be absent, sizes are bytes):
//
//   { "burin": "0.1.0", "abi": 1, "model": "kws", "model_hash": "<sha256>",
//     "target": "x86-64", "options": "-O2",
//     "symbols": [{"name", "identifier", "lo", "hi"?}],
//     "inputs":  [{"name", "identifier", "type", "onnx_type", "c_type",
//                  "shape": [1, "N", "2*N + 1", null], "elements"?, "bytes"?,
//                  "scale"?, "zero_point"?}],
//     "outputs": [as inputs, "data_dependent"],
//     "memory": {"arena_bytes"?, "arena_align", "arena_dynamic", "weights_bytes",
//                "stack_bytes"?, "peak_owner"?},
//     "groups": [{"name", "nodes": [...], "macs", "bytes_read", "bytes_written",
//                 "runs_on"?: "gpu" | "host", "host_reason"?}],
//     "arena":  [{"name", "offset"?, "size"?, "first_group", "last_group", "alias_of"?}],
//     "flash":  {"<kind>": bytes},
//     "totals": {"macs", "bytes_read", "bytes_written", "flash"} }
//
// In a shape, a number is a static size, a text a symbol or formula, null a size that
// depends on data.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_REPORTWRITER_H
#define BURIN_CODEGEN_OBJECT_REPORTWRITER_H

#include "codegen/object/ModelInterface.h"

#include "llvm/Support/raw_ostream.h"

namespace burin::object {

/// Writes the report described above. Fails when checkInterface() does.
llvm::Error writeReport(llvm::raw_ostream &out, const ModelInterface &model);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_REPORTWRITER_H
