export { networkHtml } from "./html.js";
export { networkSvg } from "./svg.js";
