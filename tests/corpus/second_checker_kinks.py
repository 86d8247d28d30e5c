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


class Affine:
    """A dense or conv layer: `reads` has, for every entry given, pairs of the entry that is read and the parameter."""

    def __init__(self, layer, image, at):
        channels, height, width = image
        area = height * width
        self.outputs, self.weight = layer[1], at
        if layer[0] == "dense":
            seen = [list(range(channels * area))]
        else:
            rows, columns = layer[3].steps(image)
            taps = [layer[3].looks_at(image, position) for position in range(rows * columns)]
            seen = [[None if k is None else c * area + k for c in range(channels) for k in places] for places in taps]
        self.row, self.positions = len(seen[0]), len(seen)
        self.padded = any(entry is None for places in seen for entry in places)
        self.bias = at + self.outputs * self.row if layer[2] else None
        self.end = at + self.outputs * (self.row + (1 if layer[2] else 0))
        weights = lambda o: range(at + o * self.row, at + (o + 1) * self.row)
        self.reads = [list(zip(places, weights(o))) for o in range(self.outputs) for places in seen]

    def output_of(self, given):
        return given // self.positions

    def bias_of(self, given):
        return None if self.bias is None else self.bias + self.output_of(given)


class Means:
    def __init__(self, layer, image):
        area = image[1] * image[2]
        rows, columns = layer[1].steps(image)
        seen = [layer[1].looks_at(image, position) for position in range(rows * columns)]
        self.windows = [[c * area + k for k in places] for c in range(image[0]) for places in seen]


class Units:
    def __init__(self, layer, l):
        self.l, self.slopes, self.linear = l, (Between(layer[1]), Between(layer[2])), layer[1] == layer[2]


def steps_of(problem):
    """What the layers of a network do one after the other; a list of numbers is flat already."""
    steps, at, l = [], 0, 0
    for layer, image in zip(problem.layers, problem.images):
        if layer[0] in ("dense", "conv"):
            steps.append(Affine(layer, image, at))
            at = steps[-1].end
        elif layer[0] == "average-pool":
            steps.append(Means(layer, image))
        elif layer[0] == "two-slope":
            steps.append(Units(layer, l))
            l += 1
    return steps


def numbered(keys):
    """Equal numbers for equal keys on all samples, from 1 on; 0 for a key that is None."""
    known = {}
    return [[0 if key is None else known.setdefault(key, len(known) + 1) for key in row] for row in keys]


