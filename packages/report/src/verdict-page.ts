import type { Problem, Verdict } from '@nadir/landscape'

export interface VerdictPageParts {
  readonly problem: Problem
  readonly verdict: Verdict
  readonly title: string
  readonly data: string
  readonly columns: { readonly inputs: readonly string[]; readonly targets: readonly string[] }
}

export const verdictPage = (parts: VerdictPageParts): string => `<!doctype html><title>${parts.title}</title>`
