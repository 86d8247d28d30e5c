import type { Case } from './case.ts'
import { acceptedRisks } from './risk-accepted.ts'
import { declinedRisks } from './risk-declined.ts'
import { rejectedLists } from './risk-rejected-lists.ts'
import { rejectedFamiliesAndPoints } from './risk-rejected-others.ts'

/** Certificates about the risk on an interval. */
export const riskCases = (): readonly Case[] => [
  ...acceptedRisks(),
  ...rejectedLists(),
  ...rejectedFamiliesAndPoints(),
  ...declinedRisks()
]
