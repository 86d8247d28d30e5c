"""A second checker for nadir certificates, written from the pages in spec/ alone.

Plain and slow: every number is a fractions.Fraction, every condition is evaluated as the page states it. It shares no
code with the checker in TypeScript and is built the other way round: an exception ends a check, functions follow the
sentences of the specification.

    python3 second_checker.py FILE...     prints "outcome<TAB>reason" for each file
    python3 second_checker.py -           reads one certificate text per line, as a JSON string, from standard input
"""

import copy
import hashlib
import json
import math
import re
import sys
from fractions import Fraction

import second_checker_kinks
import second_checker_risk
import second_checker_saddles

ZERO = Fraction(0)
ONE = Fraction(1)

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)


class Declined(Exception):
    pass


class Rejected(Exception):
    pass


def readable(truth, what):
    if not truth:
        raise Declined(what)


def holds(truth, what):
    if not truth:
        raise Rejected(what)


# Strict reading


class Count(int):
    """A JSON number. (A bool is an int in Python, a Count is not a bool.)"""


def strict_json(text):
    readable(len(text) <= 64 * 1024 * 1024, "longer than 64 MiB")
    readable(text.isascii(), "not ASCII")
    readable("\\" not in text, "a backslash")
    depth = deepest = 0
    inside = False
    for character in text:
        if character == '"':
            inside = not inside
        elif not inside and character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif not inside and character in "]}":
            depth -= 1
    readable(deepest <= 32, "nested too deep")

    def count(digits):
        readable(not digits.startswith("-"), "a sign")
        readable(len(digits) <= 10 and int(digits) <= 2147483647, "a count too large")
        return Count(digits)

    def no_number(token):
        raise Declined("not a count: " + token[:20])

    def unique(pairs):
        readable(len({key for key, _ in pairs}) == len(pairs), "a duplicate key")
        return dict(pairs)

    try:
        return json.loads(
            text, parse_int=count, parse_float=no_number, parse_constant=no_number, object_pairs_hook=unique
        )
    except ValueError as error:
        raise Declined(str(error))


def fields(value, *names):
    readable(isinstance(value, dict), "an object expected")
    readable(set(value) == set(names), "fields " + ", ".join(names) + " expected")
    return [value[name] for name in names]


def items(value):
    readable(isinstance(value, list), "a list expected")
    return value


def count(value, least=0):
    readable(isinstance(value, Count) and value >= least, "a count expected")
    return int(value)


def boolean(value):
    readable(isinstance(value, bool), "true or false expected")
    return value


def name(value, *known):
    readable(isinstance(value, str) and value in known, "one of " + ", ".join(known) + " expected")
    return value


def kind(value, key, *known):
    readable(isinstance(value, dict) and key in value, "an object with " + key + " expected")
    return name(value[key], *known)


def integer(value):
    readable(isinstance(value, str), "a string expected")
    readable(re.fullmatch(r"0|-?[1-9][0-9]*", value) is not None, "an integer expected")
    readable(len(value.lstrip("-")) <= 200000, "too many digits")
    return int(value)


def positive(value):
    number = integer(value)
    readable(number > 0, "a positive integer expected")
    return number


def rational(value):
    readable(isinstance(value, str), "a string expected")
    if "/" not in value:
        return Fraction(integer(value))
    above, below = value.split("/", 1)
    p, q = integer(above), integer(below)
    readable(p != 0 and q >= 2, "p/q with p != 0 and q >= 2 expected")
    return Fraction(p, q)


def lowest(value):
    number = rational(value)
    readable(str(number) == value, "lowest terms expected")
    return number


def vector(value):
    denominator, numerators = fields(value, "denominator", "numerators")
    d = positive(denominator)
    return [Fraction(integer(entry), d) for entry in items(numerators)]


def point(value):
    return [vector(tensor) for tensor in items(value)]


# The problem


def counts(value, length, least=1):
    readable(len(items(value)) == length, "a list of %d counts expected" % length)
    return tuple(count(entry, least) for entry in value)


class Window:
    def __init__(self, size, stride, padding):
        self.size, self.stride, self.padding = size, stride, padding

    def steps(self, image):
        top, left, bottom, right = self.padding
        rows = (image[1] + top + bottom - self.size[0]) // self.stride[0] + 1
        columns = (image[2] + left + right - self.size[1]) // self.stride[1] + 1
        return rows, columns

    def looks_at(self, image, position):
        """For the output position the input position of every tap, None in the padding."""
        top, left = self.padding[:2]
        y, x = divmod(position, self.steps(image)[1])
        places = []
        for i in range(self.size[0]):
            for j in range(self.size[1]):
                row, column = y * self.stride[0] + i - top, x * self.stride[1] + j - left
                inside = 0 <= row < image[1] and 0 <= column < image[2]
                places.append(row * image[2] + column if inside else None)
        return places


def image_after(layer, image):
    if layer[0] in ("conv", "average-pool", "max-pool"):
        rows, columns = layer[-1].steps(image)
        readable(rows >= 1 and columns >= 1, "a window inside the image expected")
        return (layer[1] if layer[0] == "conv" else image[0], rows, columns)
    if layer[0] == "flatten":
        return (image[0] * image[1] * image[2], 1, 1)
    return (layer[1], 1, 1) if layer[0] == "dense" else image


def through_windows(layer, image, values, weights, zero, dot):
    """What a conv or pool layer gives; dot(weights, what they see, o) is the entry of output channel o."""
    window, area = layer[-1], image[1] * image[2]
    rows, columns = window.steps(image)
    seen = [window.looks_at(image, position) for position in range(rows * columns)]

    def sees(c, position):
        return [zero if place is None else values[c * area + place] for place in seen[position]]

    after = []
    for o in range(layer[1] if layer[0] == "conv" else image[0]):
        for position in range(rows * columns):
            if layer[0] == "conv":
                after.append(dot(weights, [a for c in range(image[0]) for a in sees(c, position)], o))
            else:
                after.append(dot(weights, sees(o, position), o))
    return after


class Decay:
    def __init__(self, value):
        factor, biases = fields(value, "factor", "biases")
        self.factor, self.biases = lowest(factor), boolean(biases)
        readable(self.factor > 0, "a positive factor expected")


