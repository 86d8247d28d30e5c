import type { Value } from '../digests.ts'
import { about, accept, type Case, changed, claiming, dense, point, problemOf, reject, relu, squared } from './case.ts'

/*
 * Samples A (0, 0), B (1, 1), C (1, -1), D (-1, 0), E (1, 0), F (2, 0); one unit x_1+, on its kink at A, and two outputs, the first with weight 1, the second with weight 0. Errors of the first output 2, 0, 0, -1, -2, 1: halfway
 * between its slopes at A everything is in balance. Errors of the second output 0, e, -e, 0, 0, 0: they are orthogonal to x_1+ and not to x_2, so that for large e a weight on x_2 and an outgoing weight help each other.
 */
const xs = [
  [0, 0],
  [1, 1],
  [1, -1],
  [-1, 0],
  [1, 0],
  [2, 0]
] as const

const targets = (e: number, atA = 2, atD = -1) => [
  [-atA, 0],
  [1, -e],
  [1, e],
  [-atD, 0],
  [3, 0],
  [1, 0]
]

const shallowLayers = [dense(1), relu, dense(2)]
const shallow = point([1, 0], [0], [1, 0], [0, 0])
const shallowCurves = {
  descent: [[1, point([0, 1], [0], [0, -1], [0, 0])]],
  ascent: [[1, point([0, 0], [0], [0, 0], [1, 0])]]
}

/** The same behind a layer that carries x_1 + 10 and x_2 + 10. */
const deepLayers = [dense(2), relu, ...shallowLayers]
const deep = point([1, 0, 0, 1], [10, 10], [1, 0], [-10], [1, 0], [0, 0])
const deepCurves = {
  descent: [[1, point([0, 0, 0, 0], [0, 0], [0, 1], [-10], [0, -1], [0, 0])]],
  ascent: [[1, point([0, 0, 0, 0], [0, 0], [0, 0], [0], [0, 0], [1, 0])]]
}

const gates = (denominator: string, ...numerators: readonly string[]): Value => ({ denominator, numerators })
const halfway = gates('2', '1')

const deepProblem = (e: number, atA?: number, atD?: number): Value =>
  problemOf(deepLayers, squared, xs, targets(e, atA, atD))

export const kinkSaddleCases = (): readonly Case[] => {
  const evidence: Value = { rule: 'kink-saddle', gates: halfway, ...deepCurves }
  const accepted = about(deepProblem(10), 'saddle', deep, evidence)
  const change = (fields: { readonly [field: string]: Value }): Value => changed(accepted, { evidence: fields })
  return [
    accept(
      'kink-saddle',
      'two hidden layers, a sample on a kink, stationary between its slopes, and a saddle',
      accepted
    ),
    accept(
      'kink-saddle-one-layer',
      'the same with one hidden layer',
      about(problemOf(shallowLayers, squared, xs, targets(10)), 'saddle', shallow, {
        rule: 'kink-saddle',
        gates: halfway,
        ...shallowCurves
      })
    ),
    reject(
      'kink-saddle-gate',
      String.raw`\(c\)`,
      'another gate: there the weights have a slope',
      change({ gates: gates('4', '1') })
    ),
    reject('kink-saddle-beyond', String.raw`\(b\)`, 'a gate beyond 1', change({ gates: gates('2', '3') })),
    reject('kink-saddle-before', String.raw`\(b\)`, 'a gate before 0', change({ gates: gates('2', '-1') })),
    reject('kink-saddle-no-gate', 'evidence', 'no gate for the kink', change({ gates: gates('1') })),
    reject('kink-saddle-two-gates', 'evidence', 'a gate too many', change({ gates: gates('2', '1', '1') })),
    reject(
      'kink-saddle-concave',
      String.raw`\(b\)`,
      'the error at A has the other sign: the kink is concave, and no gate makes a balance',
      about(deepProblem(10, -2, 3), 'saddle', deep, evidence)
    ),
    reject(
      'kink-saddle-falling',
      String.raw`\(c\)`,
      'no error at A holds the slope of the others: the loss falls',
      about(deepProblem(10, 0, 1), 'saddle', deep, evidence)
    ),
    reject(
      'kink-saddle-minimum',
      'descent',
      'small errors of the second output: nothing falls',
      about(deepProblem(1), 'saddle', deep, evidence)
    ),
    reject('kink-saddle-rises', 'descent', 'the way down rises', change({ descent: deepCurves.ascent })),
    reject('kink-saddle-ascent', 'ascent', 'the way up falls', change({ ascent: deepCurves.descent })),
    reject(
      'kink-saddle-differentiable',
      String.raw`\(a\)`,
      'a rule for points off the kinks',
      claiming(accepted, 'saddle', { rule: 'differentiable-saddle', ...deepCurves })
    ),
    reject(
      'kink-saddle-as-minimum',
      'rule',
      'evidence of a saddle for a minimum',
      claiming(accepted, 'local-minimum', evidence)
    ),
    reject(
      'kink-saddle-decay',
      'decay',
      'weight decay',
      changed(accepted, { problem: { decay: { factor: '1/10', biases: false } } })
    )
  ]
}
