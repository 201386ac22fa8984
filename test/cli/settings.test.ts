import { expect, test } from "vitest";
import { decideSettings } from "../../cli/train/settings.js";
import { trainingDefaults } from "../../runtime/options/defaults.js";
import { camelCase } from "../../runtime/options/row.js";
import { optionsIn, runOptions } from "../../runtime/options/table.js";
import { imported, lenet } from "../typescript/models.js";

test("train gives paramserv() every default of the option table, as convert prints it", () => {
  const { server, ...own } = decideSettings(imported(lenet().network), { k: 2, utype: "ASP" }, 100);
  const names = Object.keys(optionsIn(runOptions, "paramserv")).map(camelCase);
  const usual = Object.entries(trainingDefaults).filter(([name]) => names.includes(name));
  expect({ ...server, ...own }).toMatchObject({ ...Object.fromEntries(usual), batchsize: 32, k: 2, utype: "ASP" });
});