class Problem:
    def __init__(self, value):
        decay = ["decay"] if isinstance(value, dict) and "decay" in value else []
        layout, network, loss, data, *decay = fields(value, "format", "network", "loss", "data", *decay)
        name(layout, "nadir-problem/1")
        self.decay = Decay(decay[0]) if decay else None
        width, layers = fields(network, "inputs", "layers")
        self.has_image = isinstance(width, list)
        self.image = counts(width, 3) if isinstance(width, list) else (count(width, 1), 1, 1)
        self.inputs = self.image[0] * self.image[1] * self.image[2]
        self.layers = [self.layer(layer) for layer in items(layers)]
        readable(self.layers and self.layers[-1][0] == "dense", "a dense layer at the end expected")
        self.images = [self.image]
        for layer in self.layers:
            self.images.append(image_after(layer, self.images[-1]))
        self.outputs = self.layers[-1][1]
        loss_kind, reduction = fields(loss, "kind", "reduction")
        self.loss = name(loss_kind, "squared", "absolute", "hinge", "huber", "logistic", "cross-entropy")
        self.mean = name(reduction, "sum", "mean") == "mean"
        readable(self.loss not in ("absolute", "hinge") or self.outputs == 1, "one output expected")
        xs, ys = fields(data, "inputs", "targets")
        self.xs = [[lowest(entry) for entry in items(row)] for row in items(xs)]
        self.ys = [[lowest(entry) for entry in items(row)] for row in items(ys)]
        readable(len(self.xs) >= 1, "a sample expected")
        readable(len(self.xs) == len(self.ys), "as many targets as inputs expected")
        readable(all(len(x) == self.inputs for x in self.xs), "inputs of the network's width expected")
        readable(all(len(y) == self.outputs for y in self.ys), "targets of the network's width expected")
        if self.loss in ("logistic", "cross-entropy"):
            readable(all(0 <= entry <= 1 for y in self.ys for entry in y), "probabilities expected")
        if self.loss == "cross-entropy":
            readable(all(sum(y) == 1 for y in self.ys), "probabilities that add up to 1 expected")

    @staticmethod
    def layer(value):
        named = kind(value, "kind", "dense", "two-slope", "conv", "average-pool", "max-pool", "flatten", "quadratic", "smooth")
        if named == "dense":
            _, outputs, bias = fields(value, "kind", "outputs", "bias")
            return ("dense", count(outputs, 1), boolean(bias))
        if named == "smooth":
            _, function = fields(value, "kind", "name")
            return ("smooth", name(function, *SMOOTH))
        if named in ("flatten", "quadratic"):
            fields(value, "kind")
            return (named,)
        if named in ("average-pool", "max-pool"):
            _, size, stride = fields(value, "kind", "size", "stride")
            return (named, Window(counts(size, 2), counts(stride, 2), (0, 0, 0, 0)))
        if named == "conv":
            _, outputs, size, stride, padding, bias = fields(
                value, "kind", "outputs", "size", "stride", "padding", "bias"
            )
            window = Window(counts(size, 2), counts(stride, 2), counts(padding, 4, 0))
            return ("conv", count(outputs, 1), boolean(bias), window)
        _, p, q = fields(value, "kind", "positive", "negative")
        readable(lowest(p) != lowest(q), "two different slopes expected")
        return ("two-slope", lowest(p), lowest(q))

    def tensor_sizes(self):
        sizes = []
        for layer, (channels, height, width) in zip(self.layers, self.images):
            if layer[0] == "dense":
                sizes.append(channels * height * width * layer[1])
            elif layer[0] == "conv":
                sizes.append(layer[1] * channels * layer[3].size[0] * layer[3].size[1])
            if layer[0] in ("dense", "conv") and layer[2]:
                sizes.append(layer[1])
        return sizes

    def decaying(self):
        """For every tensor whether its entries decay."""
        tensors = []
        for layer in self.layers:
            if layer[0] in ("dense", "conv"):
                tensors += [True, self.decay.biases] if layer[2] else [True]
        return tensors

    def fits(self, parameters, what):
        holds([len(tensor) for tensor in parameters] == self.tensor_sizes(), what + " has another shape")

    def rational(self):
        smooth = any(layer[0] == "smooth" for layer in self.layers)
        return not smooth and self.loss not in ("logistic", "cross-entropy")

    def one_hidden_layer(self):
        return [layer[0] for layer in self.layers] == ["dense", "two-slope", "dense"]


# Polynomials in t: a dictionary from powers to coefficients that are not zero


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


def walk(problem, parameters):
    """What every layer is applied to at every sample, then the outputs: values[layer][sample][unit]."""
    values, tensors = [problem.xs], iter(parameters)
    for layer, image in zip(problem.layers, problem.images):
        before = values[-1]
        if layer[0] == "flatten":
            after = before
        elif layer[0] == "quadratic":
            after = [[z * z for z in a] for a in before]
        elif layer[0] == "average-pool":
            area = layer[1].size[0] * layer[1].size[1]
            after = [through_windows(layer, image, a, None, ZERO, lambda _, seen, o: sum(seen, ZERO) / area) for a in before]
        elif layer[0] == "max-pool":
            after = [through_windows(layer, image, a, None, ZERO, lambda _, seen, o: max(seen)) for a in before]
        elif layer[0] == "conv":
            weight = next(tensors)
            bias = next(tensors) if layer[2] else [ZERO] * layer[1]

            def filtered(weights, seen, o):
                return bias[o] + sum((weights[o * len(seen) + k] * entry for k, entry in enumerate(seen)), ZERO)

            after = [through_windows(layer, image, a, weight, ZERO, filtered) for a in before]
        elif layer[0] == "dense":
            weight = next(tensors)
            bias = next(tensors) if layer[2] else [ZERO] * layer[1]
            n = len(before[0])
            after = [
                [bias[k] + sum((weight[k * n + c] * a[c] for c in range(n)), ZERO) for k in range(layer[1])] for a in before
            ]
        else:
            after = [[(layer[1] if z >= 0 else layer[2]) * z for z in a] for a in before]
        values.append(after)
    return values


def outputs_at(problem, parameters):
    return walk(problem, parameters)[-1]


def subdifferential(problem, f, y):
    """The interval of the loss of one sample, for one output."""
    if problem.loss == "squared":
        return (f - y, f - y)
    if problem.loss == "huber":
        slope = min(max(f - y, -ONE), ONE)
        return (slope, slope)
    if problem.loss == "absolute":
        return (-ONE, ONE) if f == y else ((ONE, ONE) if f > y else (-ONE, -ONE))
    if y * f < 1:
        return (-y, -y)
    if y * f > 1:
        return (ZERO, ZERO)
    return (min(-y, ZERO), max(-y, ZERO))


# Rules


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


def same_input_bound(problem, parameters):
    classes = {}
    for x, f, y in zip(problem.xs, outputs_at(problem, parameters), problem.ys):
        classes.setdefault(tuple(x), []).append((f, y))
    for members in classes.values():
        for o in range(problem.outputs):
            ends = [subdifferential(problem, f[o], y[o]) for f, y in members]
            holds(sum(low for low, _ in ends) <= 0 <= sum(high for _, high in ends), "a class could do better")


def residuals(problem, parameters, chosen):
    """r_i for every sample, one entry for each output."""
    holds((chosen is None) == (problem.loss in ("squared", "huber")), "subgradients belong to the absolute and the hinge loss")
    given = list(chosen or [])
    r = []
    for f, y in zip(outputs_at(problem, parameters), problem.ys):
        row = []
        for o in range(problem.outputs):
            low, high = subdifferential(problem, f[o], y[o])
            if low != high:
                holds(given, "a subgradient is missing")
                row.append(given.pop(0))
                holds(low <= row[-1] <= high, "a subgradient is outside")
            else:
                row.append(low)
        r.append(row)
    holds(not given, "too many subgradients")
    return r


def multiple(vector_, base):
    """t with vector = t base, or None."""
    lead = next(k for k, entry in enumerate(base) if entry != 0)
    t = vector_[lead] / base[lead]
    return t if t != 0 and all(a == t * b for a, b in zip(vector_, base)) else None


class Slopes:
    """The fields denominator, slopes and perhaps subgradients of evidence."""

    def __init__(self, value, *others):
        readable(isinstance(value, dict), "an object expected")
        given = ["subgradients"] if "subgradients" in value else []
        denominator, units, *more = fields(value, "denominator", "slopes", *given, *others)
        self.denominator = positive(denominator)
        self.units = [[[self.entry(e) for e in items(row)] for row in items(unit)] for unit in items(units)]
        self.subgradients = vector(more[0]) if given else None

    def entry(self, value):
        readable(len(items(value)) == 2, "a sample and a slope expected")
        sample = count(value[0])
        if isinstance(value[1], list):
            return sample, [Fraction(integer(slope), self.denominator) for slope in value[1]]
        return sample, Fraction(integer(value[1]), self.denominator)


