/** The layout and colours of a page around a picture: panes side by side, one below the other where it is narrow. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1f2328; --soft: #57606a; --paper: #ffffff; --bar: #f6f8fa; --line: #d0d7de; --link: #0550ae; --mark: #fff1b8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f0f6fc; --soft: #9da7b3; --paper: #0d1117; --bar: #161b22; --line: #30363d; --link: #79c0ff; --mark: #4d3d00; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 14px/1.45 "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
header { padding: 12px 16px; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 20px; overflow-wrap: anywhere; }
p { margin: 2px 0 0; color: var(--soft); overflow-wrap: anywhere; }
details { margin-top: 4px; overflow-wrap: anywhere; }
a { color: var(--link); }
.picture { display: flex; flex-direction: column; height: 72vh; min-width: 0; }
#picture { overflow: auto; flex: 1; min-height: 0; }
tr, #picture a { scroll-margin: 120px; }
th a { scroll-margin-left: 12px; }
#picture svg { display: block; margin: 0 auto; }
#picture a:focus-visible .box, #picture a:hover .box, #picture a:target .box { stroke: var(--link); stroke-width: 3; }
#picture a { outline: none; }
#zoom { display: flex; gap: 4px; padding: 6px 16px; border-bottom: 1px solid var(--line); background: var(--bar); }
#zoom[hidden] { display: none; }
button { min-width: 34px; min-height: 34px; padding: 0 9px; border: 1px solid var(--line); border-radius: 6px; color: var(--ink); background: var(--paper); font: inherit; }
.layers { overflow: auto; border-top: 1px solid var(--line); max-height: 90vh; }
table { border-collapse: collapse; width: max-content; min-width: 100%; font-size: 13px; }
th, td { padding: 5px 10px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); max-width: 260px; overflow-wrap: anywhere; }
td:nth-child(7), thead th:nth-child(7) { text-align: right; }
thead th { position: sticky; top: 0; background: var(--bar); font-weight: 600; z-index: 1; }
tbody th { position: sticky; left: 0; background: var(--paper); }
tr:target, tr:target th { background: var(--mark); }
tr:target th { box-shadow: inset 4px 0 var(--link); }
.role { display: block; color: var(--soft); font-weight: normal; font-size: 12px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: -2px; }
@media (min-width: 1000px) {
  body { height: 100vh; display: flex; flex-direction: column; }
  main { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .picture { height: auto; min-height: 0; }
  .layers { max-height: none; border-top: 0; border-left: 1px solid var(--line); }
}
@media print {
  body, main { display: block; height: auto; }
  .picture { display: block; height: auto; }
  #picture, .layers { overflow: visible; max-height: none; }
  #zoom { display: none; }
}
`;
