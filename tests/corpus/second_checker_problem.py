"""The problem: network, loss, data; what its layers see; its values at a point."""

from fractions import Fraction

from second_checker_functions import SMOOTH
from second_checker_reading import boolean, count, counts, fields, holds, items, kind, lowest, name, readable

ZERO = Fraction(0)
ONE = Fraction(1)


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
