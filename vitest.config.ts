import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Tests start worker threads of their own; more test processes than cores only slows them down.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
  resolve: {
    // Worker threads and child processes run the build, as users do: a test that starts them imports "paramserv".
    alias: { paramserv: new URL("./dist/runtime/index.js", import.meta.url).pathname },
  },
});
