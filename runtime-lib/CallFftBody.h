//===- CallFftBody.h - fft, one precision -------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

typedef struct {
  Real re;
  Real im;
} CORE(Complex);

/// e^(-2 pi i k / n), 0 <= k < n, from an angle within an eighth of a turn.
static CORE(Complex) CORE(twiddle)(int64_t k, int64_t n) {
  int64_t eighth = 8 * k / n;      // 0..7
  int64_t near = (eighth + 1) / 2; // quarter turns next to the angle
  Real angle = LIT(1.57079632679489661923) * ((Real)(4 * k - near * n) / (Real)n);
  Real c = FN(cos)(angle), s = FN(sin)(angle);
  switch (near & 3) {
  case 0:
    return (CORE(Complex)){c, -s};
  case 1:
    return (CORE(Complex)){-s, -c};
  case 2:
    return (CORE(Complex)){-c, s};
  default:
    return (CORE(Complex)){s, c};
  }
}

static inline CORE(Complex) CORE(multiply)(CORE(Complex) a, CORE(Complex) b) {
  return (CORE(Complex)){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/// One Stockham step: butterflies of p over sequences of length rest, s of them
/// interleaved. w holds the twiddles of n = s rest.
static void CORE(fftStep)(const CORE(Complex) * x, CORE(Complex) * y, const CORE(Complex) * w,
                          int64_t n, int64_t s, int64_t rest, int64_t p) {
  int64_t m = rest / p;
  for (int64_t j = 0; j < m; ++j)
    for (int64_t u = 0; u < p; ++u) {
      CORE(Complex) turn = w[s * j * u];
      for (int64_t q = 0; q < s; ++q) {
        CORE(Complex) sum = x[q + s * j];
        if (p == 2) {
          CORE(Complex) b = x[q + s * (j + m)];
          sum = u ? (CORE(Complex)){sum.re - b.re, sum.im - b.im}
                  : (CORE(Complex)){sum.re + b.re, sum.im + b.im};
        } else {
          int64_t at = 0, by = n / p * u; // the exponent t u n / p, modulo n
          for (int64_t t = 1; t < p; ++t) {
            at += by;
            at -= at >= n ? n : 0;
            CORE(Complex) b = CORE(multiply)(x[q + s * (j + m * t)], w[at]);
            sum.re += b.re;
            sum.im += b.im;
          }
        }
        y[q + s * (p * j + u)] = CORE(multiply)(sum, turn);
      }
    }
}

static int32_t CORE(fft)(BURIN_ARGUMENTS) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0], *y = &outputs[0];
  int32_t axis = (int32_t)int_attrs[0];
  bool inverse = int_attrs[1] != 0, onesided = int_attrs[2] != 0;
  int64_t parts = x->shape[x->rank - 1], outParts = y->shape[y->rank - 1];
  int64_t inLength = x->shape[axis], outLength = y->shape[axis];
  // The length of the transform.
  int64_t n = inverse && onesided ? outLength : inLength;
  if (n < 1)
    return BURIN_RT_OK;
  CORE(Complex) *a = scratch, *b = a + n, *w = b + n;
  for (int64_t k = 0; k < n; ++k)
    w[k] = CORE(twiddle)(k, n);
  int64_t outer = product(x->shape, 0, axis), inner = product(x->shape, axis + 1, x->rank - 1);
  for (int64_t row = 0; row < outer * inner; ++row) {
    int64_t o = row / inner, i = row % inner;
    for (int64_t k = 0; k < n; ++k) {
      // The missing half of a onesided spectrum is conjugate to the given one.
      bool mirrored = k >= inLength;
      int64_t source = mirrored ? n - k : k;
      int64_t at = ((o * inLength + source) * inner + i) * parts;
      Real im = parts == 2 ? CORE(load)(x, at + 1) : LIT(0.0);
      // The inverse transform is the forward one of the conjugate, conjugated.
      a[k] = (CORE(Complex)){CORE(load)(x, at), mirrored != inverse ? -im : im};
    }
    CORE(Complex) *from = a, *to = b;
    int64_t s = 1, rest = n;
    for (int64_t p = 2; rest > 1; ++p) {
      p = p * p > rest ? rest : p; // what is left is prime
      while (rest % p == 0) {
        CORE(fftStep)(from, to, w, n, s, rest, p);
        s *= p;
        rest /= p;
        CORE(Complex) *t = from;
        from = to;
        to = t;
      }
    }
    for (int64_t k = 0; k < outLength; ++k) {
      int64_t at = ((o * outLength + k) * inner + i) * outParts;
      Real re = from[k].re, im = inverse ? -from[k].im : from[k].im;
      CORE(store)(y, at, inverse ? re / (Real)n : re);
      if (outParts == 2)
        CORE(store)(y, at + 1, inverse ? im / (Real)n : im);
    }
  }
  return BURIN_RT_OK;
}
