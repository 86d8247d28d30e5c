import { toText } from '@nadir/arithmetic'
import { type Certificate, seal } from '../certification/certificate.ts'
import { betterRoots, type InfiniteFamily } from './infinite-family.ts'
import { familyDocument, hingeDocument } from './risk-document.ts'

/** The certificate of a family: its members are local minima with one risk, above that of the better network by the gap. Rule equal-risks. */
export function familyCertificate({ target, delta, width, members, better, gap }: InfiniteFamily): Certificate {
  const claim = {
    kind: 'equal-risk-minima',
    minima: members.map(({ network }) => hingeDocument(network)),
    better: hingeDocument(better),
    gap: toText(gap),
    delta: toText(delta)
  }
  return seal(familyDocument(target, width), claim, { rule: 'equal-risks', roots: betterRoots.map(toText) })
}
