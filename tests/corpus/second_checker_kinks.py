"""The second checker's part on minima on kinks, written from spec/rules-kinks.md alone.

Every enclosure is an interval with rational ends. `tools` is the module second_checker_reading: its readers and its two ways to
end a check.
"""

import copy
from fractions import Fraction

from second_checker_enclosure import log_of_sum_of_exp
from second_checker_functions import exp_near, log_near, outwards

ZERO = Fraction(0)
ONE = Fraction(1)

# Minima on kinks: intervals with rational ends


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


class KinksEvidence:
    def __init__(self, tools, value):
        gauges = {"kinks": ("symmetries",), "kinks-span": ("flatInverse",), "kinks-valleys": ("symmetries", "valleys")}
        gauges = gauges[value["rule"]]
        names = ("rule", "kinks", "multipliers", "frozen", "radii", "inverse")
        _, kinks, multipliers, frozen, radii, inverse, *given = tools.fields(value, *names, *gauges)
        gauge = dict(zip(gauges, given))
        self.flat = tools.vector(gauge["flatInverse"]) if "flatInverse" in gauge else None
        self.kinks = []
        for kink in tools.items(kinks):
            tools.readable(len(tools.items(kink)) == 3, "a layer, a unit and a sample expected")
            self.kinks.append(tuple(tools.count(entry) for entry in kink))
        self.multipliers = tools.vector(multipliers)
        self.frozen = [tools.count(entry) for entry in tools.items(frozen)]
        self.symmetries = []
        for symmetry in tools.items(gauge.get("symmetries", [])):
            tools.readable(tools.items(symmetry), "a symmetry expected")
            tools.name(symmetry[0], "idle", "rescale", "mix", "rotate", "shift", "lift")
            self.symmetries.append((symmetry[0], [tools.count(entry) for entry in symmetry[1:]]))
        self.valleys = [Valley(tools, valley) for valley in tools.items(gauge["valleys"])] if "valleys" in gauge else None
        self.radii = tools.vector(radii)
        self.inverse = tools.vector(inverse)


class Valley:
    def __init__(self, tools, value):
        kind, layer, *lists = tools.fields(value, "kind", "layer", "parameters", "exceptions", "rows")
        self.is_own = tools.name(kind, "own", "through") == "own"
        self.layer = tools.count(layer)
        self.parameters, self.exceptions = ([tools.count(entry) for entry in tools.items(some)] for some in lists[:2])
        self.rows = []
        for row in tools.items(lists[2]):
            tools.readable(len(tools.items(row)) == 2, "a group and a sample expected")
            self.rows.append(tuple(tools.count(entry) for entry in row))


class Squared:
    """The loss of one sample on an interval of outputs: its value, gradient and second derivatives."""

    def __init__(self, outputs, target):
        self.slopes = [f + Between(-y) for f, y in zip(outputs, target)]

    def value(self):
        return total(Between(Fraction(1, 2)) * e * e for e in self.slopes)

    def second(self, o, q):
        return Between(ONE) if o == q else NONE


def shortened(interval):
    """An interval around it with ends of few digits."""
    return Between(*outwards(interval.low, interval.high))


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


