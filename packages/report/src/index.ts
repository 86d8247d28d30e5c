export { type CauseBarsParts, type CauseRow, causeBars } from './figures/cause-bars.ts'
export { type DensityPlotParts, densityPlot } from './figures/density-plot.ts'
export {
  type FunctionCurve,
  type FunctionPlotParts,
  functionPlot,
  type StageKind
} from './figures/function-plot.ts'
export { type KinkRow, kinkDiagram } from './figures/kink-diagram.ts'
export { lossLadder, type Rung } from './figures/loss-ladder.ts'
export { type PredictionPanel, predictionPlot } from './figures/prediction-plot.ts'
export { type RegionMapParts, regionMap } from './figures/region-map.ts'
export {
  criticalFunctionsPlot,
  functionsPlot,
  kinksAlongPlot,
  realizationAt,
  riskAlongPlot,
  riskCurvePlot
} from './figures/risk-figures.ts'
export type { Place } from './figures/svg.ts'
export { type VerdictPageParts, verdictPage } from './verdict-page.ts'
