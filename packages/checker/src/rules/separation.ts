import type { Budget } from '../budget.ts'
import type { BoundedClaim } from '../claim.ts'
import { enclosedForward } from '../enclosed-forward.ts'
import { reject } from '../outcome.ts'
import type { Problem } from '../problem.ts'
import type { Samples } from '../samples.ts'
import { requireLossBetween } from './enclosed-slope.ts'

/** Rejects unless the loss at the point lies between the claimed numbers and all samples are on their right side. */
export const requireSeparation = (problem: Problem, samples: Samples, claim: BoundedClaim, budget: Budget): void => {
  const { network, loss } = problem
  if (loss.kind !== 'logistic' && loss.kind !== 'cross-entropy') {
    reject('loss', `the rule is for the logistic loss and cross-entropy, not for the ${loss.kind} loss`)
  }
  const { inputs, targets } = samples
  if (loss.kind === 'cross-entropy' && targets.rows[0].length < 2) {
    reject('loss', 'cross-entropy of a single output is zero')
  }
  requireLossBetween(problem, samples, claim, budget)
  for (const [sample, outputs] of enclosedForward(network, claim.point, inputs, budget).entries()) {
    const wanted = targets.rows[sample]
    if (wanted.some((target) => target !== 0n && target !== targets.denominator)) {
      reject('targets', `a target of sample ${sample} is neither 0 nor 1`)
    }
    const chosen = outputs[wanted.findIndex((target) => target !== 0n)]
    for (const [o, { low, high }] of outputs.entries()) {
      const isRight =
        loss.kind === 'cross-entropy' ? wanted[o] !== 0n || high < chosen.low : wanted[o] === 0n ? high < 0n : low > 0n
      if (!isRight) reject('separation', `output ${o} of sample ${sample} is not proved to be on its right side`)
    }
  }
}
