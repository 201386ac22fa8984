import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { problemsOfEvent } from "../cli/schemas.js";

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

test("the schemas are what the types print (npm run docs)", async () => {
  const script = new URL("../../scripts/event-schemas.mjs", import.meta.url).href;
  const { eventSchemas }: { eventSchemas(): Readonly<Record<string, string>> } = await import(script);
  for (const [name, text] of Object.entries(eventSchemas())) expect(page(name), name).toBe(text);
}, 240_000);

describe("docs/events.md", () => {
  const sections = page("events.md").split(/^### /m).slice(1);
  const examples = sections.map((section) => {
    const [, lines = ""] = /^```json\n(.*?)\n```$/ms.exec(section) ?? [];
    return { event: section.split("\n")[0], lines: lines.split("\n").map((line) => JSON.parse(line)) };
  });

  test("has every event", () => {
    const { $defs } = JSON.parse(page("events.schema.json"));
    const events = $defs.JsonEvent.anyOf.map(
      ({ $ref }: { $ref: string }) => $defs[$ref.replace("#/$defs/", "")].properties.event.const,
    );
    expect(examples.map(({ event }) => event).sort()).toEqual(events.sort());
  });

  test("has examples of each that the schema accepts", () => {
    for (const { event, lines } of examples) {
      for (const line of lines) {
        expect(line.event).toBe(event);
        expect(problemsOfEvent(line)).toEqual([]);
      }
    }
  });
});
