import { createHash } from 'node:crypto'

/** A JSON value as JavaScript has it; numbers are counts. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }

/** The canonical text of the certificate format, by another way than the checker's: sorted copies and JSON.stringify. */
export const canonical = (value: Value): string =>
  JSON.stringify(value, (_, part: Value) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part
  )

export const digest = (value: Value): string => `sha256:${createHash('sha256').update(canonical(value)).digest('hex')}`

/** A certificate file with the digests of its own problem and claim. */
export const certificate = (problem: Value, claim: Value, evidence: Value): Value => ({
  format: 'nadir-certificate/1',
  problem,
  claim,
  proof: { format: 'nadir-proof/1', problem: digest(problem), claim: digest(claim), evidence }
})
