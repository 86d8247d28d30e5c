interface Bounded {
  readonly bound: number
}

/** Adds to a binary heap, the least bound on top. */
export function push<T extends Bounded>(heap: T[], node: T): void {
  let at = heap.push(node) - 1
  for (let up = (at - 1) >> 1; at > 0 && heap[up]!.bound > node.bound; up = (at - 1) >> 1) {
    heap[at] = heap[up]!
    at = up
  }
  heap[at] = node
}

/** Takes what has the least bound; undefined when nothing is left. */
export function pop<T extends Bounded>(heap: T[]): T | undefined {
  const top = heap[0]
  const last = heap.pop()
  if (!last || heap.length === 0) return top
  let at = 0
  for (;;) {
    let down = 2 * at + 1
    if (down >= heap.length) break
    if (down + 1 < heap.length && heap[down + 1]!.bound < heap[down]!.bound) down++
    if (heap[down]!.bound >= last.bound) break
    heap[at] = heap[down]!
    at = down
  }
  heap[at] = last
  return top
}
