"""The second checker's part on minima on kinks, written from spec/rules-kinks.md alone.

Every enclosure is an interval with rational ends. `tools` is the module second_checker_reading: its readers and its two ways to
end a check. The files second_checker_kinks_*.py beside it hold one idea each.
"""

import copy
from fractions import Fraction

from second_checker_intervals import NONE, ONE, ZERO, Between, regular, total
from second_checker_kinks_dependent import Dependent, read_kink, slopes_at
from second_checker_kinks_frozen import Affine, Frozen
from second_checker_kinks_losses import LOSSES
from second_checker_kinks_symmetries import field_of
from second_checker_kinks_valleys import PathSpan, ValleyRows, square

GAUGES = {
    "kinks": ("symmetries",),
    "kinks-span": ("flatInverse",),
    "kinks-valleys": ("symmetries", "valleys"),
    "kinks-dependent": ("symmetries", "dependent"),
}


class KinksEvidence:
    def __init__(self, tools, value):
        gauges = GAUGES[value["rule"]]
        names = ("rule", "kinks", "multipliers", "frozen", "radii", "inverse")
        _, kinks, multipliers, frozen, radii, inverse, *given = tools.fields(value, *names, *gauges)
        gauge = dict(zip(gauges, given))
        self.flat = tools.vector(gauge["flatInverse"]) if "flatInverse" in gauge else None
        self.kinks = [read_kink(tools, kink) for kink in tools.items(kinks)]
        records = tools.items(gauge.get("dependent", []))
        self.dependent = [Dependent(tools, record) for record in records] if "dependent" in gauge else None
        self.multipliers = tools.vector(multipliers)
        self.frozen = [tools.count(entry) for entry in tools.items(frozen)]
        self.symmetries = []
        for symmetry in tools.items(gauge.get("symmetries", [])):
            tools.readable(tools.items(symmetry), "a symmetry expected")
            tools.name(symmetry[0], "idle", "rescale", "mix", "rotate", "shift", "lift")
            self.symmetries.append((symmetry[0], [tools.count(entry) for entry in symmetry[1:]]))
        self.valleys = [Valley(tools, valley) for valley in tools.items(gauge["valleys"])] if "valleys" in gauge else None
        self.radii = tools.vector(radii)
        self.inverse = tools.vector(inverse)


class Valley:
    def __init__(self, tools, value):
        kind, layer, *lists = tools.fields(value, "kind", "layer", "parameters", "exceptions", "rows")
        self.is_own = tools.name(kind, "own", "through") == "own"
        self.layer = tools.count(layer)
        self.parameters, self.exceptions = ([tools.count(entry) for entry in tools.items(some)] for some in lists[:2])
        self.rows = []
        for row in tools.items(lists[2]):
            tools.readable(len(tools.items(row)) == 2, "a group and a sample expected")
            self.rows.append(tuple(tools.count(entry) for entry in row))


def pivot_signs(tools, matrix):
    """The number of positive eigenvalues of a symmetric matrix; where the diagonal is 0, of two rows at once."""
    rows, positive = [row[:] for row in matrix], 0
    while rows:
        span = range(len(rows))
        at = next((k for k in span if rows[k][k] != 0), None)
        if at is None:
            pair = next(((i, j) for i in span for j in span if rows[i][j] != 0), None)
            tools.holds(pair is not None, "(d)")
            # Row i + row j, and the columns likewise, have 2 rows[i][j] on the diagonal.
            at, other = pair
            rows[at] = [x + y for x, y in zip(rows[at], rows[other])]
            for row in rows:
                row[at] += row[other]
        pivot = rows[at][at]
        positive += pivot > 0
        line = rows.pop(at)
        rows = [[x - row[at] / pivot * y for b, (x, y) in enumerate(zip(row, line)) if b != at] for row in rows]
    return positive


