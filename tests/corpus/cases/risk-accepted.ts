import { accept, type Case } from './case.ts'
import {
  absolute,
  absoluteList,
  at,
  balanced,
  familyOf,
  flat,
  flatEnd,
  flatList,
  lineList,
  monotone,
  monotoneList,
  onePiece,
  onePieceList,
  otherRange,
  pair,
  parabola,
  parabolaList,
  rectifier,
  rectifierList,
  tie,
  tieFor,
  tilted,
  two,
  twoPiecesList,
  uniform,
  vanishingList,
  zigzagList,
  zigzagUnits
} from './risk-designs.ts'

export const acceptedRisks = (): readonly Case[] => [
  accept(
    'risk-absolute-value',
    'The risk of one unit for |x|: the constant and two mirrored kinks, tied.',
    absoluteList
  ),
  accept('risk-rectifier', 'A target that one unit is: its kink is a breakpoint, the risk 0.', rectifierList),
  accept('risk-parabola', 'x^2 on [0, 1]: the kink is the rational number 1/3.', parabolaList),
  accept('risk-zigzag', 'A zigzag target with eight functions, two of them saddles.', zigzagList),
  accept(
    'risk-degenerate',
    'A double root of the kink equation: the least risk is monotone through the kink.',
    monotoneList
  ),
  accept('risk-flat-kink', 'A root of the kink equation at which V is 0: no function of its own.', flatList),
  accept('risk-density', 'x^2 with a density of two pieces.', twoPiecesList),
  accept('risk-density-zero', '|x| with the density x^2, which is 0 at one point.', vanishingList),
  accept('risk-constant-target', 'A constant target: one function.', onePieceList),
  accept(
    'risk-tie',
    'Ranges of tied kinks that are not mirror images: the common risk is a root of a polynomial.',
    tieFor(otherRange, tie)
  ),
  accept('risk-family', 'Three of uncountably many local minima with two units, and better parameters.', pair),
  accept('risk-family-wider', 'The same with four units, two more of them dead.', familyOf(4)),
  accept(
    'risk-affine-list',
    'An affine target and five units: target, mean, zigzags with two and four kinks.',
    lineList
  ),
  accept(
    'risk-value',
    'The risk of two units, one of them dead.',
    at(
      two,
      'value',
      [
        [1, -1, 2],
        [1, -4, 5]
      ],
      '1/2',
      'integrals'
    )
  ),
  accept(
    'risk-not-critical',
    'The output bias is not the mean.',
    at(tilted, 'not-critical', [[1, -2, 1]], '1', 'gradient')
  ),
  accept('risk-zero', 'The target itself.', at(rectifier, 'global-minimum', [[2, 0, '1/2']], '0', 'zero-risk')),
  accept(
    'risk-affine-zigzag',
    'A zigzag around an affine target is a saddle.',
    at(two, 'saddle', zigzagUnits, '2', 'affine-point')
  ),
  accept(
    'risk-affine-dead',
    'Both units dead, the mean: a local minimum.',
    at(
      two,
      'local-minimum',
      [
        [1, -4, 1],
        [-1, -1, 1]
      ],
      '2',
      'affine-point'
    )
  ),
  accept(
    'risk-affine-end',
    'A kink at the right end, against the slope: a local minimum.',
    at(tilted, 'local-minimum', [[1, -1, -1]], '0', 'affine-point')
  ),
  accept(
    'risk-affine-left-end',
    'A kink at the left end, along the slope: a local minimum.',
    at(tilted, 'local-minimum', [[-2, -2, 1]], '0', 'affine-point')
  ),
  accept(
    'risk-affine-origin',
    'A unit with w = b = 0: a saddle.',
    at(tilted, 'saddle', [[0, 0, 3]], '0', 'affine-point')
  ),
  accept(
    'risk-one-unit-kink',
    'The best kink for x^2, and a dead unit: a local minimum.',
    at(
      uniform([0, 1], [[0, 0, 1]], 2),
      'local-minimum',
      [
        [1, -2, 5],
        [3, -1, '4/9']
      ],
      '1/27',
      'one-live-unit'
    )
  ),
  accept(
    'risk-one-unit-degenerate',
    'The kink through which the least risk is monotone: a saddle.',
    at(monotone, 'saddle', [[2, -1, '81/4']], '331/80', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-left',
    'The mirror image of the best kink for x^2.',
    at(uniform([-1, 0], [[0, 0, 1]]), 'local-minimum', [[-1, '-1/3', '4/3']], '1/27', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-line',
    'The best line for x^2: the unit is active everywhere.',
    at(parabola, 'local-minimum', [[1, 1, 1]], '-7/6', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-mean',
    'Dead units and the mean.',
    at(parabola, 'local-minimum', [[0, -1, 3]], '1/3', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-tilt',
    'A constant unit with v = 0, and a line does better than the mean: a saddle.',
    at(parabola, 'saddle', [[0, 2, 0]], '1/3', 'one-live-unit')
  ),

  accept(
    'risk-one-unit-end',
    'A kink at the right end, with the wrong sign: a saddle.',
    at(parabola, 'saddle', [[1, -1, 1]], '1/3', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-end-minimum',
    'A kink at the right end, against the residual: a local minimum.',
    at(parabola, 'local-minimum', [[1, -1, -1]], '1/3', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-left-end',
    'A kink at the left end, against the residual: a local minimum.',
    at(parabola, 'local-minimum', [[-1, 0, 1]], '1/3', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-end-silent',
    'A kink at the right end and v = 0: a saddle.',
    at(parabola, 'saddle', [[1, -1, 0]], '1/3', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-end-balance',
    'The residual vanishes at the end, and the slope is beyond the balance: a local minimum.',
    at(balanced, 'local-minimum', [[2, -2, '1/2']], '0', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-end-negative',
    'The same with a negative slope.',
    at(balanced, 'local-minimum', [[2, -2, '-1/2']], '0', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-end-flat',
    'A target that is its mean around the end: a local minimum.',
    at(flatEnd, 'local-minimum', [[1, -2, 0]], '0', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-active-end',
    'The kink of the best line at the left end: the risk falls when it moves inwards.',
    at(parabola, 'saddle', [[1, 0, 1]], '-1/6', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-active-right-end',
    'The kink of the best line at the right end: the risk rises when it moves inwards.',
    at(parabola, 'local-minimum', [[-1, 1, -1]], '5/6', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-active-silent',
    'A kink at the left end and v = 0, for |x|: a saddle.',
    at(absolute, 'saddle', [[1, 1, 0]], '1/2', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-origin',
    'w = b = 0 and v < 0, for |x|: every hinge there does harm.',
    at(absolute, 'local-minimum', [[0, 0, -1]], '1/2', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-origin-helps',
    'w = b = 0 and v > 0, for |x|: a small hinge helps.',
    at(absolute, 'saddle', [[0, 0, 1]], '1/2', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-flat',
    'v = 0 and the kink where V is 0, but not around it: a saddle.',
    at(flat, 'saddle', [[2, -1, 0]], '0', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-constant',
    'A constant target, v = 0: nothing helps.',
    at(onePiece, 'local-minimum', [[2, -1, 0]], '3', 'one-live-unit')
  )
]
