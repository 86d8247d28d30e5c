"""Lower bounds."""

from fractions import Fraction

from second_checker_matrices import inner, rank_if_semidefinite
from second_checker_reading import Count, count, fields, holds, integer, items, positive, readable, vector

ZERO = Fraction(0)
ONE = Fraction(1)


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
