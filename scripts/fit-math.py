"""Fits the polynomials of cpp/kernels/math.h to the smallest largest error.

Prints the coefficients, lowest power first, and the largest error of the function on its interval, before and after their
rounding to float (needs NumPy).
"""
from math import erf, erfc, exp, expm1, log, log1p, pi, sqrt, tanh
from statistics import NormalDist

import numpy as np


def fit(name, f, low, high, degree, parity=lambda x: x, weight=None, dtype=np.float32):
    """Polynomial in parity(x) that is close to f on [low, high]; errors are relative, or count by `weight(x)`."""
    nodes = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(4096) + 0.5) / 4096)
    values = np.array([f(x) for x in nodes])
    weights = np.array([weight(x) for x in nodes]) if weight else 1 / values
    matrix = np.vander(parity(nodes), degree + 1, increasing=True) * weights[:, None]
    # Least squares, in which where the error is large counts more and more.
    emphasis = np.ones_like(nodes)
    for _ in range(60):
        root = np.sqrt(emphasis)
        coefficients = np.linalg.lstsq(matrix * root[:, None], values * weights * root, rcond=None)[0]
        error = np.abs(matrix @ coefficients - values * weights)
        emphasis *= error / np.mean(emphasis * error)
    rounded = coefficients.astype(dtype).astype(np.float64)
    after = np.max(np.abs(matrix @ rounded - values * weights))
    print(name, f"error {np.max(error):.1e}, rounded {after:.1e}")
    for c in rounded:
        print(f"  {float(c)!r}")


half = log(2) / 2
# In float. exp(r) = 1 + r p(r)
fit("exp", lambda r: expm1(r) / r if r else 1.0, -half * 1.001, half * 1.001, 5)
# log(1 + f) = f - f^2 / 2 + f^3 p(f), 1 + f between the roots of 1/2 and 2
fit("log", lambda x: (log1p(x) - x + x * x / 2) / x**3 if abs(x) > 1e-3 else 1 / 3 - x / 4 + x * x / 5, 0.5**0.5 - 1, 2**0.5 - 1, 7,
    weight=lambda x: abs(x**3 / log1p(x)) if x else 0)
# tanh(x) = x + x^3 p(x^2), |x| < 0.625
fit("tanh", lambda x: (tanh(x) / x - 1) / x**2 if x > 1e-3 else -1 / 3 + 2 * x * x / 15, 1e-9, 0.625, 4, parity=np.square,
    weight=lambda x: x**3 / tanh(x))
# erf(x) = x + x p(x^2), |x| < 1; erf(x) = 1 - exp(p(x)), 1 <= x <= 4
fit("erf, near", lambda x: erf(x) / x - 1, 1e-9, 1.0, 6, parity=np.square, weight=lambda x: x / erf(x))
fit("erf, far", lambda x: log(erfc(x)), 1.0, 4.0, 5, weight=lambda x: erfc(x) / erf(x))
# The normal distribution at -x is exp(p(x)), 0 <= x <= 8; absolute errors count, but not too little where it is small.
normal = lambda x: erfc(x / 2**0.5) / 2
fit("normal", lambda x: log(normal(x)), 0.0, 8.0, 8, weight=lambda x: max(normal(x), 1e-2 * normal(x) ** 0.5))
# In double. exp(r) - 1 = r p(r)
fit("expm1", lambda r: expm1(r) / r if r else 1.0, -half, half, 7, dtype=np.float64)
# log(m) = s p(s^2), s = (m - 1) / (m + 1), sqrt(1/2) <= m <= sqrt(2)
edge = (2**0.5 - 1) / (2**0.5 + 1)
fit("log, in double", lambda s: (log1p(s) - log1p(-s)) / s if abs(s) > 1e-3 else 2 + 2 * s * s / 3 + 2 * s**4 / 5, 1e-9, edge, 5,
    parity=np.square, dtype=np.float64)


def erfinv(w):
    """erfinv(x) / x at x = sqrt(1 - exp(-w)), where the error function is inverted from the nearer of 0 and 1."""
    x = sqrt(-expm1(-w))
    c = exp(-w) / (1 + x)  # 1 - x
    z = -NormalDist().inv_cdf(c / 2) / sqrt(2)
    for _ in range(3):
        z -= (erf(z) - x if w < 1 else c - erfc(z)) * sqrt(pi) / 2 * exp(z * z)
    return z / x


# erfinv(x) = x p(w - 2.5), w = -log(1 - x^2) < 5; erfinv(x) = x p(sqrt(w) - 3) to the float next to 1
fit("erfinv, near", erfinv, 1e-9, 5.0, 11, parity=lambda w: w - 2.5, dtype=np.float64)
fit("erfinv, far", lambda r: erfinv(r * r), 5**0.5, 4.0, 10, parity=lambda r: r - 3, dtype=np.float64)
