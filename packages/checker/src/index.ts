export { check, checkDocument, type DocumentParts, type Expected, splitDocument } from './check.ts'
export type { Accepted, Declined, Outcome, Rejected } from './outcome.ts'