class Frozen:
    """The frozen function with all that is of first order, on a box or at a point."""

    def __init__(self, problem, evidence, parameters, multipliers, share):
        self.theta, self.kinks, self.problem = parameters, evidence.kinks, problem
        self.dense = [layer for layer in problem.layers if layer[0] == "dense"]
        self.slopes = [(Between(layer[1]), Between(layer[2])) for layer in problem.layers if layer[0] == "two-slope"]
        self.linear = [layer[1] == layer[2] for layer in problem.layers if layer[0] == "two-slope"]
        self.share = Between(share)
        self.sigma = dict(zip(evidence.kinks, multipliers))
        self.widths = [problem.inputs] + [layer[1] for layer in self.dense]
        self.weight, self.bias, at = [], [], 0
        for l, layer in enumerate(self.dense):
            self.weight.append(at)
            at += self.widths[l] * layer[1]
            self.bias.append(at if layer[2] else None)
            at += layer[1] if layer[2] else 0
        self.values, self.gates, self.args = [], [], []
        for i, x in enumerate(problem.xs):
            values, gates, args = [[Between(entry) for entry in x]], [], []
            for l in range(len(self.dense)):
                t = [self.argument(l, u, values[l]) for u in range(self.widths[l + 1])]
                if l == len(self.slopes):
                    values.append(t)
                    break
                gate = [self.gate(l, u, i, entry) for u, entry in enumerate(t)]
                values.append([self.act(l, g, entry) for g, entry in zip(gate, t)])
                gates.append(gate)
                args.append(t)
            self.values.append(values)
            self.gates.append(gates)
            self.args.append(args)
        self.feels = [self.felt(gates) for gates in self.gates]
        kind_ = LOSSES[problem.loss]
        self.losses = [kind_(values[-1], target) for values, target in zip(self.values, problem.ys)]
        seeds = [[self.share * e for e in loss.slopes] for loss in self.losses]
        self.adjoints = [self.backward(i, len(self.slopes), seed, True) for i, seed in enumerate(seeds)]

    def argument(self, l, u, values):
        at = self.weight[l] + u * self.widths[l]
        linear = total(w * v for w, v in zip(self.theta[at : at + self.widths[l]], values))
        return linear if self.bias[l] is None else linear + self.theta[self.bias[l] + u]

    def gate(self, l, u, i, t):
        if (l, u, i) in self.sigma:
            return "kink"
        if self.linear[l]:
            return "positive"
        return "positive" if t.low > 0 else "negative" if t.high < 0 else "unknown"

    def slope(self, l, gate):
        return NONE if gate == "unknown" else self.slopes[l][0 if gate == "positive" else 1]

    def act(self, l, gate, t):
        if gate != "unknown":
            return self.slope(l, gate) * t
        reach = max((t * slope).size() for slope in self.slopes[l])
        return Between(-reach, reach)

    def shut(self, l, gate):
        return gate in ("positive", "negative") and self.slope(l, gate).is_zero()

    def felt(self, gates):
        feels = [True] * len(gates)
        for l in reversed(range(len(gates) - 1)):
            feels[l] = feels[l + 1] and not all(self.shut(l + 1, gate) for gate in gates[l + 1])
        return feels

    def backward(self, i, top, seed, with_multipliers):
        """Adjoints of all arguments, and of the hidden values, below a seed at what dense layer `top` gives."""
        args, hidden = {top: seed}, {}
        for l in reversed(range(top)):
            hidden[l] = [
                total(d * self.theta[self.weight[l + 1] + u * self.widths[l + 1] + k] for u, d in enumerate(args[l + 1]))
                for k in range(self.widths[l + 1])
            ]
            args[l] = [self.slope(l, gate) * d for gate, d in zip(self.gates[i][l], hidden[l])]
            if with_multipliers:
                args[l] = [d + self.sigma.get((l, u, i), NONE) for u, d in enumerate(args[l])]
        return args, hidden

    def gradient(self, i, args):
        result = [NONE] * len(self.theta)
        for l, deltas in args.items():
            for u, delta in enumerate(deltas):
                for k in range(self.widths[l]):
                    result[self.weight[l] + u * self.widths[l] + k] = delta * self.values[i][l][k]
                if self.bias[l] is not None:
                    result[self.bias[l] + u] = delta
        return result

    def argument_gradient(self, i, l, u):
        seed = [Between(ONE) if k == u else NONE for k in range(self.widths[l + 1])]
        return self.gradient(i, self.backward(i, l, seed, False)[0])


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


