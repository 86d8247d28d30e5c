"""The rule moved-targets: what a point is for other targets, none of them far from those of the problem."""

from fractions import Fraction

from second_checker_jets import Jet, NOTHING, Range, UNIT, WHOLE, activated, point_outputs
from second_checker_matrices import inner
from second_checker_enclosure import loss_between
from second_checker_nearby import factor_rows
from second_checker_reading import count, fields, holds, items

KINDS = ("critical-for-moved-targets", "local-minimum-for-moved-targets", "saddle-for-moved-targets")


class MovedEvidence:
    def __init__(self, value):
        given = ["frame", "negative"] if "frame" in value else []
        _, idle, scaled, factor, *second = fields(value, "rule", "idle", "scaled", "factor", *given)
        self.idle = [count(entry) for entry in items(idle)]
        self.scaled = [count(entry) for entry in items(scaled)]
        self.factor = factor_rows(factor)
        self.frame = factor_rows(second[0]) if second else None
        self.negative = count(second[1]) if second else None


def square(rows, size, what):
    """The entries of a square matrix and its denominator."""
    holds(len(rows) == size, what + ": a row for every free parameter expected")
    holds(all(len(row) == size for _, row in rows), what + ": a row of another length")
    holds(len({below for below, _ in rows}) == 1, what + ": one denominator expected")
    return [[Fraction(entry, below) for entry in row] for below, row in rows]


class Places:
    """Of every parameter its dense layer, its unit and its entry (None for a bias); of every dense layer the layers that follow."""

    def __init__(self, problem):
        self.role, self.after, width = [], [], problem.inputs
        for layer in problem.layers:
            if layer[0] == "dense":
                index = len(self.after)
                self.role += [(index, unit, entry) for unit in range(layer[1]) for entry in range(width)]
                self.role += [(index, unit, None) for unit in range(layer[1])] if layer[2] else []
                self.after.append([])
                width = layer[1]
            elif self.after:
                self.after[-1].append(layer)


def muted(problem, parameters, x):
    """On one sample: the entries that are silent before each dense layer, and the units of it that are unheard."""
    values, tensors = [Range.around(entry) for entry in x], iter(parameters)
    silent, shut, before, behind = [entry == 0 for entry in x], [], [], []
    for layer in problem.layers:
        if layer[0] == "dense":
            weight, bias = next(tensors), next(tensors) if layer[2] else [Fraction(0)] * layer[1]
            width = len(values)
            before.append(silent)
            shut = [False] * layer[1]
            behind.append(shut)
            sums = []
            for k in range(layer[1]):
                z = Range.around(bias[k])
                for c in range(width):
                    z = z + Range.around(weight[k * width + c]) * values[c]
                sums.append(z)
            values, silent = sums, [False] * layer[1]
        elif layer[0] != "flatten":
            silent = [layer[0] == "two-slope" and (layer[1] if z.low > 0 else layer[2]) == 0 for z in values]
            for k, is_silent in enumerate(silent):
                if shut and is_silent:
                    shut[k] = True
            values = [activated(layer, z)[0] for z in values]
    unheard = [[False] * len(behind[-1])]
    for shut in reversed(behind[:-1]):
        unheard.insert(0, [True] * len(shut) if all(unheard[0]) else shut)
    return before, unheard


def ascending(numbers, size):
    holds(all(number < size for number in numbers), "a parameter that is not there")
    holds(all(a < b for a, b in zip(numbers, numbers[1:])), "ascending numbers expected")


def outside_identity(matrix, negative):
    """The largest row sum of absolute values of 1 - D M, each entry of M a pair of a middle and a half width."""
    rows = []
    for k, row in enumerate(matrix):
        sign = -1 if k < negative else 1
        rows.append(sum(abs((1 if j == k else 0) - sign * middle) + width for j, (middle, width) in enumerate(row)))
    return max(rows)


def halves(entry):
    return Fraction(entry.low + entry.high, 2 * UNIT), Fraction(entry.high - entry.low, 2 * UNIT)


