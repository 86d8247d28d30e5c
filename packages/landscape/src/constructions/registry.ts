import { christof2023AffineSegment } from './christof2023-affine-segment.ts'
import { christof2023ConstantSegment } from './christof2023-constant-segment.ts'
import { deepLinear } from './deep-linear-critical-points.ts'
import { fukumizu2000Splitting } from './fukumizu2000-splitting.ts'
import { he2020Affine } from './he2020-affine.ts'
import { jentzen2024DeadUnits } from './jentzen2024-dead-units.ts'
import { lattice } from './lattice.ts'
import { liu2022Cnn } from './liu2022-cnn.ts'
import { liu2022Groups } from './liu2022-groups.ts'
import { oleary2020ConstantOutput } from './oleary2020-constant-output.ts'
import { oleary2020DerivativeZero } from './oleary2020-derivative-zero.ts'
import { pilanci2020Inverse } from './pilanci2020-inverse.ts'
import { planted } from './planted.ts'
import { rister2016Neuron } from './rister2016-neuron.ts'
import type { Theorem } from './theorem.ts'
import { yun2019Relu } from './yun2019-relu.ts'
import { yun2019Smooth } from './yun2019-smooth.ts'

/** Every theorem as a program: the single source of the command line's list, of the documentation's table and of the web page. */
export const theorems: readonly Theorem[] = [
  rister2016Neuron,
  yun2019Relu,
  yun2019Smooth,
  he2020Affine,
  christof2023AffineSegment,
  christof2023ConstantSegment,
  liu2022Groups,
  liu2022Cnn,
  lattice,
  jentzen2024DeadUnits,
  planted,
  deepLinear,
  oleary2020ConstantOutput,
  oleary2020DerivativeZero,
  pilanci2020Inverse,
  fukumizu2000Splitting
]
