/** A fraction in lowest terms with a positive denominator: plain, slow and shared with no checker. */
export type Fraction = { readonly n: bigint; readonly d: bigint }

const divisor = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : divisor(b, a % b))

export const over = (n: bigint, d: bigint): Fraction => {
  if (d === 0n) throw new Error(`${n}/0 is no fraction`)
  const common = d < 0n ? -divisor(n, d) : divisor(n, d)
  return { n: n / common, d: d / common }
}

/** From an integer or a text `p` or `p/q`. */
export const fraction = (value: number | bigint | string): Fraction => {
  const [n, d] = String(value).split('/')
  return over(BigInt(n), BigInt(d ?? 1))
}

export const none = fraction(0)
export const one = fraction(1)
export const add = (a: Fraction, b: Fraction): Fraction => over(a.n * b.d + b.n * a.d, a.d * b.d)
export const negate = (a: Fraction): Fraction => ({ n: -a.n, d: a.d })
export const subtract = (a: Fraction, b: Fraction): Fraction => add(a, negate(b))
export const multiply = (a: Fraction, b: Fraction): Fraction => over(a.n * b.n, a.d * b.d)
export const divide = (a: Fraction, b: Fraction): Fraction => over(a.n * b.d, a.d * b.n)
export const sign = (a: Fraction): -1 | 0 | 1 => (a.n > 0n ? 1 : a.n < 0n ? -1 : 0)
export const isLess = (a: Fraction, b: Fraction): boolean => a.n * b.d < b.n * a.d
export const isEqual = (a: Fraction, b: Fraction): boolean => a.n === b.n && a.d === b.d
export const sum = (all: readonly Fraction[]): Fraction => all.reduce(add, none)
export const inner = (a: readonly Fraction[], b: readonly Fraction[]): Fraction =>
  sum(a.map((entry, index) => multiply(entry, b[index])))
export const text = (a: Fraction): string => (a.d === 1n ? `${a.n}` : `${a.n}/${a.d}`)

export const commonDenominator = (all: readonly Fraction[]): bigint =>
  all.reduce((common, { d }) => (common * d) / divisor(common, d), 1n)

/** The least multiple of a vector that has integer entries. */
export const integral = (vector: readonly Fraction[]): readonly Fraction[] => {
  const common = fraction(commonDenominator(vector))
  return vector.map((entry) => multiply(entry, common))
}

/** A basis of the vectors that every row of the matrix is orthogonal to, by elimination. */
export const nullspace = (rows: readonly (readonly Fraction[])[], width: number): readonly (readonly Fraction[])[] => {
  const reduced = rows.map((row) => [...row])
  const pivots: number[] = []
  for (let column = 0; column < width; column += 1) {
    const at = reduced.findIndex((row, index) => index >= pivots.length && sign(row[column]) !== 0)
    if (at < 0) continue
    const target = pivots.length
    ;[reduced[target], reduced[at]] = [reduced[at], reduced[target]]
    const lead = reduced[target][column]
    reduced[target] = reduced[target].map((entry) => divide(entry, lead))
    for (const [index, row] of reduced.entries()) {
      const factor = row[column]
      if (index === target || sign(factor) === 0) continue
      reduced[index] = row.map((entry, k) => subtract(entry, multiply(factor, reduced[target][k])))
    }
    pivots.push(column)
  }
  const free = Array.from({ length: width }, (_, column) => column).filter((column) => !pivots.includes(column))
  return free.map((column) =>
    Array.from({ length: width }, (_, k) => {
      if (k === column) return one
      const row = pivots.indexOf(k)
      return row < 0 ? none : negate(reduced[row][column])
    })
  )
}

export const unitVector = (length: number, at: number): readonly Fraction[] =>
  Array.from({ length }, (_, k) => (k === at ? one : none))
