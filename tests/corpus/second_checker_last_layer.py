"""The rule last-layer: kinks in the last hidden layer of a network of any depth."""

from fractions import Fraction

from second_checker_deep import PathSpan, sums_vanish
from second_checker_one_layer import Slopes, unit_functions
from second_checker_problem import residuals, walk
from second_checker_reading import count, holds, items, readable, vector

ZERO = Fraction(0)
ONE = Fraction(1)


class LastLayer(Slopes):
    """Slopes as for one hidden layer; what is parallel, and the spans below."""

    def __init__(self, value):
        super().__init__(value, "rule", "parallel", "multiples", "spans")
        self.parallel = [self.pair(pair) for pair in items(value["parallel"])]
        self.multiples = vector(value["multiples"])
        self.spans = [PathSpan.span(span) for span in items(value["spans"])]

    @staticmethod
    def pair(value):
        readable(len(items(value)) == 2, "two samples expected")
        return count(value[0]), count(value[1])

    def classes(self, n):
        """For every sample that is the first of no pair its class, a list of pairs of a member and its multiple."""
        holds(len(self.multiples) == len(self.parallel), "as many multiples as pairs expected")
        holds(all(t != 0 for t in self.multiples), "a multiple is zero")
        firsts = [i for i, _ in self.parallel]
        led = set(firsts)
        holds(all(i < n for i in firsts), "a sample that is not there")
        holds(all(a < b for a, b in zip(firsts, firsts[1:])), "the pairs do not ascend")
        holds(all(k < i and k not in led for i, k in self.parallel), "a pair without a representative")
        classes = {i: [(i, ONE)] for i in range(n) if i not in led}
        for (i, k), t in zip(self.parallel, self.multiples):
            classes[k].append((i, t))
        return classes


def last_layer(problem, parameters, evidence):
    layers, n = problem.layers, len(problem.xs)
    holds([layer[0] for layer in layers[-3:]] == ["dense", "two-slope", "dense"], "the network ends in another way")
    holds(all(layer[0] != "quadratic" for layer in layers), "no smooth layers expected")
    units, (_, m, output_bias) = layers[-3][1], layers[-1]
    holds(len(evidence.units) == units, "slopes for another number of units")
    classes = evidence.classes(n)
    arguments = walk(problem, parameters)
    r = residuals(problem, parameters, evidence.subgradients)

    # (a)
    if output_bias:
        holds(all(sum(row[o] for row in r) == 0 for o in range(m)), "(a)")

    outer = parameters[-2 if output_bias else -1]
    silent = []
    for (i, k), t in zip(evidence.parallel, evidence.multiples):
        silent.append([ONE if other == i else -t if other == k else ZERO for other in range(n)])
    for j in range(units):
        z = [row[j] for row in arguments[-3]]
        v = [outer[o * units + j] for o in range(m)]
        kinks = [members for k, members in classes.items() if z[k] == 0]
        silent += [function for function, _ in unit_functions(j, layers[-2], z, v, r, kinks, evidence.units[j], True)]

    # (f)
    sums_vanish(problem, arguments, [[ONE]] * n, evidence.spans, silent, len(layers) - 2)
