"""Slopes along a direction: a value is (low, high, least slope, greatest slope)."""

from fractions import Fraction

from second_checker_enclosure import loss_between, outputs_between, smooth_between
from second_checker_functions import exp_near, outwards, sigmoid_near
from second_checker_jets import Range, UNIT, activated, shares_of_exp
from second_checker_matrices import inner
from second_checker_problem import through_windows
from second_checker_reading import holds

ZERO = Fraction(0)
ONE = Fraction(1)


def span(numbers):
    numbers = list(numbers)
    return min(numbers), max(numbers)


def product(one, two):
    """All products of numbers from two intervals."""
    return span(a * b for a in one for b in two)


def ranged(ends):
    return Range.around(*ends)


def unranged(number):
    return Fraction(number.low, UNIT), Fraction(number.high, UNIT)


def slopes_of(layer, ends):
    """The values and the slopes that an activation has on an interval; on both sides of a kink in it."""
    low, high = ends
    if layer[0] == "two-slope":
        corners = [(layer[1] if z > 0 else layer[2]) * z for z in ends] + ([ZERO] if low <= 0 <= high else [])
        return span(corners), span(([layer[1]] if high >= 0 else []) + ([layer[2]] if low <= 0 else []))
    if layer[0] == "smooth" and layer[1] in ("elu", "selu") and low <= 0 <= high:
        scale, alpha = Fraction("1.0507009873554804934193349852946"), Fraction("1.6732632423543772848170429916717")
        right, left = (ONE, ONE) if layer[1] == "elu" else (scale, scale * alpha)
        return smooth_between(layer, ends), span([right, left, left * exp_near(low)[0]])
    value, first, _ = activated(layer, ranged(ends))
    return unranged(value), unranged(first)


def moving_outputs(problem, parameters, direction, x):
    """The outputs for one sample with their slopes along a direction."""
    values = [(entry, entry, ZERO, ZERO) for entry in x]
    tensors, moves = iter(parameters), iter(direction)
    nought = (ZERO,) * 4
    for layer, image in zip(problem.layers, problem.images):
        if layer[0] in ("dense", "conv"):
            weight, change = next(tensors), next(moves)
            bias, bias_change = (next(tensors), next(moves)) if layer[2] else ([ZERO] * layer[1], [ZERO] * layer[1])

            def weighed(_, seen, o):
                total = [bias[o], bias[o], bias_change[o], bias_change[o]]
                for k, (low, high, least, most) in enumerate(seen):
                    w, dw = weight[o * len(seen) + k], change[o * len(seen) + k]
                    a, da, b = product((w, w), (low, high)), product((w, w), (least, most)), product((dw, dw), (low, high))
                    for e, part in enumerate((a[0], a[1], da[0] + b[0], da[1] + b[1])):
                        total[e] += part
                return outwards(*total[:2]) + outwards(*total[2:])

            if layer[0] == "dense":
                values = [weighed(None, values, o) for o in range(layer[1])]
            else:
                values = through_windows(layer, image, values, weight, nought, weighed)
        elif layer[0] == "average-pool":

            def mean(_, seen, o):
                sums = [sum(entry[e] for entry in seen) / len(seen) for e in range(4)]
                return outwards(*sums[:2]) + outwards(*sums[2:])

            values = through_windows(layer, image, values, None, nought, mean)
        elif layer[0] == "max-pool":

            def most_of(_, seen, o):
                least = max(entry[0] for entry in seen)
                chosen = [entry for entry in seen if entry[1] >= least]
                highest = max(entry[1] for entry in seen)
                return least, highest, min(entry[2] for entry in chosen), max(entry[3] for entry in chosen)

            values = through_windows(layer, image, values, None, nought, most_of)
        elif layer[0] != "flatten":
            following = []
            for entry in values:
                value, slope = slopes_of(layer, entry[:2])
                following.append(outwards(*value) + outwards(*product(slope, entry[2:])))
            values = following
    return values


def subgradients_between(problem, outputs, y):
    """All subgradients of the loss of one sample, an interval for each output."""
    if problem.loss == "cross-entropy":
        ranges = [ranged(f[:2]) for f in outputs]
        return [unranged(shares_of_exp(ranges, o) - Range.around(y[o])) for o in range(len(outputs))]
    found = []
    for f, target in zip(outputs, y):
        errors = (f[0] - target, f[1] - target)
        if problem.loss == "logistic":
            found.append((sigmoid_near(f[0])[0] - target, sigmoid_near(f[1])[1] - target))
        elif problem.loss == "hinge":
            gaps = span(1 - target * end for end in f[:2])
            found.append(span(([ZERO] if gaps[0] <= 0 else []) + ([-target] if gaps[1] >= 0 else [])))
        elif problem.loss == "absolute":
            found.append((ONE if errors[0] > 0 else -ONE, -ONE if errors[1] < 0 else ONE))
        elif problem.loss == "huber":
            found.append(tuple(max(-ONE, min(ONE, error)) for error in errors))
        else:
            found.append(errors)
    return found


def requires_loss_between(problem, parameters, lower, loss):
    problem.fits(parameters, "the point")
    low, high = loss_between(problem, parameters)
    if problem.decay:
        decayed = [entry for tensor, decays in zip(parameters, problem.decaying()) if decays for entry in tensor]
        low, high = (end + problem.decay.factor / 2 * inner(decayed, decayed) for end in (low, high))
    holds(lower <= low and high <= loss, "(a)")


def enclosed_slope(problem, parameters, direction, lower, loss):
    requires_loss_between(problem, parameters, lower, loss)
    problem.fits(direction, "the direction")
    most = ZERO
    for x, y in zip(problem.xs, problem.ys):
        outputs = moving_outputs(problem, parameters, direction, x)
        for f, subgradient in zip(outputs, subgradients_between(problem, outputs, y)):
            most += product(subgradient, f[2:])[1]
    if problem.mean:
        most /= len(problem.xs)
    if problem.decay:
        for tensor, moves, decays in zip(parameters, direction, problem.decaying()):
            if decays:
                most += problem.decay.factor * inner(tensor, moves)
    holds(most < 0, "(b)")


def separation(problem, parameters, lower, loss):
    holds(problem.loss in ("logistic", "cross-entropy"), "a loss that the rule does not know")
    holds(problem.loss == "logistic" or problem.outputs >= 2, "at least two outputs expected")
    requires_loss_between(problem, parameters, lower, loss)
    holds(all(entry in (0, 1) for y in problem.ys for entry in y), "targets 0 and 1 expected")
    for x, y in zip(problem.xs, problem.ys):
        outputs = outputs_between(problem, parameters, x)
        right = [f for f, target in zip(outputs, y) if target == 1]
        for (low, high), target in zip(outputs, y):
            if problem.loss == "logistic":
                holds(low > 0 if target == 1 else high < 0, "(b)")
            elif target == 0:
                holds(high < right[0][0], "(b)")
