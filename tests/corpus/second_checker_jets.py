"""Value, gradient and Hessian carried forward together, every number a range of integers over 2^192."""

from fractions import Fraction

from second_checker_functions import (
    arctan_near,
    exp_near,
    gelu_near,
    root_of_two_pi,
    selu_near,
    sigmoid_near,
    sine_near,
    softplus_near,
    tanh_near,
)
from second_checker_reading import holds

ZERO = Fraction(0)
ONE = Fraction(1)

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


def outputs_of(problem, jets, x):
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
    return values


def point_outputs(problem, parameters, x):
    """The outputs on x at a point, with their first and second derivatives by all parameters."""
    jets, index = [], 0
    for tensor in parameters:
        jets.append([Jet(Range.around(entry), {index + k: WHOLE}) for k, entry in enumerate(tensor)])
        index += len(tensor)
    return outputs_of(problem, jets, x)


def change_near(problem, parameters, radius, held=()):
    """Ranges of gradient and Hessian of R over the box of all points with a distance of at most radius, the parameters numbered in `held` not moved."""
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
        total.add(change_of_loss(problem, outputs_of(problem, jets, x), y))
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
