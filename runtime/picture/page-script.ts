/**
 * The script of a page: buttons that change the picture's size, and links that bring a card or a row to the middle of its
 * pane. Without it the links and scrolling work, and the buttons are not shown.
 */
export const pageScript = `
const pane = document.getElementById("picture");
const svg = pane.querySelector("svg");
const [width, height] = [svg.width.baseVal.value, svg.height.baseVal.value];
let scale = 1;
function show(next, x = pane.clientWidth / 2, y = pane.clientHeight / 2) {
  next = Math.min(4, Math.max(0.05, next));
  const [left, top] = [(pane.scrollLeft + x) / scale, (pane.scrollTop + y) / scale];
  scale = next;
  svg.setAttribute("width", width * scale);
  svg.setAttribute("height", height * scale);
  pane.scrollTo(left * scale - x, top * scale - y);
}
const whole = () => Math.min(1, pane.clientWidth / width, pane.clientHeight / height);
const ways = { in: () => scale * 1.25, out: () => scale / 1.25, one: () => 1, fit: whole };
const keys = { "+": "in", "=": "in", "-": "out", 0: "one", f: "fit" };
const zoom = document.getElementById("zoom");
zoom.hidden = false;
zoom.addEventListener("click", ({ target }) => {
  const way = ways[target.dataset.zoom];
  if (way) show(way());
});
pane.addEventListener("keydown", (event) => {
  const way = ways[keys[event.key]];
  if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  show(way());
});
pane.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  const { left, top } = pane.getBoundingClientRect();
  show(scale * Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top);
}, { passive: false });
function follow() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!target) return;
  if (target.id.startsWith("node-") && scale < 0.7) show(1);
  const name = target.querySelector("th a");
  (name ?? target).scrollIntoView({ block: "center", inline: name ? "nearest" : "center" });
  (name ?? target).focus({ preventScroll: true });
}
addEventListener("hashchange", follow);
addEventListener("load", follow);
if (width <= pane.clientWidth / 0.8) show(whole() > 0.8 ? whole() : Math.min(1, pane.clientWidth / width));
const begin = svg.querySelector(".input")?.getBoundingClientRect();
if (begin) pane.scrollLeft = begin.left - pane.getBoundingClientRect().left + pane.scrollLeft - pane.clientWidth / 2 + 60;
`;
