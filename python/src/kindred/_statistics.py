"""Correlations with p-values, as SciPy has them, which this package does not need."""

from __future__ import annotations

import math
from typing import Sequence, Tuple

import numpy as np


def pearson(x: Sequence[float], y: Sequence[float]) -> Tuple[float, float]:
    """Return Pearson's correlation and its two-sided p-value, by Student's t-distribution with n - 2 degrees of freedom."""
    a, b = np.asarray(x, float), np.asarray(y, float)
    if len(a) < 2:
        return math.nan, math.nan
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt(float(a @ a) * float(b @ b))
    if scale == 0:
        return math.nan, math.nan
    r = max(-1.0, min(1.0, float(a @ b) / scale))
    free = len(a) - 2
    if free == 0:
        return r, 1.0
    return r, _beta(free / 2, 0.5, 1 - r * r)


def spearman(x: Sequence[float], y: Sequence[float]) -> Tuple[float, float]:
    """Return Spearman's rank correlation and its p-value; ties have their mean rank."""
    return pearson(ranks(x), ranks(y))


def ranks(values: Sequence[float]) -> np.ndarray:
    """Return the rank of each value from 1, the mean one for ties."""
    a = np.asarray(values, float)
    unique, inverse, counts = np.unique(a, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + 1 + ends) / 2)[inverse]


def _beta(a: float, b: float, x: float) -> float:
    """Return the regularized incomplete beta function, by its continued fraction (Lentz's method; DLMF 8.17.22)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d = 1.0, 1 / max(1 - (a + b) * x / (a + 1), tiny)
    result = d
    for m in range(1, 1000):
        for numerator in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                          -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 + numerator * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + numerator / c
            c = c if abs(c) > tiny else tiny
            result *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return front * result
