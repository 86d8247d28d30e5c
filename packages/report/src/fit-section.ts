import type { Problem } from '@nadir/landscape'
import { functionPlot } from './figures/function-plot.ts'
import { predictionPlot } from './figures/prediction-plot.ts'
import { number } from './format.ts'
import type { Content } from './markup.ts'
import { figure, section } from './page.ts'
import type { ProblemNames } from './problem-words.ts'
import { functionCurve, predictions, type Stage } from './stages.ts'

/** Outputs beyond this number are counted, not shown. */
const mostOutputs = 4

/** What the network computes at the known points: its function of one input, or predictions against targets. */
export function fitSection(problem: Problem, columns: ProblemNames['columns'], known: readonly Stage[]): Content {
  if (known.length === 0) return undefined
  const { data } = problem
  const label = (s: Stage) => `${s.kind}, loss ${number(s.loss)}`
  const outputs = Array.from({ length: Math.min(data.targetCount, mostOutputs) }, (_, o) => o)
  const target = (o: number) => columns.targets[o] ?? `output ${o}`
  const more = data.targetCount > mostOutputs ? ` The first ${mostOutputs} of ${data.targetCount} outputs.` : ''
  if (data.inputCount > 1) {
    const alike = problem.loss === 'squared' || problem.loss === 'absolute' || problem.loss === 'huber'
    const lead = alike
      ? 'Every sample at its target and what the network predicts; on the dashed line the prediction is right.'
      : 'Every sample at its target and the output of the network, which is a score, not a prediction of the target.'
    return section(
      'Predictions',
      lead + more,
      figure(
        ...outputs.map((o) =>
          predictionPlot(
            known.map((s) => ({ stage: s.kind, label: label(s), places: predictions(problem, s, o) })),
            target(o),
            alike
          )
        )
      )
    )
  }
  const plots = outputs.map((o) =>
    functionPlot({
      data: Array.from(data.approximateInputs, (x, i) => [x, data.approximateTargets[i * data.targetCount + o]!]),
      curves: known.map((s) => ({ stage: s.kind, label: label(s), ...functionCurve(problem, s, o) })),
      input: columns.inputs[0] ?? 'x',
      target: target(o)
    })
  )
  return section(
    'The function on the data',
    `The samples, and what the network computes at each point. Marks below the plot: kinks, where a unit of the first layer changes sides.${more}`,
    figure(...plots)
  )
}
