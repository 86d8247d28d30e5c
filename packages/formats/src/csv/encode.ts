import { type Rational, toText } from '@nadir/arithmetic'

/** A cell: text, a double (written so that it reads back as itself), or an exact rational (written as `p/q`). */
export type Cell = string | number | Rational

const cellText = (cell: Cell): string => {
  const text = typeof cell === 'object' ? toText(cell) : String(cell)
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Comma-separated values with a header line; every line ends with a line feed. @throws RangeError for a ragged row */
export function encodeTable(columns: readonly string[], rows: Iterable<readonly Cell[]>): Uint8Array {
  const lines = [columns.map(cellText).join(',')]
  for (const row of rows) {
    if (row.length !== columns.length)
      throw new RangeError(`row ${lines.length}: ${row.length} cells for ${columns.length} columns`)
    lines.push(row.map(cellText).join(','))
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}
