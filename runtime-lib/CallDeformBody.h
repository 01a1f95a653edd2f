//===- CallDeformBody.h - deform_im2col, one precision ------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

/// Plane at (y, x) by bilinear interpolation, zero outside.
static Real CORE(sampleZero)(const burin_rt_tensor *t, int64_t plane, int64_t height, int64_t width,
                             Real y, Real x) {
  if (!(y > LIT(-1.0) && y < (Real)height && x > LIT(-1.0) && x < (Real)width))
    return LIT(0.0);
  Real fy = FN(floor)(y), fx = FN(floor)(x);
  int64_t y0 = CORE(toIndex)(fy), x0 = CORE(toIndex)(fx);
  Real ly = y - fy, lx = x - fx;
  Real sum = LIT(0.0);
  for (int i = 0; i < 4; ++i) {
    int64_t yy = y0 + (i >> 1), xx = x0 + (i & 1);
    Real weight = (i >> 1 ? ly : LIT(1.0) - ly) * (i & 1 ? lx : LIT(1.0) - lx);
    if (yy >= 0 && yy < height && xx >= 0 && xx < width)
      sum += weight * CORE(load)(t, plane + yy * width + xx);
  }
  return sum;
}

static int32_t CORE(deformIm2col)(BURIN_ARGUMENTS) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0], *offset = &inputs[1], *mask = BURIN_INPUT(2);
  const burin_rt_tensor *columns = &outputs[0];
  const int64_t *kernel = int_attrs, *strides = kernel + 2, *dilations = kernel + 4;
  const int64_t *pads = kernel + 6;
  int64_t groups = int_attrs[8], taps = kernel[0] * kernel[1];
  int64_t channels = x->shape[1], height = x->shape[2], width = x->shape[3];
  int64_t rows = offset->shape[2], cols = offset->shape[3], points = rows * cols;
  for (int64_t image = 0; image < x->shape[0]; ++image)
    for (int64_t channel = 0; channel < channels; ++channel) {
      int64_t group = channel / (channels / groups);
      int64_t plane = (image * channels + channel) * height * width;
      for (int64_t tap = 0; tap < taps; ++tap) {
        int64_t field = (image * groups + group) * taps + tap;
        for (int64_t point = 0; point < points; ++point) {
          Real py = (Real)(point / cols * strides[0] - pads[0] + tap / kernel[1] * dilations[0]) +
                    CORE(load)(offset, 2 * field * points + point);
          Real px = (Real)(point % cols * strides[1] - pads[1] + tap % kernel[1] * dilations[1]) +
                    CORE(load)(offset, (2 * field + 1) * points + point);
          Real value = CORE(sampleZero)(x, plane, height, width, py, px);
          if (mask)
            value *= CORE(load)(mask, field * points + point);
          CORE(store)(columns, ((image * channels + channel) * taps + tap) * points + point, value);
        }
      }
    }
  return BURIN_RT_OK;
}
