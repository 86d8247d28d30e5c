/** Why a text is not well-formed XML (one root element, nesting, attributes, entities, characters); undefined when it is. For tests. */
export function xmlFault(document: string): string | undefined {
  const text = document.replace(/^<!DOCTYPE html>\n/, '').trim()
  const open: string[] = []
  let at = 0
  let roots = 0
  const tag = /<(?:\/([\w-]+)|([\w-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?))>/y
  while (at < text.length) {
    if (text[at] !== '<') {
      const end = text.indexOf('<', at)
      const run = text.slice(at, end < 0 ? text.length : end)
      if (open.length === 0) return `text outside the root: ${run.slice(0, 40)}`
      const fault = textFault(run)
      if (fault) return fault
      at += run.length
      continue
    }
    tag.lastIndex = at
    const found = tag.exec(text)
    if (!found) return `not a tag: ${text.slice(at, at + 60)}`
    const [whole, closing, opening, attributes = '', empty] = found
    if (closing !== undefined) {
      if (open.pop() !== closing) return `</${closing}> closes nothing`
    } else {
      if (open.length === 0 && roots++ > 0) return `a second root: ${opening}`
      const names = [...attributes.matchAll(/\s([\w:-]+)=/g)].map((m) => m[1])
      if (new Set(names).size < names.length) return `an attribute twice: ${whole}`
      const fault = textFault(attributes)
      if (fault) return fault
      if (empty === '') open.push(opening!)
    }
    at += whole.length
  }
  return open.length > 0 || roots !== 1 ? `left open: ${open.join(' ')}` : undefined
}

function textFault(text: string): string | undefined {
  if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) return `a bare &: ${text.slice(0, 60)}`
  const odd = /[^\P{Cc}\n]|\p{Cs}|[\ufffe\uffff]/u.exec(text)
  return odd ? `character ${odd[0].codePointAt(0)!.toString(16)}` : undefined
}
