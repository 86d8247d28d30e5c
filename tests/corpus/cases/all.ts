import { affineSegmentCases } from './affine-segment.ts'
import { boundBoxCases } from './bound-boxes.ts'
import { boundDualCases } from './bound-duals.ts'
import { boundLinearDualCases } from './bound-linear-duals.ts'
import { boundPatternCases } from './bound-patterns.ts'
import { boundRankCases } from './bound-ranks.ts'
import { byHandCases } from './by-hand.ts'
import type { Case } from './case.ts'
import { deepCases } from './deep.ts'
import { deepMinimaCases } from './deep-minima.ts'
import { huberCases } from './huber.ts'
import { imageCases } from './images.ts'
import { irrationalCases } from './irrational.ts'
import { kinkSaddleCases } from './kink-saddles.ts'
import { kinkCases } from './kinks.ts'
import { dependentKinkCases } from './kinks-dependent.ts'
import { linearKinkCases } from './kinks-linear.ts'
import { kinkLossCases } from './kinks-losses.ts'
import { kinkWindowCases } from './kinks-windows.ts'
import { largeCases } from './large.ts'
import { lastLayerCases } from './last-layer.ts'
import { movedCases } from './moved.ts'
import { nearbyCases } from './nearby.ts'
import { oneConditionCases } from './one-condition.ts'
import { oneOutputCases } from './one-output.ts'
import { otherLossesCases } from './other-losses.ts'
import { quadraticCases } from './quadratic.ts'
import { riskCases } from './risk.ts'
import { saddleCases } from './saddles.ts'
import { severalOutputsCases } from './several-outputs.ts'
import { slopeCases } from './slopes.ts'
import { smoothCases } from './smooth.ts'
import { splitCases } from './split.ts'
import { unreadableCases } from './unreadable.ts'
import { valleyCases } from './valleys.ts'

/** Every file of the corpus, made again from the designs of this folder. */
export const allCases = (): readonly Case[] => [
  ...byHandCases(),
  ...oneOutputCases(),
  ...severalOutputsCases(),
  ...otherLossesCases(),
  ...deepCases(),
  ...deepMinimaCases(),
  ...lastLayerCases(),
  ...imageCases(),
  ...quadraticCases(),
  ...smoothCases(),
  ...affineSegmentCases(),
  ...kinkCases(),
  ...dependentKinkCases(),
  ...linearKinkCases(),
  ...kinkLossCases(),
  ...kinkWindowCases(),
  ...valleyCases(),
  ...kinkSaddleCases(),
  ...irrationalCases(),
  ...huberCases(),
  ...boundDualCases(),
  ...boundPatternCases(),
  ...boundBoxCases(),
  ...boundRankCases(),
  ...boundLinearDualCases(),
  ...nearbyCases(),
  ...splitCases(),
  ...saddleCases(),
  ...movedCases(),
  ...slopeCases(),
  ...riskCases(),
  ...oneConditionCases(),
  ...largeCases(),
  ...unreadableCases()
]

export const fileOf = ({ folder, name }: Case): string => `${folder}/${name}.json`

const section = (cases: readonly Case[], folder: Case['folder'], title: string): string => {
  const rows = cases.filter((one) => one.folder === folder).map((one) => `| \`${fileOf(one)}\` | ${one.story} |`)
  return `## ${title}\n\n| file | story |\n|---|---|\n${rows.join('\n')}\n`
}

/** The page that tells the story of every file. */
export const readme = (cases: readonly Case[]): string => `# Corpus

Certificate files with known outcomes. A checker is right when it accepts every file of \`accept/\`, rejects every file of
\`reject/\` and declines every file of \`decline/\`. All were made from designs in \`tests/corpus/cases\` by rules of their own
(small integers, plain fractions); none comes from the producer.

${section(cases, 'accept', 'Accepted')}
${section(cases, 'reject', 'Rejected')}
${section(cases, 'decline', 'Declined')}`
