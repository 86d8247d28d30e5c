"""A second checker for nadir certificates, written from the pages in spec/ alone.

Plain and slow: every number is a fractions.Fraction, every condition is evaluated as the page states it. It shares no
code with the checker in TypeScript and is built the other way round: an exception ends a check, functions follow the
sentences of the specification. This file reads claims and evidence and says which rule proves which claim; the files
second_checker_*.py beside it hold a family of rules, or one idea, each.

    python3 second_checker.py FILE...     prints "outcome<TAB>reason" for each file
    python3 second_checker.py -           reads one certificate text per line, as a JSON string, from standard input
"""

import hashlib
import json
import re
import sys
from fractions import Fraction

import second_checker_kinks
import second_checker_reading
import second_checker_risk
from second_checker_bounds import cone_nodes, dual_bound, linear_dual, pattern_tree, rank_bound, region_node
from second_checker_boxes import box_tree
from second_checker_curves import ascent, descent, evaluation, straight
from second_checker_deep import (
    AffineSegment,
    PathSpan,
    affine_fit,
    affine_segment,
    differentiable_stationary,
    path_span,
    same_input_bound,
)
from second_checker_enclosure import loss_at_most, loss_between
from second_checker_last_layer import LastLayer, last_layer
from second_checker_moved import KINDS as MOVED, MovedEvidence, moved_targets
from second_checker_nearby import contraction, factor_rows, split
from second_checker_one_layer import Slopes, first_order
from second_checker_problem import Problem
from second_checker_reading import (
    Declined,
    Rejected,
    count,
    curve,
    fields,
    holds,
    items,
    kind,
    name,
    point,
    rational,
    readable,
    strict_json,
    vector,
)
from second_checker_saddles import SaddleEvidence, saddle_nearby
from second_checker_slopes import enclosed_slope, separation
from second_checker_smooth import constant_output, zero_derivative

ZERO = Fraction(0)

PLAIN = ("value", "not-stationary", "not-a-local-minimum", "saddle", "local-minimum", "global-minimum")

PROVES = {
    "kinks": ("local-minimum-nearby",),
    "kinks-span": ("local-minimum-nearby",),
    "kinks-valleys": ("local-minimum-nearby",),
    "kinks-dependent": ("local-minimum-nearby",),
    "evaluation": ("value",),
    "enclosure": ("value-between",),
    "zero-derivative": ("saddle",),
    "descent-direction": ("not-stationary", "not-a-local-minimum"),
    "descent-curve": ("not-a-local-minimum",),
    "zero-loss": ("global-minimum",),
    "same-input-bound": ("global-minimum",),
    "affine-fit": ("global-minimum",),
    "first-order": ("local-minimum",),
    "path-span": ("local-minimum",),
    "last-layer": ("local-minimum",),
    "constant-output": ("local-minimum",),
    "affine-segment": ("local-minimum",),
    "saddle": ("saddle",),
    "differentiable-saddle": ("saddle",),
    "kink-saddle": ("saddle",),
    "better-point": ("spurious",),
    "dual-bound": ("lower-bound", "global-minimum"),
    "pattern-tree": ("lower-bound", "global-minimum"),
    "box-tree": ("lower-bound", "lower-bound-in-box"),
    "rank-bound": ("lower-bound", "global-minimum"),
    "linear-dual": ("lower-bound", "global-minimum"),
    "contraction": ("local-minimum-nearby",),
    "contraction-saddle": ("saddle-nearby",),
    "moved-targets": MOVED,
    "split": ("local-minimum-nearby",),
    "split-saddle": ("saddle-nearby",),
    "enclosed-slope": ("not-stationary",),
    "separation": ("no-minimum",),
}

MINIMA = ("first-order", "path-span", "last-layer", "affine-segment", "constant-output")

WITH_DECAY = (
    "evaluation", "zero-loss", "dual-bound", "linear-dual", "box-tree", "contraction", "contraction-saddle", "moved-targets",
    "enclosed-slope", "kinks", "kinks-valleys", "kinks-dependent",
)


