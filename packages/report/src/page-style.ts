import { type Ink, palette } from './figures/svg.ts'

const inks = Object.keys(palette) as Ink[]
const variables = (theme: 0 | 1): string =>
  `:root{--page:${['#f5f5f2', '#131415'][theme]};--good:var(--better);--bad:var(--trained);--open:var(--bound);${inks
    .map((ink) => `--${ink}:${palette[ink][theme]}`)
    .join(';')}}`

/** The style sheet of every page; its colours are those of the figures. */
export const pageStyle = `
${variables(0)}
@media screen and (prefers-color-scheme:dark){${variables(1)}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:28px 24px 48px;overflow-wrap:anywhere}
h1{font-size:30px;line-height:1.2;margin:2px 0 8px;letter-spacing:-.01em}
h2{font-size:18px;margin:0 0 4px}
p{margin:0 0 8px}
section{margin-top:34px;break-inside:avoid}
.lead,.source,footer,dt,.note{color:var(--muted)}
.lead{max-width:105ch;margin-bottom:12px}
.source{margin:0;font-size:14px}
.verdict{background:var(--surface);border:1px solid var(--line);border-left:8px solid var(--tone);border-radius:10px;padding:20px 24px}
.verdict p:not(.source){font-size:17px;margin:0;max-width:75ch}
.good{--tone:var(--good)}.bad{--tone:var(--bad)}.open{--tone:var(--open)}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(270px,1fr));gap:14px;margin-top:14px}
.panel,figure,.box{overflow-x:auto;background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:16px 18px;break-inside:avoid}
.panel h2{font-size:13px;font-weight:500;color:var(--muted);margin-bottom:8px}
.claim{font-size:17px;font-weight:650;color:var(--tone);display:flex;flex-wrap:wrap;align-items:center;gap:4px 8px;margin-bottom:6px}
.claim span:first-child{display:inline-flex;width:22px;height:22px;flex:none;align-items:center;justify-content:center;border-radius:50%;background:var(--tone);color:var(--surface);font-size:14px;font-weight:700}
.claim small{white-space:nowrap;font-size:12px;font-weight:500;border:1px solid currentColor;border-radius:99px;padding:0 8px}
.loss{font-size:24px;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.3;margin:0}
.loss small{font-size:14px;font-weight:400;color:var(--muted)}
.note{font-size:13px;margin:0;font-variant-numeric:tabular-nums}
.panel ul{margin:10px 0 0;padding:0;list-style:none;font-size:14px}
.panel li{margin-top:6px}
figure{margin:0;display:flex;flex-wrap:wrap;justify-content:center;gap:14px}
svg{max-width:100%;height:auto}
code,pre{font-family:ui-monospace,"SF Mono",Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
pre{background:var(--page);border:1px solid var(--line);border-radius:6px;padding:10px 12px;margin:10px 0;white-space:pre-wrap}
a{color:var(--settled)}
dl{display:grid;grid-template-columns:minmax(90px,max-content) 1fr;gap:6px 20px;margin:0}
dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--muted);font-weight:500}
.numeric{text-align:right;padding-right:32px;width:1%;white-space:nowrap}
td:last-child{min-width:15em}
.remark{color:var(--bad)}
footer{margin-top:34px;font-size:13px;max-width:85ch}
@media (max-width:700px){main{padding:16px 12px}figure{justify-content:flex-start}svg{max-width:none}}
@media print{body{background:none;font-size:12px}main{padding:0;max-width:none}section{margin-top:20px}h1{font-size:24px}.claim{font-size:15px}.loss{font-size:20px}tr{break-inside:avoid}.panels{grid-template-columns:repeat(3,1fr)}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`
