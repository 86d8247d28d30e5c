import { join } from 'node:path'
import { multiply, type Rational, rational, sign, toText } from '@nadir/arithmetic'
import { InputError, writeModel, writeTable } from '@nadir/formats'
import { dataset, freeKnotFit, networkName, type Spline, splineNetwork } from '@nadir/landscape'
import { exactNumberJson, readable } from './numbers.ts'
import type { CommonOptions, LoadedData, ProblemOptions } from './problem-options.ts'
import { type Answer, outputDirectory, paint, progress, type Session } from './session.ts'

interface SplineOptions extends ProblemOptions, CommonOptions {
  readonly hidden?: string
  readonly box?: string
}

/** `nadir bound --knots`: the best free-knot spline, a network that computes it, a table of its pieces. @throws InputError */
export async function fitSpline(
  dataPath: string,
  data: LoadedData,
  knots: number,
  options: SplineOptions,
  session: Session
): Promise<Answer> {
  const begun = session.now()
  for (const [name, given] of [
    ['hidden', options.hidden !== undefined],
    ['box', options.box !== undefined],
    ['weight-decay', sign(options.weightDecay) !== 0],
    ['loss', options.loss !== 'squared']
  ] as const)
    if (given) throw new InputError(`--${name} does not go with --knots: splines are fitted by least squares`)
  const limit = options.timeLimit === undefined ? Number.POSITIVE_INFINITY : options.timeLimit * 1000
  const samples = dataset(data.columns.X, data.columns.Y)
  const fit = freeKnotFit(samples, knots, {
    stop: () => session.interrupted() || session.now() - begun > limit,
    onProgress: progress
  })
  const seconds = Math.round(session.now() - begun) / 1000
  if ('kind' in fit)
    return {
      exitCode: 1,
      json: { upperBound: null, certificate: null, reason: fit.reason, tryNext: fit.tryNext, seconds },
      text: `no spline was found: ${fit.reason}\n  next: ${fit.tryNext}\n`
    }
  const { spline, sumOfSquares, arrangements } = fit
  const share = options.reduction === 'mean' ? rational(1n, 2n * BigInt(samples.samples)) : rational(1n, 2n)
  const loss = multiply(share, sumOfSquares)
  const { network, point } = splineNetwork(spline)
  const pieces = piecesOf(spline)
  let model: string | null = null
  let table: string | null = null
  if (options.out !== undefined) {
    await outputDirectory(options.out)
    model = join(options.out, 'model.onnx')
    table = join(options.out, 'spline.csv')
    await writeModel(model, { network, parameters: point })
    await writeTable(table, ['from', 'to', 'slope', 'intercept'], pieces)
  }
  const method = `all arrangements of the knots, ${arrangements} looked at, in rational arithmetic`
  return {
    exitCode: 0,
    json: {
      lowerBound: exactNumberJson(loss),
      upperBound: exactNumberJson(loss),
      gap: 0,
      knots: spline.knots.map(exactNumberJson),
      network: networkName(network),
      method,
      certificate: null,
      model,
      spline: table,
      seconds
    },
    text: [
      `${paint('bold', dataPath)}: ${samples.samples} samples, target ${data.columns.targets.join(', ')}`,
      `continuous piecewise linear functions with at most ${knots} knot${knots === 1 ? '' : 's'}, squared loss (${options.reduction === 'mean' ? 'half the mean of squares' : 'half the sum of squares'})`,
      '',
      `  ${paint('bold', readable(loss))}: the least loss that any of them has, exactly`,
      ...pieces.map(([from, to, slope, intercept]) => `    from ${from} to ${to}: ${slope} x + ${intercept}`),
      `  ${paint('dim', 'by'.padEnd(11))} ${method}; the certificate format has no words for splines`,
      `  ${paint('dim', 'network'.padEnd(11))} ${networkName(network)} computes it${model === null ? '; add --out DIR to keep it' : `: ${model}`}`,
      paint('dim', `  ${seconds.toFixed(1)} s`),
      ''
    ].join('\n')
  }
}

/** from, to, slope, intercept; the ends are infinite. */
const piecesOf = ({ knots, lines }: Spline): [string, string, string, string][] =>
  lines.map(({ slope, intercept }, k) => {
    const end = (knot: Rational | undefined, infinite: string) => (knot ? toText(knot) : infinite)
    return [end(knots[k - 1], '-inf'), end(knots[k], 'inf'), toText(slope), toText(intercept)]
  })
