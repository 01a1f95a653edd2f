//===- NNOpsMovement.td - Ops that move elements ---*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

include "dialects/nn/NNOpBase.td"

def NN_ReshapeOp : NN_PureOp<"reshape"> {
  let summary = "same row-major elements, other shape";
  let description = "One element of `shape` may be -1. A 0 means an extent of 0.";
  let arguments = (ins NN_Tensor:$x, NN_Shape:$shape);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $shape attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

def NN_TransposeOp : NN_PureOp<"transpose"> {
  let summary = "result axis i is x's axis perm[i]";
  let arguments = (ins NN_Tensor:$x, DenseI64ArrayAttr:$perm);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $perm attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

def NN_BroadcastToOp : NN_PureOp<"broadcast_to"> {
  let summary = "one-way numpy broadcast of x to `shape`";
  let arguments = (ins NN_Tensor:$x, NN_Shape:$shape);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $shape attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NN_SliceOp : NN_PureOp<"slice"> {
  let summary = "y[i] = x[offsets + i * strides]";
  let description = [{
    Every index is in range by contract (the importer clamps). `strides` may be
    negative, and empty means all 1. Run-time `sizes` give data-dependent dims.
  }];
  let arguments = (ins NN_Tensor:$x, NN_Shape:$offsets, NN_Shape:$sizes,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$strides);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $offsets `,` $sizes attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

def NN_ConcatOp : NN_PureOp<"concat"> {
  let summary = "join along `axis`; at least one operand";
  let arguments = (ins Variadic<NN_Tensor>:$xs, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$xs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

def NN_PadOp : NN_PureOp<"pad"> {
  let summary = "constant padding; `low` and `high` are >= 0";
  let description = "`value` is 0-D and has x's element type.";
  let arguments = (ins NN_Tensor:$x, NN_Shape:$low, NN_Shape:$high, NN_Tensor:$value);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $low `,` $high `,` $value attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NN_GatherOp : NN_PureOp<"gather"> {
  let summary = "result = x[:axis] ++ idx[batch_dims:] ++ x[axis+1:]";
  let description = [{
    idx is i32 or i64; its first `batch_dims` axes are x's first ones
    (batch_dims <= axis). An index outside [0, n) gives 0; negative indices are
    wrapped by the importer.
  }];
  let arguments = (ins NN_Tensor:$x, NN_Tensor:$idx, I64Attr:$axis,
                       DefaultValuedAttr<I64Attr, "0">:$batch_dims);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $idx attr-dict `:` functional-type(operands, results)";
}

def NN_ScatterOp : NN_PureOp<"scatter"> {
  let summary = "row r of axis 0 becomes fn(row, upd), in index order";
  let description = [{
    idx: i64 of any shape I; upd: I ++ data.shape[1:]. A row outside of [0, n)
    is dropped; duplicates are applied in order.
  }];
  let arguments = (ins NN_ScatterFnAttr:$fn, NN_Tensor:$data, NN_Tensor:$idx, NN_Tensor:$upd);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$fn `,` $data `,` $idx `,` $upd attr-dict `:` functional-type(operands, results)";
}

def NN_IotaOp : NN_PureOp<"iota"> {
  let summary = "0, 1, ..., n-1 as 1-D tensor of `type`";
  let arguments = (ins NN_Index:$n, TypeAttr:$type);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$n `as` $type attr-dict `:` functional-type(operands, results)";
}

def NN_ShapeOfOp : NN_PureOp<"shape_of"> {
  let summary = "the extents of x as 1-D i64 tensor";
  let arguments = (ins NN_Tensor:$x);
  let results = (outs NN_Shape:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}
