/** Reads the bytes of a stream of chunks one part after another, without holding more than a chunk beside them. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** What came and was not taken. */
  #left: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next bytes, `count` or as many as there are; they stay to be read. */
  async peek(count: number): Promise<Uint8Array> {
    const parts = [this.#left];
    let length = this.#left.length;
    while (length < count) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      parts.push(chunk);
      length += chunk.length;
    }
    if (parts.length > 1) this.#left = Buffer.concat(parts, length);
    return this.#left.subarray(0, count);
  }

  /** Fills the memory as far as there are bytes; says how many there were. */
  async fill(into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const chunk = this.#left.length > 0 ? this.#left : await this.#next();
      if (chunk === undefined) break;
      const part = chunk.subarray(0, into.length - filled);
      into.set(part, filled);
      filled += part.length;
      this.#left = chunk.subarray(part.length);
    }
    return filled;
  }

  /** Reads to the end, or until more than `limit` bytes came; says how many there were. */
  async drain(limit = Number.POSITIVE_INFINITY): Promise<number> {
    let count = this.#left.length;
    this.#left = new Uint8Array();
    while (count <= limit) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      count += chunk.length;
    }
    return count;
  }

  /** Ends the stream early; files behind it are closed. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { value, done } = await this.#chunks.next();
    return done === true ? undefined : value;
  }
}