def contracts(tools, box, kinks, factors, free, inverse, radii, values, crossing, step):
    """|Y G| + |1 - Y K0| rho + |Y| D rho < rho; returns K0. Without `crossing`, K is F J^T J with the kinks as a border."""
    count_, size = len(factors), len(radii)
    K = [[NONE] * count_ for _ in range(count_)]
    for k, factor in enumerate(factors):
        K[k][k] = Between(factor)
    for i in range(len(box.values)):
        gs = [box.entry_gradient(i, len(box.steps), o) for o in range(box.widths[-1])]
        for o, g in enumerate(gs):
            for q, h in enumerate(gs):
                weight = box.share * box.losses[i].second(o, q)
                for a in range(0 if weight.is_zero() else count_):
                    if not g[a].is_zero():
                        K[a] = [entry + weight * g[a] * other for entry, other in zip(K[a], h)]
        for s, layer in enumerate(box.steps):
            if s == 0 or not crossing or not isinstance(layer, Affine):
                continue
            gradients = [box.entry_gradient(i, s, e) for e in range(len(box.values[i][s]))]
            for delta, reads in zip(box.adjoints[i][s + 1], layer.reads):
                if delta.is_zero():
                    continue
                for e, weight in reads:
                    if e is None:
                        continue
                    for b, entry in enumerate(gradients[e]):
                        if not entry.is_zero():
                            K[weight][b] = K[weight][b] + delta * entry
                            K[b][weight] = K[b][weight] + delta * entry
    rows = [[K[a][b] for b in free] for a in free]
    for l, u, i in kinks:
        normal = box.entry_gradient(i, box.hidden[l], u)
        for row, k in zip(rows, free):
            row.append(normal[k])
    for position in range(len(kinks)):
        rows.append([rows[a][len(free) + position] for a in range(len(free))] + [NONE] * len(kinks))
    middle = [[(entry.low + entry.high) / 2 for entry in row] for row in rows]
    error = [[(entry.high - entry.low) / 2 for entry in row] for row in rows]
    Y = [[ZERO] * size for _ in range(size)]
    entries = iter(inverse)
    for a in range(size):
        for b in range(a + 1):
            Y[a][b] = Y[b][a] = next(entries)
    moved_ = [sum(d * radius_ for d, radius_ in zip(row, radii)) for row in error]
    for a in range(size):
        bound = total(Between(y) * value for y, value in zip(Y[a], values)).size()
        bound += sum(abs(y) * m for y, m in zip(Y[a], moved_))
        for c in range(size):
            product = sum(Y[a][b] * middle[b][c] for b in range(size))
            bound += abs((ONE if a == c else ZERO) - product) * radii[c]
        tools.holds(bound < radii[a], step)
    return middle


def with_linear_layers(problem):
    """The same problem with a hidden layer of slopes 1 and 1 wherever one dense layer follows another."""
    layers, images = [], []
    for layer, image in zip(problem.layers, problem.images):
        if layers and layer[0] == layers[-1][0] == "dense":
            layers.append(("two-slope", ONE, ONE))
            images.append(image)
        layers.append(layer)
        images.append(image)
    whole = copy.copy(problem)
    whole.layers, whole.images = layers, images
    return whole


