import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";

/** The real path of something that may not exist yet: npm and child processes see paths past symbolic links. */
function realPath(path: string): string {
  const whole = resolve(path);
  return existsSync(whole) ? realpathSync(whole) : join(realPath(dirname(whole)), basename(whole));
}

/** `../digits.npz`: a path as it is seen from a directory, with `/` on every system. */
export function seenFrom(directory: string, path: string): string {
  const seen = relative(realPath(directory), realPath(path)).split(sep).join("/");
  return seen.startsWith("..") ? seen : `./${seen}`;
}
