import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const corpusFolder = fileURLToPath(new URL('../../corpus/', import.meta.url))

export const folders = ['accept', 'reject', 'decline'] as const

export type CorpusFile = { readonly folder: (typeof folders)[number]; readonly name: string; readonly text: string }

/** Every certificate of the corpus as it is committed. */
export const corpusFiles = (): readonly CorpusFile[] =>
  folders.flatMap((folder) =>
    readdirSync(`${corpusFolder}${folder}`)
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => ({
        folder,
        name: file.slice(0, -'.json'.length),
        text: readFileSync(`${corpusFolder}${folder}/${file}`, 'utf8')
      }))
  )

export const outcomeOf = { accept: 'accepted', reject: 'rejected', decline: 'declined' } as const
