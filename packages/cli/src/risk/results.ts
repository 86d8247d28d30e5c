import { join } from 'node:path'
import { writeBytes } from '@nadir/formats'
import { type Certificate, certificateText } from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { outputDirectory } from '../session.ts'

/** A certificate with what the independent checker says of it. */
export interface CheckedCertificate {
  readonly text: string
  /** Why nothing is called proved, when the checker declines. */
  readonly declined?: string
}

/** Nothing is called proved that the independent checker does not accept; a rejection is a defect of this program. */
export function checked(certificate: Certificate): CheckedCertificate {
  const text = certificateText(certificate)
  const outcome = checkDocument(text)
  if (outcome.outcome === 'rejected')
    throw new Error(`the checker rejects a certificate of this program: ${JSON.stringify(outcome)}`)
  return outcome.outcome === 'accepted' ? { text } : { text, declined: outcome.feature }
}

/** The line that says whether and by what something is proved. */
export function proofLine(certificate: CheckedCertificate | undefined, written: string | null, how: string): string {
  if (certificate === undefined)
    return '  no certificate: breakpoints that are not rational have no place in the format'
  if (certificate.declined !== undefined)
    return `  not proved: the independent checker declines (${certificate.declined})`
  return written === null
    ? '  proved: the certificate is accepted by the independent checker; --out DIR writes it'
    : `  proved: ${written}, accepted by the independent checker; check it yourself:\n  nadir check ${written} ${how}`
}

export interface Results {
  readonly certificate?: CheckedCertificate | undefined
  readonly figures: Readonly<Record<string, string>>
}

/** Writes certificate and figures into --out; answers their paths, null where nothing is written. */
export async function writeRiskResults(
  out: string | undefined,
  { certificate, figures }: Results
): Promise<{ readonly certificate: string | null; readonly figures: readonly string[] }> {
  if (out === undefined) return { certificate: null, figures: [] }
  await outputDirectory(out)
  const proved = certificate !== undefined && certificate.declined === undefined
  const place = join(out, 'certificate.json')
  if (proved) await writeBytes(place, certificate.text)
  const paths = Object.keys(figures).map((name) => join(out, name))
  for (const [i, svg] of Object.values(figures).entries()) await writeBytes(paths[i]!, svg)
  return { certificate: proved ? place : null, figures: paths }
}

/** Columns as wide as their widest cell. */
export function textTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, k) => Math.max(...rows.map((row) => visible(row[k]!))))
  return rows.map((row) =>
    `  ${row.map((cell, k) => cell + ' '.repeat(widths[k]! - visible(cell))).join('  ')}`.trimEnd()
  )
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal take no place
const visible = (cell: string): number => cell.replace(/\u001b\[\d+m/g, '').length
