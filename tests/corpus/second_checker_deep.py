"""Rules for networks of any depth."""

import copy
from fractions import Fraction

from second_checker_curves import evaluation
from second_checker_problem import outputs_at, residuals, subdifferential, walk
from second_checker_reading import count, fields, holds, items, readable, vector

ZERO = Fraction(0)
ONE = Fraction(1)


def same_input_bound(problem, parameters):
    classes = {}
    for x, f, y in zip(problem.xs, outputs_at(problem, parameters), problem.ys):
        classes.setdefault(tuple(x), []).append((f, y))
    for members in classes.values():
        for o in range(problem.outputs):
            ends = [subdifferential(problem, f[o], y[o]) for f, y in members]
            holds(sum(low for low, _ in ends) <= 0 <= sum(high for _, high in ends), "a class could do better")


class PathSpan:
    def __init__(self, value):
        readable(isinstance(value, dict), "an object expected")
        given = ["subgradients"] if "subgradients" in value else []
        _, spans, *more = fields(value, "rule", "spans", *given)
        self.spans = [self.span(span) for span in items(spans)]
        self.subgradients = vector(more[0]) if given else None

    @staticmethod
    def span(value):
        pivots, functions = fields(value, "pivots", "functions")
        return [count(pivot) for pivot in items(pivots)], [vector(function) for function in items(functions)]


class AffineSegment(PathSpan):
    """The same evidence, for the straightened network."""


def path_span(problem, parameters, evidence):
    arguments = walk(problem, parameters)
    r = residuals(problem, parameters, evidence.subgradients)
    holds(all(layer[0] != "quadratic" for layer in problem.layers), "no smooth layers expected")
    sums_vanish(problem, arguments, r, evidence.spans, [[ONE] * len(problem.xs)], len(problem.layers))


