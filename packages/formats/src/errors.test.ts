import { expect, test } from 'vitest'
import { InputError } from './errors.ts'

test('a message is one short line, whatever names it quotes', () => {
  const { message } = new InputError(`x: tensor "a\n\u001b[31mb\u202e\u2028" ${'y'.repeat(10_000)}`)
  expect(message).toMatch(/^x: tensor "a\?\?\[31mb\?\?" y+\.\.\.$/)
  expect(message.length).toBeLessThanOrEqual(600)
})
