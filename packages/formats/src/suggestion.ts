/** Number of single-character edits from a to b (insert, delete, replace). Levenshtein. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]
}

const shown = 20

/** `complaint; the KIND are a, b, c (did you mean b?)`, the nearest name only when it is near. */
export function withSuggestion(complaint: string, kind: string, wanted: string, names: readonly string[]): string {
  const list = names.slice(0, shown).join(', ') + (names.length > shown ? `, ... (${names.length} in all)` : '')
  let nearest = ''
  let distance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const name of names) {
    if (name.length > 64 || wanted.length > 64) continue
    const d = editDistance(wanted.toLowerCase(), name.toLowerCase())
    if (d < distance) {
      distance = d
      nearest = name
    }
  }
  return `${complaint}; the ${kind} are ${list}${nearest === '' ? '' : ` (did you mean ${nearest}?)`}`
}
