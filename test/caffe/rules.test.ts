import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { layerNamed, layerTypes } from "../../generators/caffe/layers/index.js";
import { messageType } from "../../generators/caffe/schema/index.js";
import { fieldRules, namesRead } from "../../generators/source/fields/field.js";
import { allRules, findings, schemaFields, valuesOf } from "./rules.js";

const messages = allRules().map((rules) => [rules.message, rules] as const);

describe("the rules of Caffe's messages", () => {
  test("are there for every typed parameter of every row, under its name in the schema", () => {
    for (const type of layerTypes) {
      for (const [name, rules] of Object.entries(layerNamed(type)?.parameters ?? {})) {
        expect([type, messageType("LayerParameter").fields[name]?.type]).toEqual([type, rules.message]);
      }
      for (const name of Object.keys(layerNamed(type)?.refused ?? {})) {
        expect(messageType("LayerParameter").fields).toHaveProperty(name);
      }
    }
    expect(messages.length).toBeGreaterThan(25);
  });

  test.each(messages)("say of each field of %s one thing: read, ignored or refused", (message, rules) => {
    const said = [...namesRead(rules), ...Object.keys(rules.ignored ?? {}), ...Object.keys(rules.refused ?? {})];
    expect(said.sort()).toEqual(
      schemaFields(messageType(message))
        .map(({ name }) => name)
        .sort(),
    );
  });

  test.each(messages)("inside of %s are those of the field's type", (message, rules) => {
    for (const [key, { inner, names = [key] }] of Object.entries(rules.fields)) {
      if (inner === undefined) continue;
      const field = messageType(message).fields[names[0] ?? ""];
      expect(field?.resolvedType instanceof protobuf.Type && field.resolvedType.name).toBe(inner.message);
    }
  });

  test.each(messages)("tell every ignored field of %s with its reason", (message, rules) => {
    for (const [name, reason] of Object.entries(rules.ignored ?? {})) {
      const field = messageType(message).fields[name];
      const [value = ""] = field === undefined ? [] : valuesOf(field);
      expect(findings(rules, `${name}: ${value}`)).toContain(`idle: ${name}: ${reason}`);
    }
  });

  test.each(messages)("refuse some value of every refused field of %s", (message, rules) => {
    for (const [name, { because }] of Object.entries(rules.refused ?? {})) {
      const field = messageType(message).fields[name];
      const found = (field === undefined ? [] : valuesOf(field)).flatMap((value) =>
        findings(rules, `${name}: ${value}`),
      );
      expect(found.filter((text) => text.startsWith("unsupported: ") && text.endsWith(because))).not.toEqual([]);
    }
  });

  test.each(messages)("take and refuse these values of %s", async (message, rules) => {
    const base = new Set(findings(rules, ""));
    const line = (text: string): string =>
      `${text}\n${findings(rules, text)
        .filter((found) => !base.has(found))
        .map((found) => `  ${found}\n`)
        .join("")}`;
    const alone = schemaFields(messageType(message)).flatMap((field) =>
      valuesOf(field).map((value) => line(`${field.name}: ${value}`)),
    );
    const chosen = Object.values(rules.fields)
      .filter(({ kind }) => kind === "variants")
      .flatMap(({ names = [], expected }) => {
        const [by = "", ...others] = names;
        const words = expected.replace("one of ", "").split(", ");
        return words.flatMap((word) => [
          line(`${by}: "${word}"`),
          ...others.flatMap((name) =>
            valuesOf(messageType(message).fields[name] ?? never(name)).map((value) =>
              line(`${by}: "${word}" ${name}: ${value}`),
            ),
          ),
        ]);
      });
    const nothing = `nothing\n${[...base].map((found) => `  ${found}\n`).join("")}`;
    await expect([nothing, ...alone, ...chosen].join("")).toMatchFileSnapshot(`golden/fields/${message}.txt`);
  });

  test("tell of a field that no rule knows", () => {
    const rules = fieldRules({ message: "DropoutParameter", fields: {} });
    expect(findings(rules, "dropout_ratio: 0.5")).toContain("idle: dropout_ratio: it is not read");
  });
});

function never(name: string): never {
  throw new Error(`the schema has no ${name}`);
}