class Frozen:
    """The frozen function with all that is of first order, on a box or at a point."""

    def __init__(self, tools, problem, evidence, parameters, multipliers, share):
        self.theta, self.kinks, self.problem = parameters, evidence.kinks, problem
        self.steps = steps_of(problem)
        self.dense = [step for step in self.steps if isinstance(step, Affine)]
        self.hidden = [s for s, step in enumerate(self.steps) if isinstance(step, Units)]
        self.slopes = [self.steps[s].slopes for s in self.hidden]
        self.weight = [step.weight for step in self.dense]
        self.bias = [step.bias for step in self.dense]
        self.widths = [problem.inputs] + [step.outputs for step in self.dense]
        self.share = Between(share)
        self.sigma = dict(zip(evidence.kinks, multipliers))
        samples = range(len(problem.xs))
        self.values = [[[Between(entry) for entry in x]] for x in problem.xs]
        self.gates = [[] for _ in samples]
        # Which kink a unit is a member of.
        self.members = [[] for _ in samples]
        names = numbered([[None if entry == 0 else entry for entry in x] for x in problem.xs])
        for s, step in enumerate(self.steps):
            if isinstance(step, Units):
                names = self.through_units(tools, s, step, names)
                continue
            for i in samples:
                self.values[i].append(self.applied(step, self.values[i][s]))
            names = numbered([self.keys(step, row) for row in names])
        self.felt = [self.felt_on(i) for i in samples]
        self.feels = [[self.felt[i][s + 1][0] for s in self.hidden] for i in samples]
        kind_ = LOSSES[problem.loss]
        self.losses = [kind_(values[-1], target) for values, target in zip(self.values, problem.ys)]
        seeds = [[self.share * e for e in loss.slopes] for loss in self.losses]
        self.adjoints = [self.backward(i, len(self.steps), seed, True) for i, seed in enumerate(seeds)]

    def applied(self, step, values):
        if isinstance(step, Means):
            share = Between(Fraction(1, len(step.windows[0])))
            return [share * total(values[e] for e in window) for window in step.windows]
        given = []
        for u, reads in enumerate(step.reads):
            linear = total(self.theta[k] * values[e] for e, k in reads if e is not None)
            given.append(linear if step.bias is None else linear + self.theta[step.bias_of(u)])
        return given

    @staticmethod
    def keys(step, names):
        """What the entries given are, by what they read; None where they are void."""
        if isinstance(step, Means):
            return [tuple(sorted(names[e] for e in w)) if any(names[e] for e in w) else None for w in step.windows]
        keys = []
        for u, reads in enumerate(step.reads):
            read = tuple(0 if e is None else names[e] for e, _ in reads)
            keys.append((step.output_of(u), read) if step.bias is not None or any(read) else None)
        return keys

    def through_units(self, tools, s, step, names):
        l, held = step.l, {}
        for kink in self.kinks:
            if kink[0] == l:
                name = names[kink[2]][kink[1]]
                tools.holds(name != 0, "(a) a kink that is void")
                tools.holds(name not in held, "(a) two kinks with a member in common")
                held[name] = kink
        after = []
        for i, row in enumerate(names):
            args = self.values[i][s]
            self.members[i].append([held.get(name) for name in row])
            gates = [self.gate(name, name in held, step.linear, t) for name, t in zip(row, args)]
            self.gates[i].append(gates)
            self.values[i].append([self.act(l, gate, t) for gate, t in zip(gates, args)])
            after.append([0 if self.shut(l, gate) else name for name, gate in zip(row, gates)])
        return after

    @staticmethod
    def gate(name, is_kink, linear, t):
        if name == 0 or is_kink:
            return "void" if name == 0 else "kink"
        if linear:
            return "positive"
        return "positive" if t.low > 0 else "negative" if t.high < 0 else "unknown"

    def slope(self, l, gate):
        return NONE if gate in ("unknown", "void") else self.slopes[l][0 if gate == "positive" else 1]

    def act(self, l, gate, t):
        if gate != "unknown":
            return self.slope(l, gate) * t
        reach = max((t * slope).size() for slope in self.slopes[l])
        return Between(-reach, reach)

    def shut(self, l, gate):
        return gate == "void" or (gate in ("positive", "negative") and self.slope(l, gate).is_zero())

    def felt_on(self, i):
        """For every step which entries that it is applied to are felt; then the outputs."""
        felt = [[True] * len(self.values[i][-1])]
        for s in reversed(range(len(self.steps))):
            step, above = self.steps[s], felt[0]
            below = [False] * len(self.values[i][s])
            if isinstance(step, Units):
                below = [f and not self.shut(step.l, gate) for f, gate in zip(above, self.gates[i][step.l])]
            else:
                windows = step.windows if isinstance(step, Means) else [[e for e, _ in reads] for reads in step.reads]
                for f, window in zip(above, windows):
                    for e in window:
                        if f and e is not None:
                            below[e] = True
            felt.insert(0, below)
        return felt

    def backward(self, i, top, seed, with_multipliers):
        """Adjoints of what every step below `top` is applied to, from those of what the last of them gives."""
        adjoints = {top: seed}
        for s in reversed(range(top)):
            step, given = self.steps[s], adjoints[s + 1]
            if isinstance(step, Units):
                slopes = [self.slope(step.l, gate) for gate in self.gates[i][step.l]]
                adjoints[s] = [slope * d for slope, d in zip(slopes, given)]
                if with_multipliers:
                    adjoints[s] = [d + self.sigma.get((step.l, u, i), NONE) for u, d in enumerate(adjoints[s])]
                continue
            below = [NONE] * len(self.values[i][s])
            if isinstance(step, Means):
                share = Between(Fraction(1, len(step.windows[0])))
                for d, window in zip(given, step.windows):
                    for e in window:
                        below[e] = below[e] + share * d
            else:
                for d, reads in zip(given, step.reads):
                    if d.is_zero():
                        continue
                    for e, k in reads:
                        if e is not None:
                            below[e] = below[e] + d * self.theta[k]
            adjoints[s] = below
        return adjoints

    def gradient(self, i, adjoints):
        """The derivatives by the parameters of all steps below the highest adjoint."""
        result = [NONE] * len(self.theta)
        for s, step in enumerate(self.steps):
            if not isinstance(step, Affine) or s + 1 not in adjoints:
                continue
            for u, d in enumerate(adjoints[s + 1]):
                if d.is_zero():
                    continue
                for e, k in step.reads[u]:
                    if e is not None:
                        result[k] = result[k] + d * self.values[i][s][e]
                if step.bias is not None:
                    result[step.bias_of(u)] = result[step.bias_of(u)] + d
        return result

    def entry_gradient(self, i, s, e):
        """The derivatives of entry e of what step s is applied to."""
        seed = [Between(ONE) if k == e else NONE for k in range(len(self.values[i][s]))]
        return self.gradient(i, self.backward(i, s, seed, False))

    def bound(self, kink):
        """The jump of the slope times the adjoints of all members."""
        s = self.hidden[kink[0]]
        positive, negative = self.slopes[kink[0]]
        adjoints = [
            self.adjoints[i][s + 1][u]
            for i in range(len(self.values))
            for u, member in enumerate(self.members[i][kink[0]])
            if member == kink
        ]
        return (positive + Between(-ONE) * negative) * total(adjoints)


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


