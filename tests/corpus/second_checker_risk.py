"""The second checker's part on the risk on an interval, written from spec/rules-risk.md alone.

Polynomials are lists of fractions, lowest power first. Roots are counted by Descartes' rule and bisection of squarefree
polynomials, not by Sturm's theorem. `tools` is the module second_checker_reading: its readers and its two ways to end a
check.
"""

from fractions import Fraction

ZERO = Fraction(0)
ONE = Fraction(1)

# Polynomials


def trim(f):
    f = list(f)
    while f and f[-1] == 0:
        f.pop()
    return f


def add(f, g, factor=ONE):
    length = max(len(f), len(g))
    return trim((f[i] if i < len(f) else ZERO) + (factor * g[i] if i < len(g) else ZERO) for i in range(length))


def subtract(f, g):
    return add(f, g, -ONE)


def multiply(f, g):
    result = [ZERO] * (len(f) + len(g))
    for i, x in enumerate(f):
        for k, y in enumerate(g):
            result[i + k] += x * y
    return trim(result)


def at(f, x):
    value = ZERO
    for entry in reversed(f):
        value = value * x + entry
    return value


def derivative(f):
    return [i * entry for i, entry in enumerate(f)][1:]


def integral(f):
    return [ZERO] + [entry / (i + 1) for i, entry in enumerate(f)]


def substituted(f, line):
    result = []
    for entry in reversed(f):
        result = add(multiply(result, line), [entry])
    return result


def divided(f, g):
    quotient, rest = [ZERO] * max(0, len(f) - len(g) + 1), list(f)
    while len(rest) >= len(g):
        factor, shift = rest[-1] / g[-1], len(rest) - len(g)
        quotient[shift] = factor
        rest = trim(subtract(rest, [ZERO] * shift + [factor * entry for entry in g])[: len(rest) - 1])
    return trim(quotient), rest


def common_divisor(f, g):
    while g:
        f, g = g, divided(f, g)[1]
        if g:
            g = [entry / g[-1] for entry in g]
    return [entry / f[-1] for entry in f]


def squarefree(f):
    return divided(f, common_divisor(f, derivative(f)))[0] if len(f) > 1 else f


def variations(f, l, u):
    g = substituted(substituted(f, [l, u - l])[::-1] or [], [ONE, ONE])
    signs = [entry > 0 for entry in g if entry != 0]
    return sum(1 for before, after in zip(signs, signs[1:]) if before != after)


def count_squarefree(f, l, u):
    for end in (l, u):
        if at(f, end) == 0:
            f = divided(f, [-end, ONE])[0]
    v = variations(f, l, u)
    if v <= 1:
        return v
    middle = (l + u) / 2
    return count_squarefree(f, l, middle) + count_squarefree(f, middle, u) + (1 if at(f, middle) == 0 else 0)


def roots_inside(f, l, u):
    """Different roots strictly between; f is not zero."""
    return count_squarefree(squarefree(f), l, u)


def sign(x):
    return (x > 0) - (x < 0)


def sign_beside(f, t, side):
    order = 0
    while at(f, t) == 0:
        f, order = derivative(f), order + 1
    return sign(at(f, t)) * (side**order)


def is_nowhere_negative(f, l, u):
    if sign_beside(f, l, 1) < 0:
        return False
    rest = common_divisor(f, derivative(f)) if len(f) > 1 else [ONE]
    simple, multiplicity = divided(f, rest)[0], 1
    while len(simple) > 1:
        higher = common_divisor(simple, rest)
        if multiplicity % 2 == 1 and roots_inside(divided(simple, higher)[0], l, u) > 0:
            return False
        rest, simple, multiplicity = divided(rest, higher)[0], higher, multiplicity + 1
    return True


# Ranges


def values_on(f, ends):
    low = high = ZERO
    for entry in reversed(f):
        products = [x * y for x in (low, high) for y in ends]
        low, high = min(products) + entry, max(products) + entry
    return low, high


def contains(outer, inner):
    return outer[0] <= inner[0] and inner[1] <= outer[1]


# Problems


