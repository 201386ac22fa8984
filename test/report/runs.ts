import type { ParamservResult } from "../../runtime/paramserv/types.js";

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
    statistics: {
      seconds: 3.5,
      setup_seconds: 0.6,
      workers: 2,
      updates: 46,
      pushes: 46,
      samples: 2874,
      samples_per_second: 1150,
      gradient_seconds: 5,
      update_seconds: 0.1,
      pull_seconds: 0.05,
      batch_seconds: 0.2,
      wait_seconds: 0.4,
      validation_seconds: 0.3,
      mean_staleness: 0.5,
      max_staleness: 1,
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
