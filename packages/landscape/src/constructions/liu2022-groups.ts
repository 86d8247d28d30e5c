import { rational } from '@nadir/arithmetic'
import { empiricalRisk } from '../problem.ts'
import { trainedBelow } from './better-by-training.ts'
import { carriedPoint, carrierOf, denseNetwork } from './carried-network.ts'
import { jumpUnits } from './gated-jump.ts'
import { groupMinima, notPiecewise, separable } from './group-minima.ts'
import { lacksTwoSlopes, needsTwoSlopes, refuse, type Theorem } from './theorem.ts'

const widths = 'q groups and m outputs need m + (q - 1)(m + 1) units in the first hidden layer and m in the others'
const attained = 'the best affine map of every group is attained and rational (squared, absolute or hinge loss)'

/** Local minima in which different linear pieces fit different groups of samples: many levels on one architecture. */
export const liu2022Groups: Theorem = {
  id: 'liu2022-groups',
  title: 'Spurious minima in which linear pieces fit groups of samples',
  source:
    'Liu, Spurious local minima are common for deep neural networks with piecewise linear activations (arXiv 2102.13233)',
  hypotheses: [needsTwoSlopes, attained, widths, separable, notPiecewise],
  conclusion:
    'a local minimum for every partition of the samples into intervals of a direction: as many levels as partitions',
  example: 'nadir construct liu2022-groups iris.csv --hidden 10,4 --groups 2 --count 4 --out out',
  data: 'yours',
  numbers: { groups: 'number of groups, at least 2 (default 2)' },
  build: (request) => {
    const { data, hidden, activation, loss, reduction, numbers, random } = request
    if (!data) return refuse('data are given', 'no data')
    const linear = lacksTwoSlopes(activation)
    if (linear) return refuse(needsTwoSlopes, linear)
    if ((loss !== 'squared' && loss !== 'absolute' && loss !== 'hinge') || (loss !== 'squared' && data.targetCount > 1))
      return refuse(attained, `the ${loss} loss with ${data.targetCount} outputs`)
    const groups = Number((numbers['groups'] ?? rational(2n)).numerator)
    const m = data.targetCount
    const needed = jumpUnits(m, groups)
    if (groups < 2 || hidden.length === 0 || hidden[0]! < needed || hidden.some((width) => width < m))
      return refuse(
        widths,
        `${groups} groups, ${m} output${m > 1 ? 's' : ''}: ${needed} units are needed, hidden layers have ${hidden.join(', ') || 'none'}`
      )
    const problem = empiricalRisk({
      network: denseNetwork(data.inputCount, hidden, m, activation),
      data,
      loss,
      reduction
    })
    const carrier = carrierOf(activation)
    return groupMinima({
      problem,
      features: data,
      carrier,
      groups,
      count: request.count,
      random,
      realise: (shallow) => carriedPoint(shallow, { ...request, spare: rational(-1n) }, carrier, data),
      hasSpare: hidden[0]! > needed,
      search: (value) => trainedBelow(problem, value, random)
    })
  }
}