def first_order(problem, parameters, slopes, minimum):
    """Conditions (a), (b), (c), and for a minimum (d), (e) as well."""
    holds(problem.one_hidden_layer(), "the network has not one hidden layer")
    (_, units, hidden_bias), (_, p, q), (_, m, output_bias) = problem.layers
    holds(len(slopes.units) == units, "slopes for another number of units")
    samples = range(len(problem.xs))
    outs = range(m)

    def h(t):
        return p * t if t >= 0 else q * t

    r = residuals(problem, parameters, slopes.subgradients)

    # (a)
    if output_bias:
        holds(all(sum(r[i][o] for i in samples) == 0 for o in outs), "(a)")

    tensors = iter(parameters)
    weight = next(tensors)
    bias = next(tensors) if hidden_bias else []
    outer = next(tensors)
    xs = [x + [ONE] if hidden_bias else x for x in problem.xs]
    width = len(xs[0])
    for j in range(units):
        w = weight[j * problem.inputs : (j + 1) * problem.inputs] + ([bias[j]] if hidden_bias else [])
        z = [sum((a * b for a, b in zip(w, x)), ZERO) for x in xs]
        v = [outer[o * units + j] for o in outs]
        rows = slopes.units[j]

        # (b)
        for o in outs:
            holds(sum(r[i][o] * h(z[i]) for i in samples) == 0, "(b) unit %d" % j)

        c_o = [
            [sum((r[i][o] * (p if z[i] > 0 else q) * xs[i][k] for i in samples if z[i] != 0), ZERO) for k in range(width)]
            for o in outs
        ]
        classes = []
        for i in samples:
            if z[i] != 0 or all(entry == 0 for entry in xs[i]):
                continue
            for one in classes:
                t = multiple(xs[i], xs[one[0][0]])
                if t is not None:
                    one.append((i, t))
                    break
            else:
                classes.append([(i, ONE)])
        vectors = [xs[one[0][0]] for one in classes]
        # The sum over a class of r h(t tau) is R tau for tau > 0 and L tau for tau < 0.
        right = [[sum((r[i][o] * h(t) for i, t in one), ZERO) for o in outs] for one in classes]
        left = [[-sum((r[i][o] * h(-t) for i, t in one), ZERO) for o in outs] for one in classes]

        def balances(linear, choice):
            return all(
                linear[k] + sum((slope * x[k] for slope, x in zip(choice, vectors)), ZERO) == 0 for k in range(width)
            )

        if all(entry == 0 for entry in v):
            holds(rows == [], "rows for a unit with v = 0")
            if minimum:
                for o in outs:
                    holds(all(a[o] == b[o] for a, b in zip(right, left)), "(d) unit %d: a kink" % j)
                    holds(balances(c_o[o], [a[o] for a in right]), "(d) unit %d" % j)
            continue

        u = [ONE if v[0] > 0 else -ONE] if m == 1 else v
        c = [sum((u[o] * c_o[o][k] for o in outs), ZERO) for k in range(width)]
        high = [sum((u[o] * a[o] for o in outs), ZERO) for a in right]
        low = [sum((u[o] * a[o] for o in outs), ZERO) for a in left]
        concave = [k for k in range(len(classes)) if high[k] < low[k]]
        first = [one[0][0] for one in classes]

        if minimum and m >= 2:
            # (e)
            holds(not concave, "(e) unit %d: a concave class" % j)
            holds(len(rows) == 1 and [sample for sample, _ in rows[0]] == first, "(e) unit %d: another row" % j)
            lifted = [slope for _, slope in rows[0]]
            holds(all(isinstance(slope, list) and len(slope) == m for slope in lifted), "(e) unit %d: no lists" % j)
            for o in outs:
                holds(balances(c_o[o], [slope[o] for slope in lifted]), "(e) unit %d" % j)
            for k in range(len(classes)):
                m_k = sum((u[o] * lifted[k][o] for o in outs), ZERO)
                holds(low[k] <= m_k <= high[k], "(e) unit %d: outside" % j)
                holds(m_k != high[k] or lifted[k] == right[k], "(e) unit %d: right end" % j)
                holds(m_k != low[k] or lifted[k] == left[k], "(e) unit %d: left end" % j)
            continue

        # (c)
        readable(len(concave) <= 12, "more than 12 concave classes")
        holds(len(rows) == 2 ** len(concave), "(c) unit %d: another number of rows" % j)
        free = [k for k in range(len(classes)) if k not in concave]
        for s, row in enumerate(rows):
            holds([sample for sample, _ in row] == [first[k] for k in free], "(c) unit %d: another row" % j)
            choice = [None] * len(classes)
            for e, k in enumerate(concave):
                choice[k] = high[k] if (s >> e) & 1 else low[k]
            for k, (_, slope) in zip(free, row):
                holds(isinstance(slope, Fraction), "(c) unit %d: a list" % j)
                holds(low[k] <= slope <= high[k], "(c) unit %d: outside" % j)
                choice[k] = slope
            holds(balances(c, choice), "(c) unit %d, row %d" % (j, s))


# Smooth activations: intervals with rational ends


def outwards(low, high):
    """The same interval with ends that are multiples of 2^-160."""
    unit = 1 << 160
    return Fraction((low * unit).__floor__(), unit), Fraction((high * unit).__ceil__(), unit)


def exp_near(x):
    """An interval around e^x."""
    readable(abs(x) <= 4096, "the exponential of a number beyond 4096")
    halvings = 0
    y = Fraction(x)
    while abs(y) > Fraction(1, 16):
        y /= 2
        halvings += 1
    total, term = ZERO, ONE
    for k in range(1, 40):
        total += term
        term = term * y / k
    # What is left out is at most twice the first term that is left out.
    low, high = outwards(total - 2 * abs(term), total + 2 * abs(term))
    # Many more digits are kept while squaring, for the error grows with every step.
    unit = 1 << (220 + halvings)
    for _ in range(halvings):
        low = Fraction((low * low * unit).__floor__(), unit)
        high = Fraction((high * high * unit).__ceil__(), unit)
    return low, high


def log_series(m):
    """log m = 2 (t + t^3/3 + t^5/5 + ...), t = (m - 1) / (m + 1), for 3/4 <= m <= 3/2."""
    if m < 1:
        low, high = log_series(1 / m)
        return -high, -low
    t = (m - 1) / (m + 1)
    low, high = outwards(t, t)
    square = outwards(low * low, high * high)
    total_low = total_high = ZERO
    for j in range(70):
        piece = outwards(2 * low / (2 * j + 1), 2 * high / (2 * j + 1))
        total_low += piece[0]
        total_high += piece[1]
        low, high = outwards(low * square[0], high * square[1])
    return total_low, total_high + 3 * high


# log 2 = log 4/3 + log 3/2
LOG_TWO = tuple(a + b for a, b in zip(log_series(Fraction(4, 3)), log_series(Fraction(3, 2))))


def log_near(x):
    """An interval around log x, x > 0: log x = k log 2 + log m, 3/4 <= m < 3/2."""
    k = 0
    m = Fraction(x)
    while m >= Fraction(3, 2):
        m /= 2
        k += 1
    while m < Fraction(3, 4):
        m *= 2
        k -= 1

    part = log_series(m)
    ends = (k * LOG_TWO[0], k * LOG_TWO[1])
    return min(ends) + part[0], max(ends) + part[1]


def arctan_near(x):
    """An interval around arctan x by Euler's series sum of 2^(2n) n!^2 / (2n+1)! x^(2n+1) / (1 + x^2)^(n+1)."""
    if x < 0:
        low, high = arctan_near(-x)
        return -high, -low
    if x > 1:
        # arctan x = pi/2 - arctan(1/x), pi/4 = 4 arctan(1/5) - arctan(1/239)
        fifth, small, other = arctan_near(Fraction(1, 5)), arctan_near(Fraction(1, 239)), arctan_near(1 / Fraction(x))
        low = 2 * (4 * fifth[0] - small[1]) - other[1]
        high = 2 * (4 * fifth[1] - small[0]) - other[0]
        return low, high
    square = Fraction(x) * x
    ratio = square / (1 + square)
    low = high = Fraction(x) / (1 + square)
    total_low = total_high = ZERO
    n = 0
    while high > Fraction(1, 1 << 150):
        total_low += low
        total_high += high
        n += 1
        factor = ratio * 2 * n / (2 * n + 1)
        low, high = outwards(low * factor, high * factor)
        low = max(low, ZERO)
    # All terms that follow are smaller by a factor of at most 1/2 each.
    return total_low, total_high + 4 * high


def sigmoid_near(x):
    low, high = exp_near(-x)
    return 1 / (1 + high), 1 / (1 + low)


def tanh_near(x):
    low, high = exp_near(2 * x)
    return 1 - 2 / (1 + low), 1 - 2 / (1 + high)


def softplus_near(x):
    low, high = exp_near(x)
    return log_near(1 + low)[0], log_near(1 + high)[1]


def elu_near(x):
    if x >= 0:
        return x, x
    low, high = exp_near(x)
    return low - 1, high - 1


def selu_near(x):
    scale = Fraction("1.0507009873554804934193349852946")
    alpha = Fraction("1.6732632423543772848170429916717")
    low, high = elu_near(x)
    factor = scale if x >= 0 else scale * alpha
    return factor * low, factor * high


def silu_near(x):
    low, high = sigmoid_near(x)
    return min(x * low, x * high), max(x * low, x * high)


