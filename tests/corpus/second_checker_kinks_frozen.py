"""The frozen function: the network with every member of a kink applied linearly; void, equal and felt entries."""

from fractions import Fraction

from second_checker_intervals import NONE, ONE, Between, total
from second_checker_kinks_losses import LOSSES


class Affine:
    """A dense or conv layer: `reads` has, for every entry given, pairs of the entry that is read and the parameter."""

    def __init__(self, layer, image, at):
        channels, height, width = image
        area = height * width
        self.outputs, self.weight = layer[1], at
        if layer[0] == "dense":
            seen = [list(range(channels * area))]
        else:
            rows, columns = layer[3].steps(image)
            taps = [layer[3].looks_at(image, position) for position in range(rows * columns)]
            seen = [[None if k is None else c * area + k for c in range(channels) for k in places] for places in taps]
        self.row, self.positions = len(seen[0]), len(seen)
        self.padded = any(entry is None for places in seen for entry in places)
        self.bias = at + self.outputs * self.row if layer[2] else None
        self.end = at + self.outputs * (self.row + (1 if layer[2] else 0))
        weights = lambda o: range(at + o * self.row, at + (o + 1) * self.row)
        self.reads = [list(zip(places, weights(o))) for o in range(self.outputs) for places in seen]

    def output_of(self, given):
        return given // self.positions

    def bias_of(self, given):
        return None if self.bias is None else self.bias + self.output_of(given)


class Means:
    def __init__(self, layer, image):
        area = image[1] * image[2]
        rows, columns = layer[1].steps(image)
        seen = [layer[1].looks_at(image, position) for position in range(rows * columns)]
        self.windows = [[c * area + k for k in places] for c in range(image[0]) for places in seen]


class Units:
    def __init__(self, layer, l):
        self.l, self.slopes, self.linear = l, (Between(layer[1]), Between(layer[2])), layer[1] == layer[2]


def steps_of(problem):
    """What the layers of a network do one after the other; a list of numbers is flat already."""
    steps, at, l = [], 0, 0
    for layer, image in zip(problem.layers, problem.images):
        if layer[0] in ("dense", "conv"):
            steps.append(Affine(layer, image, at))
            at = steps[-1].end
        elif layer[0] == "average-pool":
            steps.append(Means(layer, image))
        elif layer[0] == "two-slope":
            steps.append(Units(layer, l))
            l += 1
    return steps


def numbered(keys):
    """Equal numbers for equal keys on all samples, from 1 on; 0 for a key that is None."""
    known = {}
    return [[0 if key is None else known.setdefault(key, len(known) + 1) for key in row] for row in keys]


