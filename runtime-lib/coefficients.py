#!/usr/bin/env python3
"""Computes runtime-lib/Coefficients.h: minimax polynomials of the functions in Math*.c.

Each row of TABLE is a function g on [a, b] and a weight w; the Remez exchange
minimises max |w (p - g)|. Coefficients are rounded to the format one by one from
the lowest order, and each rounding error is spread over the rest. Needs mpmath.
Usage: coefficients.py > Coefficients.h && clang-format -i Coefficients.h
"""
import struct
import sys

from mpmath import (atan, asin, atanh, cos, erf, erfc, exp, expm1, log, lu_solve, matrix, mp,
                    mpf, pi, sin, sinh, sqrt, tan, tanh)

mp.prec = 400


def rounded(value, bits):
    """value rounded to an IEEE number of the given width, as mpf."""
    if bits == 64:
        return mpf(float(value))
    return mpf(struct.unpack("f", struct.pack("f", float(value)))[0])


def remez(g, w, a, b, degree):
    """Coefficients of the minimax fit on [a, b]."""
    n = degree + 1
    nodes = [(a + b) / 2 - (b - a) / 2 * cos(pi * i / n) for i in range(n + 1)]
    grid = [(a + b) / 2 - (b - a) / 2 * cos(pi * (i + mpf(1) / 3) / (16 * n)) for i in range(16 * n)]
    values = [(x, g(x), w(x)) for x in grid]
    coefficients = None
    for _ in range(12):
        m, v = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, x in enumerate(nodes):
            for j in range(n):
                m[i, j] = x**j
            m[i, n] = (-1)**i / w(x)
            v[i] = g(x)
        s = lu_solve(m, v)
        coefficients = [s[j] for j in range(n)]
        runs = []  # the extremum between two sign changes of the error
        for x, y, weight in values:
            e = weight * (polynomial(coefficients, x) - y)
            if runs and (e > 0) == (runs[-1][1] > 0):
                if abs(e) > abs(runs[-1][1]):
                    runs[-1] = (x, e)
            else:
                runs.append((x, e))
        while len(runs) > n + 1:
            runs.pop(0 if abs(runs[0][1]) < abs(runs[-1][1]) else -1)
        if len(runs) < n + 1:
            break
        nodes = [x for x, _ in runs]
        if max(abs(e) for _, e in runs) < abs(s[n]) * mpf("1.02"):
            break
    return coefficients


def polynomial(coefficients, x):
    result = mpf(0)
    for c in reversed(coefficients):
        result = result * x + c
    return result


def fit(g, weight, a, b, degree, bits):
    """The rounded coefficients and their largest weighted error."""
    a, b = mpf(a), mpf(b)
    safe = lambda f: lambda x: f(x if abs(x) > mpf(10)**-25 else mpf(10)**-25)
    g, weight = safe(g), safe(weight)
    floor = max(abs(weight(a)), abs(weight(b))) / 50
    w = lambda x: max(abs(weight(x)), floor)
    best = remez(g, w, a, b, degree)
    check = [a + (b - a) * i / 400 for i in range(401)]
    worst = lambda c: max(abs(weight(x) * (polynomial(c, x) - g(x))) for x in check)
    plain = [rounded(c, bits) for c in best]
    fixed = []
    n = 4 * degree + 8
    grid = [(a + b) / 2 - (b - a) / 2 * cos(pi * (i + mpf(1) / 2) / n) for i in range(n)]
    for low in range(degree + 1):
        fixed.append(rounded(best[low], bits))
        if low == degree:
            break
        # Spread the rounding error over the higher coefficients.
        m, v = matrix(n, degree - low), matrix(n, 1)
        for i, x in enumerate(grid):
            v[i] = w(x) * (best[low] - fixed[low]) * x**low
            for j in range(degree - low):
                m[i, j] = w(x) * x**(low + 1 + j)
        s = lu_solve(m, v)
        for j in range(degree - low):
            best[low + 1 + j] += s[j]
    return min(((c, worst(c)) for c in (plain, fixed)), key=lambda pair: pair[1])


def literal(c, bits):
    return float(c).hex() + ("f" if bits == 32 else "")


def macro(name, coefficients, bits):
    text = literal(coefficients[-1], bits)
    for c in reversed(coefficients[:-1]):
        text = "%s + (x) * (%s)" % (literal(c, bits), text)
    return "#define BURIN_%s_F%d(x) (%s)" % (name, bits, text)


def even(f):
    """A function of x on the scale z = x^2."""
    return lambda z: f(sqrt(z))


ROOT = sqrt(mpf(2))
S2 = ((ROOT - 1) / (ROOT + 1))**2 * mpf("1.01")
L2 = log(mpf(2)) / 2 * mpf("1.01")
P4 = (pi / 4 * mpf("1.001"))**2
T8 = tan(pi / 8)**2 * mpf("1.001")

