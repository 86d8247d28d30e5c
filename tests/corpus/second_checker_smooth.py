"""Rules for one hidden smooth layer with equal outputs at all samples."""

from fractions import Fraction

from second_checker_functions import half_waves
from second_checker_matrices import rank_if_semidefinite
from second_checker_reading import holds

ZERO = Fraction(0)


def curvature_sign(layer, beta):
    if layer[0] == "quadratic" or layer[1] == "softplus":
        return 1
    if layer[1] in ("elu", "selu"):
        return 1 if beta < 0 else 0
    if layer[1] == "gelu":
        return 1 if beta * beta < 2 else -1
    if layer[1] == "silu":
        return 1 if abs(beta) < Fraction("2.3993") else -1 if abs(beta) > Fraction("2.3994") else 0
    if layer[1] == "sine":
        k = None if beta == 0 else half_waves(abs(beta))
        return 0 if k is None else 1 if (beta < 0) == (k % 2 == 0) else -1
    return -1 if beta > 0 else 1 if beta < 0 else 0


def constant_output(problem, parameters, loss):
    kinds = [layer[0] for layer in problem.layers]
    holds(len(kinds) == 3 and kinds[0] == "dense" and kinds[2] == "dense", "one hidden layer expected")
    holds(kinds[1] in ("quadratic", "smooth") and problem.layers[2][2], "a smooth layer and an output bias expected")
    holds(problem.outputs == 1 and problem.loss == "squared", "one output and the squared loss expected")
    n = len(problem.xs)
    width = problem.inputs
    mean = sum((y[0] for y in problem.ys), ZERO) / n
    r = [mean - y[0] for y in problem.ys]
    expected = sum(entry * entry for entry in r) / 2
    holds(loss == (expected / n if problem.mean else expected), "the loss is not that of the mean")
    hidden = problem.layers[0]
    biases = parameters[1] if hidden[2] else [ZERO] * hidden[1]
    outer = parameters[2 if hidden[2] else 1]
    signs = []
    for j in range(hidden[1]):
        w = parameters[0][j * width : (j + 1) * width]
        arguments = {sum((a * b for a, b in zip(w, x)), ZERO) + biases[j] for x in problem.xs}
        holds(len(arguments) == 1, "(a)")
        beta = arguments.pop()
        v = outer[j]
        signs.append(curvature_sign(problem.layers[1], beta) * (1 if v > 0 else -1 if v < 0 else 0))
    for e in range(width):
        holds(sum(ri * x[e] for ri, x in zip(r, problem.xs)) == 0, "(b)")
    centre = [sum((x[e] for x in problem.xs), ZERO) / n for e in range(width)]

    def moments(weights, vectors):
        return [
            [sum((g * v[a] * v[b] for g, v in zip(weights, vectors)), ZERO) for b in range(width)] for a in range(width)
        ]

    spread = rank_if_semidefinite(moments([1] * n, [[a - c for a, c in zip(x, centre)] for x in problem.xs]))
    for sign in signs:
        holds(sign != 0, "(c) no sign")
        holds(rank_if_semidefinite(moments([sign * ri for ri in r], problem.xs)) == spread, "(c)")


def zero_derivative(problem, parameters, loss):
    kinds = [layer[0] for layer in problem.layers]
    holds(kinds == ["dense", "smooth", "dense"], "one hidden smooth layer expected")
    holds(problem.layers[1][1] in ("gelu", "silu", "sine"), "a zero of the derivative expected")
    holds(problem.layers[0][2] and problem.layers[2][2], "biases expected")
    holds(problem.outputs == 1 and problem.loss == "squared", "one output and the squared loss expected")
    weight, outer = parameters
    holds(all(entry == 0 for entry in weight), "(a)")
    n = len(problem.xs)
    mean = sum((y[0] for y in problem.ys), ZERO) / n
    r = [mean - y[0] for y in problem.ys]
    expected = sum(entry * entry for entry in r) / 2
    holds(loss == (expected / n if problem.mean else expected), "(b)")
    holds(any(entry != 0 for entry in outer), "(c) all units are silent")
    holds(any(sum(ri * x[e] for ri, x in zip(r, problem.xs)) != 0 for e in range(problem.inputs)), "(c)")
