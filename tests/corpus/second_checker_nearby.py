"""A minimum or a saddle nearby, where the loss has two derivatives."""

import copy
from fractions import Fraction

from second_checker_enclosure import loss_between
from second_checker_jets import Jet, NOTHING, Range, UNIT, WHOLE, activated, change_near, change_of_loss
from second_checker_matrices import inner, rank_if_semidefinite
from second_checker_problem import image_after
from second_checker_reading import fields, holds, integer, items, positive

ZERO = Fraction(0)


def contraction(problem, parameters, factor, radius, loss, lower):
    problem.fits(parameters, "the point")
    known = ("dense", "two-slope", "quadratic", "smooth", "flatten")
    holds(all(layer[0] in known for layer in problem.layers), "a layer that the rule does not know")
    holds(problem.loss in ("squared", "huber", "logistic", "cross-entropy"), "a loss that the rule does not know")
    holds(radius > 0, "a positive radius expected")
    size = sum(len(tensor) for tensor in parameters)
    holds(len(factor) == size, "a row for every parameter expected")
    holds(all(len(row) == k + 1 for k, (_, row) in enumerate(factor)), "a row of another length")
    d = factor[0][0]
    holds(all(denominator == d for denominator, _ in factor), "one denominator expected")
    holds(all(row[-1] > 0 for _, row in factor), "a positive diagonal expected")
    # All that follows is exact: the matrix is rows / d, and ranges are twice their middle and twice their half width.
    rows = [row + [0] * (size - 1 - k) for k, (_, row) in enumerate(factor)]
    rho = radius / max(Fraction(sum(abs(entry) for entry in row), d) for row in rows)
    every = range(size)

    def moved(numbers, weights):
        """The transpose of the matrix applied to a vector."""
        return [sum(weights[k][j] * numbers[k] for k in range(j, size)) for j in every]

    sizes = [[abs(entry) for entry in row] for row in rows]

    def sandwich(matrix, weights):
        half = [moved(row, weights) for row in matrix]
        return [moved([half[k][j] for k in every], weights) for j in every]

    _, hessian = change_near(problem, parameters, radius)
    middle = sandwich([[entry.low + entry.high for entry in row] for row in hessian], rows)
    spread = sandwich([[entry.high - entry.low for entry in row] for row in hessian], sizes)
    one = 2 * UNIT * d * d
    q = max(Fraction(sum(abs((one if j == k else 0) - middle[j][k]) + spread[j][k] for k in every), one) for j in every)
    holds(q < 1, "(b)")

    gradient, _ = change_near(problem, parameters, ZERO)
    middle = moved([entry.low + entry.high for entry in gradient], rows)
    spread = moved([entry.high - entry.low for entry in gradient], sizes)
    slopes = [Fraction(abs(a) + b, 2 * UNIT * d) for a, b in zip(middle, spread)]
    holds(max(slopes) < (1 - q) * rho, "(c)")

    low, high = loss_between(problem, parameters)
    if problem.decay:
        decayed = [entry for tensor, decays in zip(parameters, problem.decaying()) if decays for entry in tensor]
        low, high = (end + problem.decay.factor / 2 * inner(decayed, decayed) for end in (low, high))
    holds(high <= loss, "(d) the loss")
    holds(lower <= low - rho * sum(slopes), "(d) lower")


def bend_near(problem, parameters, radius, j):
    """Ranges of the sum of g_i s''(z_i) x_i x_i^T over the box, z_i the arguments of hidden unit j, g_i the slope of the loss."""
    ranges = [[Range.around(entry - radius, entry + radius) for entry in tensor] for tensor in parameters]
    rows = problem.layers[0][1]
    pairs, bend = [], None
    for x, y in zip(problem.xs, problem.ys):
        seen = [Range.around(entry) for entry in x]
        taken = [ranges[0][k * problem.inputs : (k + 1) * problem.inputs] for k in range(rows)]
        if problem.layers[0][2]:
            seen = seen + [WHOLE]
            taken = [row + [bias] for row, bias in zip(taken, ranges[1])]
        f = ranges[-1][0] if problem.layers[2][2] else NOTHING
        outer = ranges[2 if problem.layers[0][2] else 1]
        for k in range(rows):
            z = NOTHING
            for weight, entry in zip(taken[k], seen):
                z = z + weight * entry
            value, _, second = activated(problem.layers[1], z)
            f = f + outer[k] * value
            if k == j:
                bend = second
        slope = change_of_loss(problem, [Jet(f, {0: WHOLE})], y).first[0]
        pairs.append((slope * bend, seen))
    size = range(len(pairs[0][1]))
    total = [[NOTHING for _ in size] for _ in size]
    for weight, seen in pairs:
        for a in size:
            for b in size:
                total[a][b] = total[a][b] + weight * (seen[a] * seen[b])
    return total


def split(problem, parameters, units, factor, direction, radius, loss, lower):
    holds(len(problem.layers) == 3 and problem.layers[0][0] == "dense", "one hidden layer expected")
    holds(problem.layers[1][0] in ("smooth", "quadratic"), "a smooth layer expected")
    holds(problem.layers[2][:2] == ("dense", 1), "one output expected")
    holds(problem.loss in ("squared", "huber", "logistic"), "a loss that the rule does not know")
    problem.fits(parameters, "the point")
    (_, size, biased), (a, b) = problem.layers[0], units
    holds(a != b and a < size and b < size, "(a) two units expected")
    small = copy.copy(problem)
    small.layers = [("dense", size - 1, biased)] + problem.layers[1:]
    small.images = [problem.image]
    for layer in small.layers:
        small.images.append(image_after(layer, small.images[-1]))
    weight, *bias = [list(tensor) for tensor in parameters[: 2 if biased else 1]]
    outer, *last = [list(tensor) for tensor in parameters[2 if biased else 1 :]]
    d = problem.inputs
    holds(weight[a * d : (a + 1) * d] == weight[b * d : (b + 1) * d], "(a) different weights")
    holds(not biased or bias[0][a] == bias[0][b], "(a) different biases")
    one, other = outer[a], outer[b]
    holds(one != 0 and abs(other) > radius and abs(one + other) > radius, "(c)")
    outer[a] = one + other
    del weight[b * d : (b + 1) * d], outer[b]
    for tensor in bias:
        del tensor[b]
    merged = [weight, *bias, outer, *last]
    contraction(small, merged, factor, radius, loss, lower)
    sign = 1 if one * other * (one + other) > 0 else -1
    bend = bend_near(small, merged, radius, a - 1 if b < a else a)
    if direction is not None:
        holds(len(direction) == len(bend), "(e) a direction of another length")
        along = sum(
            (left * right * (entry.low + entry.high) * sign + abs(left * right) * (entry.high - entry.low))
            for left, row in zip(direction, bend)
            for right, entry in zip(direction, row)
        )
        holds(along < 0, "(e)")
        return
    # Every matrix of the ranges is at least its middle less the largest row sum of the half widths.
    middle = [[Fraction(sign * (entry.low + entry.high), 2 * UNIT) for entry in row] for row in bend]
    spread = max(sum(Fraction(entry.high - entry.low, 2 * UNIT) for entry in row) for row in bend)
    for k, row in enumerate(middle):
        row[k] -= spread
    rank = rank_if_semidefinite(middle)
    holds(rank == len(middle), "(d)")


def factor_rows(value):
    rows = [fields(row, "denominator", "numerators") for row in items(value)]
    return [(positive(below), [integer(entry) for entry in items(above)]) for below, above in rows]
