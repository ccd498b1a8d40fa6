"""Fits the polynomials of cpp/kernels/math.h: interpolation at Chebyshev nodes, weighed to the smallest relative error.

Prints the coefficients, lowest power first, and the largest relative error of the function on its interval (needs NumPy).
"""
from math import erf, erfc, expm1, factorial, log

import numpy as np


def fit(name, f, low, high, degree, target=None, parity=lambda x: x):
    """Polynomial in parity(x) that is close to f on [low, high]; `target(x, p)` is the function it stands in."""
    nodes = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(4096) + 0.5) / 4096)
    t = parity(nodes)
    values = np.array([f(x) for x in nodes])
    # Least squares at Chebyshev nodes comes close to the minimax polynomial; the weight makes the error relative.
    matrix = np.vander(t, degree + 1, increasing=True) / values[:, None]
    coefficients = np.linalg.lstsq(matrix, np.ones_like(t), rcond=None)[0]
    error = np.max(np.abs(np.polyval(coefficients[::-1], t) / values - 1))
    print(name, f"relative error {error:.1e}")
    for c in coefficients:
        print(f"  {float(c)!r}")


half = log(2) / 2
# exp(r) - 1 = r p(r)
fit("expm1", lambda r: expm1(r) / r if r else 1.0, -half, half, 7)
# log(m) = s p(s^2), s = (m - 1) / (m + 1), sqrt(1/2) <= m <= sqrt(2)
edge = (2**0.5 - 1) / (2**0.5 + 1)
fit("log", lambda s: (np.log1p(s) - np.log1p(-s)) / s if abs(s) > 1e-3 else 2 + 2 * s * s / 3 + 2 * s**4 / 5, 1e-9, edge, 5, parity=np.square)
# erf(x) = x p(x^2), |x| <= 1
fit("erf, small", lambda x: erf(x) / x, 1e-9, 1.0, 9, parity=np.square)
# 1 - erf(x) = exp(-p(x)), 1 <= x <= 4
fit("erf, large", lambda x: -log(erfc(x)), 1.0, 4.0, 11)
