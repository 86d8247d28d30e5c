"""Rational vectors and matrices."""

from fractions import Fraction

ZERO = Fraction(0)


def rank_if_semidefinite(matrix):
    """By completing squares one after the other; None when a square is negative."""
    rows = [list(row) for row in matrix]
    rank = 0
    while rows:
        if any(row[k] < 0 for k, row in enumerate(rows)):
            return None
        at = next((k for k, row in enumerate(rows) if row[k] > 0), None)
        if at is None:
            return rank if all(entry == 0 for row in rows for entry in row) else None
        pivot = rows[at]
        rest = [k for k in range(len(rows)) if k != at]
        rows = [[rows[a][b] - rows[a][at] * pivot[b] / pivot[at] for b in rest] for a in rest]
        rank += 1
    return rank


def inner(a, b):
    return sum((left * right for left, right in zip(a, b)), ZERO)