def read_claim(value):
    others = ("spurious", "value-between", "no-minimum", "local-minimum-nearby", "saddle-nearby", "lower-bound", "lower-bound-in-box")
    claimed = kind(value, "kind", *others, *MOVED, *PLAIN)
    if claimed in MOVED:
        _, at, loss, lower, change = fields(value, "kind", "point", "loss", "lower", "change")
        return claimed, point(at), rational(loss), rational(change), rational(lower)
    if claimed in ("local-minimum-nearby", "saddle-nearby"):
        given = ["index"] if claimed == "saddle-nearby" and "index" in value else []
        _, at, loss, lower, radius, *index = fields(value, "kind", "point", "loss", "lower", "radius", *given)
        return claimed, point(at), rational(loss), (rational(radius), count(index[0]) if index else None), rational(lower)
    if claimed in ("value-between", "no-minimum") or (claimed == "not-stationary" and "lower" in value):
        _, at, loss, lower = fields(value, "kind", "point", "loss", "lower")
        return claimed, point(at), rational(loss), None, rational(lower)
    if claimed == "lower-bound":
        _, at, loss, bound = fields(value, "kind", "point", "loss", "bound")
        return claimed, point(at), rational(loss), None, rational(bound)
    if claimed == "lower-bound-in-box":
        _, at, loss, bound, low, high = fields(value, "kind", "point", "loss", "bound", "low", "high")
        return claimed, point(at), rational(loss), (point(low), point(high)), rational(bound)
    if claimed == "spurious":
        _, at, loss, better, better_loss = fields(value, "kind", "point", "loss", "better", "betterLoss")
        return claimed, point(at), rational(loss), point(better), rational(better_loss)
    _, at, loss = fields(value, "kind", "point", "loss")
    return claimed, point(at), rational(loss), None, None


def read_minimum(value):
    rule = kind(value, "rule", *MINIMA)
    if rule == "constant-output":
        fields(value, "rule")
        return None
    if rule == "affine-segment":
        return AffineSegment(value)
    if rule == "last-layer":
        return LastLayer(value)
    return Slopes(value, "rule") if rule == "first-order" else PathSpan(value)


def read_evidence(value):
    rule = kind(value, "rule", *PROVES)
    if rule in ("evaluation", "enclosure", "separation", "zero-derivative", "zero-loss", "same-input-bound"):
        fields(value, "rule")
        return rule, None
    if rule == "enclosed-slope":
        return rule, point(fields(value, "rule", "direction")[1])
    if rule == "descent-direction":
        return rule, straight(point(fields(value, "rule", "direction")[1]))
    if rule == "descent-curve":
        return rule, curve(fields(value, "rule", "curve")[1])
    if rule == "affine-fit":
        if "subgradients" in value:
            return rule, vector(fields(value, "rule", "subgradients")[1])
        fields(value, "rule")
        return rule, None
    if rule in MINIMA:
        return rule, read_minimum(value)
    if rule == "saddle":
        _, stationarity, down, up = fields(value, "rule", "stationarity", "descent", "ascent")
        return rule, (Slopes(stationarity), straight(point(down)), straight(point(up)))
    if rule == "differentiable-saddle":
        _, down, up = fields(value, "rule", "descent", "ascent")
        return rule, (curve(down), curve(up))
    if rule == "kink-saddle":
        _, gates, down, up = fields(value, "rule", "gates", "descent", "ascent")
        return rule, (vector(gates), curve(down), curve(up))
    if rule == "dual-bound":
        _, dual, above, below = fields(value, "rule", "dual", "above", "below")
        return rule, (vector(dual), cone_nodes(above), cone_nodes(below))
    if rule == "pattern-tree":
        return rule, [region_node(node) for node in items(fields(value, "rule", "nodes")[1])]
    if rule == "box-tree":
        _, low, high, splits = fields(value, "rule", "low", "high", "splits")
        return rule, (point(low), point(high), [count(split) for split in items(splits)])
    if rule == "linear-dual":
        return rule, vector(fields(value, "rule", "dual")[1])
    if rule == "rank-bound":
        _, affine, shift, excess = fields(value, "rule", "map", "shift", "excess")
        return rule, (vector(affine), rational(shift), vector(excess))
    if rule == "contraction":
        return rule, factor_rows(fields(value, "rule", "factor")[1])
    if rule == "contraction-saddle":
        return rule, SaddleEvidence(value)
    if rule == "moved-targets":
        return rule, MovedEvidence(value)
    if rule in ("split", "split-saddle"):
        others = [] if rule == "split" else ["direction"]
        _, units, factor, *along = fields(value, "rule", "units", "factor", *others)
        units = [count(entry) for entry in items(units)]
        readable(len(units) == 2, "two units expected")
        return rule, (units, factor_rows(factor), vector(along[0]) if along else None)
    if rule in second_checker_kinks.GAUGES:
        return rule, second_checker_kinks.KinksEvidence(second_checker_reading, value)
    return rule, read_minimum(fields(value, "rule", "minimum")[1])


