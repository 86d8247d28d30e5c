import { type Certificate, certificateText } from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'

/** The value of --name on the command line. */
export const option = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : process.argv[at + 1]!
}

/** CPU milliseconds of this process: other work on the machine lengthens wall time only. */
export const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The upper one of an even number; 0 of none. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

export const accepts = (certificate: Certificate): boolean =>
  checkDocument(certificateText(certificate)).outcome === 'accepted'
