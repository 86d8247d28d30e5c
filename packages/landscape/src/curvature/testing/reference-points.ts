/** Zeros of sigma' and sigma'' and minima, to 30 digits. */
export const activationZeros = {
  silu_dsigma_zero: '-1.27846454276107379510935873902',
  gelu_dsigma_zero: '-0.75179152469356445745790494678',
  silu_min: '-0.278464542761073795109358739023',
  gelu_min: '-0.169971207479903661693868470982',
  silu_d2_zero: '2.39935728051546766783273969728',
  gelu_d2_zero: '+-sqrt(2)'
}