def pivot_signs(tools, matrix):
    """The number of positive eigenvalues of a symmetric matrix; where the diagonal is 0, of two rows at once."""
    rows, positive = [row[:] for row in matrix], 0
    while rows:
        span = range(len(rows))
        at = next((k for k in span if rows[k][k] != 0), None)
        if at is None:
            pair = next(((i, j) for i in span for j in span if rows[i][j] != 0), None)
            tools.holds(pair is not None, "(d)")
            # Row i + row j, and the columns likewise, have 2 rows[i][j] on the diagonal.
            at, other = pair
            rows[at] = [x + y for x, y in zip(rows[at], rows[other])]
            for row in rows:
                row[at] += row[other]
        pivot = rows[at][at]
        positive += pivot > 0
        line = rows.pop(at)
        rows = [[x - row[at] / pivot * y for b, (x, y) in enumerate(zip(row, line)) if b != at] for row in rows]
    return positive


def field_of(tools, box, decays, symmetry):
    holds = tools.holds
    kind_, counts = symmetry
    step = "(e) " + kind_
    holds(len(counts) == {"idle": 1, "lift": 1, "mix": 3, "rotate": 3}.get(kind_, 2), step)
    field = [NONE] * len(box.theta)
    minus = Between(-ONE)
    samples = range(len(box.values))
    if kind_ == "lift":
        e, width, outputs = counts[0], box.widths[-2], range(box.widths[-1])
        bias = box.bias[-1]
        holds(box.problem.loss == "cross-entropy" and (e < width or (e == width and bias is not None)), step)
        for o in outputs:
            at = bias + o if e == width else box.weight[-1] + o * width + e
            holds(decays[at] == 0, step)
            field[at] = Between(ONE)
        return field
    if kind_ == "idle":
        parameter = counts[0]
        holds(parameter < len(box.theta) and decays[parameter] == 0, step)
        l = max(l for l in range(len(box.dense)) if box.weight[l] <= parameter)
        is_bias = box.bias[l] is not None and parameter >= box.bias[l]
        offset = parameter - (box.bias[l] if is_bias else box.weight[l])
        u, k = (offset, None) if is_bias else divmod(offset, box.widths[l])
        for i in samples:
            if l < len(box.slopes) and (not box.feels[i][l] or box.shut(l, box.gates[i][l][u])):
                continue
            holds(not is_bias, step)
            if l == 0:
                holds(box.values[i][0][k].is_zero(), step)
            else:
                gate = box.gates[i][l - 1][k]
                holds(gate == "kink" or box.shut(l - 1, gate), step)
        field[parameter] = Between(ONE)
        return field
    l, units = counts[0], counts[1:]
    holds(l < len(box.slopes) and all(u < box.widths[l + 1] for u in units), step)
    into = lambda u: [box.weight[l] + u * box.widths[l] + k for k in range(box.widths[l])] + (
        [] if box.bias[l] is None else [box.bias[l] + u]
    )
    out = lambda u: [box.weight[l + 1] + o * box.widths[l + 1] + u for o in range(box.widths[l + 2])]
    pairs = [tuple(box.gates[i][l][u] for u in units) for i in samples if box.feels[i][l]]
    if kind_ == "rescale":
        holds(not any(decays), step)
        for at in into(units[0]):
            field[at] = box.theta[at]
        for at in out(units[0]):
            field[at] = minus * box.theta[at]
    elif kind_ == "mix":
        j, k = units
        holds(not any(decays) and j != k, step)
        holds(all(second == "kink" or first == second for first, second in pairs), step)
        for at, other in zip(into(j), into(k)):
            field[at] = box.theta[other]
        for at, other in zip(out(k), out(j)):
            field[at] = minus * box.theta[other]
    elif kind_ == "rotate":
        j, k = units
        holds(j != k and all(first == second for first, second in pairs), step)
        for at, other in zip(into(j) + out(j), into(k) + out(k)):
            field[at] = box.theta[other]
            field[other] = minus * box.theta[at]
    else:
        holds(box.bias[l] is not None and box.bias[l + 1] is not None, step)
        holds(decays[box.bias[l]] == 0 and decays[box.bias[l + 1]] == 0, step)
        seen = {gates[0] for gates in pairs}
        holds(len(seen) <= 1 and "kink" not in seen, step)
        slope = box.slope(l, seen.pop() if seen else "positive")
        field[box.bias[l] + units[0]] = Between(ONE)
        for o, at in enumerate(out(units[0])):
            field[box.bias[l + 1] + o] = field[box.bias[l + 1] + o] + minus * slope * box.theta[at]
    return field


