import { scalarOf } from './constant.ts'
import { applied, expressionText } from './expression.ts'
import { constantInput, type DataValue, dataInput, nodeError, type Operator } from './walk.ts'

/** Comparison with a number; only `Where` can use it. */
export const greater: Operator = (walk, node): DataValue => {
  const value = dataInput(walk, node, 0)
  const constant = constantInput(walk, node, 1)
  const beyond = constant && scalarOf(constant)
  if (beyond === undefined) throw nodeError(walk, node, 'only the comparison with one number is supported')
  return { ...value, condition: { beyond } }
}

/** Softplus as PyTorch computes it: beyond 20 x itself, which differs by less than 3e-9. */
export const where: Operator = (walk, node): DataValue => {
  const condition = walk.data.get(node.inputs[0])
  const [x, otherwise] = [dataInput(walk, node, 1), dataInput(walk, node, 2)]
  const softplus = expressionText(applied({ kind: 'smooth', name: 'softplus' }, x.expression))
  const isSoftplus =
    condition?.condition !== undefined &&
    condition.condition.beyond >= 20 &&
    condition.stage === x.stage &&
    expressionText(condition.expression) === expressionText(x.expression) &&
    expressionText(otherwise.expression) === softplus
  if (!isSoftplus)
    throw nodeError(walk, node, 'only the Softplus of PyTorch, which is x itself for large x, is supported')
  walk.notes.add(
    `the file takes x for the softplus of x beyond ${condition.condition?.beyond}; the network is read with softplus everywhere`
  )
  return otherwise
}