def moved_targets(problem, at, evidence, claimed, loss, lower, change):
    problem.fits(at, "the point")
    known = ("dense", "two-slope", "quadratic", "smooth", "flatten")
    holds(all(layer[0] in known for layer in problem.layers), "a layer that the rule does not know")
    holds(problem.loss == "squared", "the squared loss expected")
    holds((claimed == KINDS[0]) == (evidence.frame is None), "a frame goes with minima and saddles")
    flat = [entry for tensor in at for entry in tensor]
    total = len(flat)
    ascending(evidence.idle, total)
    ascending(evidence.scaled, total)
    free = [k for k in range(total) if k not in evidence.idle and k not in evidence.scaled]
    size, every = len(free), range(len(free))
    holds(size > 0, "a free parameter expected")
    factor = square(evidence.factor, size, "factor")
    decays = []
    for tensor, decaying in zip(at, problem.decaying() if problem.decay else [False] * len(at)):
        decays += [decaying] * len(tensor)

    jets = [point_outputs(problem, at, x) for x in problem.xs]
    places = Places(problem)
    quiet = [muted(problem, at, x) for x in problem.xs]
    for k in evidence.idle:
        holds(flat[k] == 0 or not decays[k], "(b) a decay")
        l, unit, entry = places.role[k]
        for before, unheard in quiet:
            holds(unheard[l][unit] or (entry is not None and before[l][entry]), "(b) a parameter that is felt")
    holds(not evidence.scaled or not problem.decay, "(c) weight decay")
    units = [places.role[k][:2] for k in evidence.scaled]
    holds(len(set(units)) == len(units), "(c) a unit twice")
    for k in evidence.scaled:
        l = places.role[k][0]
        holds(flat[k] != 0 and k not in evidence.idle and l + 1 < len(places.after), "(c)")
        holds(all(layer[0] in ("two-slope", "flatten") for layer in places.after[l]), "(c) another activation")

    # B = J S as middles and half widths, exactly.
    errors = [halves(f.value - Range.around(y)) for row, ys in zip(jets, problem.ys) for f, y in zip(row, ys)]
    rows = [[halves(f.first.get(k, NOTHING)) for k in free] for row in jets for f in row]
    B = []
    for row in rows:
        middles = [sum(row[a][0] * factor[a][j] for a in every) for j in every]
        widths = [sum(row[a][1] * abs(factor[a][j]) for a in every) for j in every]
        B.append(list(zip(middles, widths)))

    def product(one, two):
        """Middle and half width that hold all products."""
        (a, b), (c, d) = one, two
        return a * c, abs(a) * d + b * abs(c) + b * d

    def summed(pairs):
        pairs = list(pairs)
        return sum(middle for middle, _ in pairs), sum(width for _, width in pairs)

    gram = [[summed(product(row[a], row[b]) for row in B) for b in every] for a in every]
    q = outside_identity(gram, 0)
    holds(q < 1, "(d) independent derivatives expected")
    share = problem.decay.factor * (len(problem.xs) if problem.mean else 1) if problem.decay else Fraction(0)
    pull = [share * flat[k] if decays[k] else Fraction(0) for k in free]
    z = []
    for j in every:
        middle, width = summed(product(row[j], error) for row, error in zip(B, errors))
        z.append((middle + sum(factor[a][j] * pull[a] for a in every), width))
    slack = q / (1 - q) * max(abs(middle) + width for middle, width in z)
    w = [(middle, width + slack) for middle, width in z]
    e = [summed(product(one, two) for one, two in zip(row, w)) for row in B]
    holds(all(abs(middle) + width <= change for middle, width in e), "(d) the change")

    if evidence.frame is not None:
        k = evidence.negative
        holds(k == 0 if claimed == KINDS[1] else 0 < k < size, "(f)")
        frame = square(evidence.frame, size, "frame")
        # R' with the errors r - e, e in its enclosure.
        hessian, index = Jet(NOTHING), 0
        for row in jets:
            for f in row:
                (a, b), (c, d) = errors[index], e[index]
                error = Range.around(a - c - b - d, a - c + b + d)
                hessian.add(f.then(NOTHING, error, WHOLE))
                index += 1
        hessian = hessian.then(NOTHING, Range.around(Fraction(1, len(problem.xs)) if problem.mean else 1), NOTHING)
        own = []
        for a in free:
            own.append([halves(hessian.second.get((min(a, b), max(a, b)), NOTHING)) for b in free])
        if problem.decay:
            for place, number in enumerate(free):
                if decays[number]:
                    middle, width = own[place][place]
                    own[place][place] = (middle + problem.decay.factor, width)
        half = [[summed((row[b][0] * frame[b][j], row[b][1] * abs(frame[b][j])) for b in every) for j in every] for row in own]
        turned = [
            [summed((half[a][j][0] * frame[a][i], half[a][j][1] * abs(frame[a][i])) for a in every) for j in every]
            for i in every
        ]
        holds(outside_identity(turned, k) < 1, "(e)")

    low, high = loss_between(problem, at)
    if problem.decay:
        decayed = [entry for entry, decaying in zip(flat, decays) if decaying]
        low, high = (end + problem.decay.factor / 2 * inner(decayed, decayed) for end in (low, high))
    holds(lower <= low and high <= loss, "(g)")