def independent(functions):
    """Of these functions on the samples, as many as are independent, changed by one another."""
    basis = []
    for f in functions:
        for at, g in basis:
            f = [x - f[at] * y for x, y in zip(f, g)]
        at = next((k for k, x in enumerate(f) if x != 0), None)
        if at is not None:
            basis.append((at, [x / f[at] for x in f]))
    return [f for _, f in basis]


def zero_at(functions, samples):
    """Of what these functions span, all that is 0 on these samples."""
    for i in samples:
        pivot = next((f for f in functions if f[i] != 0), None)
        if pivot is not None:
            functions = [[x - f[i] / pivot[i] * y for x, y in zip(f, pivot)] for f in functions if f is not pivot]
    return functions


class PathSpan:
    """What values can be near the box where all kinks stay kinks, products of weights along paths taken as free."""

    def __init__(self, problem, box):
        self.box, self.samples = box, range(len(problem.xs))
        self.slopes = [layer[1:3] for layer in problem.layers if layer[0] == "two-slope"]
        self.inputs = [[x[e] for x in problem.xs] for e in range(problem.inputs)]
        self.into, space = [], self.inputs
        for l in range(len(box.dense)):
            if box.bias[l] is not None:
                space = space + [[ONE] * len(problem.xs)]
            self.into.append(independent(space))
            if l < len(self.slopes):
                space = [f for u in range(box.widths[l + 1]) for f in self.passed(l, u)]

    def passed(self, l, u):
        """D_lu z, for the z of U_l that are 0 where u is on a kink."""
        left = zero_at(self.into[l], [i for k, v, i in self.box.kinks if (k, v) == (l, u)])
        slope = [
            self.slopes[l][0 if gates[l][u] == "positive" else 1] if felt[l] and gates[l][u] != "kink" else ZERO
            for gates, felt in zip(self.box.gates, self.box.feels)
        ]
        return [[x * s for x, s in zip(f, slope)] for f in left]

    def entry(self, l, e):
        """Functions that span what entry e of dense layer l can be."""
        if e == self.box.widths[l]:
            return [[ONE for _ in self.samples]]
        return [self.inputs[e]] if l == 0 else self.passed(l - 1, e)


class Group:
    """Rows of a valley, one for each of some samples, and what their rank is at most."""

    def __init__(self, bound, rows):
        self.bound, self.rows = bound, rows


