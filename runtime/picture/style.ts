/** Colours and fonts of a picture, light and dark; plain rules, which image programs understand too. */
const light = `
.net { font-family: "Segoe UI", Roboto, Helvetica, Arial, "DejaVu Sans", sans-serif; }
.net .paper { fill: #ffffff; }
.net .edge { fill: none; stroke: #6e7781; stroke-width: 1.3; stroke-linejoin: round; }
.net .head { fill: #6e7781; }
.net .shape { font-size: 11px; fill: #424a53; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }
.net .box { fill: #ffffff; stroke: #57606a; stroke-width: 1.2; }
.net .inner { fill: none; stroke: #57606a; stroke-width: 1.2; }
.net .trained .box { fill: #eef3fb; }
.net .input .box { fill: #dff1ff; }
.net .label .box { fill: #fff5cc; }
.net .variable .box { fill: #f3e9ff; }
.net .output .box { fill: #dcf7e3; }
.net .loss .box { fill: #ffe5e2; stroke-width: 2; }
.net .metric .box { fill: #f6f8fa; stroke-dasharray: 5 3; }
.net text { fill: #1f2328; }
.net .name { font-size: 13px; font-weight: bold; }
.net .tag { font-size: 10px; font-weight: bold; fill: #424a53; }
.net .detail { font-size: 11px; fill: #424a53; }
`;

const dark = `
.net .paper { fill: #0d1117; }
.net .edge { stroke: #8b949e; }
.net .head { fill: #8b949e; }
.net .shape { fill: #c9d1d9; stroke: #0d1117; }
.net .box { fill: #161b22; stroke: #8b949e; }
.net .inner { stroke: #8b949e; }
.net .trained .box { fill: #182338; }
.net .input .box { fill: #0c2d4a; }
.net .label .box { fill: #3a3000; }
.net .variable .box { fill: #2d1f45; }
.net .output .box { fill: #0f3320; }
.net .loss .box { fill: #4a1f1d; }
.net .metric .box { fill: #21262d; }
.net text { fill: #f0f6fc; }
.net .tag, .net .detail { fill: #c9d1d9; }
`;

export const pictureStyle = `${light}@media (prefers-color-scheme: dark) {${dark}}\n`;