# name, text, g, weight, a, b, degree for f32 and f64 (None: not used)
TABLE = [
    ("EXPM1", "(exp(x) - 1 - x) / x^2, |x| <= ln2 / 2", lambda x: (expm1(x) - x) / x**2,
     lambda x: L2, -L2, L2, 4, 10),
    ("LOG", "(2 atanh(s) / s - 2) / z, z = s^2", even(lambda s: (2 * atanh(s) / s - 2) / s**2),
     lambda z: z / 2, 0, S2, 2, 6),
    ("POW", "(atanh(s) / s - 1 - z / 3) / z^2, z = s^2",
     even(lambda s: (atanh(s) / s - 1 - s**2 / 3) / s**4), lambda z: z**2, 0, S2, 2, 8),
    ("TANH", "(tanh(x) / x - 1) / z, z = x^2, |x| <= 0.625", even(lambda x: (tanh(x) / x - 1) / x**2),
     even(lambda x: x**3 / tanh(x)), 0, mpf("0.625")**2, 4, None),
    ("SINH", "(sinh(x) / x - 1) / z, z = x^2, |x| <= 1", even(lambda x: (sinh(x) / x - 1) / x**2),
     even(lambda x: x**3 / sinh(x)), 0, 1, 3, None),
    ("SIN", "(sin(x) / x - 1) / z, z = x^2, |x| <= pi / 4", even(lambda x: (sin(x) / x - 1) / x**2),
     even(lambda x: x**3 / sin(x)), 0, P4, 2, 5),
    ("COS", "(cos(x) - 1 + z / 2) / z^2, z = x^2, |x| <= pi / 4",
     even(lambda x: (cos(x) - 1 + x**2 / 2) / x**4), lambda z: z**2, 0, P4, 2, 5),
    ("TAN", "(tan(x) / x - 1) / z, z = x^2, |x| <= pi / 4", even(lambda x: (tan(x) / x - 1) / x**2),
     even(lambda x: x**3 / tan(x)), 0, P4, 5, None),
    ("ASIN", "(asin(x) / x - 1) / z, z = x^2 <= 1 / 4", even(lambda x: (asin(x) / x - 1) / x**2),
     even(lambda x: x**3 / asin(x)), 0, mpf("0.2501"), 4, 12),
    ("ATAN", "(atan(x) / x - 1) / z, z = x^2, |x| <= tan(pi / 8)",
     even(lambda x: (atan(x) / x - 1) / x**2), even(lambda x: x**3 / atan(x)), 0, T8, 4, 10),
    ("ERF_SMALL", "erf(x) / x - 1, z = x^2, |x| <= 0.925 (f32) or 1 (f64)",
     even(lambda x: erf(x) / x - 1), even(lambda x: x / erf(x)), 0, (mpf("0.926")**2, 1), 6, 13),
    ("ERF_LARGE", "-log(erfc(x)), 0.925 <= x <= 4", lambda x: -log(erfc(x)),
     lambda x: erfc(x) / erf(x), mpf("0.92"), 4, 8, None),
]


# name, value, bits of the high part in f32 and f64 (None: all)
CONSTANTS = [
    ("LN2", log(mpf(2)), 15, 41),
    ("PI_2", pi / 2, None, None),
    ("PI_4", pi / 4, None, None),
    ("PI", +pi, None, None),
    ("TWO_LOG2E", 2 / log(mpf(2)), None, None),
    ("THIRD", mpf(1) / 3, None, None),
]


def split(value, bits, high):
    """value as high + low, the high part with the given number of bits."""
    if high is None:
        top = rounded(value, bits)
    else:
        unit = mpf(2)**(int(mp.floor(log(value, 2))) + 1 - high)
        top = mp.floor(value / unit) * unit
    return top, rounded(value - top, bits)


def main():
    print("""//===- Coefficients.h - Minimax polynomials ---------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Made by coefficients.py. The error of each is relative to the function that
// it serves, before rounding.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_RUNTIME_LIB_COEFFICIENTS_H
#define BURIN_RUNTIME_LIB_COEFFICIENTS_H
""")
    for name, value, single, double in CONSTANTS:
        for bits, high in ((32, single), (64, double)):
            for part, number in zip(("HI", "LO"), split(value, bits, high)):
                print("#define BURIN_%s_%s_F%d %s" % (name, part, bits, literal(number, bits)))
    print()
    for name, text, g, w, a, b, single, double in TABLE:
        for bits, degree in ((32, single), (64, double)):
            if degree is None:
                continue
            top = b[bits == 64] if isinstance(b, tuple) else b
            coefficients, worst = fit(g, w, a, top, degree, bits)
            print("/// %s; error %s.\n%s\n" % (text, mp.nstr(worst, 2),
                                             macro(name, coefficients, bits)))
            print(name, bits, degree, mp.nstr(worst, 3), file=sys.stderr)
    # erf on [1, 6] in ten steps of a half: erf(c + t), |t| <= 1/4.
    print("/// erf(c + t), c = 1.25 + i / 2, |t| <= 1/4; row i, lowest order first.\n"
          "static const double BurinErfTable[10][14] = {")
    for i in range(10):
        c = mpf("1.25") + mpf(i) / 2
        coefficients, worst = fit(lambda t: erf(c + t), lambda t: mpf(1), mpf("-0.2501"),
                                  mpf("0.2501"), 13, 64)
        print("{%s}," % ", ".join(literal(k, 64) for k in coefficients))
        print("ERF", i, mp.nstr(worst, 3), file=sys.stderr)
    print("};\n")
    # 2 / pi in words of 32 bits, for the reduction of the trigonometric functions.
    count = 40
    mp.prec = 32 * count + 64
    bits = int(mp.floor(2 / (+pi) * mpf(2)**(32 * count)))
    words = ["0x%08xu" % (bits >> (32 * (count - 1 - i)) & 0xffffffff) for i in range(count)]
    print("/// The fraction bits of 2 / pi, highest first, behind 64 zero bits.\n"
          "static const uint32_t BurinTwoOverPi[%d] = {0, 0, %s};\n" % (count + 2, ", ".join(words)))
    print("#endif // BURIN_RUNTIME_LIB_COEFFICIENTS_H")


main()
