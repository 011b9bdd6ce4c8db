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
  let typed: Buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    for (const byte of Buffer.from(chunk as Uint8Array | string)) {
      const next = pressKey(typed, byte);
      if ('kind' in next) return next;
      typed = next;
    }
  }
  return { kind: 'ended' };
}

/** What is typed after one more key, or what it has come to. Keys that mean nothing here are passed over. */
function pressKey(typed: Buffer, byte: number): Buffer | Secret {
  switch (byte) {
    case KEY.enter:
    case KEY.newline:
      return { kind: 'typed', text: typed.toString('utf8') };
    case KEY.interrupt:
      return { kind: 'interrupted' };
    case KEY.end:
      return typed.length === 0 ? { kind: 'ended' } : typed;
    case KEY.clear:
      return Buffer.alloc(0);
    case KEY.backspace:
    case KEY.erase:
      return withoutLast(typed);
    default:
      return byte < 0x20 ? typed : Buffer.concat([typed, Buffer.of(byte)]);
  }
}

/** Without its last character, however many bytes that has. */
function withoutLast(typed: Buffer): Buffer {
  let end = typed.length - 1;
  while (end > 0 && ((typed[end] ?? 0) & 0xc0) === 0x80) end--;
  return typed.subarray(0, Math.max(0, end));
}
