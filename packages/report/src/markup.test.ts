import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { element, escapeText } from './markup.ts'
import { xmlFault } from './testing/well-formed.ts'

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', ';', '#', 'a', ' ', '\u0000', '\u202e', '\ud800', '-') })
)
const readBack = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

describe('markup', () => {
  it('any string, as text or as an attribute, leaves one well-formed element', () => {
    fc.assert(
      fc.property(anything, anything, (a, b) => {
        const { markup } = element('p', { title: a }, b, element('b', {}, a))
        expect(xmlFault(markup)).toBeUndefined()
        expect(markup.match(/</g)).toHaveLength(4)
      })
    )
  })

  it('text that can be shown is read back as it was', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readBack(escapeText(text))).toBe(text)
      })
    )
  })

  it('characters that XML refuses or that turn the reading direction become visible', () => {
    expect(escapeText('a\u0000b\u202egpj.exe\ud800')).toBe('a\ufffdb\ufffdgpj.exe\ufffd')
    expect(escapeText('größe 😀')).toBe('größe 😀')
  })

  it('the judge refuses what is not well-formed', () => {
    for (const bad of [
      '<a>',
      '<a></b>',
      '<a/><b/>',
      '<a>&x;</a>',
      '<a b="1" b="2"/>',
      '<a b=1/>',
      'x<a/>',
      '<a>\u0007</a>'
    ])
      expect(xmlFault(bad)).toBeDefined()
  })

  it('a coordinate that is not a number is refused', () => {
    expect(() => element('line', { x1: Number.NaN })).toThrow(RangeError)
    expect(element('line', { x1: -0.0001, x2: 1e300 }).markup).toBe('<line x1="0" x2="1000000"></line>')
  })
})
