/**
 * The risk on an interval: time of the complete list with its certificate, of the checker, and of families of minima; one line for each, and the memory at the end.
 *
 *   npm run bench:risk [-- --runs 5]
 *
 * Targets are continuous piecewise polynomials with random rational knots, slopes and bumps (fixed seeds). Columns: seconds of the list, of the certificate (list included),
 * and of the checker; size of the certificate in kilobytes. Medians over the runs, and the slowest.
 */
import { add, type Rational, rational } from '@nadir/arithmetic'
import {
  type Certificate,
  type ContinuousRisk,
  certificateText,
  criticalCertificate,
  criticalList,
  familyCertificate,
  familyParameters,
  infiniteFamily,
  randomStream,
  riskFromJson
} from '@nadir/landscape'
import { accepts, cpu, median, option } from './measure.ts'

const runs = Number(option('runs', '5'))
const only = option('only', '')

const seconds = (work: () => void): number => {
  const begun = cpu()
  work()
  return (cpu() - begun) / 1000
}

const text = ({ numerator, denominator }: Rational) => `${numerator}/${denominator}`

/** A line between random knots plus a bump that vanishes at both, on every piece. */
function randomRisk(pieces: number, degree: number, seed: number): ContinuousRisk {
  const random = randomStream(seed)
  const whole = (size: number) => Math.floor((2 * size + 1) * random()) - size
  const small = (size: number) => `${whole(size)}/${1 + Math.floor(6 * random())}`
  let end = rational(0n)
  const breakpoints = [text(end)]
  const values = [small(8)]
  const formulas: string[] = []
  for (let k = 0; k < pieces; k++) {
    const width = rational(BigInt(1 + Math.floor(6 * random())), BigInt(1 + Math.floor(4 * random())))
    const [from, to] = [text(end), text(add(end, width))]
    values.push(small(8))
    const bump = Array.from({ length: Math.max(0, degree - 1) }, (_, i) => `(${small(12)})*x^${i}`).join('+') || '0'
    formulas.push(
      `(${values[k]}) + ((${values[k + 1]}) - (${values[k]}))/(${text(width)})*(x - ${from}) + (x - ${from})*(x - ${to})*(${bump})`
    )
    end = add(end, width)
    breakpoints.push(to)
  }
  const risk = riskFromJson({ breakpoints, pieces: formulas })
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}

const shown = (values: readonly number[]): string => `${median(values).toFixed(2)} (${Math.max(...values).toFixed(2)})`

let rejected = 0
const verify = (certificate: Certificate): void => {
  if (!accepts(certificate)) rejected++
}

console.log('| target | functions | list | with certificate | check | kB |\n|---|---|---|---|---|---|')
for (const [name, pieces, degree] of [
  ['1 piece, degree 3', 1, 3],
  ['6 pieces, degree 3', 6, 3],
  ['6 pieces, degree 5', 6, 5],
  ['20 pieces, degree 5', 20, 5]
] as const) {
  if (!name.includes(only)) continue
  const [list, certificate, check, size, found]: number[][] = [[], [], [], [], []]
  for (let seed = 1; seed <= runs; seed++) {
    const risk = randomRisk(pieces, degree, seed)
    let made: Certificate | undefined
    list!.push(
      seconds(() => {
        const answer = criticalList(risk)
        found!.push(answer.kind === 'critical-list' ? answer.realizations.length : 0)
      })
    )
    certificate!.push(
      seconds(() => {
        made = criticalCertificate(risk)
      })
    )
    check!.push(seconds(() => verify(made!)))
    size!.push(certificateText(made!).length / 1000)
  }
  console.log(
    `| ${name} | ${Math.min(...found!)} to ${Math.max(...found!)} | ${shown(list!)} | ${shown(certificate!)} | ${shown(check!)} | ${median(size!).toFixed(1)} |`
  )
}

console.log('\n| family | members | build and certify | check |\n|---|---|---|---|')
for (const width of [2, 3, 8])
  for (const delta of [1n, 1000n]) {
    if (!'family'.includes(only)) continue
    const [build, check]: number[][] = [[], []]
    for (let run = 0; run < runs; run++) {
      let made: Certificate | undefined
      build!.push(
        seconds(() => {
          const family = infiniteFamily(rational(0n), rational(1n), rational(delta), width, familyParameters(100))
          made = familyCertificate(family)
        })
      )
      check!.push(seconds(() => verify(made!)))
    }
    console.log(`| H = ${width}, delta = ${delta} | 100 | ${shown(build!)} | ${shown(check!)} |`)
  }

const { maxRSS } = process.resourceUsage()
console.log(
  `\nSeconds of CPU time, median (slowest) of ${runs}. Largest memory ${Math.round(maxRSS / 1024)} MB. ${rejected} certificates not accepted.`
)
if (rejected > 0) process.exitCode = 1
