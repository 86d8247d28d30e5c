import { toText } from '@nadir/arithmetic'
import {
  type AffineTarget,
  affineCertificate,
  affineRealizations,
  type ContinuousRisk,
  type CriticalList,
  criticalCertificate,
  criticalList,
  floatRisk,
  riskCurve
} from '@nadir/landscape'
import { criticalFunctionsPlot, riskCurvePlot } from '@nadir/report'
import { type Answer, paint, progress } from '../session.ts'
import { checked, proofLine, textTable, writeRiskResults } from './results.ts'

/** All functions of critical points of one unit. */
export async function listCriticalFunctions(
  risk: ContinuousRisk,
  digits: number,
  out: string | undefined,
  how: string
): Promise<Answer> {
  progress('solving the kink equations')
  const list = criticalList(risk, digits)
  if (list.kind === 'undecided')
    return {
      exitCode: 1,
      json: { realizations: [], complete: false, certificate: null, undecided: list.reason },
      text: `undecided: ${list.reason}\n`
    }
  progress('proving that the list is complete')
  const made = criticalCertificate(risk, digits)
  const certificate = made && checked(made)
  const written = await writeRiskResults(out, {
    certificate,
    figures: out === undefined ? {} : listFigures(risk, list)
  })
  return {
    exitCode: 0,
    json: {
      realizations: list.realizations,
      flatKinks: list.flatKinks,
      complete: list.complete,
      proved: certificate !== undefined && certificate.declined === undefined,
      ...written
    },
    text: [
      ...listLines(list),
      proofLine(certificate, written.certificate, how),
      ...figureLines(written.figures),
      ''
    ].join('\n')
  }
}

export const figureLines = (figures: readonly string[]): readonly string[] =>
  figures.length === 0 ? [] : [`  figures: ${figures.join(', ')}`]

const curvePoints = 300

function listFigures(risk: ContinuousRisk, { realizations }: CriticalList): Readonly<Record<string, string>> {
  const { a, b, target } = floatRisk(risk)
  const [right, left] = [riskCurve(risk, 'right', curvePoints), riskCurve(risk, 'left', curvePoints)]
  return {
    'functions.svg': criticalFunctionsPlot({ interval: [a, b], target, realizations }),
    ...('kind' in right || 'kind' in left
      ? {}
      : { 'risk-curve.svg': riskCurvePlot({ interval: [a, b], right, left, realizations }) })
  }
}

function listLines(list: CriticalList): readonly string[] {
  const rows = list.realizations.map((r) => [
    r.global ? paint('green', 'global') : '',
    r.type,
    r.form,
    r.kink ?? '',
    r.c,
    r.slope,
    r.risk
  ])
  const flat = list.flatKinks.right.length + list.flatKinks.left.length
  return [
    `${list.realizations.length} realization functions of critical points with one unit: the list is complete`,
    '',
    ...textTable([['', 'type', 'form', 'kink', 'value c', 'slope', 'risk'], ...rows]),
    '',
    ...(flat > 0
      ? [
          `  parameters with outgoing weight 0 are critical at ${flat} more kink position${flat === 1 ? '' : 's'} (--degenerate lists them)`
        ]
      : [])
  ]
}

/** All functions of critical points of any width for an affine target. */
export async function listAffineFunctions(
  risk: ContinuousRisk,
  target: AffineTarget,
  hidden: number,
  out: string | undefined,
  how: string
): Promise<Answer> {
  const realizations = affineRealizations(target, hidden).map((r) => ({
    ...r,
    risk: toText(r.risk),
    global: r.type === 'global-minimum'
  }))
  const made = affineCertificate(risk, hidden)
  const certificate = made && checked(made)
  const written = await writeRiskResults(out, { certificate, figures: {} })
  const name = (r: (typeof realizations)[number]) =>
    r.kind === 'zigzag' ? `zigzag with ${r.kinks} kinks` : r.kind === 'constant' ? 'the mean' : 'the target'
  const type = (r: (typeof realizations)[number]) =>
    r.kind === 'constant' ? 'local-minimum or saddle, by the units (--at decides)' : r.type
  return {
    exitCode: 0,
    json: {
      realizations,
      complete: true,
      proved: certificate !== undefined && certificate.declined === undefined,
      ...written
    },
    text: [
      `affine target, ${hidden} units: every realization function of critical points`,
      '',
      ...textTable([['function', 'risk', 'type'], ...realizations.map((r) => [name(r), r.risk, type(r)])]),
      '',
      made === undefined
        ? '  no certificate: for a constant target the only function is the target itself'
        : proofLine(certificate, written.certificate, how),
      ''
    ].join('\n')
  }
}
