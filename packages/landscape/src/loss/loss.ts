/**
 * Losses ell(f, y), convex in f and non-negative: squared 1/2 |f - y|^2, absolute |f - y|, hinge max(0, 1 - y f); and losses that leave
 * the rationals. `mean` divides the sum over the samples by their number.
 */
export type LossKind = 'squared' | 'absolute' | 'hinge' | 'huber' | 'logistic' | 'cross-entropy'
export type Reduction = 'sum' | 'mean'

/** Losses whose values and subgradients are rational at rational outputs. */
export const isRationalLoss = (kind: LossKind): kind is 'squared' | 'absolute' | 'hinge' =>
  kind === 'squared' || kind === 'absolute' || kind === 'hinge'

/** Losses that are analytic in the outputs. */
export type AnalyticLoss = 'squared' | 'logistic' | 'cross-entropy'

export const isAnalyticLoss = (kind: LossKind): kind is AnalyticLoss =>
  kind === 'squared' || kind === 'logistic' || kind === 'cross-entropy'
