import { spawn, spawnSync } from "node:child_process";
import type { Finished } from "../cli/run-cli.js";

/** The repository. */
export const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/**
 * The environment of a user, whose only network is npm's registry: what a test runner or npm run puts there is left out,
 * and the install script of onnxruntime-node, the only program that reads this proxy, finds nobody there.
 */
function userEnvironment(): NodeJS.ProcessEnv {
  const ours =
    /^(npm_(package|lifecycle|config_(ignore_scripts|local_prefix|prefix|noproxy)|command|execpath)|INIT_CWD|VITEST|NODE_|FORCE_COLOR|ONNXRUNTIME)/i;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const quiet = { npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false" };
  return {
    ...Object.fromEntries(kept),
    ...quiet,
    npm_config_prefer_offline: "true",
    NO_COLOR: "1",
    GLOBAL_AGENT_HTTP_PROXY: "http://127.0.0.1:9",
    GLOBAL_AGENT_HTTPS_PROXY: "http://127.0.0.1:9",
  };
}

/** Runs a program, such as npm, in a folder to its end. */
export function run(cwd: string, program: string, ...args: readonly string[]): Promise<Finished> {
  const started = performance.now();
  const child = spawn(program, args, { cwd, env: userEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (status, signal) => {
      resolve({ status, signal, ...output, seconds: (performance.now() - started) / 1000 });
    });
  });
}

/** Why packages cannot be installed here, or undefined where npm reaches its registry. */
export function noRegistry(): string | undefined {
  const ping = spawnSync("npm", ["ping", "--fetch-retries=0", "--fetch-timeout=10000"], {
    env: userEnvironment(),
    encoding: "utf8",
    timeout: 20_000,
  });
  if (ping.status === 0) return undefined;
  return /npm error (.+)/.exec(ping.stderr ?? "")?.[1] ?? "npm ping failed";
}
