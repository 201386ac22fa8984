import type { WorkerStatistics } from "../../runtime/paramserv/statistics/types.js";
import type { ParamservResult } from "../../runtime/paramserv/types.js";

/** Half of the work of {@link result}. */
export function worker(number: number, changes: Partial<WorkerStatistics> = {}): WorkerStatistics {
  return {
    worker: number,
    incarnations: 1,
    load_seconds: 0.1,
    pull_seconds: 0.025,
    compute_seconds: 2.5,
    push_seconds: 0.015,
    update_seconds: 0.05,
    wait_seconds: 0.2,
    validation_seconds: 0.11,
    steps: 23,
    samples: 1437,
    samples_per_second: 575,
    staleness: [12, 11],
    dropped: 0,
    bytes_pulled: 39_500_000,
    bytes_pushed: 750,
    ...changes,
  };
}

/** A finished run of two epochs. */
export function result(changes: Partial<ParamservResult> = {}): ParamservResult {
  return {
    status: "completed",
    model: {},
    epochs: [
      {
        epoch: 1,
        updates: 23,
        learning_rate: 0.01,
        train: { loss: 0.5 },
        validation: { loss: 0.4, accuracy: 0.9 },
        samples_per_second: 1100,
        seconds: 1.5,
      },
      {
        epoch: 2,
        updates: 46,
        learning_rate: 0.005,
        train: { loss: 0.1 },
        validation: { loss: 0.2, accuracy: 0.97 },
        samples_per_second: 1200,
        seconds: 1.4,
      },
    ],
    curve: [
      { updates: 1, learning_rate: 0.01, train: { loss: 2.3 } },
      { updates: 2, learning_rate: 0.01, train: { loss: 1.9 } },
      { updates: 46, learning_rate: 0.005, train: { loss: 0.09 } },
    ],
    statistics: {
      seconds: 3.5,
      setup_seconds: 0.6,
      workers: 2,
      updates: 46,
      pushes: 46,
      samples: 2874,
      samples_per_second: 1150,
      load_seconds: 0.2,
      pull_seconds: 0.05,
      compute_seconds: 5,
      push_seconds: 0.03,
      update_seconds: 0.1,
      wait_seconds: 0.4,
      validation_seconds: 0.22,
      waiting_for_data: 0.2 / 6,
      mean_staleness: 0.5,
      max_staleness: 1,
      dropped_pushes: 0,
      dropped_samples: 0,
      skipped_batches: 0,
      lost_workers: 0,
      checkpoints: 0,
      checkpoint_seconds: 0,
      bytes_pulled: 79_000_000,
      bytes_pushed: 1500,
      by_worker: [worker(0), worker(1)],
    },
    run: {
      options: {
        mode: "LOCAL",
        utype: "BSP",
        freq: "BATCH",
        epochs: 2,
        batchsize: 32,
        k: 2,
        scheme: "DISJOINT_RANDOM",
        aggregation: "mean",
        reshuffle: true,
        seed: 0,
        engine: "onnxruntime",
        threads: 1,
        upd: "gradients",
        agg: "none",
        hyperparams: {},
      },
      kept: { update: 46, updates: 46, epoch: 2, validation: { val_loss: 0.2, val_accuracy: 0.97 } },
    },
    ...changes,
  };
}