class ValleyRows:
    """The groups of the rows of a valley, by number."""

    def __init__(self, tools, span, box, valley):
        holds, l = tools.holds, valley.layer
        step = "(e) valley"
        self.box, self.span, self.valley, self.layer = box, span, valley, l
        holds(l < (len(box.dense) if valley.is_own else len(box.slopes)), step + " of no such layer")
        self.places = {}
        parameters = valley.parameters
        holds(parameters and all(a < b for a, b in zip(parameters, parameters[1:])), step + " parameters")
        for parameter in parameters:
            place = self.place_of(parameter)
            holds(place is not None, step + " parameter of another layer")
            self.places[parameter] = place
        self.units = sorted({u for u, _ in self.places.values()})
        exceptions = valley.exceptions
        holds(all(a < b for a, b in zip(exceptions, exceptions[1:])), step + " exceptions")
        holds(all(i < len(box.values) for i in exceptions), step + " exceptions")
        if valley.is_own:
            holds(not exceptions, step + " with exceptions")
            self.groups = {u: self.changes(u, self.reaching(l, u)) for u in self.units}
        else:
            self.groups = {u: self.changes(u, self.kinks_of(u)) for u in self.units}
            for k in range(box.widths[l + 2]):
                self.groups[box.widths[l + 1] + k] = self.passed_on(k)
        holds(all(a < b for a, b in zip(valley.rows, valley.rows[1:])), step + " rows ascending")
        holds(all(g in self.groups and i in self.groups[g].rows for g, i in valley.rows), step + " with a row that is none")
        holds(len(valley.rows) == sum(group.bound for group in self.groups.values()), step + " with another number of rows")
        self.named = [self.groups[g].rows[i] for g, i in valley.rows]

    def place_of(self, parameter):
        """The unit and the entry that a parameter of this dense layer belongs to."""
        box, l = self.box, self.layer
        inputs, units = box.widths[l], box.widths[l + 1]
        offset = parameter - box.weight[l]
        if 0 <= offset < inputs * units:
            return divmod(offset, inputs)
        if box.bias[l] is not None and box.bias[l] <= parameter < box.bias[l] + units:
            return parameter - box.bias[l], inputs
        return None

    def reaching(self, l, u):
        box = self.box
        reached = lambda i: l == len(box.slopes) or (box.feels[i][l] and not box.shut(l, box.gates[i][l][u]))
        return [i for i in self.span.samples if reached(i)]

    def kinks_of(self, u):
        return [i for k, v, i in self.box.kinks if (k, v) == (self.layer, u)]

    def live(self, e, i):
        box, l = self.box, self.layer
        if e == box.widths[l]:
            return True
        if l == 0:
            return not box.values[i][0][e].is_zero()
        gate = box.gates[i][l - 1][e]
        return box.feels[i][l - 1] and gate != "kink" and not box.shut(l - 1, gate)

    def value(self, e, i):
        return Between(ONE) if e == self.box.widths[self.layer] else self.box.values[i][self.layer][e]

    def functions(self, u):
        """They span W_u."""
        return independent([f for v, e in self.places.values() if v == u for f in self.span.entry(self.layer, e)])

    def changes(self, u, samples):
        bound = len(independent([[f[i] for i in samples] for f in self.functions(u)]))
        return Group(bound, {i: [self.value(e, i) if v == u else NONE for v, e in self.places.values()] for i in samples})

    def slope(self, u, i):
        gate = self.box.gates[i][self.layer][u]
        return NONE if gate == "kink" else self.box.slope(self.layer, gate)

    def by_entry(self, samples):
        """The number of exceptions, and for each entry the rank of the slopes."""
        others = [i for i in samples if i not in self.valley.exceptions]
        bound = len(samples) - len(others)
        for e in sorted({e for _, e in self.places.values()}):
            units = [u for u, f in self.places.values() if f == e]
            bound += len(independent([[self.slope(u, i).low for u in units] for i in others if self.live(e, i)]))
        return bound

    def by_paths(self, samples):
        """The dimension of what all units together can change where all kinks stay kinks."""
        changed = []
        for u in self.units:
            held = zero_at(self.functions(u), self.kinks_of(u))
            changed += [[self.slope(u, i).low * f[i] for i in samples] for f in held]
        return len(independent(changed))

    def passed_on(self, k):
        box, l = self.box, self.layer
        samples = self.reaching(l + 1, k)
        weight = lambda u: box.theta[box.weight[l + 1] + k * box.widths[l + 1] + u]
        rows = {i: [weight(u) * self.slope(u, i) * self.value(e, i) for u, e in self.places.values()] for i in samples}
        return Group(min(len(samples), self.by_entry(samples), self.by_paths(samples)), rows)


def square(frozen, fields_, valleys):
    """The matrix of condition (e) of kinks-valleys: fields and rows of valleys."""
    widths = [len(valley.places) for valley in valleys]
    columns = lambda given, v: [x for w, width in enumerate(widths) for x in (given if w == v else [NONE] * width)]
    matrix = []
    for c in frozen:
        row = [field[c] for field in fields_]
        for valley in valleys:
            row += [Between(ONE) if k == c else NONE for k in valley.places]
        matrix.append(row)
    for v, valley in enumerate(valleys):
        matrix += [[NONE] * len(fields_) + columns(row, v) for row in valley.named]
    return matrix