def prove_minimum(problem, at, evidence, loss):
    if evidence is None:
        constant_output(problem, at, loss)
    elif isinstance(evidence, AffineSegment):
        raise Rejected("the rule is for smooth layers")
    elif isinstance(evidence, PathSpan):
        path_span(problem, at, evidence)
    elif isinstance(evidence, LastLayer):
        last_layer(problem, at, evidence)
    else:
        first_order(problem, at, evidence, True)


def digest(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def sealed(proof_value):
    proof_layout, problem_digest, claim_digest, evidence = fields(proof_value, "format", "problem", "claim", "evidence")
    name(proof_layout, "nadir-proof/1")
    for given in (problem_digest, claim_digest):
        readable(isinstance(given, str) and re.fullmatch(r"sha256:[0-9a-f]{64}", given) is not None, "a digest expected")
    return problem_digest, claim_digest, evidence


def check_risk(problem_value, claim_value, proof_value):
    tools = second_checker_reading
    problem = second_checker_risk.Risk(tools, problem_value)
    claim = second_checker_risk.read_claim(tools, claim_value)
    problem_digest, claim_digest, evidence_value = sealed(proof_value)
    evidence = second_checker_risk.read_evidence(tools, evidence_value)
    holds(problem_digest == digest(problem_value), "the proof is for another problem")
    holds(claim_digest == digest(claim_value), "the proof is for another claim")
    return second_checker_risk.prove_risk(tools, problem, claim, evidence)


def check(text):
    layout, problem_value, claim_value, proof_value = fields(strict_json(text), "format", "problem", "claim", "proof")
    name(layout, "nadir-certificate/1")
    if isinstance(problem_value, dict) and problem_value.get("format") == "nadir-risk/1":
        return check_risk(problem_value, claim_value, proof_value)
    problem = Problem(problem_value)
    claimed, at, loss, better, better_loss = read_claim(claim_value)
    problem_digest, claim_digest, evidence = sealed(proof_value)
    rule, help_ = read_evidence(evidence)

    holds(problem_digest == digest(problem_value), "the proof is for another problem")
    holds(claim_digest == digest(claim_value), "the proof is for another claim")
    holds(claimed in PROVES[rule], "the rule does not prove the claim")
    holds(problem.decay is None or rule in WITH_DECAY, "the rule does not know weight decay")
    if rule == "enclosure":
        problem.fits(at, "the point")
        low, high = loss_between(problem, at)
        holds(better_loss <= low and high <= loss, "the loss is not proved to lie there")
        return claimed
    if rule == "separation":
        separation(problem, at, better_loss, loss)
        return claimed
    if claimed == "not-stationary":
        holds((rule == "enclosed-slope") == (better_loss is not None), "lower goes with the rule enclosed-slope")
    if rule == "enclosed-slope":
        enclosed_slope(problem, at, help_, better_loss, loss)
        return claimed
    if claimed in ("local-minimum-nearby", "saddle-nearby"):
        better, index = better
        holds(index is None or rule == "contraction-saddle", "a rule that counts no eigenvalues")
    if rule == "moved-targets":
        moved_targets(problem, at, help_, claimed, loss, better_loss, better)
        return claimed
    if rule == "contraction-saddle":
        saddle_nearby(problem, at, help_, better, loss, better_loss, index)
        return claimed
    if rule == "contraction":
        contraction(problem, at, help_, better, loss, better_loss)
        return claimed
    if rule in ("split", "split-saddle"):
        split(problem, at, *help_, better, loss, better_loss)
        return claimed
    if rule in second_checker_kinks.GAUGES:
        second_checker_kinks.minimum_nearby(second_checker_reading, problem, at, help_, better, better_loss, loss)
        return claimed
    if not problem.rational():
        if isinstance(help_, AffineSegment):
            affine_segment(problem, at, help_, loss)
            if rule == "better-point":
                holds(loss_at_most(problem, better) <= better_loss, "not proved to be as small")
                holds(better_loss < loss, "the better point is not better")
            return claimed
        signs = rule == "constant-output" or (rule == "better-point" and help_ is None)
        holds(signs or rule == "zero-derivative", "a rule for problems with rational losses")
        holds(problem.layers[-1][2], "an output bias expected")
        balanced = at + [[ZERO] * problem.outputs]
        if rule == "zero-derivative":
            holds(problem.layers[0][0] == "dense" and problem.layers[0][2], "a hidden bias expected")
            problem.fits(balanced[:1] + [[ZERO] * problem.layers[0][1]] + balanced[1:], "the point")
            zero_derivative(problem, at, loss)
            return claimed
        problem.fits(balanced, "the point")
        constant_output(problem, at, loss)
        if rule == "better-point":
            holds(loss_at_most(problem, better) <= better_loss, "not proved to be as small")
            holds(better_loss < loss, "the better point is not better")
        return claimed
    evaluation(problem, at, loss)
    holds(rule != "zero-derivative", "the rule is for smooth layers")
    if rule in ("descent-direction", "descent-curve"):
        descent(problem, at, help_, claimed == "not-stationary")
    elif rule == "zero-loss":
        holds(loss == 0, "the loss is not zero")
    elif rule == "same-input-bound":
        same_input_bound(problem, at)
    elif rule == "affine-fit":
        affine_fit(problem, at, help_)
    elif rule in MINIMA:
        prove_minimum(problem, at, help_, loss)
    elif rule == "saddle":
        stationarity, down, up = help_
        first_order(problem, at, stationarity, False)
        descent(problem, at, down)
        ascent(problem, at, up)
    elif rule == "differentiable-saddle":
        down, up = help_
        differentiable_stationary(problem, at)
        descent(problem, at, down)
        ascent(problem, at, up)
    elif rule == "kink-saddle":
        gates, down, up = help_
        differentiable_stationary(problem, at, gates)
        descent(problem, at, down)
        ascent(problem, at, up)
    elif rule in ("dual-bound", "pattern-tree", "rank-bound", "linear-dual"):
        wanted = better_loss if claimed == "lower-bound" else loss
        by = {"dual-bound": dual_bound, "pattern-tree": pattern_tree, "rank-bound": rank_bound, "linear-dual": linear_dual}
        by[rule](problem, help_, wanted)
    elif rule == "box-tree":
        box_tree(problem, at, help_, better, better_loss)
    elif rule == "better-point":
        prove_minimum(problem, at, help_, loss)
        evaluation(problem, better, better_loss)
        holds(better_loss < loss, "the better point is not better")
    return claimed


def outcome(text):
    try:
        return "accepted", check(text)
    except Declined as reason:
        return "declined", str(reason)
    except Rejected as reason:
        return "rejected", str(reason)


def main(arguments):
    if arguments == ["-"]:
        texts = (json.loads(line) for line in sys.stdin)
    else:
        texts = (open(path, "rb").read().decode("latin-1") for path in arguments)
    for text in texts:
        print("\t".join(outcome(text)).replace("\n", " "))


if __name__ == "__main__":
    main(sys.argv[1:])
