#!/usr/bin/env python3
"""Prints the coefficients of src/diabolo/base/math: minimax fits in high precision (mpmath).

Each fit minimises the largest weighted error |w (g - P)| by the Remez exchange; the printed error is
that of the coefficients rounded to float, in units of half an ulp of 1. Run: python3 bench/math/coefficients.py (needs mpmath and numpy).
"""
import numpy as np
from mpmath import mp, mpf, matrix, lu_solve

mp.dps = 40


def remez(g, w, a, b, powers):
    """Minimax fit of g by sum c_k x^powers[k] with weight w on [a, b]; also the error."""
    n = len(powers)
    nodes = [mpf(a + b) / 2 - mpf(b - a) / 2 * mp.cos(mp.pi * k / n) for k in range(n + 1)]
    grid = [mpf(a) + mpf(b - a) * (1 - mp.cos(mp.pi * k / 1200)) / 2 for k in range(1201)]
    values = [(g(x), w(x)) for x in grid]
    for _ in range(12):
        system, right = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, x in enumerate(nodes):
            for k, p in enumerate(powers):
                system[i, k] = x**p
            system[i, n] = (-1) ** i / w(x)
            right[i] = g(x)
        c = list(lu_solve(system, right))[:n]
        error = [wx * (gx - sum(ck * x**p for ck, p in zip(c, powers)))
                 for x, (gx, wx) in zip(grid, values)]
        # One extremum per run of one sign; keep the n + 1 neighbours that are largest.
        extrema = []
        for x, e in zip(grid, error):
            if extrema and (e > 0) == (extrema[-1][1] > 0):
                if abs(e) > abs(extrema[-1][1]):
                    extrema[-1] = (x, e)
            else:
                extrema.append((x, e))
        while len(extrema) > n + 1:
            extrema.pop(0 if abs(extrema[0][1]) < abs(extrema[-1][1]) else -1)
        largest = max(abs(e) for e in error)
        if len(extrema) < n + 1:
            break
        nodes = [x for x, _ in extrema]
    return c, largest


def fit(name, g, w, a, b, powers):
    c, _ = remez(g, w, mpf(a), mpf(b), list(powers))
    c = [float(np.float32(float(ck))) for ck in c]
    grid = [mpf(a) + mpf(b - a) * k / 2000 for k in range(1, 2001)]
    error = max(abs(w(x) * (g(x) - sum(mpf(ck) * x**p for p, ck in zip(powers, c))))
                for x in grid)
    print(f"{name}: error {float(error * 2**24):.3f} * 2^-24")
    for p, ck in zip(powers, c):
        print(f"  x^{p}: {ck:.9g}f")


def parts(name, value, bits):
    """value as a sum of floats with few bits each, so that small multiples are exact."""
    out = []
    for n in bits:
        e = mp.floor(mp.log(abs(value), 2))
        unit = mpf(2) ** (e + 1 - n)
        part = mp.nint(value / unit) * unit
        out.append(float(part))
        value -= part
    print(name, ", ".join(f"{x!r} ({x.hex()})" for x in out))


def main():
    tiny = mpf(10) ** -12
    near = lambda f, limit: lambda x: f(x) if abs(x) > tiny else limit
    h = mp.log(2) / 2 * mpf("1.0005")
    parts("ln2", mp.log(2), [15, 24])
    parts("pi/2 (double)", mp.pi / 2, [24, 24, 53])
    parts("2 pi", 2 * mp.pi, [24, 24])
    fit("exp: (e^r - 1 - r) / r^2", near(lambda r: (mp.exp(r) - 1 - r) / r**2, mpf(1) / 2),
        lambda r: r**2 / mp.exp(r) + tiny, -h, h, range(5))
    fit("expm1: (e^r - 1 - r - r^2 / 2) / r^3",
        near(lambda r: (mp.exp(r) - 1 - r - r**2 / 2) / r**3, mpf(1) / 6),
        near(lambda r: r**3 / mp.expm1(r), tiny), -h, h, range(4))
    fit("log: (log(1+f) - f + f^2/2) / f^3",
        near(lambda f: (mp.log1p(f) - f + f**2 / 2) / f**3, mpf(1) / 3),
        near(lambda f: f**3 / mp.log1p(f), tiny), mpf(-1) / 4, mpf(1) / 2, range(8))
    q = mp.pi / 4 * mpf("1.001")
    s = mp.sqrt
    fit("sin: (sin(r) - r) / r^3 in z = r^2",
        near(lambda z: (mp.sin(s(z)) - s(z)) / s(z)**3, -mpf(1) / 6),
        lambda z: z + tiny, 0, q**2, range(3))
    fit("cos: (cos(r) - 1 + r^2/2) / r^4 in z = r^2",
        near(lambda z: (mp.cos(s(z)) - 1 + z / 2) / z**2, mpf(1) / 24),
        lambda z: z**2 + tiny, 0, q**2, range(3))
    e = mpf("0.126")
    fit("sin 2 pi r: (sin(2 pi r) - 2 pi r) / r^3 in z = r^2",
        near(lambda z: (mp.sin(2 * mp.pi * s(z)) - 2 * mp.pi * s(z)) / s(z)**3, -(2 * mp.pi)**3 / 6),
        lambda z: z + tiny, 0, e**2, range(3))
    fit("cos 2 pi r: (cos(2 pi r) - 1) / r^2 in z = r^2",
        near(lambda z: (mp.cos(2 * mp.pi * s(z)) - 1) / z, -(2 * mp.pi)**2 / 2),
        lambda z: z + tiny, 0, e**2, range(4))
    g = near(lambda z: mp.erf(s(z)) / s(z) - 1, 2 / s(mp.pi) - 1)
    fit("erf: erf(x) / x - 1 in z = x^2, x <= 0.9", g, lambda z: 1 / (1 + g(z)), 0, mpf("0.81"),
        range(6))
    fit("erf: log(1 - erf(x)), x > 0.9", lambda x: mp.log(mp.erfc(x)),
        lambda x: mp.erfc(x) / mp.erf(x), mpf("0.9"), mpf("3.93"), range(7))


if __name__ == "__main__":
    main()
