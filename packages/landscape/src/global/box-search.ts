import type { BoxEnclosure } from './box-enclosure.ts'
import { pop, push } from './heap.ts'

/** A box of a tree of boxes; `split` is the coordinate that it is halved along, -1 at a leaf. */
export interface BoxNode {
  readonly low: Float64Array
  readonly high: Float64Array
  readonly enclosure: BoxEnclosure
  readonly bound: number
  split: number
  halves: readonly BoxNode[]
}

export interface BoxSearch {
  readonly root: BoxNode
  /** Of the whole tree. */
  readonly boxes: number
  /** The least bound of all leaves. */
  readonly bound: number
  /** Whether no leaf needs to be halved. */
  readonly finished: boolean
}

/**
 * Halves boxes, the one with the least bound first, along the coordinate that reaches furthest, until that bound is enough or `onBox`, called before each, says to stop. The bound of the
 * answer is as good as those of `enclose`. Middles of boxes must be doubles. Reference: best-first branch and bound; Zhang et al., BPGrad (arXiv 1711.06959), removes balls for boxes.
 */
export function searchBoxes(
  enclose: (low: Float64Array, high: Float64Array) => BoxEnclosure,
  low: Float64Array,
  high: Float64Array,
  options: {
    readonly enough: (bound: number) => boolean
    readonly onBox?: (box: BoxNode, boxes: number, bound: number) => boolean
  }
): BoxSearch {
  const node = (from: Float64Array, to: Float64Array): BoxNode => {
    const enclosure = enclose(from, to)
    return { low: from, high: to, enclosure, bound: enclosure.bound, split: -1, halves: [] }
  }
  const root = node(low, high)
  const open = [root]
  let boxes = 1
  // All leaves are open: the one on top has the least bound.
  const answer = (finished: boolean): BoxSearch => ({ root, boxes, bound: open[0]!.bound, finished })
  while (!options.enough(open[0]!.bound)) {
    if (options.onBox?.(open[0]!, boxes, open[0]!.bound)) return answer(false)
    const parent = pop(open)!
    const split = parent.enclosure.reaches.reduce((most, x, k, all) => (x > all[most]! ? k : most), 0)
    const middle = (parent.low[split]! + parent.high[split]!) / 2
    parent.split = split
    parent.halves = [
      node(parent.low, parent.high.with(split, middle)),
      node(parent.low.with(split, middle), parent.high)
    ]
    for (const child of parent.halves) push(open, child)
    boxes += 2
  }
  return answer(true)
}

/** The tree in preorder: 0 for a leaf, else the parameter, from 1. */
export function splitsOf(root: BoxNode): readonly number[] {
  const splits: number[] = []
  const open = [root]
  for (let node = open.pop(); node; node = open.pop()) {
    splits.push(node.split + 1)
    if (node.split >= 0) open.push(node.halves[1]!, node.halves[0]!)
  }
  return splits
}
