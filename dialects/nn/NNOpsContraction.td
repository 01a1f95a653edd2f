//===- NNOpsContraction.td - Products, windows, recurrences ---*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

include "dialects/nn/NNOpBase.td"

def NN_MatMulOp : NN_PureOp<"matmul", [AttrSizedOperandSegments]> {
  let summary = "batched matrix product, rank >= 2 on both sides";
  let description = [{
    ta, tb: the last two axes of a, b are swapped. Batch axes broadcast. With
    i8/ui8 operands the result is i32 and the zero points (scalar, or a_zp per
    row [.., M, 1], b_zp per column [.., 1, N], as broadcastable tensors of the
    operand's type) are subtracted first. Other types: result type = operand
    type, or `acc` where given.
  }];
  let arguments = (ins NN_Tensor:$a, NN_Tensor:$b, Optional<NN_Tensor>:$a_zp,
                       Optional<NN_Tensor>:$b_zp, NN_BoolAttr<"false">:$ta,
                       NN_BoolAttr<"false">:$tb, OptionalAttr<TypeAttr>:$acc);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$a `,` $b (`zps` `(` $a_zp^ `,` $b_zp `)`)? attr-dict `:` functional-type(operands, results)";
}

def NN_ConvOp : NN_PureOp<"conv", [AttrSizedOperandSegments]> {
  let summary = "n-d cross-correlation";
  let description = [{
    nchw: x [N, C, D...], w [M, C/group, K...], result [N, M, O...].
    nhwc: x [N, D..., C], w [M, K..., C/group], result [N, O..., M].
    `pads` holds all begins, then all ends, each >= 0; padding has the value of
    x_zp (0 without). i8/ui8 operands give i32; x_zp is 0-D, w_zp 0-D or [M].
    Dims: O = floor((D + begin + end - ((K - 1) * dilation + 1)) / stride) + 1.
  }];
  let arguments = (ins NN_Tensor:$x, NN_Tensor:$w, Optional<NN_Tensor>:$x_zp,
                       Optional<NN_Tensor>:$w_zp, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
                       DefaultValuedAttr<I64Attr, "1">:$group,
                       DefaultValuedAttr<NN_LayoutAttr, "::burin::nn::Layout::nchw">:$layout,
                       OptionalAttr<TypeAttr>:$acc);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $w (`zps` `(` $x_zp^ `,` $w_zp `)`)? attr-dict `:` functional-type(operands, results)";
}

def NN_ConvTransposeOp : NN_PureOp<"conv_transpose"> {
  let summary = "adjoint of conv";
  let description = [{
    nchw: x [N, C, D...], w [C, M/group, K...], result [N, M, O...] (nhwc: x
    [N, D..., C], result [N, O..., M], w unchanged).
    O = stride * (D - 1) + output_padding + (K - 1) * dilation + 1 - begin - end.
    `pads` may be negative here (the output is padded with zeros).
  }];
  let arguments = (ins NN_Tensor:$x, NN_Tensor:$w, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
                       DenseI64ArrayAttr:$output_padding,
                       DefaultValuedAttr<I64Attr, "1">:$group,
                       DefaultValuedAttr<NN_LayoutAttr, "::burin::nn::Layout::nchw">:$layout);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $w attr-dict `:` functional-type(operands, results)";
}

def NN_PoolOp : NN_PureOp<"pool"> {
  let summary = "window fold; elements outside are skipped";
  let description = [{
    Layout of x as in conv. Under `ceil` the extent rounds up, but a window that
    would start beyond D + begin is dropped (ONNX). sum over an empty window is
    0, max the type's lowest value (-Inf).
  }];
  let arguments = (ins NN_PoolFnAttr:$fn, NN_Tensor:$x, DenseI64ArrayAttr:$kernel,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$pads, NN_BoolAttr<"false">:$ceil,
                       DefaultValuedAttr<NN_LayoutAttr, "::burin::nn::Layout::nchw">:$layout);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$fn `,` $x attr-dict `:` functional-type(operands, results)";
}

def NN_ResampleOp : NN_PureOp<"resample"> {
  let summary = "out[j] = sum_t w[j, t] * x[idx[j, t]] along one axis";
  let description = "idx: i64 [n, t] within the axis; w: f32 or f64 [n, t]. Float x only.";
  let arguments = (ins NN_Tensor:$x, NN_Tensor:$idx, NN_Tensor:$w, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$x `,` $idx `,` $w attr-dict `:` functional-type(operands, results)";
}

def NN_AttentionOp : NN_PureOp<"attention", [AttrSizedOperandSegments]> {
  let summary = "scaled dot product attention with grouped heads (ONNX 25)";
  let description = [{
    q [B, Hq, S, D], k [B, Hkv, T, D], v [B, Hkv, T, Dv] -> [B, Hq, S, Dv]; head
    h uses kv head h / (Hq / Hkv). logits = scale * q k^T; softcap > 0: softcap *
    tanh(logits / softcap); then + mask (float, broadcast to [B, Hq, S, T]; i1:
    false is -Inf), causal (key j visible to query i if j <= i + offset),
    window_left/right >= 0, kv_len [B] (i64, valid keys); softmax; times v.
    A fully masked row gives 0. `offset` is 0-D or [B] i64. `sink` [Hq]: an extra
    logit without value.
  }];
  let arguments = (ins NN_Tensor:$q, NN_Tensor:$k, NN_Tensor:$v, Optional<NN_Tensor>:$mask,
                       Optional<NN_Tensor>:$kv_len, Optional<NN_Tensor>:$offset,
                       Optional<NN_Tensor>:$sink, F64Attr:$scale,
                       DefaultValuedAttr<F64Attr, "0.0">:$softcap, NN_BoolAttr<"false">:$causal,
                       DefaultValuedAttr<I64Attr, "-1">:$window_left,
                       DefaultValuedAttr<I64Attr, "-1">:$window_right,
                       OptionalAttr<TypeAttr>:$softmax_type);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$q `,` $k `,` $v (`mask` $mask^)? (`kv_len` $kv_len^)? (`offset` $offset^)? (`sink` $sink^)? attr-dict `:` functional-type(operands, results)";
}

def NN_RnnOp : NN_PureOp<"rnn", [AttrSizedOperandSegments]> {
  let summary = "recurrent layer over time";
  let description = [{
    x [T, B, I], w [D, G*H, I], r [D, G*H, H], b [D, 2*G*H], lens [B] (i32),
    h0, c0 [D, B, H], p [D, 3*H] -> y [T, D, B, H], y_h [D, B, H] and, for lstm,
    y_c [D, B, H]. D = 2 when bidirectional; gate order of ONNX (lstm i o f c,
    gru z r h), peepholes i o f. `fns` are the activations of each direction
    (lstm 3, gru 2, rnn 1 per direction) with `alphas` and `betas`; clip <= 0: none.
    Past a sequence's end y is 0 and y_h, y_c keep the last valid state.
  }];
  let arguments = (ins NN_RnnKindAttr:$kind, NN_Tensor:$x, NN_Tensor:$w, NN_Tensor:$r,
                       Optional<NN_Tensor>:$b, Optional<NN_Tensor>:$lens,
                       Optional<NN_Tensor>:$h0, Optional<NN_Tensor>:$c0, Optional<NN_Tensor>:$p,
                       DefaultValuedAttr<NN_DirectionAttr, "::burin::nn::Direction::forward">:$direction,
                       TypedArrayAttrBase<NN_UnaryFnAttr, "activations">:$fns,
                       DenseF64ArrayAttr:$alphas, DenseF64ArrayAttr:$betas,
                       DefaultValuedAttr<F64Attr, "0.0">:$clip,
                       NN_BoolAttr<"false">:$input_forget,
                       NN_BoolAttr<"false">:$linear_before_reset);
  let results = (outs Variadic<NN_Tensor>:$states);
  let assemblyFormat = "$kind `,` $x `,` $w `,` $r (`b` $b^)? (`lens` $lens^)? (`h0` $h0^)? (`c0` $c0^)? (`p` $p^)? attr-dict `:` functional-type(operands, results)";
}
