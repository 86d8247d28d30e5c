/** Text that is already markup; everything inside was escaped when it was made. */
export interface Markup {
  readonly markup: string
}

export type Content = Markup | string | number | undefined | readonly Content[]
export type Attributes = Readonly<Record<string, string | number | undefined>>

/** Characters that XML refuses, or that change how the text around them is shown (controls, lone surrogates, bidirectional marks). */
const unprintable = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Noncharacter_Code_Point}]/gu
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

/** The text as it may stand in an element or a quoted attribute of HTML and XML; what cannot be shown becomes U+FFFD. */
export const escapeText = (text: string): string =>
  text.replace(unprintable, '\ufffd').replace(/[&<>"']/g, (c) => entities[c]!)

/** A length in pixels with at most two decimals; what lies far outside every picture is moved nearer. @throws RangeError for NaN */
export function coordinate(x: number): string {
  if (Number.isNaN(x)) throw new RangeError('coordinate: NaN')
  return String(Math.round(Math.max(-1e6, Math.min(1e6, x)) * 100) / 100 + 0)
}

const render = (content: Content): string =>
  content === undefined
    ? ''
    : typeof content === 'string'
      ? escapeText(content)
      : typeof content === 'number'
        ? String(content)
        : isMarkup(content)
          ? content.markup
          : content.map(render).join('')

const isMarkup = (content: Markup | readonly Content[]): content is Markup => 'markup' in content

/** Markup that is trusted as it is: our own style sheets and finished figures, never text from outside. */
export const trusted = (markup: string): Markup => ({ markup })

/** `<name attribute="..">content</name>`, well-formed as XML; strings are escaped, undefined attributes are left out. */
export function element(name: string, attributes: Attributes, ...content: readonly Content[]): Markup {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeText(value)}"`
  )
  const inside = render(content)
  // HTML closes only its void elements this way: `<td/>` would stay open.
  const closed = name === 'meta'
  return trusted(`<${name}${written.join('')}${closed ? '/>' : `>${inside}</${name}>`}`)
}
