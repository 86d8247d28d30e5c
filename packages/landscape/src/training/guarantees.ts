import { toNumber } from '@nadir/arithmetic'
import { settle } from '../descent/settle.ts'
import { toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { asOneHiddenLayer } from '../traits.ts'
import type { BlockwiseState } from './blockwise.ts'
import type { BpgradState } from './bpgrad.ts'
import type { GradientDescentState } from './gradient-descent.ts'
import { sumsOf } from './step-sizes.ts'
import type { MethodName, TrainingState, TrainingTask } from './trainer.ts'

/** A theorem on where a method goes, whether its hypotheses held in this run, and what follows. Nothing of it speaks of the doubles that the run ended with. */
export interface Guarantee {
  readonly theorem: string
  /** `unknown`: a hypothesis speaks of infinitely many steps, of which finitely many were seen. */
  readonly holds: true | false | 'unknown'
  readonly because: string
  /** What the theorem says of the limit when its hypotheses hold. */
  readonly implies: string
}

/** What is known about the limit of a run, and what is not. */
export interface ConvergenceReport {
  readonly guarantees: readonly Guarantee[]
  readonly notProved: string
}

const partial = 'no change of one layer alone, within a piece of the loss, lowers it'

/** `stop` ends the exact part early. */
export function convergenceReport(
  task: TrainingTask,
  method: MethodName,
  state: TrainingState,
  stop: () => boolean
): ConvergenceReport {
  if (method === 'gradient-descent') return ofGradientDescent(task, state as GradientDescentState)
  if (method === 'iterated-convex') return ofIteratedConvex(task, state as BlockwiseState)
  if (method === 'block-coordinate') return ofBlockCoordinate(task, state as BlockwiseState)
  if (method === 'sgd') return ofStochastic(task)
  if (method === 'levenberg-marquardt' || method === 'l-bfgs' || method === 'adam+l-bfgs')
    return ofDescent(task, method)
  if (method === 'cell-descent') return ofCellDescent(task, state, stop)
  if (method === 'bpgrad') return ofBpgrad(task, state as BpgradState)
  return {
    guarantees: [],
    notProved:
      'no theorem covers Adam on this loss: it need not converge even on convex problems (Reddi, Kale and Kumar 2018). The end point can be certified: nadir certify'
  }
}

/** Whether the loss is continuously differentiable everywhere. */
function isSmooth(problem: Problem): boolean {
  return (
    problem.loss !== 'absolute' &&
    problem.loss !== 'hinge' &&
    problem.network.layers.every(
      (layer) =>
        layer.kind !== 'activation' || (layer.activation.kind === 'smooth' && !['selu'].includes(layer.activation.name))
    )
  )
}

function ofGradientDescent(task: TrainingTask, state: GradientDescentState): ConvergenceReport {
  const { settings, problem } = task
  const sums = sumsOf(settings.sizes)
  const smooth = isSmooth(problem)
  const theorem = 'Rister and Rubin 2017: limits of gradient descent are partial minima'
  const implies = smooth
    ? 'if the iterates converge, the gradient at the limit is zero'
    : `if the iterates converge, their limit is a partial minimum: ${partial}`
  if (sums === undefined)
    return {
      guarantees: [
        {
          theorem,
          holds: settings.sizes === 'exact' ? 'unknown' : false,
          because:
            settings.sizes === 'exact'
              ? 'the step lengths found along the rays must add up to infinity, which finitely many steps cannot show'
              : 'the step sizes are made for a run of finite length',
          implies
        }
      ],
      notProved: 'that the iterates converge, and that the limit is a local minimum'
    }
  if (!sums.infinite)
    return {
      guarantees: [
        { theorem, holds: false, because: 'the step sizes add up to a finite number: the run may stop short', implies }
      ],
      notProved: 'anything about the limit'
    }
  const seen = state.step - state.sameSince
  return {
    guarantees: [
      {
        theorem,
        holds: 'unknown',
        because: smooth
          ? 'the step sizes add up to infinity and the loss is differentiable everywhere; that the iterates converge was not shown'
          : `the step sizes add up to infinity; the run has been in one piece of the loss for its last ${seen} of ${state.step} steps, and would have to stay there for ever or converge to a point where the loss is differentiable`,
        implies
      }
    ],
    notProved: 'that the iterates converge, and that the limit is a local minimum'
  }
}

function ofIteratedConvex(task: TrainingTask, state: BlockwiseState): ConvergenceReport {
  const since = state.sameSince
  const moved = state.crossings + state.escapes > 0
  const piece = moved
    ? `from step ${since} on all steps were taken in one piece (${state.crossings} walls crossed and ${state.escapes} saddles left before)`
    : 'all steps were taken in one piece'
  return {
    guarantees: [
      {
        theorem: 'Rister and Rubin 2017: iterated convex optimisation does not raise the loss',
        holds: true,
        because:
          'every step was the best of the convex problems of all layers from one point, and was taken only when the loss fell',
        implies: 'the losses converge'
      },
      boundedness(task.problem, state),
      {
        theorem: 'Rister and Rubin 2017: subsequential limits of iterated convex optimisation are partial minima',
        holds: 'unknown',
        because: `${piece}; continued in it for ever, every limit inside the piece is meant, and whether there is one inside was not shown`,
        implies: `every limit of a subsequence in the interior of the piece is a partial minimum: ${partial}; all have the same loss`
      }
    ],
    notProved: 'that the limit is a local minimum: a partial minimum may be a saddle'
  }
}

function boundedness(problem: Problem, state: BlockwiseState): Guarantee {
  const decay = toNumber(problem.weightDecay)
  const bound = Math.sqrt((2 * state.firstLoss) / decay)
  const norm = Math.sqrt(state.theta.reduce((sum, x) => sum + x * x, 0))
  return {
    theorem: 'Rister and Rubin 2017: regularised iterates stay bounded',
    holds: decay > 0,
    because:
      decay > 0
        ? `weight decay ${decay} and a loss of ${state.firstLoss.toPrecision(6)} at the start: the ${problem.decayBiases ? 'parameters' : 'weights'} stay in the ball of radius sqrt(2 * loss / decay) = ${bound.toPrecision(6)}${problem.decayBiases ? ` (now ${norm.toPrecision(6)})` : '; the biases are not bounded by it'}`
        : 'there is no weight decay: the iterates may run off',
    implies: 'a subsequence of the iterates converges'
  }
}

function ofBlockCoordinate(task: TrainingTask, state: BlockwiseState): ConvergenceReport {
  const layers = state.sides.length
  return {
    guarantees: [
      boundedness(task.problem, state),
      {
        theorem: 'Grippo and Sciandrone 2000: limits of cyclic minimisation over two blocks are critical',
        holds: layers > 2 ? false : 'unknown',
        because:
          layers > 2
            ? `it needs two blocks, the network has ${layers} layers`
            : 'it needs a set that is a product over the blocks; the closed piece is one near points in its interior only',
        implies: `every limit in the interior of the piece is a partial minimum: ${partial}`
      }
    ],
    notProved: `that the limit is a local minimum: a blockwise minimum may be a saddle (${state.crossings} walls crossed and ${state.escapes} saddles left so far)`
  }
}

function ofStochastic(task: TrainingTask): ConvergenceReport {
  const sums = sumsOf(task.settings.sizes)
  const rates = sums?.infinite && sums.squaresFinite
  return {
    guarantees: [
      {
        theorem: 'Davis, Drusvyatskiy, Kakade and Lee 2020: limits of stochastic subgradient steps are critical',
        holds: rates && task.settings.momentum === 0 ? 'unknown' : false,
        because: !rates
          ? 'the step sizes must add up to infinity and their squares must not'
          : task.settings.momentum !== 0
            ? 'the theorem is about steps without momentum'
            : 'the step sizes are as required; that the iterates stay bounded was not shown, and backpropagation at a kink may answer what is no subgradient',
        implies: 'every limit is critical in the sense of Clarke, and the losses converge'
      }
    ],
    notProved: 'that the limit is a local minimum'
  }
}

function ofDescent(task: TrainingTask, method: MethodName): ConvergenceReport {
  const smooth = isSmooth(task.problem)
  const decay = toNumber(task.problem.weightDecay) > 0
  if (method === 'levenberg-marquardt')
    return {
      guarantees: [
        {
          theorem: 'More 1978: damped Gauss-Newton steps drive the gradient to zero',
          holds: smooth ? 'unknown' : false,
          because: !smooth
            ? 'the loss has kinks'
            : decay
              ? 'the loss is smooth, and weight decay bounds the points below the first loss; the run is finite'
              : 'the loss is smooth; that the iterates stay bounded was not shown',
          implies: 'the gradients converge to zero'
        }
      ],
      notProved: 'that the limit is a local minimum'
    }
  return {
    guarantees: [
      {
        theorem: 'Liu and Nocedal 1989: L-BFGS converges to the minimiser',
        holds: false,
        because: 'it needs a uniformly convex loss; this one is not convex',
        implies: 'the iterates converge to the global minimum'
      }
    ],
    notProved:
      'anything about the limit but that the loss never rose in the search. The end point can be certified: nadir certify'
  }
}

function ofBpgrad({ settings }: TrainingTask, { steepest, share }: BpgradState): ConvergenceReport {
  return {
    guarantees: [
      {
        theorem: 'Zhang, Wu and Wang 2018: balls whose radius is the loss over a Lipschitz constant can be removed',
        holds: false,
        because: `no Lipschitz constant is known; the steps took ${(steepest / settings.rate).toPrecision(6)}, from the largest gradient seen (${steepest.toPrecision(6)}), which shows only what the constant is at least; and only the last ball was looked at`,
        implies: `the loss is at least ${share.toPrecision(6)} of the best one in all balls`
      }
    ],
    notProved: 'anything but the loss of the best point: a heuristic. Proved bounds: nadir bound --box'
  }
}

/** Settles the end point: a statement on an exact point nearby, decided by exact arithmetic. */
function ofCellDescent(task: TrainingTask, state: TrainingState, stop: () => boolean): ConvergenceReport {
  const view = asOneHiddenLayer(task.problem)
  if ('kind' in view) throw new RangeError(`cell descent: ${view.reason}`)
  const point = { kind: 'float', values: state.theta } as const
  const original = toExact(task.problem.network, point)
  const { configuration, decision } = settle(view, point, original, { random: randomStream(task.seed), stop })
  const kind = decision.kind.replaceAll('-', ' ')
  const minimum = decision.kind === 'local-minimum' || decision.kind === 'global-minimum'
  return {
    guarantees: [
      {
        theorem: 'complete first-order test, in exact arithmetic, at the exact point that the end point leads to',
        holds: minimum,
        because: minimum
          ? `the exact point with loss ${toNumber(configuration.loss).toPrecision(10)} is a ${kind}: ${decision.reason}`
          : `the exact point that was reached is not proved to be a minimum: ${decision.reason}`,
        implies: 'the end point lies beside a proved minimum; nadir certify writes the certificate'
      }
    ],
    notProved: decision.kind === 'global-minimum' ? 'nothing more is needed' : 'that the minimum is the global one'
  }
}
