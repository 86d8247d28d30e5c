"""The symmetries of the rules on kinks: their conditions and fields."""

from second_checker_intervals import NONE, ONE, Between
from second_checker_kinks_frozen import Affine, Means


def resting(box, i):
    """For every step which entries that it is applied to are 0 where all kinks stay kinks."""
    rests = [[value.is_zero() for value in box.values[i][0]]]
    for step in box.steps:
        if isinstance(step, Affine):
            rests.append([False] * len(step.reads))
        elif isinstance(step, Means):
            rests.append([all(rests[-1][e] for e in window) for window in step.windows])
        else:
            rests.append([gate == "kink" or box.shut(step.l, gate) for gate in box.gates[i][step.l]])
    return rests


def field_of(tools, box, decays, symmetry):
    holds = tools.holds
    kind_, counts = symmetry
    step = "(e) " + kind_
    holds(len(counts) == {"idle": 1, "lift": 1, "mix": 3, "rotate": 3}.get(kind_, 2), step)
    field = [NONE] * len(box.theta)
    minus = Between(-ONE)
    samples = range(len(box.values))
    if kind_ == "lift":
        e, last = counts[0], box.dense[-1]
        holds(box.problem.loss == "cross-entropy" and (e < last.row or (e == last.row and last.bias is not None)), step)
        for o in range(last.outputs):
            at = last.bias + o if e == last.row else last.weight + o * last.row + e
            holds(decays[at] == 0, step)
            field[at] = Between(ONE)
        return field
    if kind_ == "idle":
        parameter = counts[0]
        holds(parameter < len(box.theta) and decays[parameter] == 0, step)
        for i in samples:
            for s, affine in enumerate(box.steps):
                if not isinstance(affine, Affine):
                    continue
                rests = resting(box, i)[s]
                for u, reads in enumerate(affine.reads):
                    if box.felt[i][s + 1][u]:
                        holds(affine.bias_of(u) != parameter, step)
                        holds(all(e is None or rests[e] for e, k in reads if k == parameter), step)
        field[parameter] = Between(ONE)
        return field
    l, units = counts[0], counts[1:]
    holds(l < len(box.slopes), step)
    s = box.hidden[l]
    others = lambda steps: [affine for affine in steps if not isinstance(affine, Means)]
    below, above = others(box.steps[:s])[-1:], others(box.steps[s + 1 :])[:1]
    holds(below and isinstance(below[0], Affine) and isinstance(above[0], Affine), step)
    below, above = below[0], above[0]
    holds(all(u < below.outputs for u in units), step)
    into = lambda u: [below.weight + u * below.row + k for k in range(below.row)] + (
        [] if below.bias is None else [below.bias + u]
    )
    length = above.row // below.outputs
    block = lambda u, o: [above.weight + o * above.row + u * length + k for k in range(length)]
    out = lambda u: [at for o in range(above.outputs) for at in block(u, o)]
    share = len(box.gates[0][l]) // below.outputs
    pairs = [
        tuple(box.gates[i][l][u * share + at] for u in units)
        for i in samples
        for at in range(share)
        if any(box.felt[i][s + 1][u * share + at] for u in units)
    ]
    if kind_ == "rescale":
        holds(not any(decays), step)
        for at in into(units[0]):
            field[at] = box.theta[at]
        for at in out(units[0]):
            field[at] = minus * box.theta[at]
    elif kind_ == "mix":
        j, k = units
        holds(not any(decays) and j != k, step)
        holds(all(second == "kink" or first == second for first, second in pairs), step)
        for at, other in zip(into(j), into(k)):
            field[at] = box.theta[other]
        for at, other in zip(out(k), out(j)):
            field[at] = minus * box.theta[other]
    elif kind_ == "rotate":
        j, k = units
        holds(j != k and all(first == second for first, second in pairs), step)
        for at, other in zip(into(j) + out(j), into(k) + out(k)):
            field[at] = box.theta[other]
            field[other] = minus * box.theta[at]
    else:
        holds(below.bias is not None and above.bias is not None and not above.padded, step)
        holds(decays[below.bias] == 0 and decays[above.bias] == 0, step)
        seen = {gates[0] for gates in pairs}
        holds(len(seen) <= 1 and "kink" not in seen, step)
        slope = box.slope(l, seen.pop() if seen else "positive")
        field[below.bias + units[0]] = Between(ONE)
        for o in range(above.outputs):
            for at in block(units[0], o):
                field[above.bias + o] = field[above.bias + o] + minus * slope * box.theta[at]
    return field
