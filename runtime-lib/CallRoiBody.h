//===- CallRoiBody.h - roi_align, max_roi_pool, one precision -----*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

/// Positions and weights of the four corners around a point; all weights 0 outside.
typedef struct {
  int64_t at[4];
  Real weight[4];
} CORE(Corners);

static CORE(Corners) CORE(roiCorners)(Real y, Real x, int64_t height, int64_t width) {
  CORE(Corners) c = {{0, 0, 0, 0}, {0, 0, 0, 0}};
  // Half a pixel outside still counts as the border; NaN does not.
  if (!(y >= LIT(-1.0) && y <= (Real)height && x >= LIT(-1.0) && x <= (Real)width) || height < 1 ||
      width < 1)
    return c;
  y = y > LIT(0.0) ? y : LIT(0.0);
  x = x > LIT(0.0) ? x : LIT(0.0);
  int64_t y0 = CORE(toIndex)(y), x0 = CORE(toIndex)(x);
  int64_t y1 = y0 + 1, x1 = x0 + 1;
  if (y0 >= height - 1) {
    y0 = y1 = height - 1;
    y = (Real)y0;
  }
  if (x0 >= width - 1) {
    x0 = x1 = width - 1;
    x = (Real)x0;
  }
  Real ly = y - (Real)y0, lx = x - (Real)x0, hy = LIT(1.0) - ly, hx = LIT(1.0) - lx;
  return (CORE(Corners)){{y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1},
                         {hy * hx, hy * lx, ly * hx, ly * lx}};
}

static int32_t CORE(roiAlign)(BURIN_ARGUMENTS) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0], *rois = &inputs[1], *batch = &inputs[2], *y = &outputs[0];
  bool takeMax = int_attrs[0] != 0, halfPixel = int_attrs[2] != 0;
  int64_t ratio = int_attrs[1];
  Real scale = (Real)float_attrs[0], shift = halfPixel ? LIT(0.5) : LIT(0.0);
  int64_t channels = x->shape[1], height = x->shape[2], width = x->shape[3];
  int64_t rows = y->shape[2], columns = y->shape[3];
  for (int64_t roi = 0; roi < rois->shape[0]; ++roi) {
    int64_t image = loadInt(batch, roi);
    if (image < 0 || image >= x->shape[0])
      return BURIN_RT_BAD_DATA;
    Real left = CORE(load)(rois, 4 * roi) * scale - shift;
    Real top = CORE(load)(rois, 4 * roi + 1) * scale - shift;
    Real w = CORE(load)(rois, 4 * roi + 2) * scale - shift - left;
    Real h = CORE(load)(rois, 4 * roi + 3) * scale - shift - top;
    if (!halfPixel) {
      w = w > LIT(1.0) ? w : LIT(1.0);
      h = h > LIT(1.0) ? h : LIT(1.0);
    }
    Real binH = h / (Real)rows, binW = w / (Real)columns;
    int64_t gridH = ratio > 0 ? ratio : CORE(toIndex)(FN(ceil)(binH));
    int64_t gridW = ratio > 0 ? ratio : CORE(toIndex)(FN(ceil)(binW));
    // A box of absurd size would take forever: so many samples are enough for it.
    gridH = ratio <= 0 && gridH > 4096 ? 4096 : gridH;
    gridW = ratio <= 0 && gridW > 4096 ? 4096 : gridW;
    int64_t samples = gridH * gridW > 1 ? gridH * gridW : 1;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c)
        for (int64_t channel = 0; channel < channels; ++channel) {
          int64_t plane = (image * channels + channel) * height * width;
          Real result = LIT(0.0);
          for (int64_t sample = 0; gridH > 0 && gridW > 0 && sample < samples; ++sample) {
            Real py =
                top + (Real)r * binH + ((Real)(sample / gridW) + LIT(0.5)) * binH / (Real)gridH;
            Real px =
                left + (Real)c * binW + ((Real)(sample % gridW) + LIT(0.5)) * binW / (Real)gridW;
            CORE(Corners) corners = CORE(roiCorners)(py, px, height, width);
            Real sum = LIT(0.0), most = LIT(0.0);
            for (int i = 0; i < 4; ++i) {
              Real product = corners.weight[i] * CORE(load)(x, plane + corners.at[i]);
              sum += product;
              most = i == 0 || product > most ? product : most;
            }
            if (!takeMax)
              result += sum;
            else if (sample == 0 || most > result)
              result = most;
          }
          if (!takeMax)
            result /= (Real)samples;
          CORE(store)(y, ((roi * channels + channel) * rows + r) * columns + c, result);
        }
  }
  return BURIN_RT_OK;
}

/// Half away from zero, as C's round.
static inline Real CORE(roundAway)(Real x) {
  return x < LIT(0.0) ? -FN(floor)(LIT(0.5) - x) : FN(floor)(x + LIT(0.5));
}

static inline int64_t CORE(clampIndex)(int64_t i, int64_t limit) {
  return i < 0 ? 0 : i > limit ? limit : i;
}

static int32_t CORE(maxRoiPool)(BURIN_ARGUMENTS) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0], *rois = &inputs[1], *y = &outputs[0];
  Real scale = (Real)float_attrs[0];
  int64_t channels = x->shape[1], height = x->shape[2], width = x->shape[3];
  int64_t rows = y->shape[2], columns = y->shape[3];
  for (int64_t roi = 0; roi < rois->shape[0]; ++roi) {
    int64_t image = CORE(toIndex)(CORE(load)(rois, 5 * roi));
    if (image < 0 || image >= x->shape[0])
      return BURIN_RT_BAD_DATA;
    int64_t edge[4];
    for (int i = 0; i < 4; ++i)
      edge[i] = CORE(toIndex)(CORE(roundAway)(CORE(load)(rois, 5 * roi + 1 + i) * scale));
    int64_t w = edge[2] - edge[0] + 1, h = edge[3] - edge[1] + 1;
    Real binH = (Real)(h > 1 ? h : 1) / (Real)rows, binW = (Real)(w > 1 ? w : 1) / (Real)columns;
    for (int64_t channel = 0; channel < channels; ++channel) {
      int64_t plane = (image * channels + channel) * height * width;
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < columns; ++c) {
          int64_t y0 = CORE(toIndex)(FN(floor)((Real)r * binH)) + edge[1];
          int64_t y1 = CORE(toIndex)(FN(ceil)((Real)(r + 1) * binH)) + edge[1];
          int64_t x0 = CORE(toIndex)(FN(floor)((Real)c * binW)) + edge[0];
          int64_t x1 = CORE(toIndex)(FN(ceil)((Real)(c + 1) * binW)) + edge[0];
          y0 = CORE(clampIndex)(y0, height);
          y1 = CORE(clampIndex)(y1, height);
          x0 = CORE(clampIndex)(x0, width);
          x1 = CORE(clampIndex)(x1, width);
          bool empty = y1 <= y0 || x1 <= x0;
          Real most = empty ? LIT(0.0) : CORE(load)(x, plane + y0 * width + x0);
          for (int64_t i = y0; i < y1; ++i)
            for (int64_t j = x0; j < x1; ++j) {
              Real value = CORE(load)(x, plane + i * width + j);
              most = value > most || value != value ? value : most;
            }
          CORE(store)(y, ((roi * channels + channel) * rows + r) * columns + c, most);
        }
    }
  }
  return BURIN_RT_OK;
}