def contracts(tools, box, factors, free, inverse, radii, values, crossing, step):
    """|Y G| + |1 - Y K0| rho + |Y| D rho < rho; returns K0. Without `crossing`, K is F J^T J with the kinks as a border."""
    count_, size = len(factors), len(radii)
    K = [[NONE] * count_ for _ in range(count_)]
    for k, factor in enumerate(factors):
        K[k][k] = Between(factor)
    for i in range(len(box.values)):
        gs = [box.argument_gradient(i, len(box.slopes), o) for o in range(box.widths[-1])]
        for o, g in enumerate(gs):
            for q, h in enumerate(gs):
                weight = box.share * box.losses[i].second(o, q)
                for a in range(0 if weight.is_zero() else count_):
                    if not g[a].is_zero():
                        K[a] = [entry + weight * g[a] * other for entry, other in zip(K[a], h)]
        for l in range(1, len(box.dense) if crossing else 1):
            for k in range(box.widths[l]):
                slope = box.slope(l - 1, box.gates[i][l - 1][k])
                g = [slope * entry for entry in box.argument_gradient(i, l - 1, k)]
                for u, delta in enumerate(box.adjoints[i][0][l]):
                    weight = box.weight[l] + u * box.widths[l] + k
                    for b, entry in enumerate(g):
                        K[weight][b] = K[weight][b] + delta * entry
                        K[b][weight] = K[b][weight] + delta * entry
    kinks = box.kinks
    rows = [[K[a][b] for b in free] for a in free]
    for l, u, i in kinks:
        normal = box.argument_gradient(i, l, u)
        for row, k in zip(rows, free):
            row.append(normal[k])
    for position in range(len(kinks)):
        rows.append([rows[a][len(free) + position] for a in range(len(free))] + [NONE] * len(kinks))
    middle = [[(entry.low + entry.high) / 2 for entry in row] for row in rows]
    error = [[(entry.high - entry.low) / 2 for entry in row] for row in rows]
    Y = [[ZERO] * size for _ in range(size)]
    entries = iter(inverse)
    for a in range(size):
        for b in range(a + 1):
            Y[a][b] = Y[b][a] = next(entries)
    moved_ = [sum(d * radius_ for d, radius_ in zip(row, radii)) for row in error]
    for a in range(size):
        bound = total(Between(y) * value for y, value in zip(Y[a], values)).size()
        bound += sum(abs(y) * m for y, m in zip(Y[a], moved_))
        for c in range(size):
            product = sum(Y[a][b] * middle[b][c] for b in range(size))
            bound += abs((ONE if a == c else ZERO) - product) * radii[c]
        tools.holds(bound < radii[a], step)
    return middle


def with_linear_layers(problem):
    """The same problem with a hidden layer of slopes 1 and 1 wherever one dense layer follows another."""
    layers = []
    for layer in problem.layers:
        if layers and layer[0] == layers[-1][0] == "dense":
            layers.append(("two-slope", ONE, ONE))
        layers.append(layer)
    whole = copy.copy(problem)
    whole.layers = layers
    return whole