def minimum_nearby(tools, problem, at, evidence, radius, lower, loss):
    holds = tools.holds
    problem.fits(at, "the point")
    problem = with_linear_layers(problem)
    kinds_ = [layer[0] for layer in problem.layers]
    known = all(kind_ in ("dense", "conv", "average-pool", "flatten", "two-slope") for kind_ in kinds_)
    holds(known and "two-slope" in kinds_ and problem.loss in LOSSES, "another network or loss")
    in_turn = all(kind_ == ("dense", "two-slope")[k % 2] for k, kind_ in enumerate(kinds_))
    others = (evidence.flat, evidence.valleys, evidence.dependent)
    holds(in_turn or all(given is None for given in others), "dense and hidden layers in turn asked for")
    theta = [entry for tensor in at for entry in tensor]
    decaying = problem.decaying() if problem.decay else [False] * len(at)
    factors = [problem.decay.factor if decays else ZERO for tensor, decays in zip(at, decaying) for _ in tensor]
    sizes = [a * b * c for layer, (a, b, c) in zip(problem.layers, problem.images) if layer[0] == "two-slope"]
    kinks, frozen, dependent = evidence.kinks, evidence.frozen, evidence.dependent or []
    following = [record.kink for record in dependent]
    for l, u, i in kinks + following:
        holds(l < len(sizes) and u < sizes[l] and i < len(problem.xs), "a kink that is not there")
    for triples in (kinks, following):
        holds(all(a < b for a, b in zip(triples, triples[1:])), "kinks ascending")
    holds(evidence.dependent is None or (dependent and not set(kinks) & set(following)), "dependent")
    holds(all(k < len(theta) for k in frozen) and all(a < b for a, b in zip(frozen, frozen[1:])), "frozen parameters")
    free = [k for k in range(len(theta)) if k not in frozen]
    size = len(free) + len(kinks)
    holds(len(evidence.multipliers) == len(kinks), "multipliers")
    holds(len(evidence.radii) == size and all(r > 0 for r in evidence.radii), "radii")
    holds(len(evidence.inverse) == size * (size + 1) // 2, "inverse")
    spanned = evidence.flat is not None
    holds(evidence.valleys is not None or spanned or len(evidence.symmetries) == len(frozen), "symmetries")
    holds(not spanned or len(evidence.flat) == len(evidence.inverse), "flatInverse")
    share = Fraction(1, len(problem.xs)) if problem.mean else ONE
    spread = dict(zip(free, evidence.radii))
    around = lambda middle, r: Between(middle - r, middle + r)
    multiplier_radii = evidence.radii[len(free) :]
    box = Frozen(
        tools,
        problem,
        kinks + following,
        [around(x, spread.get(k, ZERO)) for k, x in enumerate(theta)],
        {kink: around(*pair) for kink, *pair in zip(kinks, evidence.multipliers, multiplier_radii)},
        share,
    )
    samples = range(len(problem.xs))
    for i in samples:
        for s, gates in zip(box.hidden, box.gates[i]):
            for gate, felt in zip(gates, box.felt[i][s + 1]):
                holds(gate != "unknown" or not felt, "(a) no strict sign")
    for l, u, i in kinks + following:
        holds(box.felt[i][box.hidden[l] + 1][u], "(a) a kink that is not felt")
    for record in dependent:
        record.follows(tools, problem, kinks)
    for kink, slope in slopes_at(kinks, box.sigma, dependent).items():
        holds(0 < slope.low and slope.high < box.bound(kink).low, "(c)")
    if spanned:
        dimension = len(PathSpan(problem, box).into[-1])
        apart = problem.outputs - (problem.loss == "cross-entropy")
        holds(len(free) == len(kinks) + apart * dimension, "(e) the path span")
    else:
        fields_ = [field_of(tools, box, factors, symmetry) for symmetry in evidence.symmetries]
        span = PathSpan(problem, box) if evidence.valleys else None
        valleys = [ValleyRows(tools, span, box, valley) for valley in evidence.valleys or []]
        holds(all(factors[k] == 0 for valley in valleys for k in valley.places), "(e) a parameter of a valley decays")
        directions = len(fields_) + sum(len(valley.places) - len(valley.named) for valley in valleys)
        holds(len(frozen) == directions, "(e) as many directions as frozen parameters")
        holds(regular(square(frozen, fields_, valleys)), "(e) dependent directions")

    point_multipliers = {kink: Between(s) for kink, s in zip(kinks, evidence.multipliers)}
    centre = Frozen(tools, problem, kinks + following, [Between(x) for x in theta], point_multipliers, share)
    slopes = [Between(x * factor) for x, factor in zip(theta, factors)]
    for i in samples:
        slopes = [a + g for a, g in zip(slopes, centre.gradient(i, centre.adjoints[i]))]
    values = [slopes[k] for k in free] + [centre.values[i][centre.hidden[l]][u] for l, u, i in kinks]

    middle = contracts(tools, box, kinks, factors, free, evidence.inverse, evidence.radii, values, True, "(b)")
    if spanned:
        contracts(tools, box, kinks, factors, free, evidence.flat, evidence.radii, [NONE] * size, False, "(d)")
    else:
        holds(pivot_signs(tools, middle) == len(free), "(d)")
    r = evidence.radii
    holds(all(entry <= radius for entry in r[: len(free)]), "(f) the radius")
    half = Between(Fraction(1, 2))
    phi = total(half * Between(factor) * x * x for factor, x in zip(factors, box.theta))
    phi = phi + box.share * total(loss.value() for loss in box.losses)
    holds(lower <= max(ZERO, phi.low) and phi.high <= loss, "(f) the loss")
