const NEWLINE = 0x0a;

/** A line that is longer than allowed. */
export const TOO_LONG = Symbol('too long');

/**
 * Reads the lines of a stream, without their ends. What follows the last line end is a line too, if it is not empty.
 * @param maxBytes of a line; a longer one is `TOO_LONG`, and the last one
 */
export async function* splitLines(
  stream: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Buffer | typeof TOO_LONG, void> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...held, chunk.subarray(from, at)]);
      if (line.length > maxBytes) return void (yield TOO_LONG);
      yield line;
      held = [];
      heldBytes = 0;
      from = at + 1;
    }
    if (from === chunk.length) continue;
    held.push(chunk.subarray(from));
    heldBytes += chunk.length - from;
    if (heldBytes > maxBytes) return void (yield TOO_LONG);
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}
