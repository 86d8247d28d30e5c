import { fraction, isLess } from '../fraction.ts'
import { type Case, changed, type Fields, reject } from './case.ts'
import {
  absoluteList,
  flatList,
  functionsIn,
  monotoneList,
  onePieceList,
  otherRange,
  parabolaList,
  point,
  rectifierList,
  tieFor,
  withFunction,
  withList,
  zigzagList
} from './risk-designs.ts'

export const rejectedLists = (): readonly Case[] => [
  reject('risk-hidden', 'rule', 'The list of one unit for two.', changed(absoluteList, { problem: { hidden: 2 } })),
  reject(
    'risk-no-constant',
    '\\(a\\)',
    'The constant is missing.',
    withList(absoluteList, (f) => f.slice(1))
  ),
  reject(
    'risk-constant-twice',
    '\\(a\\)',
    'The constant is listed twice.',
    withList(absoluteList, ([first, ...rest]) => [first, first, ...rest])
  ),
  reject(
    'risk-line-of-symmetric',
    '\\(a\\)',
    'A best line with slope 0 is the constant.',
    withList(absoluteList, ([first, ...rest]) => [first, { ...first, form: 'affine', slope: point('0') }, ...rest])
  ),
  reject(
    'risk-no-line',
    '\\(a\\)',
    'The best line is missing.',
    withList(parabolaList, (f) => f.filter((_, i) => i !== 1))
  ),
  reject(
    'risk-constant-mean',
    '\\(a\\)',
    'The constant is not the mean.',
    withFunction(absoluteList, 0, { c: ['2/5', '9/20'] })
  ),
  reject(
    'risk-constant-risk',
    '\\(a\\)',
    'The risk of the constant is another.',
    withFunction(absoluteList, 0, { risk: ['1/5', '1/4'] })
  ),
  reject(
    'risk-constant-type',
    '\\(a\\)',
    'The constant as a saddle.',
    withFunction(absoluteList, 0, { type: 'saddle' })
  ),
  reject(
    'risk-line-slope',
    '\\(a\\)',
    'The slope of the best line is another.',
    withFunction(parabolaList, 1, { slope: ['9/10', '99/100'] })
  ),
  reject(
    'risk-line-value',
    '\\(a\\)',
    'The value of the best line at the left end is another.',
    withFunction(parabolaList, 1, { c: ['-1/5', '-7/40'] })
  ),
  reject(
    'risk-order',
    'order',
    'A left kink before a right one.',
    withList(absoluteList, ([a, b, c]) => [a, c, b])
  ),
  reject(
    'risk-kink-missing',
    '\\(b\\)',
    'One of two tied kinks is missing.',
    withList(absoluteList, (f) => f.slice(0, 2))
  ),
  reject(
    'risk-left-missing-first',
    '\\(b\\)',
    'A left kink is missing in the middle of eight functions.',
    withList(zigzagList, (f) => f.filter((_, i) => i !== 6))
  ),
  reject(
    'risk-kink-twice',
    '\\(b\\)',
    'One kink listed twice.',
    withList(absoluteList, ([a, b, c]) => [a, b, b, c])
  ),
  reject(
    'risk-kinks-descend',
    '\\(b\\)',
    'Two kinks in descending order.',
    withList(zigzagList, (f) => f.map((one, i) => (i === 2 ? f[3] : i === 3 ? f[2] : one)))
  ),
  reject(
    'risk-kink-elsewhere',
    '\\(b\\)',
    'The kink equation has no root in the range.',
    withFunction(absoluteList, 1, { kink: ['1/2', '3/5'] })
  ),
  reject(
    'risk-kink-wide',
    '\\(b\\)',
    'Two roots in the range of one kink.',
    withList(zigzagList, (f) =>
      f.filter((_, i) => i !== 3).map((one, i) => (i === 2 ? { ...one, kink: ['11/10', '19/10'] } : one))
    )
  ),
  reject(
    'risk-kink-over-breakpoint',
    '\\(b\\)',
    'The range of a kink goes over a breakpoint.',
    withFunction(absoluteList, 1, { kink: ['-1/10', '1/2'] })
  ),
  reject(
    'risk-kink-around-breakpoint',
    '\\(b\\)',
    'A kink on a breakpoint in a range of positive length.',
    withFunction(rectifierList, 2, { kink: ['-1/100', '1/100'] })
  ),
  reject(
    'risk-kink-outside',
    '\\(b\\)',
    'A kink outside the interval.',
    withFunction(absoluteList, 1, { kink: ['2', '3'] })
  ),
  reject(
    'risk-kink-at-end',
    '\\(b\\)',
    'A kink at the end of the interval, where the kink equation is 0.',
    withFunction(absoluteList, 1, { kink: point('-1') })
  ),
  reject(
    'risk-breakpoint-missing',
    '\\(b\\)',
    'The kink on the breakpoint is missing.',
    withList(rectifierList, (f) => f.slice(0, 2).map((one, i) => ({ ...one, global: i === 1 })))
  ),
  reject(
    'risk-rational-not-root',
    '\\(b\\)',
    'A rational number that is not the kink.',
    withFunction(parabolaList, 2, { kink: point('1/2') })
  ),
  reject(
    'risk-flat-listed',
    '\\(b\\)',
    'A root of the kink equation at which V is 0, listed as a kink.',
    withList(flatList, (f) => {
      const listedKink: Fields = {
        ...f[f.length - 1],
        form: 'right-kink',
        kink: point('1/2'),
        c: point('0'),
        slope: point('0')
      }
      const isAfter = ({ form, kink }: Fields): boolean =>
        form === 'left-kink' || (form === 'right-kink' && isLess(fraction('1/2'), fraction((kink as string[])[0])))
      const place = f.findIndex(isAfter)
      return f.toSpliced(place < 0 ? f.length : place, 0, listedKink)
    })
  ),
  reject(
    'risk-constant-target-kink',
    '\\(b\\)',
    'A kink where the kink equation is zero.',
    withList(onePieceList, ([first]) => [
      first,
      { ...first, form: 'right-kink', kink: point('1/2'), slope: point('0') }
    ])
  ),
  reject(
    'risk-value-c',
    '\\(b\\)',
    'The value of the flat part is not in its range.',
    withFunction(absoluteList, 1, { c: ['1/5', '2/5'] })
  ),
  reject(
    'risk-value-slope',
    '\\(b\\)',
    'The slope of a left kink with the sign of a right one.',
    withFunction(absoluteList, 2, { slope: ['9/10', '11/10'] })
  ),
  reject(
    'risk-value-risk',
    '\\(b\\)',
    'The risk is not in its range.',
    withFunction(absoluteList, 1, { risk: ['1/10', '11/100'] })
  ),
  reject(
    'risk-type',
    '\\(b\\)',
    'A saddle as a local minimum.',
    withFunction(zigzagList, 3, { type: 'local-minimum' })
  ),
  reject(
    'risk-type-degenerate',
    '\\(b\\)',
    'A double root of the kink equation as a local minimum.',
    withFunction(
      monotoneList,
      functionsIn(monotoneList).findIndex((one) => one['type'] === 'degenerate'),
      { type: 'local-minimum' }
    )
  ),
  reject(
    'risk-none-global',
    '\\(e\\)',
    'No function is global.',
    withList(absoluteList, (f) => f.map((one) => ({ ...one, global: false })))
  ),
  reject(
    'risk-wrong-global',
    '\\(e\\)',
    'The constant is called global.',
    withList(absoluteList, (f) => f.map((one, i) => ({ ...one, global: i === 0 })))
  ),
  reject(
    'risk-half-tie',
    '\\(e\\)',
    'One of two tied functions is called global.',
    withFunction(absoluteList, 2, { global: false })
  ),
  reject(
    'risk-too-many-global',
    '\\(f\\)',
    'Two functions with different risks are called global.',
    withFunction(zigzagList, 2, { global: true })
  ),
  reject(
    'risk-tie-unproved',
    '\\(f\\)',
    'The ranges of two tied kinks are not mirror images, and nothing else says that their risks are equal.',
    otherRange
  ),
  reject(
    'risk-tie-other-root',
    '\\(f\\)',
    'A polynomial that is 0 elsewhere.',
    tieFor(otherRange, { polynomial: ['-1', '9'], between: ['1/10', '1/8'] })
  ),

  reject(
    'risk-tie-several',
    '\\(f\\)',
    'The polynomial has two roots in its interval.',
    tieFor(otherRange, { polynomial: ['4', '-36', '9'], between: ['1/9', '4'] })
  ),
  reject(
    'risk-tie-elsewhere',
    '\\(f\\)',
    'The interval of the polynomial does not hold the risks.',
    tieFor(otherRange, { polynomial: ['4', '-36', '9'], between: ['3', '4'] })
  ),
  reject(
    'risk-tie-end',
    '\\(f\\)',
    'The polynomial is 0 at an end of its interval.',
    tieFor(otherRange, { polynomial: ['-4', '72', '-333', '81'], between: ['1/9', '3/25'] })
  )
]