def root_of_two_pi():
    """An interval around sqrt(2 pi)."""
    fifth, small = arctan_near(Fraction(1, 5)), arctan_near(Fraction(1, 239))
    low, high = 8 * (4 * fifth[0] - small[1]), 8 * (4 * fifth[1] - small[0])
    unit = 1 << 140
    return Fraction(math.isqrt((low * unit * unit).__floor__()), unit), Fraction(math.isqrt((high * unit * unit).__ceil__()) + 1, unit)


def gelu_near(x):
    """x/2 + x^2 phi(x) (1 + x^2/3 + x^4/(3 5) + ...), phi the normal density; Phi(x) itself beyond 16."""
    tiny = Fraction(1, 1 << 180)
    if x >= 16:
        return x - tiny, Fraction(x)
    if x <= -16:
        return -tiny, ZERO
    square = Fraction(x) * x
    unit = 1 << 200
    low = high = ONE
    total_low, total_high = low, high
    odd = 1
    # All terms are positive; once the ratio is below 1/2 what follows is at most the last term.
    while odd < 2 * square + 3 or high > Fraction(1, 1 << 160):
        odd += 2
        low = Fraction((low * square / odd * unit).__floor__(), unit)
        high = Fraction((high * square / odd * unit).__ceil__(), unit)
        total_low += low
        total_high += high
    total_high += high
    power, root = exp_near(square / 2), root_of_two_pi()
    return (
        Fraction(x) / 2 + square * total_low / (power[1] * root[1]),
        Fraction(x) / 2 + square * total_high / (power[0] * root[0]),
    )


def sine_near(x):
    """Taylor's series of sine and cosine at x / 2^k, then k times sin 2y = 2 sin y cos y, cos 2y = 1 - 2 sin^2 y."""
    readable(abs(x) <= 4096, "the sine of a number beyond 4096")
    y, k = Fraction(x), 0
    while abs(y) > Fraction(1, 4):
        y /= 2
        k += 1
    unit = 1 << 320
    y = Fraction((y * unit).__floor__(), unit)
    error = Fraction(1, 1 << 310)
    series = [ZERO, ZERO]
    term = ONE
    for power in range(60):
        series[power % 2] += term if power % 4 < 2 else -term
        term = Fraction((term * y / (power + 1) * unit).__floor__(), unit)
    cosine, sine = series
    for _ in range(k):
        # Both are at most 1 in size, so that the error of each grows by a factor of at most 8 with all roundings.
        cosine, sine = 1 - 2 * sine * sine, 2 * sine * cosine
        cosine, sine = (Fraction((value * unit).__floor__(), unit) for value in (cosine, sine))
        error *= 8
    return sine - error, sine + error


SMOOTH = {
    "gelu": gelu_near,
    "silu": silu_near,
    "sine": sine_near,
    "sigmoid": sigmoid_near,
    "tanh": tanh_near,
    "arctan": arctan_near,
    "softplus": softplus_near,
    "elu": elu_near,
    "selu": selu_near,
}


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


PI_LOW = Fraction("3.14159265358979323846")
PI_HIGH = Fraction("3.14159265358979323847")


def half_waves(size):
    """How many multiples of pi lie between 0 and a positive number; None where that is not known."""
    k = (size / PI_HIGH).__floor__()
    return k if k * PI_HIGH < size < (k + 1) * PI_LOW else None


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


def rank_if_semidefinite(matrix):
    """By completing squares one after the other; None when a square is negative."""
    rows = [list(row) for row in matrix]
    rank = 0
    while rows:
        if any(row[k] < 0 for k, row in enumerate(rows)):
            return None
        at = next((k for k, row in enumerate(rows) if row[k] > 0), None)
        if at is None:
            return rank if all(entry == 0 for row in rows for entry in row) else None
        pivot = rows[at]
        rest = [k for k in range(len(rows)) if k != at]
        rows = [[rows[a][b] - rows[a][at] * pivot[b] / pivot[at] for b in rest] for a in rest]
        rank += 1
    return rank


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


# Rules for networks of any depth


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
    n = len(problem.xs)
    arguments = walk(problem, parameters)
    r = residuals(problem, parameters, evidence.subgradients)
    live = [i for i in range(n) if any(entry != 0 for entry in r[i])]
    holds(all(layer[0] != "quadratic" for layer in problem.layers), "no smooth layers expected")
    kinks = sum(layer[0] in ("two-slope", "max-pool") for layer in problem.layers)
    holds(len(evidence.spans) == kinks, "another number of spans")
    spans = iter(evidence.spans)
    # A function is a list with the entry of sample i and position p at i * (number of positions) + p.
    reading = [[ONE] * n]
    outs = range(problem.outputs)
    for position in reversed(range(len(problem.layers))):
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


# Lower bounds


def split_node(node, counts):
    readable(len(node) == counts + 2, "counts and two integers expected")
    return [count(entry) for entry in node[:counts]] + [positive(entry) for entry in node[counts:]]


def cone_nodes(value):
    """Splits are lists, leaves are tuples."""
    denominator, nodes = fields(value, "denominator", "nodes")
    d, found = positive(denominator), []
    for node in items(nodes):
        split = len(items(node)) > 0 and isinstance(node[0], Count)
        found.append(split_node(node, 2) if split else tuple(Fraction(integer(entry), d) for entry in node))
    return found


def region_node(value):
    return tuple(vector(value)) if isinstance(value, dict) else split_node(items(value), 3)


def fan(size):
    rays = [[Fraction(int(k == entry)) for entry in range(size)] for k in range(size)] + [[-ONE] * size]
    return [rays[:k] + rays[k + 1 :] for k in range(size + 1)]


def inner(a, b):
    return sum((left * right for left, right in zip(a, b)), ZERO)


def cut(cone, a, b, alpha, beta):
    holds(a < b < len(cone), "a split of generators that are not there")
    g = [alpha * left + beta * right for left, right in zip(cone[a], cone[b])]
    return [cone[:b] + [g] + cone[b + 1 :], cone[:a] + [g] + cone[a + 1 :]]


def leaves_of(roots, nodes, parts):
    """Pairs of a place and its leaf, from a list written in preorder."""
    rest, open_, found = list(reversed(nodes)), list(reversed(roots)), []
    while open_:
        place = open_.pop()
        holds(rest, "a place without a node")
        node = rest.pop()
        if isinstance(node, tuple):
            found.append((place, node))
        else:
            open_.extend(reversed(parts(place, node)))
    holds(not rest, "nodes after the end")
    return found


def extended(problem):
    return [x + [ONE] if problem.layers[0][2] else x for x in problem.xs]


def dual_bound(problem, evidence, wanted):
    usual = problem.one_hidden_layer() and problem.outputs == 1 and problem.loss == "squared" and problem.decay
    holds(usual, "one hidden layer, one output, squared loss, weight decay expected")
    z, above, below = evidence
    n, (_, p, q) = len(problem.xs), problem.layers[1]
    holds(len(z) == n, "a number for every sample expected")
    share = n if problem.mean else 1
    limit, hidden_bias, output_bias = problem.decay.factor * share, problem.layers[0][2], problem.layers[2][2]
    holds(problem.decay.biases or not output_bias or sum(z) == 0, "(a)")
    xs = extended(problem)
    for sign, nodes in ((1, above), (-1, below)):
        for cone, r in leaves_of(fan(len(xs[0])), nodes, lambda place, node: cut(place, *node)):
            holds(len(r) == len(xs[0]), "a vector of another length")
            psi, sizes = [ZERO] * len(cone), [sum(abs(entry) for entry in g) for g in cone]
            for x, number in zip(xs, z):
                number, ts = sign * number, [inner(x, g) for g in cone]
                leaning = [t / size for t, size in zip(ts, sizes)]
                for k, t in enumerate(ts):
                    if number * (p - q) >= 0:
                        psi[k] += number * (p if t >= 0 else q) * t
                    else:
                        psi[k] += number * (p if max(leaning) + min(leaning) >= 0 else q) * t
            holds(all(inner(r, g) >= height for g, height in zip(cone, psi)), "(b)")
            holds(inner(r, r) <= limit * limit, "(c)")
            holds(problem.decay.biases or not hidden_bias or r[-1] == 0, "(c) the bias")
    bound = inner(z, [y for (y,) in problem.ys]) - inner(z, z) / 2
    if output_bias and problem.decay.biases:
        bound -= sum(z) ** 2 / (2 * limit)
    holds(wanted <= bound / share, "the bound is smaller")


