"""Strict reading, and the two ways to end a check: a text that is not readable is declined, a condition that fails rejects."""

import json
import re
import sys
from fractions import Fraction

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


def counts(value, length, least=1):
    readable(len(items(value)) == length, "a list of %d counts expected" % length)
    return tuple(count(entry, least) for entry in value)


def curve(value):
    pairs = []
    for pair in items(value):
        readable(len(items(pair)) == 2, "a power and a direction expected")
        power = count(pair[0], 1)
        readable(power <= 64 and (not pairs or power > pairs[-1][0]), "ascending powers up to 64 expected")
        pairs.append((power, point(pair[1])))
    readable(pairs, "at least one pair expected")
    return pairs
