"""The rule kinks-dependent: kinks of the first hidden layer that follow from others, and what is left of the slopes at these."""

from second_checker_intervals import ZERO, Between


class Dependent:
    """One record: a kink, the combination of the kinks of Z that it follows from, and its slope."""

    def __init__(self, tools, value):
        kink, combination, multiplier = tools.fields(value, "kink", "combination", "multiplier")
        self.kink = read_kink(tools, kink)
        self.combination = tools.vector(combination)
        self.multiplier = tools.rational(multiplier)

    def follows(self, tools, problem, kinks):
        """Its argument is this combination of theirs whatever the parameters are."""
        l, u, i = self.kink
        tools.holds(l == 0, "(c) a dependent kink of another layer")
        tools.holds(len(self.combination) == len(kinks), "(c) a combination of another length")
        terms = [(c, kink) for c, kink in zip(self.combination, kinks) if c != 0]
        tools.holds(all((m, v) == (0, u) for _, (m, v, _) in terms), "(c) a combination of another unit's kinks")
        for e in range(problem.inputs):
            combined = sum((c * problem.xs[at][e] for c, (_, _, at) in terms), ZERO)
            tools.holds(combined == problem.xs[i][e], "(c) a combination that gives another input")
        biases = problem.layers[0][2]
        tools.holds(not biases or sum(c for c, _ in terms) == 1, "(c) a combination that does not add up to 1")


def read_kink(tools, value):
    tools.readable(len(tools.items(value)) == 3, "a layer, a unit and a sample expected")
    return tuple(tools.count(entry) for entry in value)


def slopes_at(kinks, sigma, dependent):
    """The slope at every kink of Z and Z' on the box: of sigma, what the dependent kinks leave to the others."""
    slopes = {record.kink: Between(record.multiplier) for record in dependent}
    for position, kink in enumerate(kinks):
        taken = sum((record.multiplier * record.combination[position] for record in dependent), ZERO)
        slopes[kink] = sigma[kink] + Between(-taken)
    return slopes