def minimum_nearby(tools, problem, at, evidence, radius, lower, loss):
    holds = tools.holds
    problem.fits(at, "the point")
    problem = with_linear_layers(problem)
    kinds_ = [layer[0] for layer in problem.layers]
    in_turn = len(kinds_) % 2 == 1 and len(kinds_) > 1
    in_turn = in_turn and all(kind_ == ("dense", "two-slope")[k % 2] for k, kind_ in enumerate(kinds_))
    holds(in_turn and problem.loss in LOSSES, "another network or loss")
    theta = [entry for tensor in at for entry in tensor]
    decaying = problem.decaying() if problem.decay else [False] * len(at)
    factors = [problem.decay.factor if decays else ZERO for tensor, decays in zip(at, decaying) for _ in tensor]
    widths = [problem.inputs] + [layer[1] for layer in problem.layers if layer[0] == "dense"]
    kinks, frozen = evidence.kinks, evidence.frozen
    for l, u, i in kinks:
        holds(l < len(widths) - 2 and u < widths[l + 1] and i < len(problem.xs), "a kink that is not there")
    holds(all(a < b for a, b in zip(kinks, kinks[1:])), "kinks ascending")
    holds(all(k < len(theta) for k in frozen) and all(a < b for a, b in zip(frozen, frozen[1:])), "frozen parameters")
    free = [k for k in range(len(theta)) if k not in frozen]
    size = len(free) + len(kinks)
    holds(len(evidence.multipliers) == len(kinks), "multipliers")
    holds(len(evidence.radii) == size and all(r > 0 for r in evidence.radii), "radii")
    holds(len(evidence.inverse) == size * (size + 1) // 2, "inverse")
    spanned = evidence.flat is not None
    holds(evidence.valleys is not None or spanned or len(evidence.symmetries) == len(frozen), "symmetries")
    holds(not spanned or len(evidence.flat) == len(evidence.inverse), "flatInverse")
    share = Fraction(1, len(problem.xs)) if problem.mean else ONE
    spread = dict(zip(free, evidence.radii))
    around = lambda middle, r: Between(middle - r, middle + r)
    multiplier_radii = evidence.radii[len(free) :]
    box = Frozen(
        problem,
        evidence,
        [around(x, spread.get(k, ZERO)) for k, x in enumerate(theta)],
        [around(s, r) for s, r in zip(evidence.multipliers, multiplier_radii)],
        share,
    )
    samples = range(len(problem.xs))
    for i in samples:
        for l, gates in enumerate(box.gates[i]):
            for gate in gates:
                holds(gate not in ("unknown",) or not box.feels[i][l], "(a) no strict sign")
                holds(gate != "kink" or box.feels[i][l], "(a) a kink that is not felt")
    for l, u, i in kinks:
        jump = box.slopes[l][0] + Between(-ONE) * box.slopes[l][1]
        bound = jump * box.adjoints[i][1][l][u]
        sigma = box.sigma[(l, u, i)]
        holds(0 < sigma.low and sigma.high < bound.low, "(c)")
    if spanned:
        dimension = len(PathSpan(problem, box).into[-1])
        apart = problem.outputs - (problem.loss == "cross-entropy")
        holds(len(free) == len(kinks) + apart * dimension, "(e) the path span")
    else:
        fields_ = [field_of(tools, box, factors, symmetry) for symmetry in evidence.symmetries]
        span = PathSpan(problem, box) if evidence.valleys else None
        valleys = [ValleyRows(tools, span, box, valley) for valley in evidence.valleys or []]
        holds(all(factors[k] == 0 for valley in valleys for k in valley.places), "(e) a parameter of a valley decays")
        directions = len(fields_) + sum(len(valley.places) - len(valley.named) for valley in valleys)
        holds(len(frozen) == directions, "(e) as many directions as frozen parameters")
        holds(regular(square(frozen, fields_, valleys)), "(e) dependent directions")

    point_multipliers = [Between(s) for s in evidence.multipliers]
    centre = Frozen(problem, evidence, [Between(x) for x in theta], point_multipliers, share)
    slopes = [Between(x * factor) for x, factor in zip(theta, factors)]
    for i in samples:
        slopes = [a + g for a, g in zip(slopes, centre.gradient(i, centre.adjoints[i][0]))]
    values = [slopes[k] for k in free] + [centre.args[i][l][u] for l, u, i in kinks]

    middle = contracts(tools, box, factors, free, evidence.inverse, evidence.radii, values, True, "(b)")
    if spanned:
        contracts(tools, box, factors, free, evidence.flat, evidence.radii, [NONE] * size, False, "(d)")
    else:
        holds(pivot_signs(tools, middle) == len(free), "(d)")
    r = evidence.radii
    holds(all(entry <= radius for entry in r[: len(free)]), "(f) the radius")
    half = Between(Fraction(1, 2))
    phi = total(half * Between(factor) * x * x for factor, x in zip(factors, box.theta))
    phi = phi + box.share * total(loss.value() for loss in box.losses)
    holds(lower <= max(ZERO, phi.low) and phi.high <= loss, "(f) the loss")
