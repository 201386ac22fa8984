import { createHash } from "node:crypto";
import { join } from "node:path";
import type { NDArray } from "../array.js";
import { installedVersion } from "../installation.js";
import { safetensorsChunks } from "../safetensors.js";
import type { Disk } from "./disk.js";
import { exactJson } from "./exact-json.js";
import { type CheckpointManifest, checkpointFormat, type RunIdentity } from "./manifest.js";
import { checkpointFiles, slotPrefix } from "./names.js";

/** Arrays by name. They may be views of shared memory that nobody writes to until they are saved. */
export type Arrays = Readonly<Record<string, NDArray<Float32Array>>>;

/** What a run is after an update: all that is needed to go on from it. */
export interface Snapshot
  extends Pick<CheckpointManifest, "version" | "epoch" | "protocol" | "statistics" | "validation"> {
  /** Every variable. */
  readonly weights: Arrays;
  /** Of each slot of the optimizer its arrays by variable; none where it keeps nothing. */
  readonly slots: Readonly<Record<string, Arrays>>;
}

/** Bytes that are hashed and written at once: the thread that handles the workers' messages waits for so much, 3 ms. */
const pieceBytes = 4 * 2 ** 20;

/**
 * Writes a checkpoint to a new folder, the manifest last, and returns when all of it would survive a power cut. Nothing is
 * copied: arrays go to the disk from where they lie, so models may have any size.
 *
 * @throws what the disk threw
 */
export async function writeCheckpointFiles(
  disk: Disk,
  folder: string,
  run: RunIdentity,
  snapshot: Snapshot,
): Promise<void> {
  const { weights, slots, version, epoch, protocol, statistics, validation } = snapshot;
  const about = { network: run.network, updates: String(version) };
  const kept = Object.entries(slots).flatMap(([slot, arrays]) =>
    Object.entries(arrays).map(([name, array]) => [`${slotPrefix}${slot}/${name}`, array] as const),
  );
  await disk.makeDirectory(folder);
  const files = {
    [checkpointFiles.weights]: await writeFile(
      disk,
      join(folder, checkpointFiles.weights),
      safetensorsChunks(weights, about),
    ),
    [checkpointFiles.slots]: await writeFile(
      disk,
      join(folder, checkpointFiles.slots),
      safetensorsChunks(Object.fromEntries(kept), about),
    ),
  };
  const manifest: CheckpointManifest = {
    format: checkpointFormat,
    paramserv: installedVersion(),
    node: process.version,
    ...run,
    version,
    epoch,
    ...(validation && { validation }),
    files,
    protocol,
    statistics,
  };
  await writeFile(disk, join(folder, checkpointFiles.manifest), [new TextEncoder().encode(exactJson(manifest))]);
  await disk.syncDirectory(folder);
}

/** Writes pieces one after the other and returns their sha-256. */
export async function writeFile(disk: Disk, path: string, chunks: readonly Uint8Array[]): Promise<string> {
  const hash = createHash("sha256");
  const file = await disk.create(path);
  try {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        const piece = chunk.subarray(at, at + pieceBytes);
        hash.update(piece);
        await file.write(piece);
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}
