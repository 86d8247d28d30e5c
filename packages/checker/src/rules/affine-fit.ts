import { reject } from '../outcome.ts'
import type { Vector } from '../point.ts'
import { chooseSubgradients, subdifferentialOf } from '../subdifferential.ts'
import type { Context } from './context.ts'
import { requireBalanced, requireNoMoment } from './path-span.ts'

/** Rejects unless the network is an affine map that no other affine map of its kind improves. */
export const requireAffineFit = (context: Context, given: Vector | undefined): void => {
  const { problem, samples, evaluation, budget } = context
  const { layers } = problem.network
  if (layers.some(({ kind }) => kind !== 'dense')) reject('network', 'the rule is for networks of dense layers')
  const subgradients = chooseSubgradients(problem, subdifferentialOf(problem, samples, evaluation), given).rows
  const ones = [subgradients.map(() => 1n)]
  if (layers.some((layer) => layer.kind === 'dense' && layer.bias)) {
    requireBalanced(subgradients, ones, '(c) biases', budget)
  }
  const list = { channels: problem.network.inputs, height: 1, width: 1 }
  requireNoMoment(subgradients, ones, samples.inputs.rows, list, '(d)', budget)
}
