"""Rules for one hidden layer: the conditions of first order."""

from fractions import Fraction

from second_checker_problem import residuals
from second_checker_reading import count, fields, holds, integer, items, positive, readable, vector

ZERO = Fraction(0)
ONE = Fraction(1)


def multiple(vector_, base):
    """t with vector = t base, or None."""
    lead = next(k for k, entry in enumerate(base) if entry != 0)
    t = vector_[lead] / base[lead]
    return t if t != 0 and all(a == t * b for a, b in zip(vector_, base)) else None


class Slopes:
    """The fields denominator, slopes and perhaps subgradients of evidence."""

    def __init__(self, value, *others):
        readable(isinstance(value, dict), "an object expected")
        given = ["subgradients"] if "subgradients" in value else []
        denominator, units, *more = fields(value, "denominator", "slopes", *given, *others)
        self.denominator = positive(denominator)
        self.units = [[[self.entry(e) for e in items(row)] for row in items(unit)] for unit in items(units)]
        self.subgradients = vector(more[0]) if given else None

    def entry(self, value):
        readable(len(items(value)) == 2, "a sample and a slope expected")
        sample = count(value[0])
        if isinstance(value[1], list):
            return sample, [Fraction(integer(slope), self.denominator) for slope in value[1]]
        return sample, Fraction(integer(value[1]), self.denominator)


def unit_functions(j, two_slope, z, v, r, classes, rows, minimum):
    """Conditions (b) to (e) for unit j, but for the sums that have to be zero: these are left to the caller, as functions of
    the samples, each with the condition it stands in. z and v are the unit's arguments and outer weights; classes its kink
    classes, lists of pairs of a member and its multiple that begin with the representative."""
    _, p, q = two_slope
    m = len(v)
    samples, outs = range(len(z)), range(m)

    def h(t):
        return p * t if t >= 0 else q * t

    # (b)
    for o in outs:
        holds(sum(r[i][o] * h(z[i]) for i in samples) == 0, "(b) unit %d" % j)

    first = [one[0][0] for one in classes]
    # The sum over a class of r h(t tau) is R tau for tau > 0 and L tau for tau < 0.
    right = [[sum((r[i][o] * h(t) for i, t in one), ZERO) for o in outs] for one in classes]
    left = [[-sum((r[i][o] * h(-t) for i, t in one), ZERO) for o in outs] for one in classes]

    def function(weights, choice):
        """What the weighted outputs give on a sample off the kink, and the slopes chosen for the classes on it."""
        chosen = dict(zip(first, choice))
        return [
            chosen.get(i, ZERO)
            if z[i] == 0
            else sum((weight * entry for weight, entry in zip(weights, r[i])), ZERO) * (p if z[i] > 0 else q)
            for i in samples
        ]

    def output(o):
        return [ONE if other == o else ZERO for other in outs]

    if all(entry == 0 for entry in v):
        holds(rows == [], "rows for a unit with v = 0")
        if minimum:
            for o in outs:
                holds(all(a[o] == b[o] for a, b in zip(right, left)), "(d) unit %d: a kink" % j)
                yield function(output(o), [a[o] for a in right]), "(d) unit %d" % j
        return

    u = [ONE if v[0] > 0 else -ONE] if m == 1 else v
    high = [sum((u[o] * a[o] for o in outs), ZERO) for a in right]
    low = [sum((u[o] * a[o] for o in outs), ZERO) for a in left]
    concave = [k for k in range(len(classes)) if high[k] < low[k]]

    if minimum and m >= 2:
        # (e)
        holds(not concave, "(e) unit %d: a concave class" % j)
        holds(len(rows) == 1 and [sample for sample, _ in rows[0]] == first, "(e) unit %d: another row" % j)
        lifted = [slope for _, slope in rows[0]]
        holds(all(isinstance(slope, list) and len(slope) == m for slope in lifted), "(e) unit %d: no lists" % j)
        for o in outs:
            yield function(output(o), [slope[o] for slope in lifted]), "(e) unit %d" % j
        for k in range(len(classes)):
            m_k = sum((u[o] * lifted[k][o] for o in outs), ZERO)
            holds(low[k] <= m_k <= high[k], "(e) unit %d: outside" % j)
            holds(m_k != high[k] or lifted[k] == right[k], "(e) unit %d: right end" % j)
            holds(m_k != low[k] or lifted[k] == left[k], "(e) unit %d: left end" % j)
        return

    # (c)
    readable(len(concave) <= 12, "more than 12 concave classes")
    holds(len(rows) == 2 ** len(concave), "(c) unit %d: another number of rows" % j)
    free = [k for k in range(len(classes)) if k not in concave]
    for s, row in enumerate(rows):
        holds([sample for sample, _ in row] == [first[k] for k in free], "(c) unit %d: another row" % j)
        choice = [None] * len(classes)
        for e, k in enumerate(concave):
            choice[k] = high[k] if (s >> e) & 1 else low[k]
        for k, (_, slope) in zip(free, row):
            holds(isinstance(slope, Fraction), "(c) unit %d: a list" % j)
            holds(low[k] <= slope <= high[k], "(c) unit %d: outside" % j)
            choice[k] = slope
        yield function(u, choice), "(c) unit %d, row %d" % (j, s)


def first_order(problem, parameters, slopes, minimum):
    """Conditions (a), (b), (c), and for a minimum (d), (e) as well."""
    holds(problem.one_hidden_layer(), "the network has not one hidden layer")
    (_, units, hidden_bias), two_slope, (_, m, output_bias) = problem.layers
    holds(len(slopes.units) == units, "slopes for another number of units")
    samples = range(len(problem.xs))

    r = residuals(problem, parameters, slopes.subgradients)

    # (a)
    if output_bias:
        holds(all(sum(row[o] for row in r) == 0 for o in range(m)), "(a)")

    tensors = iter(parameters)
    weight = next(tensors)
    bias = next(tensors) if hidden_bias else []
    outer = next(tensors)
    xs = [x + [ONE] if hidden_bias else x for x in problem.xs]
    for j in range(units):
        w = weight[j * problem.inputs : (j + 1) * problem.inputs] + ([bias[j]] if hidden_bias else [])
        z = [sum((a * b for a, b in zip(w, x)), ZERO) for x in xs]
        v = [outer[o * units + j] for o in range(m)]
        classes = []
        for i in samples:
            if z[i] != 0 or all(entry == 0 for entry in xs[i]):
                continue
            for one in classes:
                t = multiple(xs[i], xs[one[0][0]])
                if t is not None:
                    one.append((i, t))
                    break
            else:
                classes.append([(i, ONE)])
        for function, condition in unit_functions(j, two_slope, z, v, r, classes, slopes.units[j], minimum):
            for k in range(len(xs[0])):
                holds(sum(entry * x[k] for entry, x in zip(function, xs)) == 0, condition)
