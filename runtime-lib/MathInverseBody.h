//===- MathInverseBody.h - asin, acos, atan -----------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

Real FN(asin)(Real x) {
  Real a = CORE(absolute)(x);
  // Above 1/2: asin(a) = pi/2 - 2 asin(sqrt((1 - a) / 2)).
  bool upper = a > LIT(0.5);
  Real z = upper ? LIT(0.5) - LIT(0.5) * a : a * a;
  Real s = upper ? SQRT(z) : a;
  Real p = s * z * POLY(ASIN, z);
  Real y = upper ? CONST(PI_2_HI) - (LIT(2.0) * s - (CONST(PI_2_LO) - LIT(2.0) * p)) : s + p;
  return CORE(withSign)(y, x);
}

Real FN(acos)(Real x) {
  Real a = CORE(absolute)(x);
  bool upper = a > LIT(0.5);
  Real z = upper ? LIT(0.5) - LIT(0.5) * a : a * a;
  Real s = upper ? SQRT(z) : x;
  Real p = s * z * POLY(ASIN, z);
  Real middle = CONST(PI_2_HI) - (s - (CONST(PI_2_LO) - p));
  Real right = LIT(2.0) * (s + p);
  Real left = CONST(PI_HI) - (LIT(2.0) * s - (CONST(PI_LO) - LIT(2.0) * p));
  return upper ? (x > LIT(0.0) ? right : left) : middle;
}

Real FN(atan)(Real x) {
  Real a = CORE(absolute)(x);
  bool far = a > LIT(0x1.3504f333f9de6p1);     // tan(3 pi / 8)
  bool middle = a > LIT(0x1.a827999fcef32p-2); // tan(pi / 8)
  Real top = far ? LIT(-1.0) : middle ? a - LIT(1.0) : a;
  Real bottom = far ? a : middle ? a + LIT(1.0) : LIT(1.0);
  Real high = far ? CONST(PI_2_HI) : middle ? CONST(PI_4_HI) : LIT(0.0);
  Real low = far ? CONST(PI_2_LO) : middle ? CONST(PI_4_LO) : LIT(0.0);
  Real t = top / bottom;
  Real z = t * t;
  return CORE(withSign)(high + (t + (t * z * POLY(ATAN, z) + low)), x);
}
