export { type VerdictPageParts, verdictPage } from './verdict-page.ts'
