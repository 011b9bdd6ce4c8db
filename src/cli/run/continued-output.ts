import { crc32 } from 'node:zlib';

/** One output of a job that is read over several connections, each time from its beginning, and passed on once. */
export interface ContinuedOutput {
  /** What of this reading was not passed on before. It ends early when the reading is not the same output. */
  rest(reading: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** Whether the last reading did not begin with what was passed on: the rest of it belongs to nothing. */
  readonly isBroken: boolean;
}

/** What was passed on is known by its length and its checksum: the host may have dropped output since. */
export function createContinuedOutput(): ContinuedOutput {
  let passedBytes = 0;
  let passedChecksum = 0;
  let isBroken = false;

  /** Passes over what is known. @returns what comes behind it in the same chunk, or null where it is another output */
  async function passOver(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
    let left = passedBytes;
    let checksum = 0;
    while (left > 0) {
      const next = await chunks.next();
      if (next.done === true) return null;
      const { value } = next;
      const known = value.subarray(0, left);
      checksum = crc32(known, checksum);
      left -= known.length;
      if (left === 0) return checksum === passedChecksum ? value.subarray(known.length) : null;
    }
    return new Uint8Array(0);
  }

  return {
    async *rest(reading) {
      const chunks = reading[Symbol.asyncIterator]();
      // One that was refused is empty, and says nothing of the next
      isBroken = false;
      const first = await passOver(chunks);
      if (first === null) {
        isBroken = true;
        return;
      }
      for (let chunk = first; ; ) {
        if (chunk.length > 0) {
          passedChecksum = crc32(chunk, passedChecksum);
          passedBytes += chunk.length;
          yield chunk;
        }
        const next = await chunks.next();
        if (next.done === true) return;
        chunk = next.value;
      }
    },
    get isBroken() {
      return isBroken;
    },
  };
}