class Pieces:
    def __init__(self, breakpoints, pieces):
        self.breakpoints, self.pieces = breakpoints, pieces
        self.a, self.b = breakpoints[0], breakpoints[-1]


def read_pieces(tools, value):
    kind, breakpoints, pieces = tools.fields(value, "kind", "breakpoints", "pieces")
    tools.name(kind, "pieces")
    ends = [tools.lowest(entry) for entry in tools.items(breakpoints)]
    polynomials = [[tools.lowest(entry) for entry in tools.items(piece)] for piece in tools.items(pieces)]
    tools.readable(len(ends) >= 2 and len(polynomials) == len(ends) - 1, "one polynomial for each interval expected")
    tools.readable(all(s < t for s, t in zip(ends, ends[1:])), "ascending breakpoints expected")
    tools.readable(all(not f or f[-1] != 0 for f in polynomials), "a last coefficient that is not 0 expected")
    tools.readable(all(f != g for f, g in zip(polynomials, polynomials[1:])), "different neighbours expected")
    return Pieces(ends, polynomials)


class Risk:
    def __init__(self, tools, value):
        _, hidden, target, density = tools.fields(value, "format", "hidden", "target", "density")
        self.hidden = tools.count(hidden, 1)
        self.target = self.scale = None
        if tools.kind(target, "kind", "pieces", "equal-risks") == "pieces":
            self.target = read_pieces(tools, target)
            self.a, self.b = self.target.a, self.target.b
            for k, t in enumerate(self.target.breakpoints[1:-1]):
                f, g = self.target.pieces[k : k + 2]
                tools.readable(at(f, t) == at(g, t), "a continuous target expected")
        else:
            _, interval, scale = tools.fields(target, "kind", "interval", "scale")
            ends = [tools.lowest(entry) for entry in tools.items(interval)]
            self.scale = tools.lowest(scale)
            tools.readable(len(ends) == 2 and ends[0] < ends[1] and self.scale > 0, "an interval and a scale expected")
            self.a, self.b = ends
        self.density = read_pieces(tools, density)
        for k, p in enumerate(self.density.pieces):
            l, u = self.density.breakpoints[k : k + 2]
            tools.readable(p and is_nowhere_negative(p, l, u), "a density expected")
        tools.readable((self.density.a, self.density.b) == (self.a, self.b), "the interval of the target expected")
        self.uniform = self.density.pieces == [[ONE]]
        tools.readable(self.target is not None or self.uniform, "the density 1 expected")


# Claims and evidence

POINTS = ("value", "not-critical", "saddle", "local-minimum", "global-minimum")

PROVES = {
    "kink-equations": ("critical-functions",),
    "affine-target": ("affine-critical-functions",),
    "equal-risks": ("equal-risk-minima",),
    "integrals": ("value",),
    "gradient": ("not-critical",),
    "zero-risk": ("global-minimum",),
    "affine-point": ("saddle", "local-minimum"),
    "one-live-unit": ("saddle", "local-minimum"),
}


def read_range(tools, value):
    ends = [tools.rational(entry) for entry in tools.items(value)]
    tools.readable(len(ends) == 2 and ends[0] <= ends[1], "a range expected")
    return tuple(ends)


def read_parameters(tools, value):
    units, c = tools.fields(value, "units", "c")
    numbers = [[tools.rational(entry) for entry in tools.items(unit)] for unit in tools.items(units)]
    tools.readable(all(len(unit) == 3 for unit in numbers), "w, b and v expected")
    return numbers, tools.rational(c)


def read_function(tools, value):
    form = tools.kind(value, "form", "constant", "affine", "right-kink", "left-kink")
    ranges = ["c", "risk"] + ([] if form == "constant" else ["slope"]) + (["kink"] if form.endswith("kink") else [])
    values = dict(zip(["type", "global"] + ranges, tools.fields(value, "form", "type", "global", *ranges)[1:]))
    function = {name: read_range(tools, values[name]) for name in ranges}
    function["form"] = form
    function["type"] = tools.name(values["type"], "local-minimum", "saddle", "degenerate")
    function["global"] = tools.boolean(values["global"])
    return function


