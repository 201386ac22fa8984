import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { dumpNetwork } from "../../cli/dump.js";
import { importModel } from "../../generators/index.js";
import { twoInputs } from "../two-inputs/network.js";

const model = (name: string) => fileURLToPath(new URL(`../../fixtures/models/${name}/`, import.meta.url));

/** Every stage of a compilation as it was agreed: a refactoring that changes what is computed shows where. */
describe("what a network is compiled to, stage by stage", () => {
  test("LeNet", async () => {
    const { network } = await importModel(`${model("lenet")}lenet_train_test.prototxt`);
    const text = dumpNetwork(network, "all").replaceAll(model("lenet"), "");
    await expect(text).toMatchFileSnapshot("../golden/dump/lenet.txt");
  });

  test("cifar10_quick", async () => {
    const options = { inputShape: [3, 32, 32] };
    const { network } = await importModel(`${model("cifar10_quick")}cifar10_quick_train_test.prototxt`, options);
    const text = dumpNetwork(network, "all").replaceAll(model("cifar10_quick"), "");
    await expect(text).toMatchFileSnapshot("../golden/dump/cifar10_quick.txt");
  });

  test("an image and tokens, built by another copy of the package", async () => {
    await expect(dumpNetwork(twoInputs(), "all")).toMatchFileSnapshot("../golden/dump/two-inputs.txt");
  });
});
