/**
 * Layout and colours of the page. The colours of data are Okabe and Ito's, which people who do not tell red from green
 * tell apart (Color Universal Design, 2008); beside them curves differ in width and dash, and bars have gaps.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ink: #1f2328; --soft: #57606a; --paper: #ffffff; --card: #f6f8fa; --line: #d8dee4; --link: #0550ae;
  --update: #8cc4e8; --epoch: #0072b2; --validation: #d55e00; --rate: #007a59;
  --compute: #0072b2; --load: #e69f00; --pull: #56b4e9; --push: #009e73; --busy: #d55e00; --check: #cc79a7; --wait: #9aa3ad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #f0f6fc; --soft: #9da7b3; --paper: #0d1117; --card: #161b22; --line: #30363d; --link: #79c0ff;
    --update: #2f6d94; --epoch: #56b4e9; --validation: #f0883e; --rate: #2fc79a;
    --compute: #3d94d1; --wait: #6e7781;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1320px; padding: 16px; color: var(--ink); background: var(--paper); font: 15px/1.5 "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
h1 { margin: 0; font-size: 24px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 12px; font-size: 18px; }
p { margin: 4px 0 0; overflow-wrap: anywhere; }
a { color: var(--link); }
.note, header p { color: var(--soft); font-size: 14px; }
section { margin-top: 28px; }
section > * + * { margin-top: 12px; }
dl { margin: 0; }
dd { margin: 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: 10px; margin-top: 16px; }
.tiles > div { padding: 10px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--card); min-width: 0; }
.tiles dt { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
.tiles dd { font-size: 19px; font-weight: 600; font-variant-numeric: tabular-nums; }
.facts > div { display: grid; grid-template-columns: minmax(84px, 30%) minmax(0, 1fr); gap: 12px; padding: 5px 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 0 32px; align-items: start; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 16px; }
figure { margin: 0; padding: 10px 8px 8px; border: 1px solid var(--line); border-radius: 8px; min-width: 0; break-inside: avoid; }
figcaption { padding: 0 6px 6px; font-weight: 600; overflow-wrap: anywhere; }
.plot { min-height: 240px; }
.u-legend { font-size: 13px; text-align: left; padding-left: 6px; }
.u-legend th { font-weight: normal; color: var(--soft); }
.u-legend.u-inline .u-series th::after { content: none; }
.u-legend .u-value { font-variant-numeric: tabular-nums; }
.u-select { background: color-mix(in srgb, var(--epoch) 20%, transparent); }
.u-hz .u-cursor-x, .u-hz .u-cursor-y, .u-vt .u-cursor-x, .u-vt .u-cursor-y { border-color: var(--soft); }
.keys { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0; padding: 0; list-style: none; font-size: 14px; }
.keys li { display: flex; align-items: center; gap: 6px; }
.key { width: 14px; height: 14px; border-radius: 3px; }
.bars { display: grid; gap: 5px; }
.bar { display: flex; align-items: center; gap: 8px; }
.bar .label { flex: none; width: 34px; text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; }
.bar .value { flex: none; min-width: 56px; font-variant-numeric: tabular-nums; }
.track { display: flex; flex: 1; min-width: 0; height: 22px; }
.part { height: 100%; box-shadow: inset -1px 0 var(--paper); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.key { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.compute, .count { background: var(--compute); }
.load { background: var(--load); }
.pull { background: var(--pull); }
.push { background: var(--push); }
.update { background: var(--busy); }
.validation { background: var(--check); }
.wait { background: var(--wait); }
.scroll { overflow-x: auto; max-height: 70vh; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
.scroll > table { min-width: 100%; }
.scroll th, .scroll td { padding: 5px 12px; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
.scroll .number { text-align: right; }
.scroll thead th { position: sticky; top: 0; background: var(--card); font-weight: 600; }
.scroll tbody th { font-weight: normal; }
.scroll tbody tr:last-child > * { border-bottom: 0; }
summary { cursor: pointer; padding: 6px 0; color: var(--link); }
.picture { overflow: auto; max-height: 90vh; border: 1px solid var(--line); border-radius: 8px; text-align: center; }
.picture img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
code { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
@media print {
  body { max-width: none; padding: 0; }
  .scroll, .picture { overflow: visible; max-height: none; }
  .picture img { max-height: 24cm; }
}
`;
