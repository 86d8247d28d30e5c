"""The losses of one sample on an interval of outputs."""

from fractions import Fraction

from second_checker_enclosure import log_of_sum_of_exp
from second_checker_functions import exp_near, log_near
from second_checker_intervals import NONE, ONE, Between, shortened, total


class Squared:
    """The loss of one sample on an interval of outputs: its value, gradient and second derivatives."""

    def __init__(self, outputs, target):
        self.slopes = [f + Between(-y) for f, y in zip(outputs, target)]

    def value(self):
        return total(Between(Fraction(1, 2)) * e * e for e in self.slopes)

    def second(self, o, q):
        return Between(ONE) if o == q else NONE


class Logistic:
    def __init__(self, outputs, target):
        self.outputs, self.target = [shortened(f) for f in outputs], target
        # s = 1 - 1 / (1 + e^f)
        self.powers = [Between(exp_near(f.low)[0], exp_near(f.high)[1]) for f in self.outputs]
        self.shares = [shortened(Between(1 - 1 / (1 + e.low), 1 - 1 / (1 + e.high))) for e in self.powers]
        self.slopes = [s + Between(-y) for s, y in zip(self.shares, target)]

    def value(self):
        softplus = [Between(log_near(1 + e.low)[0], log_near(1 + e.high)[1]) for e in self.powers]
        return total(s + Between(-y) * f for s, f, y in zip(softplus, self.outputs, self.target))

    def second(self, o, q):
        s = self.shares[o]
        return s * (Between(ONE) + Between(-ONE) * s) if o == q else NONE


class CrossEntropy:
    def __init__(self, outputs, target):
        self.outputs, self.target = [shortened(f) for f in outputs], target
        shift = max(f.low for f in self.outputs).__floor__()
        # p_o is at least e^low / (e^low + sum of the others' e^high), and at most the other way round.
        powers = [(exp_near(f.low - shift)[0], exp_near(f.high - shift)[1]) for f in self.outputs]
        most, least = sum(high for _, high in powers), sum(low for low, _ in powers)
        shares = [Between(low / (low + most - high), high / (high + least - low)) for low, high in powers]
        self.shares = [shortened(p) for p in shares]
        self.slopes = [p + Between(-y) for p, y in zip(self.shares, target)]

    def value(self):
        logarithm = Between(*log_of_sum_of_exp([(f.low, f.high) for f in self.outputs]))
        return logarithm + total(Between(-y) * f for f, y in zip(self.outputs, self.target))

    def second(self, o, q):
        p = self.shares[o]
        return p * (Between(ONE) + Between(-ONE) * p) if o == q else Between(-ONE) * p * self.shares[q]


LOSSES = {"squared": Squared, "logistic": Logistic, "cross-entropy": CrossEntropy}
