import type { OnnxAttribute, OnnxNode } from './messages.ts'

const attribute = (node: OnnxNode, name: string): OnnxAttribute | undefined => node.attributes.get(name)

/** Attributes of a node by name, with the default of the operator. A float attribute is a float32, taken exactly. */
export const floatAttribute = (node: OnnxNode, name: string, otherwise: number): number =>
  attribute(node, name)?.float ?? otherwise
export const integerAttribute = (node: OnnxNode, name: string, otherwise: number): number =>
  attribute(node, name)?.integer ?? otherwise
export const textAttribute = (node: OnnxNode, name: string, otherwise: string): string =>
  attribute(node, name)?.text ?? otherwise
export const integersAttribute = (node: OnnxNode, name: string): readonly number[] | undefined =>
  attribute(node, name)?.integers
