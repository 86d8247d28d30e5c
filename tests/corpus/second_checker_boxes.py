"""The lower bound from a tree of boxes."""

from fractions import Fraction

from second_checker_curves import loss_polynomial
from second_checker_reading import holds

ZERO = Fraction(0)
ONE = Fraction(1)


class Interval:
    def __init__(self, low, high):
        self.low, self.high = low, high

    def __add__(self, other):
        return Interval(self.low + other.low, self.high + other.high)

    def __mul__(self, other):
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def distance(self):
        return max(self.low, -self.high, ZERO)

    def size(self):
        return max(-self.low, self.high)


def exactly(number):
    return Interval(number, number)


def box_bounds(problem, low, high):
    box = [[Interval(a, b) for a, b in zip(*tensors)] for tensors in zip(low, high)]
    middle = [[(a + b) / 2 for a, b in zip(*tensors)] for tensors in zip(low, high)]
    share = Fraction(1, len(problem.xs)) if problem.mean else ONE
    derivatives = [[exactly(ZERO) for _ in tensor] for tensor in box]
    first = ZERO
    for x, y in zip(problem.xs, problem.ys):
        values, tensors, steps = [exactly(entry) for entry in x], 0, []
        for layer in problem.layers:
            steps.append((layer, values, tensors))
            if layer[0] == "dense":
                weight, width = box[tensors], len(values)
                bias = box[tensors + 1] if layer[2] else [exactly(ZERO)] * layer[1]
                tensors += 2 if layer[2] else 1
                values = [
                    sum((weight[k * width + c] * values[c] for c in range(width)), bias[k]) for k in range(layer[1])
                ]
            else:
                _, p, q = layer
                moved = []
                for z in values:
                    ends = [(p if t >= 0 else q) * t for t in (z.low, z.high)] + ([ZERO] if z.low < 0 < z.high else [])
                    moved.append(Interval(min(ends), max(ends)))
                values = moved
        back = [value + exactly(-target) for value, target in zip(values, y)]
        first += sum(error.distance() ** 2 for error in back) * share / 2
        for layer, values, tensor in reversed(steps):
            if layer[0] == "dense":
                width = len(values)
                for k in range(layer[1]):
                    for c in range(width):
                        derivatives[tensor][k * width + c] += back[k] * values[c]
                    if layer[2]:
                        derivatives[tensor + 1][k] += back[k]
                weight = box[tensor]
                back = [
                    sum((weight[k * width + c] * back[k] for k in range(layer[1])), exactly(ZERO)) for c in range(width)
                ]
            else:
                _, p, q = layer
                slopes = [
                    exactly(p) if z.low >= 0 else exactly(q) if z.high <= 0 else Interval(min(p, q), max(p, q))
                    for z in values
                ]
                back = [delta * slope for delta, slope in zip(back, slopes)]
    second = loss_polynomial(problem, middle).get(0, ZERO)
    decays = problem.decaying() if problem.decay else [False] * len(box)
    for tensor, grown, decay in zip(box, derivatives, decays):
        for entry, derivative in zip(tensor, grown):
            total = derivative * exactly(share)
            if decay:
                first += problem.decay.factor / 2 * entry.distance() ** 2
                total += entry * exactly(problem.decay.factor)
            second -= (entry.high - entry.low) / 2 * total.size()
    return max(first, second)


def box_tree(problem, at, evidence, claimed_box, bound):
    plain = all(layer[0] in ("dense", "two-slope") for layer in problem.layers) and not problem.has_image
    holds(plain and problem.loss == "squared", "another network or loss")
    low, high, splits = evidence
    boxes = [(low, high)] + ([claimed_box] if claimed_box else [])
    for ends in boxes:
        for end in ends:
            problem.fits(end, "a box")
        holds(all(a <= b for lows, highs in zip(*ends) for a, b in zip(lows, highs)), "a box turned around")
    if claimed_box:
        inside = lambda inner_low, inner_high: all(
            a <= b for x, y in zip(inner_low, inner_high) for a, b in zip(x, y)
        )
        holds(inside(claimed_box[0], at) and inside(at, claimed_box[1]), "the point outside the box")
        holds(inside(low, claimed_box[0]) and inside(claimed_box[1], high), "(b)")
    else:
        holds(problem.decay is not None and all(problem.decaying()), "(b) not all parameters decay")
        half = problem.decay.factor / 2
        holds(all(end < 0 and half * end * end >= bound for tensor in low for end in tensor), "(b)")
        holds(all(end > 0 and half * end * end >= bound for tensor in high for end in tensor), "(b)")
    size = sum(len(tensor) for tensor in low)
    places = [(k, index) for k, tensor in enumerate(low) for index in range(len(tensor))]
    open_ = [(low, high)]
    for split in splits:
        holds(open_, "a node after the end")
        holds(split <= size, "a parameter that is not there")
        least, most = open_.pop()
        if split == 0:
            holds(box_bounds(problem, least, most) >= bound, "(a)")
            continue
        k, index = places[split - 1]
        middle = (least[k][index] + most[k][index]) / 2

        def with_end(ends):
            tensor = ends[k][:index] + [middle] + ends[k][index + 1 :]
            return ends[:k] + [tensor] + ends[k + 1 :]

        open_ += [(with_end(least), most), (least, with_end(most))]
    holds(not open_, "boxes without a node")