def ascending(numbers, positives):
    return all(k == positives or numbers[k - 1] <= numbers[k] for k in range(1, len(numbers)))


def pattern_tree(problem, nodes, wanted):
    holds(problem.one_hidden_layer() and problem.outputs == 1 and problem.loss == "squared", "another network or loss")
    xs, ys = extended(problem), [y for (y,) in problem.ys]
    (_, p, q), units, output_bias = problem.layers[1], problem.layers[0][1], problem.layers[2][2]
    share = len(xs) if problem.mean else 1
    cones, roots = fan(len(xs[0])), []
    for positives in range(units + 1):
        lists = [[]]
        for _ in range(units):
            lists = [chosen + [k] for chosen in lists for k in range(len(cones))]
        roots += [[cones[k] for k in chosen] + [positives] for chosen in lists if ascending(chosen, positives)]

    def parts(region, node):
        unit = node[0]
        holds(unit < units, "a unit that is not there")
        return [region[:unit] + [cone] + region[unit + 1 :] for cone in cut(region[unit], *node[1:])]

    for region, e in leaves_of(roots, nodes, parts):
        columns, settled = [], [True] * len(xs)
        for unit in range(units):
            kappa = 1 if unit < region[-1] else -1
            ts = [[inner(x, g) for g in region[unit]] for x in xs]
            settled = [a and (all(t >= 0 for t in b) or all(t <= 0 for t in b)) for a, b in zip(settled, ts)]
            columns += [[kappa * (p if t[k] >= 0 else q) * t[k] for t in ts] for k in range(len(region[unit]))]
        holds(len(e) == len(columns) + int(output_bias), "another number of coefficients")
        z = [
            y - inner(e, [column[i] for column in columns] + [ONE] * int(output_bias)) if settled[i] else ZERO
            for i, y in enumerate(ys)
        ]
        holds(all(inner(z, column) <= 0 for column in columns), "(a)")
        holds(not output_bias or sum(z) == 0, "(b)")
        holds(wanted <= (inner(z, ys) - inner(z, z) / 2) / share, "the bound is smaller")


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


def rank_bound(problem, evidence, wanted):
    affine, shift, excess = evidence
    dense = all(layer[0] == "dense" for layer in problem.layers) and not problem.has_image
    holds(dense and problem.loss == "squared", "another network or loss")
    bias = any(layer[2] for layer in problem.layers)
    rank = min([problem.inputs] + [layer[1] for layer in problem.layers])
    xs, m = [x + [ONE] if bias else x for x in problem.xs], problem.outputs
    width = len(xs[0])
    holds(len(affine) == m * width and len(excess) == m * m and shift >= 0, "evidence of another shape")
    fitted = [[inner(affine[o * width : (o + 1) * width], x) for o in range(m)] for x in xs]
    errors = [[target - value for target, value in zip(y, t)] for y, t in zip(problem.ys, fitted)]
    for o in range(m):
        for entry in range(width):
            holds(sum(e[o] * x[entry] for e, x in zip(errors, xs)) == 0, "(a)")
    if bias:
        means = [sum(t[o] for t in fitted) / len(xs) for o in range(m)]
        fitted = [[value - mean for value, mean in zip(t, means)] for t in fitted]
    moments = [[sum(t[a] * t[b] for t in fitted) for b in range(m)] for a in range(m)]
    matrix = [excess[o * m : (o + 1) * m] for o in range(m)]
    holds(all(matrix[a][b] == matrix[b][a] for a in range(m) for b in range(m)), "not symmetric")
    holds(rank_if_semidefinite(matrix) is not None, "(b) the excess")
    left = [[matrix[a][b] + (shift if a == b else 0) - moments[a][b] for b in range(m)] for a in range(m)]
    holds(rank_if_semidefinite(left) is not None, "(b)")
    share = len(xs) if problem.mean else 1
    squares = sum(inner(e, e) for e in errors) + sum(moments[o][o] - matrix[o][o] for o in range(m)) - rank * shift
    holds(wanted <= squares / (2 * share), "the bound is smaller")


def linear_dual(problem, evidence, wanted):
    two = len(problem.layers) == 2 and all(layer[0] == "dense" for layer in problem.layers) and not problem.has_image
    holds(two and problem.loss == "squared" and problem.decay, "two dense layers, squared loss, weight decay expected")
    n, m = len(problem.xs), problem.outputs
    holds(len(evidence) == n * m, "a number for every output of every sample expected")
    zs = [evidence[i * m : (i + 1) * m] for i in range(n)]
    share = n if problem.mean else 1
    limit, (hidden_bias, output_bias) = problem.decay.factor * share, [layer[2] for layer in problem.layers]
    total = [sum(z[o] for z in zs) for o in range(m)]
    if not problem.decay.biases and (hidden_bias or output_bias):
        holds(all(number == 0 for number in total), "(a)")
    xs = [x + [ONE] if hidden_bias and problem.decay.biases else x for x in problem.xs]
    matrix = [[sum(z[o] * x[k] for z, x in zip(zs, xs)) for k in range(len(xs[0]))] for o in range(m)]
    left = [[(limit**2 if a == b else 0) - inner(matrix[a], matrix[b]) for b in range(m)] for a in range(m)]
    holds(rank_if_semidefinite(left) is not None, "(b)")
    bound = sum(inner(z, y) - inner(z, z) / 2 for z, y in zip(zs, problem.ys))
    if output_bias and problem.decay.biases:
        bound -= inner(total, total) / (2 * limit)
    holds(wanted <= bound / share, "the bound is smaller")


# A minimum nearby: value, gradient and Hessian carried forward together, every number a range of integers over 2^192


UNIT = 1 << 192


