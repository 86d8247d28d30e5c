import { sign, toNumber } from '@nadir/arithmetic'
import { networkName, type Point, type Problem, parameterCount, type Verdict } from '@nadir/landscape'
import type { StageKind } from './figures/function-plot.ts'
import { lossLadder, type Rung } from './figures/loss-ladder.ts'
import { fitSection } from './fit-section.ts'
import { count, nameList, number } from './format.ts'
import { type Content, element } from './markup.ts'
import { figure, htmlPage, section } from './page.ts'
import { type ProblemNames, problemWords } from './problem-words.ts'
import { moved, stages } from './stages.ts'
import { unitReport } from './unit-rows.ts'
import { kinkSection, unitSection } from './unit-sections.ts'
import { checkSection, verdictCard } from './verdict-card.ts'
import { verdictWords } from './verdict-words.ts'

export interface VerdictPageParts extends ProblemNames {
  readonly problem: Problem
  readonly verdict: Verdict
  /** The parameters as they were given; without them the trained point is missing from the figures. */
  readonly trained?: Point
}

/**
 * The answer of `certify` as one HTML document. Statements and fractions are those of the verdict; figures and what is called approximate
 * are drawn from doubles. Every name is escaped.
 */
export function verdictPage(parts: VerdictPageParts): string {
  const { problem, verdict, trained, title, data, columns } = parts
  const known = stages(verdict, trained)
  const words = verdictWords(problem, verdict)
  const source = `${title}: ${networkName(problem.network)}, ${count(parameterCount(problem.network), 'parameter')}, on ${data}: ${count(problem.data.samples, 'sample')}, target ${nameList(columns.targets)}`
  const at = known.find((s) => s.kind === 'settled') ?? known.find((s) => s.kind === 'trained')
  const units = at && unitReport(problem, at.point, verdict.diagnosis)
  return htmlPage(
    `${words.headline}: ${title}`,
    verdictCard(words, source),
    ladderSection(verdict),
    fitSection(problem, columns, known),
    units && units.rows.length > 0 ? [kinkSection(units, at), unitSection(units, at)] : undefined,
    checkSection(verdict, parts),
    section(
      'The problem',
      'What the verdict is about, to the last digit: another network, other data or another loss have another digest.',
      element(
        'dl',
        { class: 'box' },
        problemWords(problem, parts).map(([term, text]) => [element('dt', {}, term), element('dd', {}, text)])
      )
    ),
    element(
      'footer',
      {},
      'Proved statements are decided by exact arithmetic on the parameters and data as fractions; no rounding takes part. Figures are drawn from the nearest doubles and prove nothing.'
    )
  )
}

function ladderSection(verdict: Verdict): Content {
  const { given, settled, standing } = verdict
  const rung = (kind: StageKind, loss: number): Rung => ({ kind, label: kind, loss, written: number(loss, 6) })
  const rungs = [rung('trained', given.approximateLoss)]
  if (settled && moved(verdict)) rungs.push(rung('settled', toNumber(settled.loss)))
  if (standing.witness) rungs.push(rung('better', toNumber(standing.witness.loss)))
  const bound = standing.claim === 'global-minimum' && settled ? settled.loss : standing.lowerBound
  if (bound) {
    const written = sign(bound) === 0 ? '0 (no loss is negative)' : `${number(toNumber(bound), 6)}, proved`
    rungs.push({ kind: 'bound', label: 'nothing below', loss: toNumber(bound), written })
  }
  if (rungs.length < 2) return undefined
  return section('Losses', 'How much lower each point is, as bars from zero.', figure(lossLadder(rungs)))
}
