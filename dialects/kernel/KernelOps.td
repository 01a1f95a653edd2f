//===- KernelOps.td - Named kernels with packed weights ----*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A kernel op is the root of a group (dialects/nn/Groups.h), on tensors like the
// nn op that it replaces, but its weights are packed for a register tile. The
// elementwise ops behind it in the group are its epilogue, applied in registers.
//
// Bytes give exact i32 sums. x is i8 or ui8, `x_zero` its zero point, the
// weights are integers of 8 or 16 bits without one. `dot` tells how the products
// are added: `g` of them (1, 2 or 4) at a time to one i32 lane. The zero point
// is not subtracted from x: every panel of weights begins with the i32 sums
// that undo it, where there is anything to undo (leftOffset in Kernel.h).
//
// f32 products are added up in parts of about `part` (0: all in one), and the parts to one
// another, in f64 where `in_f64` says so.
//
// `by_lane`: a register holds `lanes` steps of a row of the left side, and products
// take one lane of it. Else each step is loaded into all lanes.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_KERNEL_OPS
#define BURIN_KERNEL_OPS

include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::burin::kernel";
  let summary = "Named kernels with packed weights";
  let useDefaultAttributePrinterParser = 1;
}

def Kernel_Dot : I32EnumAttr<"Dot", "how products of bytes are added up", [
  // Widened to i32, multiplied, added; g = 1.
  I32EnumAttrCase<"plain", 0>,
  // i16 times i16, two products to a lane without accumulator (pmaddwd); g = 2.
  I32EnumAttrCase<"pairs", 1>,
  // u8 times s8, four products added to a lane (vpdpbusd); g = 4.
  I32EnumAttrCase<"u8s8", 2>,
  // s8 times s8, four products added to a lane (sdot); g = 4.
  I32EnumAttrCase<"s8s8", 3>,
  // Words of four bytes, widened to two words of two i16, each pair of products
  // added to one i32 (smlad); g = 4, one lane.
  I32EnumAttrCase<"halves", 4>,
  // Two rows of eight s8 times two columns of eight, each pair of row and column added
  // to one of four lanes (smmla); g = 8, four lanes.
  I32EnumAttrCase<"blocks", 5>,
  // Sixteen products of s8 with their sum, added to one i32 (vmlava); g = 16, one lane.
  I32EnumAttrCase<"across", 6>]> {
  let cppNamespace = "::burin::kernel";
  let genSpecializedAttr = 0;
}
def Kernel_DotAttr : EnumAttr<Kernel_Dialect, Kernel_Dot, "dot"> {
  let assemblyFormat = "`<` $value `>`";
}

def Kernel_Tensor : Type<CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">, "ranked tensor",
                         "::mlir::TensorType">;

class Kernel_Op<string mnemonic> : Op<Kernel_Dialect, mnemonic, [Pure]> {
  let hasVerifier = 1;
}

def Kernel_GemmOp : Kernel_Op<"gemm"> {
  let summary = "matrix product with a packed right side";
  let description = [{
    a [.., M, K] times b -> [.., M, N]; `n` is N. b is packed in panels
    [ceil(N / nr), panel], a panel being [K / g, nr, g] padded with zeros, behind
    i32 sums [nr] for bytes with an offset, filled up to 4 bytes. `mr` rows by
    `nr` columns are the register tile, of vectors of `lanes` elements (nr is a
    multiple of lanes). `intrinsic` is the LLVM intrinsic behind `dot`, `widen`
    those that take bytes 0 and 2 of a word on the left and of the weights.
  }];
  let arguments = (ins Kernel_Tensor:$a, Kernel_Tensor:$b, I64Attr:$n, I64Attr:$mr, I64Attr:$nr,
                       I64Attr:$lanes, DefaultValuedAttr<I64Attr, "0">:$x_zero,
                       DefaultValuedAttr<Kernel_DotAttr, "Dot::plain">:$dot,
                       OptionalAttr<StrAttr>:$intrinsic, UnitAttr:$by_lane,
                       OptionalAttr<StrArrayAttr>:$widen,
                       DefaultValuedAttr<I64Attr, "0">:$part, UnitAttr:$in_f64);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` functional-type(operands, results)";
}

def Kernel_ConvOp : Kernel_Op<"conv"> {
  let summary = "1-d or 2-d direct convolution, channels last, packed weights";
  let description = [{
    x [N, H, W, C] -> [N, OH, OW, M], or [N, W, C] -> [N, OW, M]; `m` is M and
    `kernel` [KH, KW]. w is packed in panels [ceil(M / nr), panel]. A panel is
    [KH, run / g, nr, g] padded with zeros, where a run is KW * C elements that
    lie side by side in x; with a dilation along the row it is [KH, KW, C / g,
    nr, g]. In front are i32 sums [KH, KW, nr] for bytes with an offset, summed
    up along KH and KW ([KH, nr] of whole rows where C is no multiple of g and
    rows are runs); the whole is filled up to 4 bytes. `pads` holds top, left,
    bottom, right. The register tile is `mr` pixels of a row by `nr` channels. No
    halo is needed: rows outside are skipped by the bounds of the kernel loop,
    border columns take a path of their own.
  }];
  let arguments = (ins Kernel_Tensor:$x, Kernel_Tensor:$w, I64Attr:$m, DenseI64ArrayAttr:$kernel,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$pads, I64Attr:$mr, I64Attr:$nr, I64Attr:$lanes,
                       DefaultValuedAttr<I64Attr, "0">:$x_zero,
                       DefaultValuedAttr<Kernel_DotAttr, "Dot::plain">:$dot,
                       OptionalAttr<StrAttr>:$intrinsic, UnitAttr:$by_lane,
                       OptionalAttr<StrArrayAttr>:$widen,
                       DefaultValuedAttr<I64Attr, "0">:$part, UnitAttr:$in_f64);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$x `,` $w attr-dict `:` functional-type(operands, results)";
}

def Kernel_DepthwiseOp : Kernel_Op<"depthwise"> {
  let summary = "1-d or 2-d depthwise convolution, channels last";
  let description = [{
    x [N, H, W, C] -> [N, OH, OW, C], or without H, one filter per channel; w is
    [KH, KW, C]. `lanes` channels are computed at a time: bytes as f32, which
    must be exact (no partial sum reaches 2^24), or with `in_i32` as integers.
  }];
  let arguments = (ins Kernel_Tensor:$x, Kernel_Tensor:$w, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, I64Attr:$lanes,
                       DefaultValuedAttr<I64Attr, "0">:$x_zero, UnitAttr:$in_i32);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$x `,` $w attr-dict `:` functional-type(operands, results)";
}

#endif // BURIN_KERNEL_OPS
