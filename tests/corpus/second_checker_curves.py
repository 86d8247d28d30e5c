"""The loss along a curve, as a polynomial for all small t > 0: values, descent, ascent.

A polynomial is a dictionary from powers to coefficients that are not zero.
"""

from fractions import Fraction

from second_checker_problem import through_windows
from second_checker_reading import holds

ZERO = Fraction(0)


def plus(a, b):
    powers = set(a) | set(b)
    total = {power: a.get(power, ZERO) + b.get(power, ZERO) for power in powers}
    return {power: coefficient for power, coefficient in total.items() if coefficient != 0}


def times(a, b):
    result = {}
    for i, left in a.items():
        for j, right in b.items():
            result[i + j] = result.get(i + j, ZERO) + left * right
    return {power: coefficient for power, coefficient in result.items() if coefficient != 0}


def constant(number):
    return {0: Fraction(number)} if number != 0 else {}


def sign_near_zero(polynomial):
    """The sign for all small t > 0."""
    if not polynomial:
        return 0
    return 1 if polynomial[min(polynomial)] > 0 else -1


def loss_polynomial(problem, parameters, curve=()):
    """R(parameters + sum of t^power direction) for all small t >= 0; without a curve the loss, as a constant."""
    moving = [[constant(entry) for entry in tensor] for tensor in parameters]
    for power, direction in curve:
        for tensor, moves in zip(moving, direction):
            for index, move in enumerate(moves):
                tensor[index] = plus(tensor[index], {power: move})
    total = {}
    for x, y in zip(problem.xs, problem.ys):
        values = [constant(entry) for entry in x]
        tensors = iter(moving)
        for layer, image in zip(problem.layers, problem.images):
            if layer[0] == "flatten":
                continue
            if layer[0] == "quadratic":
                values = [times(z, z) for z in values]
            elif layer[0] == "average-pool":
                share = constant(Fraction(1, layer[1].size[0] * layer[1].size[1]))

                def mean(_, entries, o):
                    total = {}
                    for entry in entries:
                        total = plus(total, entry)
                    return times(share, total)

                values = through_windows(layer, image, values, None, {}, mean)
            elif layer[0] == "max-pool":

                def most(_, entries, o):
                    best = entries[0]
                    for entry in entries:
                        if sign_near_zero(plus(entry, times(constant(-1), best))) > 0:
                            best = entry
                    return best

                values = through_windows(layer, image, values, None, {}, most)
            elif layer[0] == "conv":
                weight = next(tensors)
                bias = next(tensors) if layer[2] else [{}] * layer[1]

                def filtered(weights, entries, o):
                    total = bias[o]
                    for k, entry in enumerate(entries):
                        total = plus(total, times(weights[o * len(entries) + k], entry))
                    return total

                values = through_windows(layer, image, values, weight, {}, filtered)
            elif layer[0] == "dense":
                weight = next(tensors)
                bias = next(tensors) if layer[2] else [{}] * layer[1]
                width = len(values)
                following = []
                for k in range(layer[1]):
                    z = bias[k]
                    for c in range(width):
                        z = plus(z, times(weight[k * width + c], values[c]))
                    following.append(z)
                values = following
            else:
                slope = {1: constant(layer[1]), -1: constant(layer[2]), 0: {}}
                values = [times(slope[sign_near_zero(z)], z) for z in values]
        for f, target in zip(values, y):
            if problem.loss == "hinge":
                margin = plus(constant(1), times(constant(-target), f))
                total = plus(total, margin if sign_near_zero(margin) > 0 else {})
            else:
                error = plus(f, constant(-target))
                above = sign_near_zero(plus(error, constant(-1)))
                below = sign_near_zero(plus(error, constant(1)))
                if problem.loss == "squared" or (problem.loss == "huber" and above <= 0 <= below):
                    total = plus(total, times(constant(Fraction(1, 2)), times(error, error)))
                elif problem.loss == "huber":
                    side = constant(1 if above > 0 else -1)
                    total = plus(total, plus(times(side, error), constant(Fraction(-1, 2))))
                else:
                    total = plus(total, times(constant(sign_near_zero(error)), error))
    total = times(constant(Fraction(1, len(problem.xs)) if problem.mean else 1), total)
    if problem.decay:
        for tensor, decays in zip(moving, problem.decaying()):
            for entry in tensor if decays else []:
                total = plus(total, times(constant(problem.decay.factor / 2), times(entry, entry)))
    return total


def evaluation(problem, parameters, loss):
    problem.fits(parameters, "the point")
    holds(loss_polynomial(problem, parameters) == constant(loss), "the loss is another")


def order_and_sign(problem, parameters, curve):
    for _, direction in curve:
        problem.fits(direction, "the direction")
    change = {power: c for power, c in loss_polynomial(problem, parameters, curve).items() if power >= 1}
    holds(change, "the loss does not change along the direction")
    return min(change), sign_near_zero(change)


def descent(problem, parameters, curve, at_first_order=False):
    order, sign = order_and_sign(problem, parameters, curve)
    holds(sign < 0, "the loss rises")
    holds(order == 1 or not at_first_order, "the loss falls at order %d" % order)


def ascent(problem, parameters, curve):
    holds(order_and_sign(problem, parameters, curve)[1] > 0, "the loss falls")


def straight(direction):
    return [(1, direction)]
