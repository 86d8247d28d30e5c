"""Intervals around outputs and losses."""

from fractions import Fraction

from second_checker_functions import SMOOTH, exp_near, log_near, outwards, softplus_near
from second_checker_problem import through_windows

ZERO = Fraction(0)


def smooth_between(layer, ends):
    near = SMOOTH[layer[1]]
    low, high = near(ends[0]), near(ends[1])
    if layer[1] in ("gelu", "silu", "sine"):
        # Not monotone, but with slopes of at most 2.
        reach = 2 * (ends[1] - ends[0])
        return outwards(low[0] - reach, low[1] + reach)
    return outwards(low[0], high[1])


def square_between(ends):
    low, high = ends
    squares = (low * low, high * high)
    return (ZERO if low < 0 < high else min(squares)), max(squares)


def outputs_between(problem, parameters, x):
    """Intervals around the outputs for one sample."""
    values = [(entry, entry) for entry in x]
    tensors = iter(parameters)
    for layer, image in zip(problem.layers, problem.images):
        if layer[0] in ("dense", "conv"):
            weight = next(tensors)
            bias = next(tensors) if layer[2] else [ZERO] * layer[1]

            def weighed(weights, seen, o):
                pieces = [[w * end for end in ends] for w, ends in zip(weights[o * len(seen) : (o + 1) * len(seen)], seen)]
                low = bias[o] + sum(min(piece) for piece in pieces)
                return outwards(low, bias[o] + sum(max(piece) for piece in pieces))

            if layer[0] == "dense":
                values = [weighed(weight, values, o) for o in range(layer[1])]
            else:
                values = through_windows(layer, image, values, weight, (ZERO, ZERO), weighed)
        elif layer[0] == "average-pool":

            def mean(_, seen, o):
                return outwards(sum(low for low, _ in seen) / len(seen), sum(high for _, high in seen) / len(seen))

            values = through_windows(layer, image, values, None, (ZERO, ZERO), mean)
        elif layer[0] == "max-pool":

            def most(_, seen, o):
                return max(low for low, _ in seen), max(high for _, high in seen)

            values = through_windows(layer, image, values, None, (ZERO, ZERO), most)
        elif layer[0] == "smooth":
            values = [smooth_between(layer, ends) for ends in values]
        elif layer[0] == "quadratic":
            values = [outwards(*square_between(ends)) for ends in values]
        elif layer[0] == "two-slope":

            def bent(z):
                return (layer[1] if z > 0 else layer[2]) * z

            corners = [[bent(low), bent(high)] + ([ZERO] if low < 0 < high else []) for low, high in values]
            values = [(min(all_), max(all_)) for all_ in corners]
    return values


def log_of_sum_of_exp(values):
    shift = max(low for low, _ in values).__floor__() - 1
    low = sum(exp_near(low - shift)[0] for low, _ in values)
    high = sum(exp_near(high - shift)[1] for _, high in values)
    return log_near(low)[0] + shift, log_near(high)[1] + shift


def loss_between(problem, parameters):
    """Two numbers between which the loss lies."""
    total_low = total_high = ZERO
    for x, y in zip(problem.xs, problem.ys):
        values = outputs_between(problem, parameters, x)
        if problem.loss == "cross-entropy":
            low, high = log_of_sum_of_exp(values)
            total_low += low - sum(target * f[1] for f, target in zip(values, y))
            total_high += high - sum(target * f[0] for f, target in zip(values, y))
            continue
        for (low, high), target in zip(values, y):
            if problem.loss == "logistic":
                total_low += softplus_near(low)[0] - target * high
                total_high += softplus_near(high)[1] - target * low
            elif problem.loss == "hinge":
                margins = (1 - target * low, 1 - target * high)
                total_low += max(ZERO, min(margins))
                total_high += max(ZERO, max(margins))
            else:
                errors = (low - target, high - target)
                least = ZERO if errors[0] < 0 < errors[1] else min(abs(errors[0]), abs(errors[1]))
                for size, is_low in ((least, True), (max(abs(errors[0]), abs(errors[1])), False)):
                    if problem.loss == "squared" or (problem.loss == "huber" and size <= 1):
                        size = size * size / 2
                    elif problem.loss == "huber":
                        size = size - Fraction(1, 2)
                    if is_low:
                        total_low += size
                    else:
                        total_high += size
    shares = len(problem.xs) if problem.mean else 1
    return total_low / shares, total_high / shares


def loss_at_most(problem, parameters):
    """A number that the loss does not exceed."""
    problem.fits(parameters, "the better point")
    return loss_between(problem, parameters)[1]