class Frozen:
    """The frozen function with all that is of first order, on a box or at a point."""

    def __init__(self, tools, problem, kinks, parameters, multipliers, share):
        self.theta, self.kinks, self.problem = parameters, kinks, problem
        self.steps = steps_of(problem)
        self.dense = [step for step in self.steps if isinstance(step, Affine)]
        self.hidden = [s for s, step in enumerate(self.steps) if isinstance(step, Units)]
        self.slopes = [self.steps[s].slopes for s in self.hidden]
        self.weight = [step.weight for step in self.dense]
        self.bias = [step.bias for step in self.dense]
        self.widths = [problem.inputs] + [step.outputs for step in self.dense]
        self.share = Between(share)
        self.sigma = multipliers
        samples = range(len(problem.xs))
        self.values = [[[Between(entry) for entry in x]] for x in problem.xs]
        self.gates = [[] for _ in samples]
        # Which kink a unit is a member of.
        self.members = [[] for _ in samples]
        names = numbered([[None if entry == 0 else entry for entry in x] for x in problem.xs])
        for s, step in enumerate(self.steps):
            if isinstance(step, Units):
                names = self.through_units(tools, s, step, names)
                continue
            for i in samples:
                self.values[i].append(self.applied(step, self.values[i][s]))
            names = numbered([self.keys(step, row) for row in names])
        self.felt = [self.felt_on(i) for i in samples]
        self.feels = [[self.felt[i][s + 1][0] for s in self.hidden] for i in samples]
        kind_ = LOSSES[problem.loss]
        self.losses = [kind_(values[-1], target) for values, target in zip(self.values, problem.ys)]
        seeds = [[self.share * e for e in loss.slopes] for loss in self.losses]
        self.adjoints = [self.backward(i, len(self.steps), seed, True) for i, seed in enumerate(seeds)]

    def applied(self, step, values):
        if isinstance(step, Means):
            share = Between(Fraction(1, len(step.windows[0])))
            return [share * total(values[e] for e in window) for window in step.windows]
        given = []
        for u, reads in enumerate(step.reads):
            linear = total(self.theta[k] * values[e] for e, k in reads if e is not None)
            given.append(linear if step.bias is None else linear + self.theta[step.bias_of(u)])
        return given

    @staticmethod
    def keys(step, names):
        """What the entries given are, by what they read; None where they are void."""
        if isinstance(step, Means):
            return [tuple(sorted(names[e] for e in w)) if any(names[e] for e in w) else None for w in step.windows]
        keys = []
        for u, reads in enumerate(step.reads):
            read = tuple(0 if e is None else names[e] for e, _ in reads)
            keys.append((step.output_of(u), read) if step.bias is not None or any(read) else None)
        return keys

    def through_units(self, tools, s, step, names):
        l, held = step.l, {}
        for kink in self.kinks:
            if kink[0] == l:
                name = names[kink[2]][kink[1]]
                tools.holds(name != 0, "(a) a kink that is void")
                tools.holds(name not in held, "(a) two kinks with a member in common")
                held[name] = kink
        after = []
        for i, row in enumerate(names):
            args = self.values[i][s]
            self.members[i].append([held.get(name) for name in row])
            gates = [self.gate(name, name in held, step.linear, t) for name, t in zip(row, args)]
            self.gates[i].append(gates)
            self.values[i].append([self.act(l, gate, t) for gate, t in zip(gates, args)])
            after.append([0 if self.shut(l, gate) else name for name, gate in zip(row, gates)])
        return after

    @staticmethod
    def gate(name, is_kink, linear, t):
        if name == 0 or is_kink:
            return "void" if name == 0 else "kink"
        if linear:
            return "positive"
        return "positive" if t.low > 0 else "negative" if t.high < 0 else "unknown"

    def slope(self, l, gate):
        return NONE if gate in ("unknown", "void") else self.slopes[l][0 if gate == "positive" else 1]

    def act(self, l, gate, t):
        if gate != "unknown":
            return self.slope(l, gate) * t
        reach = max((t * slope).size() for slope in self.slopes[l])
        return Between(-reach, reach)

    def shut(self, l, gate):
        return gate == "void" or (gate in ("positive", "negative") and self.slope(l, gate).is_zero())

    def felt_on(self, i):
        """For every step which entries that it is applied to are felt; then the outputs."""
        felt = [[True] * len(self.values[i][-1])]
        for s in reversed(range(len(self.steps))):
            step, above = self.steps[s], felt[0]
            below = [False] * len(self.values[i][s])
            if isinstance(step, Units):
                below = [f and not self.shut(step.l, gate) for f, gate in zip(above, self.gates[i][step.l])]
            else:
                windows = step.windows if isinstance(step, Means) else [[e for e, _ in reads] for reads in step.reads]
                for f, window in zip(above, windows):
                    for e in window:
                        if f and e is not None:
                            below[e] = True
            felt.insert(0, below)
        return felt

    def backward(self, i, top, seed, with_multipliers):
        """Adjoints of what every step below `top` is applied to, from those of what the last of them gives."""
        adjoints = {top: seed}
        for s in reversed(range(top)):
            step, given = self.steps[s], adjoints[s + 1]
            if isinstance(step, Units):
                slopes = [self.slope(step.l, gate) for gate in self.gates[i][step.l]]
                adjoints[s] = [slope * d for slope, d in zip(slopes, given)]
                if with_multipliers:
                    adjoints[s] = [d + self.sigma.get((step.l, u, i), NONE) for u, d in enumerate(adjoints[s])]
                continue
            below = [NONE] * len(self.values[i][s])
            if isinstance(step, Means):
                share = Between(Fraction(1, len(step.windows[0])))
                for d, window in zip(given, step.windows):
                    for e in window:
                        below[e] = below[e] + share * d
            else:
                for d, reads in zip(given, step.reads):
                    if d.is_zero():
                        continue
                    for e, k in reads:
                        if e is not None:
                            below[e] = below[e] + d * self.theta[k]
            adjoints[s] = below
        return adjoints

    def gradient(self, i, adjoints):
        """The derivatives by the parameters of all steps below the highest adjoint."""
        result = [NONE] * len(self.theta)
        for s, step in enumerate(self.steps):
            if not isinstance(step, Affine) or s + 1 not in adjoints:
                continue
            for u, d in enumerate(adjoints[s + 1]):
                if d.is_zero():
                    continue
                for e, k in step.reads[u]:
                    if e is not None:
                        result[k] = result[k] + d * self.values[i][s][e]
                if step.bias is not None:
                    result[step.bias_of(u)] = result[step.bias_of(u)] + d
        return result

    def entry_gradient(self, i, s, e):
        """The derivatives of entry e of what step s is applied to."""
        seed = [Between(ONE) if k == e else NONE for k in range(len(self.values[i][s]))]
        return self.gradient(i, self.backward(i, s, seed, False))

    def bound(self, kink):
        """The jump of the slope times the adjoints of all members."""
        s = self.hidden[kink[0]]
        positive, negative = self.slopes[kink[0]]
        adjoints = [
            self.adjoints[i][s + 1][u]
            for i in range(len(self.values))
            for u, member in enumerate(self.members[i][kink[0]])
            if member == kink
        ]
        return (positive + Between(-ONE) * negative) * total(adjoints)
