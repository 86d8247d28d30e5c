import { valueCertificate } from '../certification/certificate.ts'
import type { CertifyOptions } from '../certify.ts'
import { asLayered } from '../curvature/layered.ts'
import type { Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { asOneHiddenLayer } from '../traits.ts'
import type { Verdict } from '../verdict.ts'
import { hasExactRisk } from './exact-risk.ts'
import { searchByTraining } from './training-search.ts'

/** Starts of the search where there is no clock. */
const mostStarts = 8

/**
 * A verdict of a minimum, with a strictly better network when one is found: its exact loss is below the least that the minimum's can be. Two certificates prove it together: that of the
 * minimum and that of the better network's loss. Where losses are irrational nothing is looked for.
 */
export function withBetterThanNearby(problem: Problem, verdict: Verdict, options: CertifyOptions): Verdict {
  const { settled, standing } = verdict
  if (settled?.claim !== 'local-minimum' || standing.claim !== 'open') return verdict
  // One hidden layer and one output: that search has been made.
  if (!settled.within && !('kind' in asOneHiddenLayer(problem))) return verdict
  if (!hasExactRisk(problem) || asLayered(problem.network).kind !== 'layered') return verdict
  const now = options.now ?? (() => 0)
  const begun = now()
  const searchTime = options.searchTime ?? 1000
  let starts = 0
  options.onProgress?.('searching', 'for a strictly better network')
  const better = searchByTraining(
    problem,
    { point: settled.point, loss: settled.within?.lower ?? settled.loss },
    {
      random: randomStream(options.seed ?? 1),
      firstOnly: true,
      // Some starts on a busy machine, too.
      stop: () => {
        const time = now() - begun
        const isOver = options.now ? time >= (starts > 3 ? searchTime : 5 * searchTime) : starts > mostStarts
        return isOver || (options.interrupted?.() ?? false)
      },
      onStart: (start) => {
        starts = start
      }
    }
  )
  const milliseconds = { ...verdict.milliseconds, search: verdict.milliseconds.search + now() - begun }
  if (!better) return { ...verdict, milliseconds }
  return {
    ...verdict,
    standing: { ...standing, claim: 'spurious', witness: { ...better, source: 'descent from another start' } },
    betterCertificate: valueCertificate(problem, better),
    milliseconds
  }
}
