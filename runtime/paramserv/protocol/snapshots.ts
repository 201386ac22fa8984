import { inParts, isDone } from "./parts.js";
import type { State, Turn } from "./state.js";
import { actorOf, handOut, occupy } from "./workers.js";

/**
 * After an update: whether the weights have to be copied, for the validation at the end of an epoch or for a checkpoint.
 * No update is made before the copy is; only workers that apply their own pushes go on, and then a checkpoint that falls
 * due while another waits is left out.
 */
export function noteCopy(state: State, epochEnded: boolean): void {
  const { config, epoch, due, status } = state;
  // What a stopping run saves, its host writes at the end.
  const save = status === "running" && savesNow(state, epochEnded) && !due.some((one) => one.save);
  const validate = epochEnded && config.validate;
  if (save || validate) due.push({ epoch, save, validate });
}

function savesNow({ config: { checkpoint }, epoch, version }: State, epochEnded: boolean): boolean {
  if (checkpoint === undefined) return false;
  if (checkpoint.unit === "update") return version % checkpoint.every === 0;
  return epochEnded && epoch % checkpoint.every === 0;
}

/** Whether an epoch's validation is still to come or under way. */
export function isValidating({ due, snapshot }: State): boolean {
  return due.some(({ validate }) => validate) || (snapshot !== null && snapshot.validation !== null);
}

/** When all parts of the copy or of its validation are made; and frees the copy that nobody needs any more. */
export function endSnapshot({ state, effects }: Turn): void {
  const { snapshot } = state;
  if (snapshot === null) return;
  const { version, epoch, save } = snapshot;
  if (!snapshot.captured && isDone(snapshot.copy)) {
    snapshot.captured = true;
    effects.push({ kind: "captured", version, epoch, save });
  }
  if (snapshot.validation !== null && isDone(snapshot.validation)) {
    snapshot.validation = null;
    effects.push({ kind: "validated", epoch, figures: snapshot.figures });
  }
  if (snapshot.captured && snapshot.validation === null && !snapshot.saving) state.snapshot = null;
}

/** Begins the copy that is due when the one before is free. */
export function beginSnapshot({ state, effects }: Turn): void {
  const { status, started, version, idle, slots } = state;
  if (status !== "running" || !started || state.update !== null || state.snapshot !== null) return;
  const due = state.due.shift();
  if (due === undefined) return;
  const { epoch, save, validate } = due;
  state.snapshot = {
    version,
    epoch,
    copy: inParts(Math.max(idle.length, 1)),
    captured: false,
    save,
    saving: save,
    // As many as there are slots, whoever is there: sums of figures depend on their parts.
    validation: validate ? inParts(slots.length) : null,
    figures: [],
  };
  effects.push({ kind: "capture", version, epoch, save });
}

/** Parts of the copy, or of its validation, to workers that are free. */
export function handOutSnapshot({ state, effects }: Turn): void {
  const { snapshot } = state;
  if (snapshot === null || state.status !== "running") return;
  const { version, epoch, copy, validation } = snapshot;
  handOut(state, copy, (worker, part) => {
    occupy(state, worker, { kind: "copy", part });
    effects.push({ kind: "copy", to: actorOf(state, worker), version, part, parts: copy.count });
  });
  if (validation === null || !snapshot.captured) return;
  handOut(state, validation, (worker, part) => {
    occupy(state, worker, { kind: "evaluate", part });
    effects.push({ kind: "evaluate", to: actorOf(state, worker), epoch, part, parts: validation.count });
  });
}
