import { readFileSync } from "node:fs";
import { DOMParser, type Element } from "@xmldom/xmldom";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importModel } from "../../generators/index.js";
import {
  add,
  conv2d,
  dense,
  flatten,
  input,
  model,
  type Network,
  relu,
  type Tensor,
} from "../../runtime/layers/index.js";
import { tensorsOf } from "../../runtime/layers/tensors.js";
import { visible } from "../../runtime/markup.js";
import { pictureGraph } from "../../runtime/picture/graph.js";
import { networkHtml, networkSvg } from "../../runtime/picture/index.js";
import { layOut } from "../../runtime/picture/layout.js";
import { residualNet, sharedWeights, towers, withAuxiliary } from "./networks.js";

const lenet = async () => (await importModel("fixtures/models/lenet/lenet_train_test.prototxt")).network;

const networks: Readonly<Record<string, () => Promise<Network> | Network>> = {
  lenet,
  "two towers": () => towers(3),
  "two long towers": () => towers(40),
  "shared weights": sharedWeights,
  "auxiliary losses": () => withAuxiliary(12),
  "a residual net of 179 layers": () => residualNet(16),
};

/** Elements of a document, read by a parser that takes no malformed XML. */
function parse(svg: string): Element {
  const problems: string[] = [];
  const onError = (_level: string, message: string) => problems.push(message);
  const document = new DOMParser({ onError }).parseFromString(svg, "image/svg+xml");
  expect(problems).toEqual([]);
  return document.documentElement as Element;
}

const byClass = (root: Element, name: string): readonly Element[] =>
  [...root.getElementsByTagName("*")].filter((element) => element.getAttribute("class")?.split(" ").includes(name));

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Points along a route, as its path is drawn: a cubic with upright ends is 3t² − 2t³ in x, and in y B(0, ½, ½, 1). */
function* along(route: readonly { readonly x: number; readonly y: number }[]) {
  for (const [at, end] of route.entries()) {
    const start = route[at - 1];
    if (start === undefined) continue;
    const isStraight = Math.abs(end.x - start.x) < 0.05 || Math.abs(end.y - start.y) < 0.05;
    for (let t = 0; t <= 1; t += 0.05) {
      const [u, v] = isStraight ? [t, t] : [3 * t * t - 2 * t ** 3, 1.5 * t * (1 - t) + t ** 3];
      yield { x: start.x + u * (end.x - start.x), y: start.y + v * (end.y - start.y) };
    }
  }
}

describe.each(Object.entries(networks))("the picture of %s", (_, make) => {
  it("has each layer once, each use of a tensor once, and is the same every time", async () => {
    const network = await make();
    const svg = await networkSvg(network);
    const root = parse(svg);
    const names = byClass(root, "name").map((element) => element.textContent);
    expect(names.toSorted()).toEqual(network.layers.map(({ name }) => name).toSorted());
    const uses = network.layers.flatMap(tensorsOf).length;
    expect(byClass(root, "edge")).toHaveLength(uses);
    expect(byClass(root, "shape")).toHaveLength(uses);
    expect(await networkSvg(await make())).toBe(svg);
  });

  it("lays no card over another, and no edge through a card that it does not end at", async () => {
    const graph = pictureGraph(await make());
    const { cards, edges, width, height } = await layOut(graph);
    for (const [at, card] of cards.entries()) {
      expect(cards.slice(at + 1).filter((other) => overlap(card, other))).toEqual([]);
      expect(overlap(card, { x: -1e6, y: -1e6, width: 1e6, height: 2e6 })).toBe(false);
      expect(card.x + card.width).toBeLessThanOrEqual(width);
      expect(card.y + card.height).toBeLessThanOrEqual(height);
    }
    for (const [at, { route }] of edges.entries()) {
      const { from, to } = graph.edges[at] ?? {};
      const points = [...along(route)];
      const others = cards.filter((_, place) => place !== from && place !== to);
      const hits = others.filter((card) => points.some((point) => overlap({ ...point, width: 0, height: 0 }, card)));
      expect({ edge: at, hits }).toEqual({ edge: at, hits: [] });
      expect(Math.max(...points.map(({ y }) => y))).toBeLessThanOrEqual(height);
    }
  });

  it("ends each edge at the cards of its layers, and lays no label over a card or another label", async () => {
    const graph = pictureGraph(await make());
    const { cards, edges } = await layOut(graph);
    const labels = edges.map(({ label }, at): Box => {
      const { width = 0, height = 0 } = graph.edges[at] ?? {};
      return { x: label.x - width / 2, y: label.y - height / 2, width, height };
    });
    for (const [at, { route }] of edges.entries()) {
      const { from = -1, to = -1 } = graph.edges[at] ?? {};
      const [source, target] = [cards[from] as Box, cards[to] as Box];
      const [first, last] = [route[0], route.at(-1)];
      expect(first?.y).toBeCloseTo(source.y + source.height, 0);
      expect(first?.x).toBeCloseTo(source.x + source.width / 2, 0);
      expect(last?.y).toBeCloseTo(target.y, 0);
      expect(last?.x).toBeGreaterThan(target.x);
      expect(last?.x).toBeLessThan(target.x + target.width);
      const label = labels[at] as Box;
      const around = { ...label, y: label.y - 5, height: label.height + 10 };
      expect(cards.filter((card) => overlap(card, around))).toEqual([]);
      expect(labels.slice(at + 1).filter((other) => overlap(other, label))).toEqual([]);
    }
  });
});

