import { join } from 'node:path'
import { type Rational, toNumber, toText } from '@nadir/arithmetic'
import {
  familyCertificate,
  familyParameters,
  familyTargetAt,
  type HingeNetwork,
  infiniteFamily,
  infiniteFamilyRecord
} from '@nadir/landscape'
import { functionsPlot } from '@nadir/report'
import { type Answer, progress } from '../session.ts'
import { figureLines } from './critical-list.ts'
import { writeHingeNetwork } from './hinge-model.ts'
import { checked, proofLine, writeRiskResults } from './results.ts'

/** Bad local minima, so many of an infinite family, and a network that is better by more than delta. */
export async function buildFamily(
  [a, b]: readonly [Rational, Rational],
  delta: Rational,
  hidden: number,
  count: number,
  digits: number,
  out: string | undefined
): Promise<Answer> {
  progress(`building ${count} minima`)
  const family = infiniteFamily(a, b, delta, hidden, familyParameters(count))
  const record = infiniteFamilyRecord(family, digits)
  progress('proving them')
  const certificate = checked(familyCertificate(family))
  const interval = [toNumber(a), toNumber(b)] as const
  const shown = family.members.filter((_, i) => i % Math.ceil(count / 5) === 0)
  const title = `A target with infinitely many bad minima: ${shown.length} of them and a better network`
  const written = await writeRiskResults(out, {
    certificate,
    figures:
      out === undefined
        ? {}
        : {
            'functions.svg': functionsPlot(title, interval, familyTargetAt(family.target), [
              ...shown.map(({ network }) => ({
                label: 'local minimum',
                rank: 'local minimum' as const,
                at: functionOf(network)
              })),
              { label: 'better', rank: 'global minimum', at: functionOf(family.better) }
            ])
          }
  })
  const models: string[] = []
  if (out !== undefined) {
    for (const [i, { network }] of family.members.slice(0, 10).entries()) {
      models.push(join(out, `minimum-${i + 1}.json`))
      await writeHingeNetwork(models.at(-1)!, network)
    }
    models.push(join(out, 'better.json'))
    await writeHingeNetwork(models.at(-1)!, family.better)
  }
  return {
    exitCode: 0,
    json: { ...record, proved: certificate.declined === undefined, ...written, models },
    text: [
      `a target on [${toText(a)}, ${toText(b)}] (scale lambda = ${record.lambda}) with uncountably many bad local minima at width ${hidden}; ${count} of them:`,
      '',
      ...record.minima.map((m) => `  r = ${m.r}: kink at ${m.kink}, risk ${m.risk}`),
      '',
      `  better: risk ${record.better.risk}, lower by ${record.gap.exact} = ${record.gap.digits}, more than ${toText(delta)}`,
      '',
      proofLine(certificate, written.certificate, `--on ${toText(a)},${toText(b)}`),
      ...figureLines(written.figures),
      ''
    ].join('\n')
  }
}

/** The function of a network in doubles. */
function functionOf({ units, c }: HingeNetwork): (x: number) => number {
  const numbers = units.map(({ w, b, v }) => [w, b, v].map(toNumber) as [number, number, number])
  const bias = toNumber(c)
  return (x) => numbers.reduce((sum, [w, b, v]) => sum + v * Math.max(w * x + b, 0), bias)
}
