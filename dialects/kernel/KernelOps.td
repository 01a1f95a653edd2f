//===- KernelOps.td - Named kernels with packed weights ----*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A kernel op is the root of a group (dialects/nn/Groups.h), on tensors like the
// nn op that it replaces, but its weights are packed for a register tile. The
// elementwise ops behind it in the group are its epilogue, applied in registers.
//
// Bytes are computed in f32 registers too: x is i8 or ui8, `x_zero` its zero
// point, the weights are the integers as f32 and the result is i32. That is
// exact as long as no partial sum reaches 2^24, which whoever makes the op must
// have checked against the weights.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_KERNEL_OPS
#define BURIN_KERNEL_OPS

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::burin::kernel";
  let summary = "Named kernels with packed weights";
}

def Kernel_Tensor : Type<CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">, "ranked tensor",
                         "::mlir::TensorType">;

class Kernel_Op<string mnemonic> : Op<Kernel_Dialect, mnemonic, [Pure]> {
  let hasVerifier = 1;
}

def Kernel_GemmOp : Kernel_Op<"gemm"> {
  let summary = "matrix product with a packed right side";
  let description = [{
    a [.., M, K] times b -> [.., M, N]. b is packed [ceil(N / nr), K, nr] and
    padded with zeros; `n` is N. `mr` rows by `nr` columns are the register tile, of
    vectors of `lanes` elements (nr is a multiple of lanes).
  }];
  let arguments = (ins Kernel_Tensor:$a, Kernel_Tensor:$b, I64Attr:$n, I64Attr:$mr, I64Attr:$nr,
                       I64Attr:$lanes,
                       DefaultValuedAttr<I64Attr, "0">:$x_zero);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` functional-type(operands, results)";
}

def Kernel_ConvOp : Kernel_Op<"conv"> {
  let summary = "2-d direct convolution, channels last, packed weights";
  let description = [{
    x [N, H, W, C] -> [N, OH, OW, M]. w is packed [ceil(M / nr), KH, KW, C, nr]
    and padded with zeros; `m` is M. `pads` holds top, left, bottom, right. The
    register tile is `mr` pixels of a row by `nr` channels. No halo is needed:
    rows outside are skipped by the bounds of the kernel loop, border columns
    take a path of their own.
  }];
  let arguments = (ins Kernel_Tensor:$x, Kernel_Tensor:$w, I64Attr:$m, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, I64Attr:$mr,
                       I64Attr:$nr, I64Attr:$lanes,
                       DefaultValuedAttr<I64Attr, "0">:$x_zero);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$x `,` $w attr-dict `:` functional-type(operands, results)";
}

def Kernel_DepthwiseOp : Kernel_Op<"depthwise"> {
  let summary = "2-d depthwise convolution, channels last";
  let description = [{
    x [N, H, W, C] -> [N, OH, OW, C], one filter per channel; w is [KH, KW, C].
    `lanes` channels are computed at a time.
  }];
  let arguments = (ins Kernel_Tensor:$x, Kernel_Tensor:$w, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, I64Attr:$lanes,
                       DefaultValuedAttr<I64Attr, "0">:$x_zero);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$x `,` $w attr-dict `:` functional-type(operands, results)";
}

#endif // BURIN_KERNEL_OPS
