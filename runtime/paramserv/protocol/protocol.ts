import { admit, refuseContent } from "./admission.js";
import { advance } from "./advance.js";
import { type Answer, answers, type Kind, type Of } from "./answers.js";
import { endAllVacancies, tick } from "./deadlines.js";
import { lose } from "./losses.js";
import { join } from "./members.js";
import { outstandingEffects } from "./outstanding.js";
import { letterOf } from "./shapes.js";
import { isOver, type State, type Turn, workerOf } from "./state.js";
import type { Actor, Effect, HostMessage, Message, WorkerMessage } from "./types.js";

/** To whom a message is answered that does not say who sent it: whoever has the line that it came over. */
const nobody: Actor = { worker: -1, incarnation: 0 };

/**
 * The parameter server's consistency protocol: a message in, a new state and effects out. No clocks, sockets or threads,
 * so threads over shared memory, HTTP servers and property tests all run this one. It never throws, whatever comes in:
 * each message of a worker is answered by one of accepted, duplicate and refused, before all other effects.
 *
 * - The state is plain data and is changed in place: as JSON and back at any moment it is that of a server that was started
 *   again. A message costs the same for any number of workers; an update, a loss and a tick may look at all of them.
 * - Updates and reads exclude one another (but for HOGWILD): no pull sees half an update. Updates go first, lost parts
 *   before all others, validation before new work.
 * - An item is the slot's clock-th push. A slot has one item under way at most, and a worker one thing to do.
 * - `stop` lets an update that is being made end, then finishes; a failing worker fails the run at once. In both cases
 *   messages that are still under way are accepted and ignored.
 * - How pushes join: by slot, with the weights of `aggregation`; a push that stands for several batches is the sum of
 *   their mean gradients, and weighs with all their rows.
 * - `iteration` counts batches on the longest path, so a schedule means the same under all frequencies: an update of
 *   pushes of b batches moves it by b, and has the iteration of the last of them.
 */
export class Protocol<Figures> {
  readonly #state: State;

  /** Takes the state over. Waits begin anew with the first tick: times have another origin in another process. */
  constructor(state: State) {
    this.#state = state;
    state.now = null;
    for (const slot of state.slots) slot.vacantSince = null;
    for (const worker of Object.values(state.workers)) Object.assign(worker, { heard: null, since: null });
  }

  /** To be read, or written as JSON. */
  get state(): State {
    return this.#state;
  }

  receive(message: Message<Figures>): readonly Effect<Figures>[] {
    const turn: Turn = { state: this.#state, effects: [] };
    receive(turn, message);
    // Figures are handed on as they came in.
    return turn.effects as readonly Effect<Figures>[];
  }

  /** What has been said and is not done with: to all, or to one worker. */
  outstanding(actor?: Actor): readonly Effect<Figures>[] {
    return outstandingEffects(this.#state, actor) as readonly Effect<Figures>[];
  }
}

function receive(turn: Turn, message: unknown): void {
  const letter = letterOf(message);
  if (letter.of === "nobody") {
    const { fault } = letter;
    turn.effects.push({ kind: "refused", to: nobody, seq: 0, code: "PROTOCOL_MESSAGE_INVALID", message: fault });
    return;
  }
  if (letter.of === "worker") hearWorker(turn, letter.message, letter.fault);
  else if (!isOver(turn.state)) hearHost(turn, letter.message);
  advance(turn);
}

function hearWorker(turn: Turn, message: WorkerMessage<unknown>, fault: string | undefined): void {
  const { state, effects } = turn;
  const { from, seq } = message;
  if (!admit(turn, message)) return;
  const known = state.workers[from.worker];
  if (known?.incarnation !== from.incarnation) {
    effects.push({ kind: "accepted", to: from, seq });
    join(turn, from);
    return;
  }
  if (fault !== undefined) {
    refuseContent(turn, message, known, {
      code: "PROTOCOL_MESSAGE_INVALID",
      message: `worker ${from.worker}: ${fault}`,
    });
    return;
  }
  if (isOver(state)) effects.push({ kind: "accepted", to: from, seq });
  else answer(turn, message);
}

function answer<K extends Kind>(turn: Turn, message: Of<K>): void {
  const { state, effects } = turn;
  const { from, seq } = message;
  const worker = workerOf(state, from.worker);
  const row: Answer<K> = answers[message.kind as K];
  const refusal = row.check(state, worker, message);
  if (refusal !== undefined) {
    refuseContent(turn, message, worker, refusal);
    return;
  }
  effects.push({ kind: "accepted", to: from, seq });
  row.act(turn, message);
}

function hearHost(turn: Turn, message: HostMessage): void {
  const { state } = turn;
  switch (message.kind) {
    case "lost": {
      const { worker, incarnation } = message.worker;
      const known = state.workers[worker];
      if (known?.present && known.incarnation === incarnation) lose(turn, worker, message.problems);
      return;
    }
    case "unreplaced":
      endAllVacancies(turn);
      return;
    case "saved":
      if (state.snapshot?.captured && state.snapshot.version === message.version) state.snapshot.saving = false;
      return;
    case "stop":
      state.status = "stopping";
      return;
    case "tick":
      tick(turn, message.now);
      return;
  }
}
