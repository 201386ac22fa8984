import { type Disk, nodeDisk, type OpenFile } from "../../runtime/checkpoints/disk.js";

export interface Fault {
  /** Of the operations that change the disk, counted from 0. */
  readonly at: number;
  /** What happens then: an error of the system, half of the bytes and then an error, or nothing ever: the process is gone. */
  readonly what: "ENOSPC" | "EIO" | "half" | "gone";
  /** Whether later operations fail as well. Default: the one alone. */
  readonly stays?: boolean;
}

/** A disk that fails at one of its operations, and notes which there were. */
export function faultyDisk(fault?: Fault): Disk & { readonly log: readonly string[] } {
  const log: string[] = [];
  const systemError = (code: string) => Object.assign(new Error(`${code}: injected`), { code });
  let gone = false;
  const open = new Set<OpenFile>();
  const step = async (what: string, action: () => Promise<void>, half?: () => Promise<void>): Promise<void> => {
    if (gone) return new Promise(() => {});
    const index = log.push(what) - 1;
    const strikes = fault !== undefined && (index === fault.at || (fault.stays === true && index > fault.at));
    if (!strikes) return action();
    if (fault.what === "gone") {
      gone = true;
      await half?.();
      // The system closes the files of a process that ends.
      for (const file of open) await file.close();
      return new Promise(() => {});
    }
    if (fault.what === "half") await half?.();
    throw systemError(fault.what === "half" ? "ENOSPC" : fault.what);
  };
  return {
    log,
    list: (directory) => (gone ? new Promise(() => {}) : nodeDisk.list(directory)),
    makeDirectory: (path) => step("make", () => nodeDisk.makeDirectory(path)),
    async create(path) {
      await step("create", async () => {});
      const file = await nodeDisk.create(path);
      open.add(file);
      return {
        write: (bytes) =>
          step(
            "write",
            () => file.write(bytes),
            () => file.write(bytes.subarray(0, bytes.length / 2)),
          ),
        sync: () => step("sync", () => file.sync()),
        // A file is closed also where that is said to fail.
        close: async () => {
          open.delete(file);
          await file.close();
          await step("close", async () => {});
        },
      };
    },
    syncDirectory: (path) => step("syncDirectory", () => nodeDisk.syncDirectory(path)),
    rename: (from, to) => step("rename", () => nodeDisk.rename(from, to)),
    remove: (path) => step("remove", () => nodeDisk.remove(path)),
  };
}
