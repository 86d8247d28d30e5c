import { type Content, element, trusted } from './markup.ts'
import { pageStyle } from './page-style.ts'

/**
 * A self-contained HTML document, well-formed as XML too: no scripts, nothing loaded from elsewhere (the policy forbids both), light and
 * dark by the reader's setting, always light on paper.
 */
export function htmlPage(title: string, ...content: readonly Content[]): string {
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'"
    }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('title', {}, title),
    element('style', {}, trusted(pageStyle))
  )
  return `<!DOCTYPE html>\n${element('html', { lang: 'en' }, head, element('body', {}, element('main', {}, content))).markup}\n`
}

/** A section with a heading and, below it, one or two sentences on what is to be seen. */
export const section = (heading: string, lead: string, ...content: readonly Content[]): Content =>
  element('section', {}, element('h2', {}, heading), element('p', { class: 'lead' }, lead), content)

/** Finished figures side by side in one frame, as far as there is room. */
export const figure = (...svgs: readonly string[]): Content => element('figure', {}, svgs.map(trusted))

/** A table with one header row; cells of `numeric` columns are set right. */
export const table = (
  columns: readonly { readonly name: string; readonly numeric?: boolean }[],
  rows: readonly (readonly Content[])[]
): Content => {
  const row = (tag: 'th' | 'td', cells: readonly Content[]): Content =>
    element(
      'tr',
      {},
      cells.map((cell, k) => element(tag, { class: columns[k]?.numeric ? 'numeric' : undefined }, cell))
    )
  const head = row(
    'th',
    columns.map((c) => c.name)
  )
  const body = rows.map((cells) => row('td', cells))
  return element('table', {}, element('thead', {}, head), element('tbody', {}, body))
}
