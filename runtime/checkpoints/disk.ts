import { constants } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
import { makeDirectories } from "../directories.js";

/** A file that is being written. */
export interface OpenFile {
  /** Appends all of the bytes, which may lie in shared memory. */
  write(bytes: Uint8Array): Promise<void>;
  /** Returns when what was written would survive a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** All that is done to a disk to write a checkpoint: tests let each of these fail. */
export interface Disk {
  /** The names in a directory; none where there is no directory. */
  list(directory: string): Promise<readonly string[]>;
  /** Makes a directory and those above it. */
  makeDirectory(path: string): Promise<void>;
  /** A new file; fails where there is one. */
  create(path: string): Promise<OpenFile>;
  /** Returns when the names in a directory would survive a power cut. */
  syncDirectory(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, or a directory with all in it; nothing where there is nothing. */
  remove(path: string): Promise<void>;
}

/** What the system calls a failure: `ENOSPC`. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Some systems (Windows) and file systems have no way to sync a directory; there a rename is as safe as it gets. */
const noDirectorySync: readonly (string | undefined)[] = ["EINVAL", "ENOTSUP", "EISDIR", "EPERM", "EACCES"];

/** The disk of this machine. */
export const nodeDisk: Disk = {
  async list(directory) {
    try {
      return await readdir(directory);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw error;
    }
  },
  async makeDirectory(path) {
    makeDirectories(path);
  },
  async create(path) {
    const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
    return {
      async write(bytes) {
        for (let at = 0; at < bytes.byteLength; ) {
          const { bytesWritten } = await handle.write(bytes, at, bytes.byteLength - at);
          at += bytesWritten;
        }
      },
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  async syncDirectory(path) {
    try {
      const handle = await open(path, "r");
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      if (!noDirectorySync.includes(systemCode(error))) throw error;
    }
  },
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
};
