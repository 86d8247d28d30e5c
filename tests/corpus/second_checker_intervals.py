"""Intervals with rational ends."""

from fractions import Fraction

from second_checker_functions import outwards

ZERO = Fraction(0)
ONE = Fraction(1)


class Between:
    """An interval with rational ends, low <= high."""

    def __init__(self, low, high=None):
        self.low, self.high = low, low if high is None else high

    def __add__(self, other):
        return Between(self.low + other.low, self.high + other.high)

    def __mul__(self, other):
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Between(min(ends), max(ends))

    def size(self):
        return max(abs(self.low), abs(self.high))

    def is_zero(self):
        return self.low == 0 == self.high


NONE = Between(ZERO)


def total(terms):
    result = NONE
    for term in terms:
        result = result + term
    return result


def shortened(interval):
    """An interval around it with ends of few digits."""
    return Between(*outwards(interval.low, interval.high))


def regular(matrix):
    """Whether elimination shows that every matrix within these intervals is regular."""
    rows = [row[:] for row in matrix]
    for k in range(len(rows)):
        best = max(range(k, len(rows)), key=lambda a: abs(rows[a][k].low + rows[a][k].high))
        rows[k], rows[best] = rows[best], rows[k]
        pivot = rows[k][k]
        if pivot.low <= 0 <= pivot.high:
            return False
        inverse = Between(1 / pivot.high, 1 / pivot.low)
        for a in range(k + 1, len(rows)):
            factor = rows[a][k] * inverse * Between(-ONE)
            rows[a] = [x + factor * y for x, y in zip(rows[a], rows[k])]
    return True