def resting(box, i):
    """For every step which entries that it is applied to are 0 where all kinks stay kinks."""
    rests = [[value.is_zero() for value in box.values[i][0]]]
    for step in box.steps:
        if isinstance(step, Affine):
            rests.append([False] * len(step.reads))
        elif isinstance(step, Means):
            rests.append([all(rests[-1][e] for e in window) for window in step.windows])
        else:
            rests.append([gate == "kink" or box.shut(step.l, gate) for gate in box.gates[i][step.l]])
    return rests


def field_of(tools, box, decays, symmetry):
    holds = tools.holds
    kind_, counts = symmetry
    step = "(e) " + kind_
    holds(len(counts) == {"idle": 1, "lift": 1, "mix": 3, "rotate": 3}.get(kind_, 2), step)
    field = [NONE] * len(box.theta)
    minus = Between(-ONE)
    samples = range(len(box.values))
    if kind_ == "lift":
        e, last = counts[0], box.dense[-1]
        holds(box.problem.loss == "cross-entropy" and (e < last.row or (e == last.row and last.bias is not None)), step)
        for o in range(last.outputs):
            at = last.bias + o if e == last.row else last.weight + o * last.row + e
            holds(decays[at] == 0, step)
            field[at] = Between(ONE)
        return field
    if kind_ == "idle":
        parameter = counts[0]
        holds(parameter < len(box.theta) and decays[parameter] == 0, step)
        for i in samples:
            for s, affine in enumerate(box.steps):
                if not isinstance(affine, Affine):
                    continue
                rests = resting(box, i)[s]
                for u, reads in enumerate(affine.reads):
                    if box.felt[i][s + 1][u]:
                        holds(affine.bias_of(u) != parameter, step)
                        holds(all(e is None or rests[e] for e, k in reads if k == parameter), step)
        field[parameter] = Between(ONE)
        return field
    l, units = counts[0], counts[1:]
    holds(l < len(box.slopes), step)
    s = box.hidden[l]
    others = lambda steps: [affine for affine in steps if not isinstance(affine, Means)]
    below, above = others(box.steps[:s])[-1:], others(box.steps[s + 1 :])[:1]
    holds(below and isinstance(below[0], Affine) and isinstance(above[0], Affine), step)
    below, above = below[0], above[0]
    holds(all(u < below.outputs for u in units), step)
    into = lambda u: [below.weight + u * below.row + k for k in range(below.row)] + (
        [] if below.bias is None else [below.bias + u]
    )
    length = above.row // below.outputs
    block = lambda u, o: [above.weight + o * above.row + u * length + k for k in range(length)]
    out = lambda u: [at for o in range(above.outputs) for at in block(u, o)]
    share = len(box.gates[0][l]) // below.outputs
    pairs = [
        tuple(box.gates[i][l][u * share + at] for u in units)
        for i in samples
        for at in range(share)
        if any(box.felt[i][s + 1][u * share + at] for u in units)
    ]
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
        holds(below.bias is not None and above.bias is not None and not above.padded, step)
        holds(decays[below.bias] == 0 and decays[above.bias] == 0, step)
        seen = {gates[0] for gates in pairs}
        holds(len(seen) <= 1 and "kink" not in seen, step)
        slope = box.slope(l, seen.pop() if seen else "positive")
        field[below.bias + units[0]] = Between(ONE)
        for o in range(above.outputs):
            for at in block(units[0], o):
                field[above.bias + o] = field[above.bias + o] + minus * slope * box.theta[at]
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
            self.slopes[l][0 if gates[l][u] == "positive" else 1]
            if felt[l] and gates[l][u] in ("positive", "negative")
            else ZERO
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
        return Between(ONE) if e == self.box.widths[self.layer] else self.box.values[i][2 * self.layer][e]

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
        gs = [box.entry_gradient(i, len(box.steps), o) for o in range(box.widths[-1])]
        for o, g in enumerate(gs):
            for q, h in enumerate(gs):
                weight = box.share * box.losses[i].second(o, q)
                for a in range(0 if weight.is_zero() else count_):
                    if not g[a].is_zero():
                        K[a] = [entry + weight * g[a] * other for entry, other in zip(K[a], h)]
        for s, layer in enumerate(box.steps):
            if s == 0 or not crossing or not isinstance(layer, Affine):
                continue
            gradients = [box.entry_gradient(i, s, e) for e in range(len(box.values[i][s]))]
            for delta, reads in zip(box.adjoints[i][s + 1], layer.reads):
                if delta.is_zero():
                    continue
                for e, weight in reads:
                    if e is None:
                        continue
                    for b, entry in enumerate(gradients[e]):
                        if not entry.is_zero():
                            K[weight][b] = K[weight][b] + delta * entry
                            K[b][weight] = K[b][weight] + delta * entry
    kinks = box.kinks
    rows = [[K[a][b] for b in free] for a in free]
    for l, u, i in kinks:
        normal = box.entry_gradient(i, box.hidden[l], u)
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
    layers, images = [], []
    for layer, image in zip(problem.layers, problem.images):
        if layers and layer[0] == layers[-1][0] == "dense":
            layers.append(("two-slope", ONE, ONE))
            images.append(image)
        layers.append(layer)
        images.append(image)
    whole = copy.copy(problem)
    whole.layers, whole.images = layers, images
    return whole