def read_affine_function(tools, value):
    form = tools.kind(value, "form", "target", "constant", "zigzag")
    if form == "zigzag":
        _, kinks, risk = tools.fields(value, "form", "kinks", "risk")
        return form, tools.count(kinks), tools.rational(risk)
    return form, 0, tools.rational(tools.fields(value, "form", "risk")[1])


def read_claim(tools, value):
    claimed = tools.kind(
        value, "kind", "critical-functions", "affine-critical-functions", "equal-risk-minima", *POINTS
    )
    if claimed == "critical-functions":
        functions = tools.items(tools.fields(value, "kind", "functions")[1])
        return claimed, [read_function(tools, one) for one in functions]
    if claimed == "affine-critical-functions":
        functions = tools.items(tools.fields(value, "kind", "functions")[1])
        return claimed, [read_affine_function(tools, one) for one in functions]
    if claimed == "equal-risk-minima":
        _, minima, better, gap, delta = tools.fields(value, "kind", "minima", "better", "gap", "delta")
        members = [read_parameters(tools, one) for one in tools.items(minima)]
        return claimed, (members, read_parameters(tools, better), tools.rational(gap), tools.rational(delta))
    _, parameters, risk = tools.fields(value, "kind", "parameters", "risk")
    return claimed, (read_parameters(tools, parameters), tools.rational(risk))


def read_evidence(tools, value):
    rule = tools.kind(value, "rule", *PROVES)
    if rule == "kink-equations" and "tie" in value:
        polynomial, between = tools.fields(tools.fields(value, "rule", "tie")[1], "polynomial", "between")
        coefficients = [Fraction(tools.integer(entry)) for entry in tools.items(polynomial)]
        tools.readable(coefficients and coefficients[-1] != 0, "a last coefficient that is not 0 expected")
        return rule, (coefficients, read_range(tools, between))
    if rule == "equal-risks":
        roots = tools.fields(value, "rule", "roots")[1]
        return rule, [tools.rational(entry) for entry in tools.items(roots)]
    tools.fields(value, "rule")
    return rule, None


# The rule kink-equations


def side_by_side(problem):
    ends = sorted(set(problem.target.breakpoints) | set(problem.density.breakpoints))

    def piece(pieces, l):
        return pieces.pieces[max(k for k, t in enumerate(pieces.breakpoints[:-1]) if t <= l)]

    return ends, [(piece(problem.target, l), piece(problem.density, l)) for l in ends[:-1]]


def mirrored(ends, pairs):
    total = ends[0] + ends[-1]
    turned = [(substituted(f, [total, -ONE]), substituted(p, [total, -ONE])) for f, p in reversed(pairs)]
    return [total - t for t in reversed(ends)], turned


class Equations:
    """For every piece the polynomials C, V, D, R, K."""

    def __init__(self, ends, pairs):
        self.ends = ends

        def tails(g):
            """The integral of g from q to b on every piece, and over all of [a, b]."""
            pieces, total = [], ZERO
            for k in reversed(range(len(pairs))):
                grown = integral(g(*pairs[k]))
                pieces.append(subtract([total + at(grown, ends[k + 1])], grown))
                total += at(grown, ends[k + 1]) - at(grown, ends[k])
            return pieces[::-1], total

        def away(power):
            """The integral of (x - q)^power p or f p, by the binomial theorem."""
            return [
                tails(lambda f, p, i=i: [ZERO] * i + p)[0] for i in range(power + 1)
            ], [tails(lambda f, p, i=i: [ZERO] * i + multiply(f, p))[0] for i in range(min(power, 1) + 1)]

        masses, targets = away(2)
        self.mass, self.integral = tails(lambda f, p: p)[1], tails(multiply)[1]
        self.square = tails(lambda f, p: multiply(f, multiply(f, p)))[1]
        x = [ZERO, ONE]
        self.pieces = []
        for k in range(len(pairs)):
            s0, s1, s2 = (tail[k] for tail in masses)
            g0, g1 = (tail[k] for tail in targets)
            m0, m1 = s0, subtract(s1, multiply(x, s0))
            m2 = add(subtract(s2, multiply([ZERO, Fraction(2)], s1)), multiply(multiply(x, x), s0))
            f0, f1 = g0, subtract(g1, multiply(x, g0))
            M, I, S = [self.mass], [self.integral], [self.square]
            D = subtract(multiply(M, m2), multiply(m1, m1))
            C = subtract(multiply(I, m2), multiply(f1, m1))
            V = subtract(multiply(M, f1), multiply(I, m1))
            K = subtract(add(multiply(C, m0), multiply(V, m1)), multiply(f0, D))
            R = subtract(subtract(multiply(S, D), multiply(C, I)), multiply(V, f1))
            self.pieces.append((C, V, D, R, K))

    def slopes_at(self, t):
        """The signs of E' beside t; None where K is not 0 or V is."""
        k = max(i for i, end in enumerate(self.ends[:-1]) if end <= t)
        before = self.pieces[k - 1] if self.ends[k] == t else self.pieces[k]
        v = sign(at(self.pieces[k][1], t))
        if at(self.pieces[k][4], t) != 0 or v == 0:
            return None
        return -v * sign_beside(before[4], t, -1), -v * sign_beside(self.pieces[k][4], t, 1)


