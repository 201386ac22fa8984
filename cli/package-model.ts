import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ImportedModel } from "../generators/imported.js";
import { ModelFileError } from "../runtime/errors.js";
import { requireNetwork } from "../runtime/layers/network.js";
import type { Network } from "../runtime/layers/types.js";
import { compilePackage } from "./train/package-run.js";

function isNetwork(value: unknown): value is Network {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "network";
}

/**
 * The network that a training package's model.ts builds now: the package is compiled and its model module run. Networks
 * are plain data, so it does not matter that the package has a paramserv of its own. Undefined if that was interrupted.
 */
export async function loadPackageModel(directory: string): Promise<ImportedModel | undefined> {
  if (!(await compilePackage(directory))) return undefined;
  const module: Readonly<Record<string, unknown>> = await import(
    pathToFileURL(resolve(directory, "dist/model.js")).href
  );
  const networks = Object.values(module).filter(isNetwork);
  const [network] = networks;
  if (network === undefined || networks.length > 1) {
    const file = join(directory, "model.ts");
    const message = `it exports ${networks.length} networks, expected one made by model()`;
    throw new ModelFileError({ code: "CLI_PACKAGE_INVALID", at: { file }, message });
  }
  requireNetwork(network);
  return {
    format: "package",
    name: network.name,
    files: [directory],
    network,
    training: {},
    data: { preprocessing: {} },
    notes: [],
  };
}
