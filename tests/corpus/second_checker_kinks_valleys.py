"""The path span and the valleys of the rules on kinks."""

from second_checker_intervals import NONE, ONE, ZERO, Between


def independent(functions):
    """Of these functions on the samples, as many as are independent, changed by one another."""
    basis = []
    for f in functions:
        for at, g in basis:
            f = [x - f[at] * y for x, y in zip(f, g)]
        at = next((k for k, x in enumerate(f) if x != 0), None)
        if at is not None:
            basis.append((at, [x / f[at] for x in f]))
    return [f for _, f in basis]


def zero_at(functions, samples):
    """Of what these functions span, all that is 0 on these samples."""
    for i in samples:
        pivot = next((f for f in functions if f[i] != 0), None)
        if pivot is not None:
            functions = [[x - f[i] / pivot[i] * y for x, y in zip(f, pivot)] for f in functions if f is not pivot]
    return functions


class PathSpan:
    """What values can be near the box where all kinks stay kinks, products of weights along paths taken as free."""

    def __init__(self, problem, box):
        self.box, self.samples = box, range(len(problem.xs))
        self.slopes = [layer[1:3] for layer in problem.layers if layer[0] == "two-slope"]
        self.inputs = [[x[e] for x in problem.xs] for e in range(problem.inputs)]
        self.into, space = [], self.inputs
        for l in range(len(box.dense)):
            if box.bias[l] is not None:
                space = space + [[ONE] * len(problem.xs)]
            self.into.append(independent(space))
            if l < len(self.slopes):
                space = [f for u in range(box.widths[l + 1]) for f in self.passed(l, u)]

    def passed(self, l, u):
        """D_lu z, for the z of U_l that are 0 where u is on a kink."""
        left = zero_at(self.into[l], [i for k, v, i in self.box.kinks if (k, v) == (l, u)])
        slope = [
            self.slopes[l][0 if gates[l][u] == "positive" else 1]
            if felt[l] and gates[l][u] in ("positive", "negative")
            else ZERO
            for gates, felt in zip(self.box.gates, self.box.feels)
        ]
        return [[x * s for x, s in zip(f, slope)] for f in left]

    def entry(self, l, e):
        """Functions that span what entry e of dense layer l can be."""
        if e == self.box.widths[l]:
            return [[ONE for _ in self.samples]]
        return [self.inputs[e]] if l == 0 else self.passed(l - 1, e)


class Group:
    """Rows of a valley, one for each of some samples, and what their rank is at most."""

    def __init__(self, bound, rows):
        self.bound, self.rows = bound, rows


