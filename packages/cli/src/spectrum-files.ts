import { join } from 'node:path'
import { writeBytes, writeTable } from '@nadir/formats'
import { asLayered, type LayeredNetwork, type Problem, type Spectrum } from '@nadir/landscape'
import { causeBars, densityPlot } from '@nadir/report'
import { causeRows } from './spectrum-card.ts'
import { causeWords, curvatureWords, unitNames } from './spectrum-words.ts'

/** Figures and tables of a spectrum into a directory; answers their paths. */
export async function writeSpectrum(directory: string, problem: Problem, s: Spectrum): Promise<string[]> {
  const network = asLayered(problem.network) as LayeredNetwork
  const of = curvatureWords[s.curvature]
  const files: string[] = []
  const place = (name: string) => {
    files.push(join(directory, name))
    return files.at(-1)!
  }
  const known = s.eigenvalues
    ? Array.from(s.eigenvalues, (value) => ({ value, error: s.largest[0]?.error ?? 0 }))
    : [...s.smallest, ...s.largest.toReversed()]
  await writeTable(
    place('eigenvalues.csv'),
    ['eigenvalue', 'error'],
    known.map((e) => [e.value, e.error])
  )
  const rows = causeRows(s)
  await writeTable(
    place('causes.csv'),
    ['cause', 'curvature', 'outputs', 'units'],
    rows.map(({ cause, curvature, outputs }) => [cause, curvature, outputs, units(network, s, cause)])
  )
  if (s.density) {
    const { points, density, error } = s.density
    await writeTable(
      place('density.csv'),
      ['eigenvalue', 'density', 'error'],
      Array.from(points, (t, k) => [t, density[k]!, error[k]!])
    )
    const eigenvalues = known.map((e) => e.value)
    await writeBytes(
      place('density.svg'),
      densityPlot({ of, count: s.parameters, ...s.density, known: eigenvalues, zero: s.nullity.limit })
    )
  }
  if (s.rules.length > 0)
    await writeTable(
      place('quadrature.csv'),
      ['probe', 'node', 'weight'],
      s.rules.flatMap((rule, probe) => Array.from(rule.nodes, (node, k) => [probe, node, rule.weights[k]!]))
    )
  await writeBytes(
    place('causes.svg'),
    causeBars({
      of,
      parameters: s.parameters,
      proved: s.nullity.proved,
      rows: rows.map(({ cause, ...counts }) => ({
        ...counts,
        label: causeWords[cause],
        note: units(network, s, cause)
      }))
    })
  )
  return files
}

const units = (network: LayeredNetwork, s: Spectrum, cause: string): string =>
  unitNames(network, s.causeUnits.find((c) => c.cause === cause)?.units ?? [])
