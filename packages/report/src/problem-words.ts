import { sign, toText } from '@nadir/arithmetic'
import { digest, networkName, type Problem, parameterCount, problemDocument } from '@nadir/landscape'
import { count, nameList } from './format.ts'

const formulas: Readonly<Record<Problem['loss'], string>> = {
  squared: '½ (N(x) - y)²',
  absolute: '|N(x) - y|',
  hinge: 'max(0, 1 - y N(x))',
  huber: 'huber(N(x) - y)',
  logistic: 'log(1 + exp(N(x))) - y N(x), labels 0 and 1',
  'cross-entropy': '-log softmax(N(x)) at the class of y'
}

/** `squared loss, the sum over the samples of ½ (N(x) - y)²`, with weight decay where there is some. */
export function lossWords({ loss, reduction, weightDecay, decayBiases }: Problem): string {
  const decay =
    sign(weightDecay) === 0
      ? ''
      : `, plus half of ${toText(weightDecay)} times the sum of squares of the weights${decayBiases ? ' and biases' : ''}`
  return `${loss} loss: the ${reduction} over the samples${loss === 'squared' ? ' and outputs' : ''} of ${formulas[loss]}${decay}`
}

export interface ProblemNames {
  readonly title: string
  readonly data: string
  readonly columns: { readonly inputs: readonly string[]; readonly targets: readonly string[] }
}

/** The problem in terms and descriptions. */
export function problemWords(problem: Problem, names: ProblemNames): readonly (readonly [string, string])[] {
  const { network, data } = problem
  const document = problemDocument(problem)
  return [
    ['Network', `${names.title}: ${networkName(network)}, ${count(parameterCount(network), 'parameter')}`],
    ['Data', `${names.data}: ${count(data.samples, 'sample')}, read as exact fractions`],
    [`Inputs (${data.inputCount})`, nameList(names.columns.inputs)],
    [`Targets (${data.targetCount})`, nameList(names.columns.targets)],
    ['Loss', lossWords(problem)],
    ['Digest', document ? digest(document) : 'none: the certificate format has no words for this problem']
  ]
}

/** Mean over samples and outputs of (f - y)², from the squared loss; undefined when the loss is another or has weight decay in it. Approximate. */
export const meanSquaredError = ({ loss, reduction, weightDecay, data }: Problem, value: number): number | undefined =>
  loss === 'squared' && sign(weightDecay) === 0
    ? (2 * value) / (reduction === 'mean' ? data.targetCount : data.samples * data.targetCount)
    : undefined
