/** What came of a question whose answer is not shown. */
export type Secret =
  | { readonly kind: 'typed'; readonly text: string }
  /** Ctrl-C. */
  | { readonly kind: 'interrupted' }
  /** Ctrl-D, or the terminal is gone. */
  | { readonly kind: 'ended' };

const KEY = {
  interrupt: 0x03,
  end: 0x04,
  backspace: 0x08,
  newline: 0x0a,
  enter: 0x0d,
  clear: 0x15,
  erase: 0x7f,
};

/** Reads a line from a terminal in raw mode. It may be edited as everywhere: Backspace takes a character, Ctrl-U all. */
export async function readSecret(input: AsyncIterable<unknown>): Promise<Secret> {
  let typed = Buffer.alloc(0);
  for await (const chunk of input) {
    for (const byte of Buffer.from(chunk as Uint8Array | string)) {
      if (byte === KEY.enter || byte === KEY.newline) return { kind: 'typed', text: typed.toString('utf8') };
      if (byte === KEY.interrupt) return { kind: 'interrupted' };
      if (byte === KEY.end && typed.length === 0) return { kind: 'ended' };
      if (byte === KEY.clear) typed = Buffer.alloc(0);
      else if (byte === KEY.backspace || byte === KEY.erase) typed = withoutLast(typed);
      else if (byte >= 0x20) typed = Buffer.concat([typed, Buffer.of(byte)]);
    }
  }
  return { kind: 'ended' };
}

/** Without its last character, however many bytes that has. */
function withoutLast(typed: Buffer): Buffer<ArrayBuffer> {
  let end = typed.length - 1;
  while (end > 0 && ((typed[end] ?? 0) & 0xc0) === 0x80) end--;
  return Buffer.from(typed.subarray(0, Math.max(0, end)));
}