class ValleyRows:
    """The groups of the rows of a valley, by number."""

    def __init__(self, tools, span, box, valley):
        holds, l = tools.holds, valley.layer
        step = "(e) valley"
        self.box, self.span, self.valley, self.layer = box, span, valley, l
        holds(l < (len(box.dense) if valley.is_own else len(box.slopes)), step + " of no such layer")
        self.places = {}
        parameters = valley.parameters
        holds(parameters and all(a < b for a, b in zip(parameters, parameters[1:])), step + " parameters")
        for parameter in parameters:
            place = self.place_of(parameter)
            holds(place is not None, step + " parameter of another layer")
            self.places[parameter] = place
        self.units = sorted({u for u, _ in self.places.values()})
        exceptions = valley.exceptions
        holds(all(a < b for a, b in zip(exceptions, exceptions[1:])), step + " exceptions")
        holds(all(i < len(box.values) for i in exceptions), step + " exceptions")
        if valley.is_own:
            holds(not exceptions, step + " with exceptions")
            self.groups = {u: self.changes(u, self.reaching(l, u)) for u in self.units}
        else:
            self.groups = {u: self.changes(u, self.kinks_of(u)) for u in self.units}
            for k in range(box.widths[l + 2]):
                self.groups[box.widths[l + 1] + k] = self.passed_on(k)
        holds(all(a < b for a, b in zip(valley.rows, valley.rows[1:])), step + " rows ascending")
        holds(all(g in self.groups and i in self.groups[g].rows for g, i in valley.rows), step + " with a row that is none")
        holds(len(valley.rows) == sum(group.bound for group in self.groups.values()), step + " with another number of rows")
        self.named = [self.groups[g].rows[i] for g, i in valley.rows]

    def place_of(self, parameter):
        """The unit and the entry that a parameter of this dense layer belongs to."""
        box, l = self.box, self.layer
        inputs, units = box.widths[l], box.widths[l + 1]
        offset = parameter - box.weight[l]
        if 0 <= offset < inputs * units:
            return divmod(offset, inputs)
        if box.bias[l] is not None and box.bias[l] <= parameter < box.bias[l] + units:
            return parameter - box.bias[l], inputs
        return None

    def reaching(self, l, u):
        box = self.box
        reached = lambda i: l == len(box.slopes) or (box.feels[i][l] and not box.shut(l, box.gates[i][l][u]))
        return [i for i in self.span.samples if reached(i)]

    def kinks_of(self, u):
        return [i for k, v, i in self.box.kinks if (k, v) == (self.layer, u)]

    def live(self, e, i):
        box, l = self.box, self.layer
        if e == box.widths[l]:
            return True
        if l == 0:
            return not box.values[i][0][e].is_zero()
        gate = box.gates[i][l - 1][e]
        return box.feels[i][l - 1] and gate != "kink" and not box.shut(l - 1, gate)

    def value(self, e, i):
        return Between(ONE) if e == self.box.widths[self.layer] else self.box.values[i][2 * self.layer][e]

    def functions(self, u):
        """They span W_u."""
        return independent([f for v, e in self.places.values() if v == u for f in self.span.entry(self.layer, e)])

    def changes(self, u, samples):
        bound = len(independent([[f[i] for i in samples] for f in self.functions(u)]))
        return Group(bound, {i: [self.value(e, i) if v == u else NONE for v, e in self.places.values()] for i in samples})

    def slope(self, u, i):
        gate = self.box.gates[i][self.layer][u]
        return NONE if gate == "kink" else self.box.slope(self.layer, gate)

    def by_entry(self, samples):
        """The number of exceptions, and for each entry the rank of the slopes."""
        others = [i for i in samples if i not in self.valley.exceptions]
        bound = len(samples) - len(others)
        for e in sorted({e for _, e in self.places.values()}):
            units = [u for u, f in self.places.values() if f == e]
            bound += len(independent([[self.slope(u, i).low for u in units] for i in others if self.live(e, i)]))
        return bound

    def by_paths(self, samples):
        """The dimension of what all units together can change where all kinks stay kinks."""
        changed = []
        for u in self.units:
            held = zero_at(self.functions(u), self.kinks_of(u))
            changed += [[self.slope(u, i).low * f[i] for i in samples] for f in held]
        return len(independent(changed))

    def passed_on(self, k):
        box, l = self.box, self.layer
        samples = self.reaching(l + 1, k)
        weight = lambda u: box.theta[box.weight[l + 1] + k * box.widths[l + 1] + u]
        rows = {i: [weight(u) * self.slope(u, i) * self.value(e, i) for u, e in self.places.values()] for i in samples}
        return Group(min(len(samples), self.by_entry(samples), self.by_paths(samples)), rows)


def square(frozen, fields_, valleys):
    """The matrix of condition (e) of kinks-valleys: fields and rows of valleys."""
    widths = [len(valley.places) for valley in valleys]
    columns = lambda given, v: [x for w, width in enumerate(widths) for x in (given if w == v else [NONE] * width)]
    matrix = []
    for c in frozen:
        row = [field[c] for field in fields_]
        for valley in valleys:
            row += [Between(ONE) if k == c else NONE for k in valley.places]
        matrix.append(row)
    for v, valley in enumerate(valleys):
        matrix += [[NONE] * len(fields_) + columns(row, v) for row in valley.named]
    return matrix