describe("texts in a picture", () => {
  const { widths } = JSON.parse(readFileSync("fixtures/fonts/widths.json", "utf8"));
  const measured = (text: string, size: number, weight: "regular" | "bold") =>
    [...text].reduce((sum, character) => sum + (widths[weight][character] * size) / 1000, 0);

  it("fit into their cards, measured by the font's own widths", async () => {
    const long = "a_very_long_name_WITH_WIDE_LETTERS_of_a_layer_that_goes_on_and_on_until_it_does_not_fit";
    const x = input("x", [3, 8, 8]);
    const y = conv2d(x, { name: long, filters: 20, kernel: [3, 3], pad: 1, stride: [1, 1], groups: 1 });
    const network = model({
      name: "Long",
      inputs: [x],
      outputs: { [long]: dense(flatten(relu(y)), { name: "Ωмега", units: 1 }) },
    });
    for (const net of [network, await lenet(), residualNet(2), sharedWeights()]) {
      const root = parse(await networkSvg(net));
      for (const card of byClass(root, "card")) {
        const box = byClass(card, "box")[0] as Element;
        const texts = [...card.getElementsByTagName("text")];
        const right =
          box.tagName === "rect" ? Number(box.getAttribute("x")) + Number(box.getAttribute("width")) : Infinity;
        const bottom =
          box.tagName === "rect" ? Number(box.getAttribute("y")) + Number(box.getAttribute("height")) : Infinity;
        for (const text of texts) {
          const style = text.getAttribute("class");
          const size = style === "name" ? 13 : style === "tag" ? 10 : 11;
          const width = measured(text.textContent ?? "", size, style === "detail" ? "regular" : "bold");
          expect(Number(text.getAttribute("x")) + width).toBeLessThanOrEqual(right - 8);
          expect(Number(text.getAttribute("y"))).toBeLessThan(bottom - 3);
        }
      }
    }
  });

  it("name what a layer is, so that no colour is needed", async () => {
    const tags = byClass(parse(await networkSvg(await lenet())), "tag").map((element) => element.textContent);
    expect(tags.toSorted()).toEqual(["input", "label", "loss", "metric", "output"]);
    const shared = byClass(parse(await networkSvg(sharedWeights())), "tag").map((element) => element.textContent);
    expect(shared).toContain("variable, shared by 2 layers");
    const root = parse(await networkSvg(withAuxiliary(12)));
    expect(byClass(root, "loss").map((card) => byClass(card, "tag")[0]?.textContent)).toEqual(
      expect.arrayContaining(["loss main", "loss aux1 × 0.3"]),
    );
  });

  it("say shapes, counts and places", async () => {
    const root = parse(await networkSvg(await lenet()));
    const conv1 = byClass(root, "card").find((card) => byClass(card, "name")[0]?.textContent === "conv1") as Element;
    expect([...conv1.getElementsByTagName("text")].map((text) => text.textContent)).toEqual([
      "conv1",
      "conv2d: filters 20, kernel 5",
      "520 parameters",
    ]);
    expect(conv1.getElementsByTagName("title")[0]?.textContent).toMatch(
      /^conv1: conv2d\n.*weights: xavier\(\).*|lenet_train_test\.prototxt:25$/s,
    );
    expect(conv1.getElementsByTagName("title")[0]?.textContent).toContain("lenet_train_test.prototxt:25");
    const shapes = byClass(root, "shape").map((text) => text.textContent);
    expect(shapes).toEqual(expect.arrayContaining(["1×28×28", "20×24×24", "50×4×4", "500", "int32 1"]));
  });

  it("are escaped, whatever a file calls its layers", async () => {
    const nasty = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
    const some = fc.oneof(
      nasty,
      fc.constantFrom('"><script>alert(1)</script>', "]]>", "&amp;", "\u202egnp.exe", "\ud800", "\0"),
    );
    await fc.assert(
      fc.asyncProperty(some, async (name) => {
        // Layers have no names with control characters; the files and notes beside them may.
        const layer = name.replace(/[\p{Cc}\s]/gu, "") || "layer";
        const x = input("x", [4]);
        const small = model({ name: "Named", inputs: [x], outputs: { y: dense(x, { name: `y${layer}`, units: 2 }) } });
        const network = { ...small, name };
        const svg = await networkSvg(network);
        const root = parse(svg);
        expect(root.getElementsByTagName("title")[0]?.textContent).toBe(visible(name));
        expect([...root.getElementsByTagName("*")].map(({ tagName }) => tagName)).not.toContain("script");
        expect(svg).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
        const html = await networkHtml(network, { source: name, notes: [name] });
        expect(html.match(/<script/g)).toHaveLength(1);
        expect(html.match(/<\/title>/g)).toHaveLength(1 + 1 + network.layers.length);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

describe("long nets", () => {
  it("go on in further columns, so that they can be seen whole", async () => {
    const { width, height } = await layOut(pictureGraph(residualNet(16)));
    expect(width / height).toBeGreaterThan(0.8);
    expect(width / height).toBeLessThan(3);
    const chained = (length: number): Network => {
      const x = input("x", [4]);
      let y: Tensor = x;
      for (let at = 0; at < length; at++) y = relu(y);
      return model({ name: "Chain", inputs: [x], outputs: { y } });
    };
    const chain = await layOut(pictureGraph(chained(400)));
    expect(chain.height).toBeLessThan(6000);
    const short = await layOut(pictureGraph(chained(8)));
    expect(short.width).toBeLessThan(160);
  });

  it("keep the towers of several inputs side by side", async () => {
    const network = towers(3);
    const { cards } = await layOut(pictureGraph(network));
    const yOf = (name: string) => cards[network.layers.findIndex((layer) => layer.name === name)]?.y ?? -1;
    expect(yOf("left2")).toBeCloseTo(yOf("right2"), 0);
  });

  it("that add one tensor to itself have two edges", async () => {
    const x = input("x", [4]);
    const root = parse(await networkSvg(model({ name: "Twice", inputs: [x], outputs: { y: add([x, x]) } })));
    expect(byClass(root, "edge")).toHaveLength(2);
  });
});

describe("the page", () => {
  it("links each card to its row and each row to its card, and takes nothing from anywhere", async () => {
    const network = await lenet();
    const html = await networkHtml(network, { source: "caffe" });
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const place of network.layers.keys()) {
      expect(html).toContain(`<a id="node-${place}" href="#row-${place}">`);
      expect(html).toMatch(new RegExp(`<tr id="row-${place}"><th scope="row"><a href="#node-${place}">`));
    }
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|src=|url\((?!#arrow)|@import/);
    expect(await networkHtml(network, { source: "caffe" })).toBe(html);
  });
});

it("draws a small net as it did", async () => {
  const x = input("x", [4]);
  const network = model({ name: "Small", inputs: [x], outputs: { y: dense(x, { name: "scores", units: 2 }) } });
  const svg = (await networkSvg(network)).replace(/<style>.*?<\/style>/s, "<style/>");
  await expect(svg).toMatchFileSnapshot("golden/small.svg");
});