def quotient(tools, above, below, ends):
    d, e = values_on(below, ends)
    tools.holds(d > 0, "(c) the range of the kink is too wide")
    quotients = [x / y for x in values_on(above, ends) for y in (d, e)]
    return min(quotients), max(quotients)


def hold_values(tools, function, piece, ends):
    C, V, D, R, _ = piece
    slope = quotient(tools, V, D, ends)
    if function["form"] == "left-kink":
        slope = -slope[1], -slope[0]
    tools.holds(contains(function["c"], quotient(tools, C, D, ends)), "(c) c")
    tools.holds(contains(function["slope"], slope), "(c) slope")
    risk = quotient(tools, R, D, ends)
    tools.holds(contains(function["risk"], risk), "(c) risk")
    return risk


def type_of(slopes):
    return "degenerate" if slopes[0] == slopes[1] else "local-minimum" if slopes[0] < 0 else "saddle"


def hold_kinks(tools, equations, listed):
    """Conditions (b), (c), (d) for one orientation; answers for each kink its risk and where it comes from."""
    ends, results = equations.ends, []
    inside, seated = [0] * len(equations.pieces), set()
    for (l, u), (l2, _) in zip([kink for _, kink in listed], [kink for _, kink in listed[1:]]):
        tools.holds(u < l2, "(b) ranges of kinks in another order, or not disjoint")
    for function, (l, u) in listed:
        k = max((i for i, end in enumerate(ends[:-1]) if end <= l), default=None)
        tools.holds(k is not None and u < ends[k + 1], "(b) a kink outside its piece")
        if l == ends[k]:
            tools.holds(k > 0 and l == u, "(b) a kink on an end")
            seated.add(k)
        else:
            inside[k] += 1
        C, V, D, R, K = piece = equations.pieces[k]
        tools.holds(K, "(b) a kink where the kink equation is zero")
        if l == u:
            slopes = equations.slopes_at(l)
            tools.holds(slopes is not None, "(b) no kink")
        else:
            tools.holds(at(K, l) != 0 and at(K, u) != 0, "(b) a root at an end of a range")
            tools.holds(roots_inside(K, l, u) == 1, "(b) not exactly one root")
            low, high = values_on(V, (l, u))
            tools.holds(low > 0 or high < 0, "(b) V may be 0")
            slopes = -sign(low) * sign(at(K, l)), -sign(low) * sign(at(K, u))
        risk = hold_values(tools, function, piece, (l, u))
        tools.holds(function["type"] == type_of(slopes), "(d)")
        results.append((risk, None if l == u else (piece, (l, u))))
    for k, (C, V, D, R, K) in enumerate(equations.pieces):
        if not K:
            tools.holds(not V, "(b) K is zero and V is not")
            continue
        if k > 0 and equations.slopes_at(ends[k]) is not None:
            tools.holds(k in seated, "(b) a kink on a breakpoint is missing")
        flat = roots_inside(common_divisor(K, V), ends[k], ends[k + 1]) if V else roots_inside(K, ends[k], ends[k + 1])
        tools.holds(roots_inside(K, ends[k], ends[k + 1]) - flat == inside[k], "(b) another number of kinks")
    return results


