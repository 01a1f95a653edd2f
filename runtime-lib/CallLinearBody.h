//===- CallLinearBody.h - det and inverse, one precision ----------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

/// Brings the largest element at and below the diagonal of column k to the diagonal.
/// Returns whether rows were swapped. Rows are width long.
static bool CORE(pivot)(Real *m, int64_t n, int64_t width, int64_t k) {
  int64_t best = k;
  Real most = LIT(-1.0);
  for (int64_t i = k; i < n; ++i) {
    Real a = m[i * width + k] < LIT(0.0) ? -m[i * width + k] : m[i * width + k];
    if (a > most) {
      most = a;
      best = i;
    }
  }
  if (best == k)
    return false;
  for (int64_t j = 0; j < width; ++j) {
    Real t = m[k * width + j];
    m[k * width + j] = m[best * width + j];
    m[best * width + j] = t;
  }
  return true;
}

static int32_t CORE(det)(BURIN_ARGUMENTS) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0];
  int64_t n = x->shape[x->rank - 1], count = product(x->shape, 0, x->rank - 2);
  Real *m = scratch;
  for (int64_t batch = 0; batch < count; ++batch) {
    for (int64_t i = 0; i < n * n; ++i)
      m[i] = CORE(load)(x, batch * n * n + i);
    Real result = LIT(1.0);
    for (int64_t k = 0; k < n; ++k) {
      if (CORE(pivot)(m, n, n, k))
        result = -result;
      Real diagonal = m[k * n + k];
      result *= diagonal;
      if (diagonal == LIT(0.0))
        break;
      for (int64_t i = k + 1; i < n; ++i) {
        Real factor = m[i * n + k] / diagonal;
        for (int64_t j = k + 1; j < n; ++j)
          m[i * n + j] -= factor * m[k * n + j];
      }
    }
    CORE(store)(&outputs[0], batch, result);
  }
  return BURIN_RT_OK;
}

static int32_t CORE(inverse)(BURIN_ARGUMENTS) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0];
  int64_t n = x->shape[x->rank - 1], count = product(x->shape, 0, x->rank - 2), width = 2 * n;
  Real *m = scratch; // [x | 1] becomes [1 | x^-1]
  for (int64_t batch = 0; batch < count; ++batch) {
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) {
        m[i * width + j] = CORE(load)(x, (batch * n + i) * n + j);
        m[i * width + n + j] = i == j ? LIT(1.0) : LIT(0.0);
      }
    for (int64_t k = 0; k < n; ++k) {
      CORE(pivot)(m, n, width, k);
      Real diagonal = m[k * width + k];
      // 0 / 0 spreads NaN through a singular matrix.
      Real scale = diagonal == LIT(0.0) ? diagonal / diagonal : LIT(1.0) / diagonal;
      for (int64_t j = 0; j < width; ++j)
        m[k * width + j] *= scale;
      for (int64_t i = 0; i < n; ++i) {
        Real factor = m[i * width + k];
        for (int64_t j = 0; j < width && i != k; ++j)
          m[i * width + j] -= factor * m[k * width + j];
      }
    }
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j)
        CORE(store)(&outputs[0], (batch * n + i) * n + j, m[i * width + n + j]);
  }
  return BURIN_RT_OK;
}
