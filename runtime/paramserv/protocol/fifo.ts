/** First in, first out, as plain data. Taking does not move the rest: the places before `head` are free, and cleared away at times. */
export interface Fifo {
  items: number[];
  head: number;
}

export function fifo(items: readonly number[] = []): Fifo {
  return { items: [...items], head: 0 };
}

export function size({ items, head }: Fifo): number {
  return items.length - head;
}

export function put(queue: Fifo, item: number): void {
  queue.items.push(item);
}

/** The first of the queue; undefined where it is empty. */
export function take(queue: Fifo): number | undefined {
  if (size(queue) === 0) return undefined;
  const item = queue.items[queue.head];
  queue.head += 1;
  // Half of the places are free: moving the rest costs no more than the takes that freed them.
  if (queue.head * 2 >= queue.items.length) {
    queue.items = queue.items.slice(queue.head);
    queue.head = 0;
  }
  return item;
}

export function inOrder({ items, head }: Fifo): readonly number[] {
  return items.slice(head);
}

/** Takes these out, wherever they are. */
export function keepOnly(queue: Fifo, wanted: (item: number) => boolean): void {
  queue.items = inOrder(queue).filter(wanted);
  queue.head = 0;
}