def minimum_nearby(tools, problem, at, evidence, radius, lower, loss):
    holds = tools.holds
    problem.fits(at, "the point")
    problem = with_linear_layers(problem)
    kinds_ = [layer[0] for layer in problem.layers]
    known = all(kind_ in ("dense", "conv", "average-pool", "flatten", "two-slope") for kind_ in kinds_)
    holds(known and "two-slope" in kinds_ and problem.loss in LOSSES, "another network or loss")
    in_turn = all(kind_ == ("dense", "two-slope")[k % 2] for k, kind_ in enumerate(kinds_))
    holds(in_turn or (evidence.flat is None and evidence.valleys is None), "dense and hidden layers in turn asked for")
    theta = [entry for tensor in at for entry in tensor]
    decaying = problem.decaying() if problem.decay else [False] * len(at)
    factors = [problem.decay.factor if decays else ZERO for tensor, decays in zip(at, decaying) for _ in tensor]
    sizes = [a * b * c for layer, (a, b, c) in zip(problem.layers, problem.images) if layer[0] == "two-slope"]
    kinks, frozen = evidence.kinks, evidence.frozen
    for l, u, i in kinks:
        holds(l < len(sizes) and u < sizes[l] and i < len(problem.xs), "a kink that is not there")
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
        tools,
        problem,
        evidence,
        [around(x, spread.get(k, ZERO)) for k, x in enumerate(theta)],
        [around(s, r) for s, r in zip(evidence.multipliers, multiplier_radii)],
        share,
    )
    samples = range(len(problem.xs))
    for i in samples:
        for s, gates in zip(box.hidden, box.gates[i]):
            for gate, felt in zip(gates, box.felt[i][s + 1]):
                holds(gate != "unknown" or not felt, "(a) no strict sign")
    for l, u, i in kinks:
        holds(box.felt[i][box.hidden[l] + 1][u], "(a) a kink that is not felt")
    for kink in kinks:
        sigma = box.sigma[kink]
        holds(0 < sigma.low and sigma.high < box.bound(kink).low, "(c)")
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
    centre = Frozen(tools, problem, evidence, [Between(x) for x in theta], point_multipliers, share)
    slopes = [Between(x * factor) for x, factor in zip(theta, factors)]
    for i in samples:
        slopes = [a + g for a, g in zip(slopes, centre.gradient(i, centre.adjoints[i]))]
    values = [slopes[k] for k in free] + [centre.values[i][centre.hidden[l]][u] for l, u, i in kinks]

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