def equal_risks(one, other, tie):
    (risk, source), (other_risk, other_source) = one, other
    if source is None and other_source is None:
        return risk == other_risk
    if source is not None and other_source is not None and source[1] == other_source[1]:
        (_, _, D, R, K), (_, _, D2, R2, K2) = source[0], other_source[0]
        same = [entry * K2[-1] for entry in K] == [entry * K[-1] for entry in K2]
        if same and multiply(R, D2) == multiply(R2, D):
            return True
    if tie is None:
        return False
    A, (l, u) = tie
    if l == u or at(A, l) == 0 or at(A, u) == 0 or roots_inside(A, l, u) != 1:
        return False
    for (low, high), source in (one, other):
        if not (l < low and high < u):
            return False
        if source is None:
            if at(A, low) != 0:
                return False
            continue
        (_, _, D, R, K), kink = source
        form, power = [], [ONE]
        for entry in reversed(A):
            form = add(multiply(form, R), [entry * factor for factor in power])
            power = multiply(power, D)
        if roots_inside(common_divisor(K, form), *kink) != 1:
            return False
    return True


def critical_functions(tools, problem, functions, tie):
    tools.holds(problem.target is not None and problem.hidden == 1, "one unit and a target of pieces expected")
    order = ["constant", "affine", "right-kink", "left-kink"]
    places = [order.index(one["form"]) for one in functions]
    tools.holds(places == sorted(places), "another order")
    ends, pairs = side_by_side(problem)
    right, left = Equations(ends, pairs), Equations(*mirrored(ends, pairs))
    # (a)
    tools.holds(places.count(0) == 1, "(a) one constant expected")
    mean = right.integral / right.mass
    risk = (right.square * right.mass - right.integral**2) / right.mass
    tools.holds(contains(functions[0]["c"], (mean, mean)), "(a) c")
    tools.holds(contains(functions[0]["risk"], (risk, risk)), "(a) risk")
    results = [((risk, risk), None)]
    first = right.pieces[0]
    tools.holds(places.count(1) == (1 if at(first[1], ends[0]) != 0 else 0), "(a) the best line")
    for one in functions:
        if one["form"] in ("constant", "affine"):
            tools.holds(one["type"] == "local-minimum", "(a) type")
        if one["form"] == "affine":
            results.append((hold_values(tools, one, first, (ends[0], ends[0])), None))
    total = ends[0] + ends[-1]
    rights = [(one, one["kink"]) for one in functions if one["form"] == "right-kink"]
    lefts = [(one, (total - one["kink"][1], total - one["kink"][0])) for one in functions if one["form"] == "left-kink"]
    results += hold_kinks(tools, right, rights)
    results += hold_kinks(tools, left, lefts[::-1])[::-1]
    # (e), (f)
    least = [i for i, one in enumerate(functions) if one["global"]]
    tools.holds(least, "(e) no function is global")
    for i, one in enumerate(functions):
        if not one["global"]:
            tools.holds(results[least[0]][0][1] < results[i][0][0], "(e)")
        elif i != least[0]:
            tools.holds(equal_risks(results[least[0]], results[i], tie), "(f)")


# Affine targets


def affine(tools, problem):
    tools.holds(problem.target is not None and problem.uniform, "a target of pieces and the density 1 expected")
    tools.holds(len(problem.target.pieces) == 1 and len(problem.target.pieces[0]) == 2, "an affine target expected")
    return problem.target.pieces[0][1]


