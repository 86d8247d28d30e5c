"""Smooth activations at a rational number: intervals with rational ends."""

import math
from fractions import Fraction

from second_checker_reading import readable

ZERO = Fraction(0)
ONE = Fraction(1)


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

PI_LOW = Fraction("3.14159265358979323846")
PI_HIGH = Fraction("3.14159265358979323847")


def half_waves(size):
    """How many multiples of pi lie between 0 and a positive number; None where that is not known."""
    k = (size / PI_HIGH).__floor__()
    return k if k * PI_HIGH < size < (k + 1) * PI_LOW else None
