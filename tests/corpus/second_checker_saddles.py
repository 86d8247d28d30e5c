"""The rule contraction-saddle."""

from fractions import Fraction

from second_checker_enclosure import loss_between
from second_checker_jets import UNIT, change_near
from second_checker_matrices import inner
from second_checker_nearby import factor_rows
from second_checker_reading import count, fields, holds, items, point, readable


class SaddleEvidence:
    def __init__(self, value):
        given = ["direction"] if "direction" in value else []
        _, asleep, frame, negative, *along = fields(value, "rule", "asleep", "frame", "negative", *given)
        self.asleep = []
        for pair in items(asleep):
            readable(len(items(pair)) == 2, "a layer and a unit expected")
            self.asleep.append(tuple(count(entry) for entry in pair))
        self.frame = factor_rows(frame)
        self.negative = count(negative)
        self.direction = point(along[0]) if along else None


def own_parameters(problem, at, asleep):
    """The numbers of all parameters that belong to asleep units, condition (a) being asked of each unit."""
    numbers, flat, decays = [], [entry for tensor in at for entry in tensor], []
    for tensor, decaying in zip(at, problem.decaying() if problem.decay else [False] * len(at)):
        decays += [decaying] * len(tensor)
    # The numbers of weights, row by row, and of biases, dense layer by dense layer; and the layers that follow each.
    next_number, width = 0, problem.inputs
    for index, layer in enumerate(problem.layers):
        if layer[0] != "dense":
            numbers[-1][2].append(layer) if numbers else None
            continue
        rows = [list(range(next_number + k * width, next_number + (k + 1) * width)) for k in range(layer[1])]
        next_number += layer[1] * width
        biases = list(range(next_number, next_number + layer[1])) if layer[2] else None
        next_number += layer[1] if layer[2] else 0
        numbers.append((rows, biases, []))
        width = layer[1]
    holds(len(set(asleep)) == len(asleep), "(a) a unit named twice")
    own = set()
    for l, u in asleep:
        holds(l + 1 < len(numbers) and u < len(numbers[l][0]), "(a) a unit that is not there")
        rows, biases, between = numbers[l]
        weights = rows[u] + [row[u] for row in numbers[l + 1][0]]
        holds(all(flat[k] == 0 for k in weights), "(a) a weight that is not zero")
        own.update(weights)
        bias = 0
        if biases is not None:
            own.add(biases[u])
            bias = flat[biases[u]]
            holds(bias == 0 or not decays[biases[u]], "(a) a bias that decays")
        silent = bias == 0 and all(layer[:2] not in (("smooth", "sigmoid"), ("smooth", "softplus")) for layer in between)
        above = numbers[l + 1][1]
        holds(silent or (above is not None and not decays[above[0]]), "(a) a value that may be felt")
    return own


def centred(entry):
    """Twice the middle and twice the half width of a range, in its units."""
    return entry.low + entry.high, entry.high - entry.low


def saddle_nearby(problem, at, evidence, radius, loss, lower, index):
    problem.fits(at, "the point")
    known = ("dense", "two-slope", "quadratic", "smooth", "flatten")
    holds(all(layer[0] in known for layer in problem.layers), "a layer that the rule does not know")
    holds(problem.loss in ("squared", "huber", "logistic", "cross-entropy"), "a loss that the rule does not know")
    holds(radius > 0, "a positive radius expected")
    own = own_parameters(problem, at, evidence.asleep)
    total = sum(len(tensor) for tensor in at)
    free = [k for k in range(total) if k not in own]
    size, every = len(free), range(len(free))
    holds(len(evidence.frame) == size, "a row for every free parameter expected")
    holds(all(len(row) == size for _, row in evidence.frame), "a row of another length")
    holds(len({below for below, _ in evidence.frame}) <= 1, "one denominator expected")
    holds(evidence.negative < size, "(e) no positive sign")
    holds((evidence.direction is None) == (evidence.negative > 0), "a direction where there is no negative sign")
    if index is not None:
        holds(not evidence.asleep and index == evidence.negative, "(g)")
    d, rows = evidence.frame[0][0], [row for _, row in evidence.frame]
    longest = max(sum(abs(entry) for entry in row) for row in rows)
    holds(longest > 0, "(c) a matrix of zeros")
    rho = radius * d / longest

    _, hessian = change_near(problem, at, radius, own)
    # S^T M S entry by entry as sums over pairs: the middle exactly, the half widths with absolute values.
    pairs = [[centred(hessian[a][b]) for b in free] for a in free]
    scale = 2 * UNIT * d * d
    half = [[sum(rows[b][j] * pairs[a][b][0] for b in every) for j in every] for a in every]
    wide = [[sum(abs(rows[b][j]) * pairs[a][b][1] for b in every) for j in every] for a in every]
    worst = 0
    for i in every:
        sign, row_sum = -1 if i < evidence.negative else 1, 0
        for j in every:
            middle = sum(rows[a][i] * half[a][j] for a in every) * sign - (scale if i == j else 0)
            row_sum += abs(middle) + sum(abs(rows[a][i]) * wide[a][j] for a in every)
        worst = max(worst, row_sum)
    q = Fraction(worst, scale)
    holds(q < 1, "(c)")
    if evidence.direction is not None:
        problem.fits(evidence.direction, "the direction")
        e = [entry for tensor in evidence.direction for entry in tensor]
        bend = 0
        for a in range(total):
            for b in range(total):
                middle, width = centred(hessian[a][b])
                bend += e[a] * e[b] * middle + abs(e[a] * e[b]) * width
        holds(bend < 0, "(e)")

    gradient, _ = change_near(problem, at, 0)
    steep = []
    for j in every:
        ends = [centred(gradient[k]) for k in free]
        middle = sum(rows[a][j] * ends[a][0] for a in every)
        steep.append(Fraction(abs(middle) + sum(abs(rows[a][j]) * ends[a][1] for a in every), 2 * UNIT * d))
    holds(max(steep) < (1 - q) * rho, "(d)")

    low, high = loss_between(problem, at)
    if problem.decay:
        decayed = [entry for tensor, decays in zip(at, problem.decaying()) if decays for entry in tensor]
        low, high = (end + problem.decay.factor / 2 * inner(decayed, decayed) for end in (low, high))
    t = rho * sum(steep) + size * rho * rho
    holds(high + t <= loss, "(f) the loss")
    holds(lower <= low - t, "(f) lower")
