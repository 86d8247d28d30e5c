import {
  type ContinuousRisk,
  degenerateParameters,
  type HingeNetwork,
  judgeParameters,
  type PointVerdict,
  pointCertificate
} from '@nadir/landscape'
import { type Answer, paint } from '../session.ts'
import { checked, proofLine, textTable, writeRiskResults } from './results.ts'

/** What kind of point given parameters are. */
export async function judgePoint(
  risk: ContinuousRisk,
  network: HingeNetwork,
  name: string,
  digits: number,
  out: string | undefined,
  how: string
): Promise<Answer> {
  const verdict = judgeParameters(risk, network, digits)
  const made = pointCertificate(risk, network, verdict)
  const certificate = made && checked(made)
  const claim = made === undefined ? null : (made.claim as { readonly kind: string }).kind
  const written = await writeRiskResults(out, { certificate, figures: {} })
  const proved = certificate !== undefined && certificate.declined === undefined
  const less = proved && claim !== claimOf(verdict) && verdict.kind !== 'undecided'
  return {
    exitCode: verdict.kind === 'undecided' ? 1 : 0,
    json: { verdict: verdictJson(verdict), certifiedClaim: proved ? claim : null, proved, ...written },
    text: [
      ...verdictLines(verdict, name, network.units.length),
      '',
      proofLine(certificate, written.certificate, how),
      ...(less ? [`  (the certificate proves less: ${claim}; the rest is decided by this program alone)`] : []),
      ''
    ].join('\n')
  }
}

const claimOf = (verdict: PointVerdict): string => (verdict.kind === 'critical' ? verdict.type : verdict.kind)

/** Rationals are written as text in a direction, too. */
const verdictJson = (verdict: PointVerdict): unknown =>
  JSON.parse(
    JSON.stringify(verdict, (_, value) => (isRational(value) ? `${value.numerator}/${value.denominator}` : value))
  )

const isRational = (value: unknown): value is { numerator: bigint; denominator: bigint } =>
  typeof value === 'object' && value !== null && 'numerator' in value && 'denominator' in value

const exactly = ({ digits, exact }: { readonly digits: string; readonly exact?: string }): string =>
  exact !== undefined && exact.length <= 40 && exact !== digits ? `${digits} (exactly ${exact})` : digits

function verdictLines(verdict: PointVerdict, name: string, width: number): readonly string[] {
  const head = (text: string) => `${name}, ${width} unit${width === 1 ? '' : 's'}: ${text}`
  const risk = verdict.risk ? [`  risk ${exactly(verdict.risk)}`] : []
  if (verdict.kind === 'undecided') return [head(paint('yellow', 'undecided')), ...risk, `  ${verdict.reason}`]
  if (verdict.kind === 'critical')
    return [
      head(paint(verdict.type === 'saddle' ? 'red' : 'green', verdict.type.toUpperCase().replace('-', ' '))),
      ...risk,
      `  ${verdict.because}`,
      ...(verdict.descent ? ['  a direction of negative curvature is in the JSON answer (--json)'] : [])
    ]
  const { units, c } = verdict.gradient
  const short = ({ digits }: { readonly digits: string }) =>
    digits.length > 14 ? Number(digits).toPrecision(7) : digits
  return [
    head(paint('red', 'NOT CRITICAL')),
    ...risk,
    '  generalized gradient:',
    ...textTable([
      ['', 'w', 'b', 'v'],
      ...units.slice(0, 20).map((unit, j) => [`unit ${j}`, short(unit.w), short(unit.b), short(unit.v)])
    ]),
    `  c       ${short(c)}`
  ]
}

/** The critical parameters whose function is the best constant or the best line, and their types. */
export function listDegenerate(risk: ContinuousRisk, digits: number): Answer {
  const table = degenerateParameters(risk, digits)
  if (table.kind === 'undecided')
    return { exitCode: 1, json: { rows: [], undecided: table.reason }, text: `undecided: ${table.reason}\n` }
  return {
    exitCode: 0,
    json: { rows: table.rows, complete: true, certificate: null },
    text: [
      'critical parameters of one unit (w, b, v; V = |w| v) without a kink of their own, decided exactly:',
      '',
      ...textTable([
        ['function', 'type', 'parameters'],
        ...table.rows.map(({ parameters, realization, type }) => [realization, type, parameters])
      ]),
      ''
    ].join('\n')
  }
}
