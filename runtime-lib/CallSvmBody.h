//===- CallSvmBody.h - svm_vote, one precision --------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

/// Class probabilities p from pair probabilities r (r[i n + j] + r[j n + i] = 1), after
/// Wu, Lin and Weng, "Probability Estimates for Multi-class Classification by Pairwise
/// Coupling" (2004), second method: minimise the sum over i, j of
/// (r[j,i] p[i] - r[i,j] p[j])^2 by fixing one p[t] at a time. q and qp are work space.
static void CORE(couple)(const Real *r, int64_t n, Real *p, Real *q, Real *qp) {
  for (int64_t t = 0; t < n; ++t) {
    p[t] = LIT(1.0) / (Real)n;
    q[t * n + t] = LIT(0.0);
    for (int64_t j = 0; j < n; ++j)
      if (j != t) {
        q[t * n + t] += r[j * n + t] * r[j * n + t];
        q[t * n + j] = -r[j * n + t] * r[t * n + j];
      }
  }
  int64_t limit = n > 100 ? n : 100;
  for (int64_t round = 0; round < limit; ++round) {
    Real energy = LIT(0.0), error = LIT(0.0);
    for (int64_t t = 0; t < n; ++t) {
      qp[t] = LIT(0.0);
      for (int64_t j = 0; j < n; ++j)
        qp[t] += q[t * n + j] * p[j];
      energy += p[t] * qp[t];
    }
    for (int64_t t = 0; t < n; ++t) {
      Real distance = qp[t] > energy ? qp[t] - energy : energy - qp[t];
      error = distance > error ? distance : error;
    }
    if (error < LIT(0.005) / (Real)n)
      break;
    for (int64_t t = 0; t < n; ++t) {
      Real diagonal = q[t * n + t];
      Real step = (energy - qp[t]) / diagonal;
      Real whole = LIT(1.0) + step; // p is scaled back to sum 1
      p[t] += step;
      energy = (energy + step * (step * diagonal + LIT(2.0) * qp[t])) / whole / whole;
      for (int64_t j = 0; j < n; ++j) {
        qp[j] = (qp[j] + step * q[t * n + j]) / whole;
        p[j] /= whole;
      }
    }
  }
}

static int32_t CORE(svmVote)(BURIN_ARGUMENTS) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *scores = &inputs[0], *slope = BURIN_INPUT(1), *shift = BURIN_INPUT(2);
  const burin_rt_tensor *votes = &outputs[0], *probabilities = BURIN_OUTPUT(1);
  bool coupled = probabilities && slope && shift;
  int64_t n = votes->shape[1], pairs = n * (n - 1) / 2;
  Real *r = scratch, *q = r + n * n, *p = q + n * n, *qp = p + n;
  for (int64_t row = 0; row < scores->shape[0]; ++row) {
    for (int64_t i = 0; i < n; ++i)
      p[i] = LIT(0.0);
    int64_t pair = 0;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = i + 1; j < n; ++j, ++pair) {
        Real score = CORE(load)(scores, row * pairs + pair);
        p[score > LIT(0.0) ? i : j] += LIT(1.0);
        if (!coupled)
          continue;
        // 1 - sigmoid(score a + b), away from 0 and 1.
        Real z = score * CORE(load)(slope, pair) + CORE(load)(shift, pair);
        Real chance = LIT(1.0) / (LIT(1.0) + FN(exp)(z));
        chance = chance < LIT(1e-7) ? LIT(1e-7) : chance;
        chance = chance > LIT(1.0) - LIT(1e-7) ? LIT(1.0) - LIT(1e-7) : chance;
        r[i * n + j] = chance;
        r[j * n + i] = LIT(1.0) - chance;
      }
    int64_t best = 0;
    for (int64_t i = 0; i < n; ++i) {
      CORE(store)(votes, row * n + i, p[i]);
      best = p[i] > p[best] ? i : best;
    }
    ((int64_t *)outputs[2].data)[row] = best;
    if (!probabilities)
      continue;
    if (coupled)
      CORE(couple)(r, n, p, q, qp);
    for (int64_t i = 0; i < n; ++i)
      CORE(store)(probabilities, row * n + i, coupled ? p[i] : LIT(0.0));
  }
  return BURIN_RT_OK;
}