def sums_vanish(problem, arguments, r, spans, reading, depth):
    """Conditions (a) to (d) for the first layers, as many as depth says, which give lists; reading is the list V at first."""
    n = len(problem.xs)
    live = [i for i in range(n) if any(entry != 0 for entry in r[i])]
    kinks = sum(layer[0] in ("two-slope", "max-pool") for layer in problem.layers[:depth])
    holds(len(spans) == kinks, "another number of spans")
    spans = iter(spans)
    # A function is a list with the entry of sample i and position p at i * (number of positions) + p.
    outs = range(len(r[0]))
    for position in reversed(range(depth)):
        layer, image = problem.layers[position], problem.images[position]
        area = image[1] * image[2]
        after = problem.images[position + 1]
        after_area = after[1] * after[2]
        if layer[0] in ("dense", "conv") and layer[2]:
            for f in reading:
                for o in outs:
                    holds(sum(r[i][o] * f[i * after_area + p] for i in live for p in range(after_area)) == 0, "(c)")
        if layer[0] in ("dense", "flatten"):
            if area > 1:
                reading = [
                    [f[i] if p == at else ZERO for i in range(n) for p in range(area)] for f in reading for at in range(area)
                ]
            continue
        if layer[0] in ("conv", "average-pool"):
            window = layer[-1]
            places = [window.looks_at(image, p) for p in range(after_area)]
            taps = range(window.size[0] * window.size[1])
            following = []
            for f in reading:
                for chosen in [[tap] for tap in taps] if layer[0] == "conv" else [taps]:
                    g = [ZERO] * (n * area)
                    for i in range(n):
                        for p in range(after_area):
                            for tap in chosen:
                                if places[p][tap] is not None:
                                    g[i * area + places[p][tap]] += f[i * after_area + p]
                    following.append(g)
            reading = following
            continue
        pivots, functions = next(spans)
        live_places = [i * area + p for i in live for p in range(area)]
        holds(len(pivots) == len(functions), "as many pivots as functions expected")
        holds(all(pivot in live_places for pivot in pivots), "a pivot without residual")
        holds(all(len(function) == n * area for function in functions), "an entry for each place expected")
        z = arguments[position]

        def argument(u, e):
            return z[e // area][u * area + e % area]

        if layer[0] == "max-pool":
            window = layer[1]
            seen = [window.looks_at(image, p) for p in range(after_area)]
            for u in range(image[0]):
                carried = [[ZERO] * (n * area) for _ in reading]
                for i in live:
                    for p in range(after_area):
                        if all(f[i * after_area + p] == 0 for f in reading):
                            continue
                        entries = sorted(((argument(u, i * area + place), place) for place in seen[p]), reverse=True)
                        holds(len(entries) == 1 or entries[0][0] > entries[1][0], "(a') sample %d" % i)
                        for f, g in zip(reading, carried):
                            g[i * area + entries[0][1]] += f[i * after_area + p]
                for g in carried:
                    for e in live_places:
                        holds(g[e] == sum((g[p] * f[e] for p, f in zip(pivots, functions)), ZERO), "(b') unit %d" % u)
            reading = functions
            continue
        for e in live_places:
            if any(f[e] != 0 for f in reading):
                holds(all(argument(u, e) != 0 for u in range(image[0])), "(a) place %d" % e)
        for u in range(image[0]):
            for f in reading:

                def product(e):
                    return ZERO if f[e] == 0 else (layer[1] if argument(u, e) > 0 else layer[2]) * f[e]

                for e in live_places:
                    spanned = sum((product(p) * g[e] for p, g in zip(pivots, functions)), ZERO)
                    holds(product(e) == spanned, "(b) unit %d, place %d" % (u, e))
        reading = functions
    area = problem.image[1] * problem.image[2]
    for f in reading:
        for o in outs:
            for u in range(problem.image[0]):
                total = sum(r[i][o] * f[i * area + p] * problem.xs[i][u * area + p] for i in live for p in range(area))
                holds(total == 0, "(d)")


def affine_segment(problem, parameters, evidence, loss):
    ahead = {"elu": ONE, "selu": Fraction("1.0507009873554804934193349852946")}
    straight = copy.copy(problem)
    straight.layers = [
        ("two-slope", ahead[layer[1]], ZERO) if layer[0] == "smooth" and layer[1] in ahead else layer
        for layer in problem.layers
    ]
    holds(straight.rational(), "elu and selu layers and a rational loss expected")
    evaluation(straight, parameters, loss)
    arguments = walk(straight, parameters)
    for position, layer in enumerate(problem.layers):
        if layer[0] == "smooth":
            holds(all(entry > 0 for row in arguments[position] for entry in row), "(a)")
    path_span(straight, parameters, evidence)


def affine_fit(problem, parameters, chosen):
    holds(all(layer[0] == "dense" for layer in problem.layers), "the rule is for dense layers only")
    r = residuals(problem, parameters, chosen)
    for o in range(problem.outputs):
        for e in range(problem.inputs):
            holds(sum(row[o] * x[e] for row, x in zip(r, problem.xs)) == 0, "the inputs are not balanced")
        if any(layer[2] for layer in problem.layers):
            holds(sum(row[o] for row in r) == 0, "the residuals are not balanced")


def differentiable_stationary(problem, parameters, gates=None):
    """The gradient is zero; with gates, it is so between the slopes at the kinks, and no kink is concave."""
    known = ("dense", "two-slope", "quadratic")
    holds(all(layer[0] in known for layer in problem.layers), "dense, two-slope and quadratic layers expected")
    values = walk(problem, parameters)
    r = []
    for f, y in zip(values[-1], problem.ys):
        ends = [subdifferential(problem, f[o], y[o]) for o in range(problem.outputs)]
        holds(all(low == high for low, high in ends), "(a) the loss of a sample is not differentiable")
        r.append([low for low, _ in ends])
    if gates is not None:
        kinks = sum(z == 0 for layer, rows in zip(problem.layers, values) if layer[0] == "two-slope" for row in rows for z in row)
        holds(len(gates) == kinks, "a gate for every argument that is zero")
        gates = list(gates)
    # The chain rule, sample by sample, from the last layer to the first.
    back = r
    tensor = len(parameters)
    for position in reversed(range(len(problem.layers))):
        layer, before = problem.layers[position], values[position]
        if layer[0] == "quadratic":
            back = [[2 * z * g for z, g in zip(row, grown)] for row, grown in zip(before, back)]
            continue
        if layer[0] == "two-slope":
            jump = layer[1] - layer[2]
            slopes = [[layer[1] if z > 0 else layer[2] for z in row] for row in before]
            zeros = [(i, u) for i, row in enumerate(before) for u, z in enumerate(row) if z == 0]
            holds(gates is not None or not zeros, "(a) an argument is zero")
            for i, u in reversed(zeros):
                share = gates.pop()
                holds(0 <= share <= 1, "(b) a gate")
                holds(jump * back[i][u] >= 0, "(b) a concave kink")
                slopes[i][u] = layer[2] + jump * share
            back = [[s * g for s, g in zip(row, grown)] for row, grown in zip(slopes, back)]
            continue
        tensor -= 2 if layer[2] else 1
        weight = parameters[tensor]
        width = len(before[0])
        for k in range(layer[1]):
            for c in range(width):
                holds(sum(grown[k] * row[c] for row, grown in zip(before, back)) == 0, "(b) a weight")
            if layer[2]:
                holds(sum(grown[k] for grown in back) == 0, "(b) a bias")
        back = [
            [sum((grown[k] * weight[k * width + c] for k in range(layer[1])), ZERO) for c in range(width)]
            for grown in back
        ]