class Range:
    """All numbers from low / UNIT to high / UNIT."""

    __slots__ = ("low", "high")

    def __init__(self, low, high):
        self.low, self.high = low, high

    @staticmethod
    def around(low, high=None):
        low, high = Fraction(low) * UNIT, Fraction(low if high is None else high) * UNIT
        return Range(low.__floor__(), high.__ceil__())

    def __add__(self, other):
        return Range(self.low + other.low, self.high + other.high)

    def __sub__(self, other):
        return Range(self.low - other.high, self.high - other.low)

    def __mul__(self, other):
        a, b, c, d = self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high
        return Range(min(a, b, c, d) // UNIT, -(-max(a, b, c, d) // UNIT))

    def squared(self):
        least = max(self.low, -self.high, 0)
        most = self.size()
        return Range(least * least // UNIT, -(-most * most // UNIT))

    def size(self):
        return max(-self.low, self.high)

    def widened(self, by, slope):
        """All numbers with a distance of at most by times a number of size slope."""
        reach = -(-by * slope // UNIT)
        return Range(self.low - reach, self.high + reach)

    def has(self, number):
        return self.low <= number * UNIT <= self.high


NOTHING, WHOLE, TWICE = Range(0, 0), Range(UNIT, UNIT), Range(2 * UNIT, 2 * UNIT)


def sigmoid_family(x):
    """The sigmoid and three derivatives at a number: s, s' = s (1 - s), s'' = s' (1 - 2 s), s''' = s' (1 - 6 s')."""
    s = Range.around(*sigmoid_near(x))
    first = s * (WHOLE - s)
    return [s, first, first * (WHOLE - TWICE * s), first * (WHOLE - Range(6 * UNIT, 6 * UNIT) * first)]


def taylor_sigmoid(x):
    return sigmoid_family(x)


def taylor_softplus(x):
    return [Range.around(*softplus_near(x))] + sigmoid_family(x)[:3]


def taylor_silu(x):
    s, at = sigmoid_family(x), Range.around(x)
    return [at * s[0]] + [Range(k * UNIT, k * UNIT) * s[k - 1] + at * s[k] for k in (1, 2, 3)]


def taylor_tanh(x):
    # 1 - t^2, -2 t (1 - t^2), (1 - t^2) (6 t^2 - 2)
    t = Range.around(*tanh_near(x))
    square = t.squared()
    first = WHOLE - square
    return [t, first, NOTHING - TWICE * t * first, first * (Range(6 * UNIT, 6 * UNIT) * square - TWICE)]


def taylor_arctan(x):
    d = 1 + x * x
    return [Range.around(*arctan_near(x))] + [Range.around(f) for f in (1 / d, -2 * x / d**2, (6 * x * x - 2) / d**3)]


def taylor_gelu(x):
    # Phi + x phi, (2 - x^2) phi, (x^3 - 4 x) phi
    tiny = Fraction(1, 1 << 180)
    ends = gelu_near(x)
    if x == 0:
        whole = (Fraction(1, 2), Fraction(1, 2))
    else:
        whole = (min(end / x for end in ends), max(end / x for end in ends))
    if abs(x) >= 16:
        density = Range.around(ZERO, tiny)
    else:
        power, root = exp_near(-x * x / 2), root_of_two_pi()
        density = Range.around(power[0] / root[1], power[1] / root[0])
    first = Range.around(*whole) + Range.around(x) * density
    return [Range.around(*ends), first] + [Range.around(f) * density for f in (2 - x * x, x**3 - 4 * x)]


def taylor_sine(x):
    # cos x = 1 - 2 sin^2 (x/2)
    sine = Range.around(*sine_near(x))
    cosine = WHOLE - TWICE * Range.around(*sine_near(x / 2)).squared()
    return [sine, cosine, NOTHING - sine, NOTHING - cosine]


def taylor_elu(x):
    power = Range.around(*exp_near(x))
    return [power - WHOLE, power, power, power]


def taylor_selu(x):
    factor = Range.around(Fraction("1.0507009873554804934193349852946") * Fraction("1.6732632423543772848170429916717"))
    return [factor * part for part in taylor_elu(x)]


# Function and three derivatives at a number, and a bound of the fourth derivative wherever there is one:
# sigmoid s' (1 - 2 s) (1 - 12 s'), |s' (1 - 2 s)| < 0.1, |1 - 12 s'| <= 2; softplus s''' = s' (1 - 6 s'); silu 4 s''' + x s'''',
# |x| s' <= |x| e^-|x| < 0.37; tanh t (1 - t^2) (16 - 24 t^2), |t (1 - t^2)| < 0.4; arctan 24 x (1 - x^2) / (1 + x^2)^4;
# gelu (7 x^2 - 4 - x^4) phi, x^2 e^(-x^2/2) < 0.74, x^4 e^(-x^2/2) < 2.2; elu and selu below 0.
TAYLOR = {
    "sigmoid": (taylor_sigmoid, Fraction(1, 4)),
    "softplus": (taylor_softplus, Fraction(1, 4)),
    "silu": (taylor_silu, Fraction(2)),
    "tanh": (taylor_tanh, Fraction(8)),
    "arctan": (taylor_arctan, Fraction(12)),
    "gelu": (taylor_gelu, Fraction(5)),
    "sine": (taylor_sine, ONE),
    "elu": (taylor_elu, ONE),
    "selu": (taylor_selu, Fraction(2)),
}


def activated(layer, z):
    """Ranges of an activation and of its first two derivatives over a range of arguments."""
    if layer[0] == "quadratic":
        return z.squared(), TWICE * z, TWICE
    if layer[0] == "two-slope" or layer[1] in ("elu", "selu"):
        holds(not z.has(0), "(a) an argument may be zero")
        slopes = layer[1:] if layer[0] == "two-slope" else (selu_near(ONE)[0] if layer[1] == "selu" else ONE, None)
        slope = slopes[0] if z.low > 0 else slopes[1]
        if slope is not None:
            slope = Range.around(slope)
            return slope * z, slope, NOTHING
    # In pieces, so that little is lost.
    pieces = max(1, min(64, 64 * (z.high - z.low) // UNIT))
    ends = [z.low + (z.high - z.low) * k // pieces for k in range(pieces + 1)]
    found = [taylor(layer[1], low, high) for low, high in zip(ends, ends[1:])]
    return [Range(min(one.low for one in same), max(one.high for one in same)) for same in zip(*found)]


def taylor(named, low, high):
    """Each derivative differs from its value in the middle by at most the half width times the size of the next one."""
    near, fourth = TAYLOR[named]
    half = (high - low + 1) // 2
    value, first, second, third = near(Fraction(low + high, 2 * UNIT))
    third = third.widened(half, (fourth * UNIT).__ceil__())
    second = second.widened(half, third.size())
    first = first.widened(half, second.size())
    return value.widened(half, first.size()), first, second


class Jet:
    """A range of a quantity, of its derivatives and of its second derivatives (j, k), j <= k; what is absent is zero."""

    def __init__(self, value, first=None, second=None):
        self.value, self.first, self.second = value, first or {}, second or {}

    def add(self, other):
        self.value += other.value
        for mine, others in ((self.first, other.first), (self.second, other.second)):
            for key, entry in others.items():
                mine[key] = mine[key] + entry if key in mine else entry

    def __mul__(self, other):
        result = Jet(self.value * other.value)
        for one, two in ((self, other), (other, self)):
            result.add(Jet(NOTHING, {k: g * two.value for k, g in one.first.items()}))
            result.add(Jet(NOTHING, None, {jk: h * two.value for jk, h in one.second.items()}))
        for j, left in self.first.items():
            for k, right in other.first.items():
                mixed = TWICE * left * right if j == k else left * right
                result.add(Jet(NOTHING, None, {(min(j, k), max(j, k)): mixed}))
        return result

    def outer(self):
        """What the derivatives give when they are multiplied with each other."""
        keys = sorted(self.first)
        return {
            (j, k): self.first[j].squared() if j == k else self.first[j] * self.first[k]
            for a, j in enumerate(keys)
            for k in keys[a:]
        }

    def then(self, value, slope, bend):
        result = Jet(value, {k: slope * g for k, g in self.first.items()}, {jk: slope * h for jk, h in self.second.items()})
        if bend is not NOTHING:
            result.add(Jet(NOTHING, None, {jk: bend * product for jk, product in self.outer().items()}))
        return result


def shares_of_exp(values, o):
    """A range of e^f_o / (sum of e^f_k)."""

    mine = values[o]
    rest = [value for k, value in enumerate(values) if k != o]
    high_gaps = [Fraction(value.high - mine.low, UNIT) for value in rest]
    low_gaps = [Fraction(value.low - mine.high, UNIT) for value in rest]
    low = ZERO
    if all(gap <= 4096 for gap in high_gaps):
        low = 1 / (1 + sum(exp_near(max(gap, Fraction(-4096)))[1] for gap in high_gaps))
    high = 1 / (1 + sum(exp_near(min(gap, Fraction(4096)))[0] for gap in low_gaps if gap >= -4096))
    return Range.around(low, high)


def change_of_loss(problem, outputs, y):
    """The derivatives of the loss of one sample (its value is left out)."""
    total = Jet(NOTHING)
    if problem.loss == "cross-entropy":
        # sum of p_o g_o g_o^T - (sum of p_o g_o) (sum of p_o g_o)^T = sum over o < k of p_o p_k (g_o - g_k) (g_o - g_k)^T
        shares = [shares_of_exp([f.value for f in outputs], o) for o in range(len(outputs))]
        for o, f in enumerate(outputs):
            total.add(f.then(NOTHING, shares[o] - Range.around(y[o]), NOTHING))
            for k in range(o):
                apart = Jet(NOTHING, dict(f.first))
                apart.add(Jet(NOTHING, {j: NOTHING - g for j, g in outputs[k].first.items()}))
                both = shares[o] * shares[k]
                total.add(Jet(NOTHING, None, {jk: both * product for jk, product in apart.outer().items()}))
        return total
    for f, target in zip(outputs, y):
        error = f.value - Range.around(target)
        if problem.loss == "logistic":
            _, first, second = activated(("smooth", "softplus"), f.value)
            total.add(f.then(NOTHING, first - Range.around(target), second))
        elif problem.loss == "huber" and (error.low > UNIT or error.high < -UNIT):
            total.add(f.then(NOTHING, WHOLE if error.low > 0 else NOTHING - WHOLE, NOTHING))
        else:
            holds(problem.loss == "squared" or (-UNIT < error.low and error.high < UNIT), "(a) an error of 1 or -1")
            total.add(f.then(NOTHING, error, WHOLE))
    return total


def change_near(problem, parameters, radius, held=()):
    """Ranges of gradient and Hessian of R over the box of all points with a distance of at most radius, the parameters with the numbers `held` not moved."""
    jets, decaying, index = [], [], 0
    for tensor, decays in zip(parameters, problem.decaying() if problem.decay else [False] * len(parameters)):
        jets.append([])
        for entry in tensor:
            reach = 0 if index in held else radius
            jets[-1].append(Jet(Range.around(entry - reach, entry + reach), {index: WHOLE}))
            decaying.append(decays)
            index += 1
    total = Jet(NOTHING)
    for x, y in zip(problem.xs, problem.ys):
        values, tensors = [Jet(Range.around(entry)) for entry in x], iter(jets)
        for layer in problem.layers:
            if layer[0] == "dense":
                weight, width, following = next(tensors), len(values), []
                bias = next(tensors) if layer[2] else []
                for k in range(layer[1]):
                    z = Jet(NOTHING)
                    for c in range(width):
                        z.add(weight[k * width + c] * values[c])
                    if bias:
                        z.add(bias[k])
                    following.append(z)
                values = following
            elif layer[0] != "flatten":
                values = [z.then(*activated(layer, z.value)) for z in values]
        total.add(change_of_loss(problem, values, y))
    share = Range.around(Fraction(1, len(problem.xs)) if problem.mean else ONE)
    total = total.then(NOTHING, share, NOTHING)
    flat = [jet for tensor in jets for jet in tensor]
    for k, decays in enumerate(decaying):
        if decays:
            factor = Range.around(problem.decay.factor)
            total.add(Jet(NOTHING, {k: factor * flat[k].value}, {(k, k): factor}))
    size = len(flat)
    gradient = [total.first.get(k, NOTHING) for k in range(size)]
    return gradient, [[total.second.get((min(j, k), max(j, k)), NOTHING) for k in range(size)] for j in range(size)]


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


# Slopes along a direction: a value is (low, high, least slope, greatest slope)


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


# Claims, proofs, documents

PLAIN = ("value", "not-stationary", "not-a-local-minimum", "saddle", "local-minimum", "global-minimum")

PROVES = {
    "kinks": ("local-minimum-nearby",),
    "kinks-span": ("local-minimum-nearby",),
    "kinks-valleys": ("local-minimum-nearby",),
    "evaluation": ("value",),
    "enclosure": ("value-between",),
    "zero-derivative": ("saddle",),
    "descent-direction": ("not-stationary", "not-a-local-minimum"),
    "descent-curve": ("not-a-local-minimum",),
    "zero-loss": ("global-minimum",),
    "same-input-bound": ("global-minimum",),
    "affine-fit": ("global-minimum",),
    "first-order": ("local-minimum",),
    "path-span": ("local-minimum",),
    "constant-output": ("local-minimum",),
    "affine-segment": ("local-minimum",),
    "saddle": ("saddle",),
    "differentiable-saddle": ("saddle",),
    "kink-saddle": ("saddle",),
    "better-point": ("spurious",),
    "dual-bound": ("lower-bound", "global-minimum"),
    "pattern-tree": ("lower-bound", "global-minimum"),
    "box-tree": ("lower-bound", "lower-bound-in-box"),
    "rank-bound": ("lower-bound", "global-minimum"),
    "linear-dual": ("lower-bound", "global-minimum"),
    "contraction": ("local-minimum-nearby",),
    "contraction-saddle": ("saddle-nearby",),
    "split": ("local-minimum-nearby",),
    "split-saddle": ("saddle-nearby",),
    "enclosed-slope": ("not-stationary",),
    "separation": ("no-minimum",),
}

WITH_DECAY = (
    "evaluation", "zero-loss", "dual-bound", "linear-dual", "box-tree", "contraction", "contraction-saddle", "enclosed-slope", "kinks", "kinks-valleys"
)


def read_claim(value):
    others = ("spurious", "value-between", "no-minimum", "local-minimum-nearby", "saddle-nearby", "lower-bound", "lower-bound-in-box")
    claimed = kind(value, "kind", *others, *PLAIN)
    if claimed in ("local-minimum-nearby", "saddle-nearby"):
        given = ["index"] if claimed == "saddle-nearby" and "index" in value else []
        _, at, loss, lower, radius, *index = fields(value, "kind", "point", "loss", "lower", "radius", *given)
        return claimed, point(at), rational(loss), (rational(radius), count(index[0]) if index else None), rational(lower)
    if claimed in ("value-between", "no-minimum") or (claimed == "not-stationary" and "lower" in value):
        _, at, loss, lower = fields(value, "kind", "point", "loss", "lower")
        return claimed, point(at), rational(loss), None, rational(lower)
    if claimed == "lower-bound":
        _, at, loss, bound = fields(value, "kind", "point", "loss", "bound")
        return claimed, point(at), rational(loss), None, rational(bound)
    if claimed == "lower-bound-in-box":
        _, at, loss, bound, low, high = fields(value, "kind", "point", "loss", "bound", "low", "high")
        return claimed, point(at), rational(loss), (point(low), point(high)), rational(bound)
    if claimed == "spurious":
        _, at, loss, better, better_loss = fields(value, "kind", "point", "loss", "better", "betterLoss")
        return claimed, point(at), rational(loss), point(better), rational(better_loss)
    _, at, loss = fields(value, "kind", "point", "loss")
    return claimed, point(at), rational(loss), None, None


def curve(value):
    pairs = []
    for pair in items(value):
        readable(len(items(pair)) == 2, "a power and a direction expected")
        power = count(pair[0], 1)
        readable(power <= 64 and (not pairs or power > pairs[-1][0]), "ascending powers up to 64 expected")
        pairs.append((power, point(pair[1])))
    readable(pairs, "at least one pair expected")
    return pairs


def read_minimum(value):
    rule = kind(value, "rule", "first-order", "path-span", "affine-segment", "constant-output")
    if rule == "constant-output":
        fields(value, "rule")
        return None
    if rule == "affine-segment":
        return AffineSegment(value)
    return Slopes(value, "rule") if rule == "first-order" else PathSpan(value)


def factor_rows(value):
    rows = [fields(row, "denominator", "numerators") for row in items(value)]
    return [(positive(below), [integer(entry) for entry in items(above)]) for below, above in rows]


def read_evidence(value):
    rule = kind(value, "rule", *PROVES)
    if rule in ("evaluation", "enclosure", "separation", "zero-derivative", "zero-loss", "same-input-bound"):
        fields(value, "rule")
        return rule, None
    if rule == "enclosed-slope":
        return rule, point(fields(value, "rule", "direction")[1])
    if rule == "descent-direction":
        return rule, straight(point(fields(value, "rule", "direction")[1]))
    if rule == "descent-curve":
        return rule, curve(fields(value, "rule", "curve")[1])
    if rule == "affine-fit":
        if "subgradients" in value:
            return rule, vector(fields(value, "rule", "subgradients")[1])
        fields(value, "rule")
        return rule, None
    if rule in ("first-order", "path-span", "affine-segment", "constant-output"):
        return rule, read_minimum(value)
    if rule == "saddle":
        _, stationarity, down, up = fields(value, "rule", "stationarity", "descent", "ascent")
        return rule, (Slopes(stationarity), straight(point(down)), straight(point(up)))
    if rule == "differentiable-saddle":
        _, down, up = fields(value, "rule", "descent", "ascent")
        return rule, (curve(down), curve(up))
    if rule == "kink-saddle":
        _, gates, down, up = fields(value, "rule", "gates", "descent", "ascent")
        return rule, (vector(gates), curve(down), curve(up))
    if rule == "dual-bound":
        _, dual, above, below = fields(value, "rule", "dual", "above", "below")
        return rule, (vector(dual), cone_nodes(above), cone_nodes(below))
    if rule == "pattern-tree":
        return rule, [region_node(node) for node in items(fields(value, "rule", "nodes")[1])]
    if rule == "box-tree":
        _, low, high, splits = fields(value, "rule", "low", "high", "splits")
        return rule, (point(low), point(high), [count(split) for split in items(splits)])
    if rule == "linear-dual":
        return rule, vector(fields(value, "rule", "dual")[1])
    if rule == "rank-bound":
        _, affine, shift, excess = fields(value, "rule", "map", "shift", "excess")
        return rule, (vector(affine), rational(shift), vector(excess))
    if rule == "contraction":
        return rule, factor_rows(fields(value, "rule", "factor")[1])
    if rule == "contraction-saddle":
        return rule, second_checker_saddles.SaddleEvidence(sys.modules[__name__], value)
    if rule in ("split", "split-saddle"):
        others = [] if rule == "split" else ["direction"]
        _, units, factor, *along = fields(value, "rule", "units", "factor", *others)
        units = [count(entry) for entry in items(units)]
        readable(len(units) == 2, "two units expected")
        return rule, (units, factor_rows(factor), vector(along[0]) if along else None)
    if rule in ("kinks", "kinks-span", "kinks-valleys"):
        return rule, second_checker_kinks.KinksEvidence(sys.modules[__name__], value)
    return rule, read_minimum(fields(value, "rule", "minimum")[1])


def prove_minimum(problem, at, evidence, loss):
    if evidence is None:
        constant_output(problem, at, loss)
    elif isinstance(evidence, AffineSegment):
        raise Rejected("the rule is for smooth layers")
    elif isinstance(evidence, PathSpan):
        path_span(problem, at, evidence)
    else:
        first_order(problem, at, evidence, True)


def digest(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def sealed(proof_value):
    proof_layout, problem_digest, claim_digest, evidence = fields(proof_value, "format", "problem", "claim", "evidence")
    name(proof_layout, "nadir-proof/1")
    for given in (problem_digest, claim_digest):
        readable(isinstance(given, str) and re.fullmatch(r"sha256:[0-9a-f]{64}", given) is not None, "a digest expected")
    return problem_digest, claim_digest, evidence


def check_risk(problem_value, claim_value, proof_value):
    tools = sys.modules[__name__]
    problem = second_checker_risk.Risk(tools, problem_value)
    claim = second_checker_risk.read_claim(tools, claim_value)
    problem_digest, claim_digest, evidence_value = sealed(proof_value)
    evidence = second_checker_risk.read_evidence(tools, evidence_value)
    holds(problem_digest == digest(problem_value), "the proof is for another problem")
    holds(claim_digest == digest(claim_value), "the proof is for another claim")
    return second_checker_risk.prove_risk(tools, problem, claim, evidence)


def check(text):
    layout, problem_value, claim_value, proof_value = fields(strict_json(text), "format", "problem", "claim", "proof")
    name(layout, "nadir-certificate/1")
    if isinstance(problem_value, dict) and problem_value.get("format") == "nadir-risk/1":
        return check_risk(problem_value, claim_value, proof_value)
    problem = Problem(problem_value)
    claimed, at, loss, better, better_loss = read_claim(claim_value)
    problem_digest, claim_digest, evidence = sealed(proof_value)
    rule, help_ = read_evidence(evidence)

    holds(problem_digest == digest(problem_value), "the proof is for another problem")
    holds(claim_digest == digest(claim_value), "the proof is for another claim")
    holds(claimed in PROVES[rule], "the rule does not prove the claim")
    holds(problem.decay is None or rule in WITH_DECAY, "the rule does not know weight decay")
    if rule == "enclosure":
        problem.fits(at, "the point")
        low, high = loss_between(problem, at)
        holds(better_loss <= low and high <= loss, "the loss is not proved to lie there")
        return claimed
    if rule == "separation":
        separation(problem, at, better_loss, loss)
        return claimed
    if claimed == "not-stationary":
        holds((rule == "enclosed-slope") == (better_loss is not None), "lower goes with the rule enclosed-slope")
    if rule == "enclosed-slope":
        enclosed_slope(problem, at, help_, better_loss, loss)
        return claimed
    if claimed in ("local-minimum-nearby", "saddle-nearby"):
        better, index = better
        holds(index is None or rule == "contraction-saddle", "a rule that counts no eigenvalues")
    if rule == "contraction-saddle":
        second_checker_saddles.saddle(sys.modules[__name__], problem, at, help_, better, loss, better_loss, index)
        return claimed
    if rule == "contraction":
        contraction(problem, at, help_, better, loss, better_loss)
        return claimed
    if rule in ("split", "split-saddle"):
        split(problem, at, *help_, better, loss, better_loss)
        return claimed
    if rule in ("kinks", "kinks-span", "kinks-valleys"):
        second_checker_kinks.minimum_nearby(sys.modules[__name__], problem, at, help_, better, better_loss, loss)
        return claimed
    if not problem.rational():
        if isinstance(help_, AffineSegment):
            affine_segment(problem, at, help_, loss)
            if rule == "better-point":
                holds(loss_at_most(problem, better) <= better_loss, "not proved to be as small")
                holds(better_loss < loss, "the better point is not better")
            return claimed
        signs = rule == "constant-output" or (rule == "better-point" and help_ is None)
        holds(signs or rule == "zero-derivative", "a rule for problems with rational losses")
        holds(problem.layers[-1][2], "an output bias expected")
        balanced = at + [[ZERO] * problem.outputs]
        if rule == "zero-derivative":
            holds(problem.layers[0][0] == "dense" and problem.layers[0][2], "a hidden bias expected")
            problem.fits(balanced[:1] + [[ZERO] * problem.layers[0][1]] + balanced[1:], "the point")
            zero_derivative(problem, at, loss)
            return claimed
        problem.fits(balanced, "the point")
        constant_output(problem, at, loss)
        if rule == "better-point":
            holds(loss_at_most(problem, better) <= better_loss, "not proved to be as small")
            holds(better_loss < loss, "the better point is not better")
        return claimed
    evaluation(problem, at, loss)
    holds(rule != "zero-derivative", "the rule is for smooth layers")
    if rule in ("descent-direction", "descent-curve"):
        descent(problem, at, help_, claimed == "not-stationary")
    elif rule == "zero-loss":
        holds(loss == 0, "the loss is not zero")
    elif rule == "same-input-bound":
        same_input_bound(problem, at)
    elif rule == "affine-fit":
        affine_fit(problem, at, help_)
    elif rule in ("first-order", "path-span", "affine-segment", "constant-output"):
        prove_minimum(problem, at, help_, loss)
    elif rule == "saddle":
        stationarity, down, up = help_
        first_order(problem, at, stationarity, False)
        descent(problem, at, down)
        ascent(problem, at, up)
    elif rule == "differentiable-saddle":
        down, up = help_
        differentiable_stationary(problem, at)
        descent(problem, at, down)
        ascent(problem, at, up)
    elif rule == "kink-saddle":
        gates, down, up = help_
        differentiable_stationary(problem, at, gates)
        descent(problem, at, down)
        ascent(problem, at, up)
    elif rule in ("dual-bound", "pattern-tree", "rank-bound", "linear-dual"):
        wanted = better_loss if claimed == "lower-bound" else loss
        by = {"dual-bound": dual_bound, "pattern-tree": pattern_tree, "rank-bound": rank_bound, "linear-dual": linear_dual}
        by[rule](problem, help_, wanted)
    elif rule == "box-tree":
        box_tree(problem, at, help_, better, better_loss)
    elif rule == "better-point":
        prove_minimum(problem, at, help_, loss)
        evaluation(problem, better, better_loss)
        holds(better_loss < loss, "the better point is not better")
    return claimed


def outcome(text):
    try:
        return "accepted", check(text)
    except Declined as reason:
        return "declined", str(reason)
    except Rejected as reason:
        return "rejected", str(reason)


def main(arguments):
    if arguments == ["-"]:
        texts = (json.loads(line) for line in sys.stdin)
    else:
        texts = (open(path, "rb").read().decode("latin-1") for path in arguments)
    for text in texts:
        print("\t".join(outcome(text)).replace("\n", " "))


if __name__ == "__main__":
    main(sys.argv[1:])