def affine_target(tools, problem, functions):
    alpha = affine(tools, problem)
    tools.holds(len(functions) == 2 + problem.hidden // 2, "another number of functions")
    largest = alpha**2 * (problem.b - problem.a) ** 3 / 12
    for i, (form, kinks, risk) in enumerate(functions):
        tools.holds(form == ("target" if i == 0 else "constant" if i == 1 else "zigzag"), "another form")
        tools.holds(i < 2 or kinks == 2 * (i - 1), "another number of kinks")
        tools.holds(risk == (0 if i == 0 else largest / (2 * i - 1) ** 4), "another risk")


# Parameters


def dead(problem, unit):
    w, b, _ = unit
    return w * problem.a + b < 0 and w * problem.b + b < 0


def risk_and_gradient(problem, units, c):
    ends, pairs = side_by_side(problem)
    kinks = [-b / w for w, b, _ in units if w != 0]
    cuts = sorted(set(ends) | {q for q in kinks if ends[0] < q < ends[-1]})
    risk, moments = ZERO, []
    for l, u in zip(cuts, cuts[1:]):
        f, p = pairs[max(k for k, t in enumerate(ends[:-1]) if t <= l)]
        middle = (l + u) / 2
        active = [w * middle + b > 0 for w, b, _ in units]
        output = [c]
        for (w, b, v), on in zip(units, active):
            if on:
                output = add(output, [v * b, v * w])
        r = subtract(output, f)

        def over(g):
            return at(integral(g), u) - at(integral(g), l)

        risk += over(multiply(r, multiply(r, p)))
        moments.append((active, over(multiply(r, p)), over(multiply([ZERO, ONE], multiply(r, p)))))
    gradient = [2 * sum(zeroth for _, zeroth, _ in moments)]
    for j, (w, b, v) in enumerate(units):
        zeroth = 2 * sum((m for active, m, _ in moments if active[j]), ZERO)
        first = 2 * sum((m for active, _, m in moments if active[j]), ZERO)
        gradient += [v * first, v * zeroth, w * first + b * zeroth]
    return risk, gradient, sum(first for _, _, first in moments)


def lowest_term(f, t):
    order = 0
    while at(f, t) == 0:
        f, order = derivative(f), order + 1
    return order, at(f, t)


def minimum_of_live_unit(tools, problem, unit, moment):
    w, b, v = unit
    a, e = problem.a, problem.b
    if w * a + b > 0 and w * e + b > 0:
        return w != 0 or v != 0 or moment == 0  # (a)
    sides = side_by_side(problem)
    right, left = Equations(*sides), Equations(*mirrored(*sides))
    if w == 0:
        # (f)
        pieces = [(o.ends[k : k + 2], piece[1]) for o in (right, left) for k, piece in enumerate(o.pieces)]
        if v == 0:
            return all(not V for _, V in pieces)
        return all(not V or is_nowhere_negative([-v * entry for entry in V], *ends) for ends, V in pieces)
    oriented, q = (right, -b / w) if w > 0 else (left, a + e + b / w)
    if q == e:
        # (e)
        _, V, D, _, _ = oriented.pieces[-1]
        U = abs(w) * v
        if not V or U == 0:
            return not V
        (k, value), (m, determinant) = lowest_term(V, e), lowest_term(D, e)
        if k != m:
            return k > m or U * sign_beside(V, e, -1) < 0
        return U * (U - 2 * value / determinant) > 0
    if q == a:
        # (d)
        _, V, _, _, K = oriented.pieces[0]
        return not V if v == 0 else -sign(at(V, a)) * sign_beside(K, a, 1) > 0
    if v == 0:
        # (c)
        return all(not oriented.pieces[k][1] for k, l in enumerate(oriented.ends[:-1]) if l <= q <= oriented.ends[k + 1])
    slopes = oriented.slopes_at(q)
    tools.holds(slopes is not None, "the kink equation does not hold")
    return slopes[0] < 0 < slopes[1]  # (b)


def one_live_unit(tools, problem, claimed, units, moment):
    live = [unit for unit in units if not dead(problem, unit)]
    tools.holds(len(live) <= 1, "several units are not dead")
    minimum = not live or minimum_of_live_unit(tools, problem, live[0], moment)
    tools.holds(claimed == ("local-minimum" if minimum else "saddle"), "another type")


def affine_point(tools, problem, claimed, units, risk):
    alpha = affine(tools, problem)
    tools.holds(risk > 0, "the risk is 0")

    def inside(w, b, v):
        return w != 0 and v != 0 and problem.a < -b / w < problem.b

    def safe(w, b, v):
        if dead(problem, (w, b, v)):
            return True
        at_left = w < 0 and -b / w == problem.a and alpha * v > 0
        return at_left or (w > 0 and -b / w == problem.b and alpha * v < 0)

    minimum = not any(inside(*unit) for unit in units) and all(safe(*unit) for unit in units)
    tools.holds(claimed == ("local-minimum" if minimum else "saddle"), "another type")


def about_parameters(tools, problem, rule, claimed, parameters, risk):
    tools.holds(problem.target is not None, "a target of pieces expected")
    units, c = parameters
    tools.holds(len(units) == problem.hidden, "another number of units")
    value, gradient, moment = risk_and_gradient(problem, units, c)
    tools.holds(value == risk, "another risk")
    critical = all(entry == 0 for entry in gradient)
    if rule == "zero-risk":
        tools.holds(risk == 0, "the risk is not 0")
    elif rule == "gradient":
        tools.holds(not critical, "the gradient is 0")
    elif rule != "integrals":
        tools.holds(critical, "the gradient is not 0")
        if rule == "affine-point":
            affine_point(tools, problem, claimed, units, risk)
        else:
            one_live_unit(tools, problem, claimed, units, moment)


# Families


def hinges(tools, problem, units):
    length, found = problem.b - problem.a, []
    for w, b, v in units:
        if dead(problem, (w, b, v)):
            continue
        tools.holds(w > 0 and problem.a < -b / w < problem.b, "a unit that is neither dead nor has its kink inside")
        found.append(((-b / w - problem.a) / length, w * v * length / problem.scale))
    return found


def belong(q, r):
    return q * (1 + 3 * r * r) == 1 - r * r


def equal_risk_minima(tools, problem, claim, roots):
    minima, better, gap, delta = claim
    tools.holds(problem.scale is not None and problem.hidden >= 2, "equal-risks and two units expected")
    tools.holds(minima, "no minimum")
    tools.holds(all(len(units) == problem.hidden for units, _ in minima + [better]), "another number of units")
    seen = set()
    for units, c in minima:
        found, e = hinges(tools, problem, units), c / problem.scale
        tools.holds(len(found) == 1 and e not in seen, "(a) one unit that is not dead, and a new function")
        seen.add(e)
        q, u = found[0]
        tools.holds(q < Fraction(2, 3) and Fraction(1, 3) < e < 1 and belong(q, e), "(a) the kink")
        tools.holds(u * (1 - q) ** 2 == -2 * e, "(a) the outgoing weight")
    found, e = hinges(tools, problem, better[0]), better[1] / problem.scale
    early = [q for q, _ in found if q < Fraction(2, 3)]
    tools.holds(len(roots) == len(early), "(b) another number of roots")
    tools.holds(all(r > 0 and belong(q, r) for q, r in zip(early, roots)), "(b) a root")
    phi = {q: -(1 - q) * (1 + 3 * q) * r / 6 for q, r in zip(early, roots)}
    gain = -e * e
    for q, u in found:
        l = 1 - q
        late = -Fraction(19, 18) * l**2 + Fraction(7, 3) * l**3 - 2 * l**4
        gain += 2 * u * phi.get(q, late) - e * u * l**2
        for q2, u2 in found:
            l2 = min(l, 1 - q2)
            gain -= u * u2 * (l2**3 / 3 + abs(q - q2) * l2**2 / 2)
    tools.holds(gap == problem.scale**2 * (problem.b - problem.a) * (gain - Fraction(1, 3)), "(c) another gap")
    tools.holds(gap > delta > 0, "(c)")


def prove_risk(tools, problem, claim, evidence):
    (claimed, content), (rule, help_) = claim, evidence
    tools.holds(claimed in PROVES[rule], "the rule does not prove the claim")
    if rule == "kink-equations":
        critical_functions(tools, problem, content, help_)
    elif rule == "affine-target":
        affine_target(tools, problem, content)
    elif rule == "equal-risks":
        equal_risk_minima(tools, problem, content, help_)
    else:
        about_parameters(tools, problem, rule, claimed, *content)
    return claimed
