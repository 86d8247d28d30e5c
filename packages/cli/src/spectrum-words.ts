import type { Cause, IllPosedness, LayeredNetwork, ParameterPlace, Statement } from '@nadir/landscape'

/** Causes of null directions as people call them. */
export const causeWords: Readonly<Record<Cause | 'remaining', string>> = {
  'dead-units': 'dead units',
  'inputs-not-spanning': 'inputs not spanning',
  'zero-outgoing': 'zero outgoing weights',
  'constant-units': 'constant units',
  'positive-scaling': 'positive scaling',
  duplicates: 'duplicate units',
  mirrored: 'mirrored units',
  'shared-pattern': 'same pattern on the data',
  'shared-output-shift': 'common shift of outputs',
  'too-few-data': 'too few data',
  remaining: 'no known cause'
}

export const curvatureWords = {
  hessian: 'Hessian',
  'gauss-newton': 'Gauss-Newton matrix',
  fisher: 'Fisher information',
  'empirical-fisher': 'empirical Fisher information'
} as const

/** `#3`, or `#2.3` for unit 3 of the second hidden layer where there are several; outputs are called so. */
export function unitName(network: LayeredNetwork, place: { readonly layer: number; readonly unit: number }): string {
  if (place.layer === network.layers.length - 1) return `output ${place.unit}`
  return network.layers.length > 2 ? `#${place.layer + 1}.${place.unit}` : `#${place.unit}`
}

export const unitNames = (
  network: LayeredNetwork,
  places: readonly { readonly layer: number; readonly unit: number }[],
  most = 8
): string => {
  const names = places.map((p) => unitName(network, p))
  return names.length > most ? `${names.slice(0, most).join(' ')} and ${names.length - most} more` : names.join(' ')
}

/** `w1[3,0]`: the first layer's weight of unit 3 from input 0; `b1[3]`: its bias. */
export const parameterName = ({ layer, unit, input }: ParameterPlace): string =>
  input === undefined ? `b${layer + 1}[${unit}]` : `w${layer + 1}[${unit},${input}]`

/** Statements that say the same of several units are said once. */
export function groupedStatements(
  network: LayeredNetwork,
  statements: readonly Statement[]
): readonly { readonly id: string; readonly where: string; readonly text: string; readonly proved: boolean }[] {
  const groups = new Map<string, Statement[]>()
  for (const s of statements) {
    const key = `${s.id} ${s.proved} ${s.text}`
    groups.set(key, [...(groups.get(key) ?? []), s])
  }
  return [...groups.values()].map((group) => {
    const { id, text, proved } = group[0]!
    const places = group.flatMap(({ layer, unit }) =>
      layer === undefined || unit === undefined ? [] : [{ layer, unit }]
    )
    return { id, where: unitNames(network, places), text, proved }
  })
}

/** How to carry out a piece of advice. */
export const remedy: Readonly<Record<IllPosedness['advice'][number]['action'], string>> = {
  'remove-unit': '--prune FILE writes the smaller network',
  'merge-units': '--prune FILE writes the smaller network',
  'fix-scale': 'in training, hold one incoming weight of each of these units where it is',
  'add-data': 'append rows with new inputs to the data',
  regularise: 'train with --weight-decay L; this command shows the effect when given --weight-decay L'
}
