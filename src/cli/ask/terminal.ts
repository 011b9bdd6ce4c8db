import fs from 'node:fs';
import type { ReadStream } from 'node:tty';
import { readSecret } from './read-secret.ts';

/** The terminal that a person sits at, whatever stdin is. */
const TERMINAL = '/dev/tty';

/** Tells whether this process has a terminal on which it can ask. */
export function hasTerminal(): boolean {
  try {
    fs.closeSync(fs.openSync(TERMINAL, 'r+'));
    return true;
  } catch {
    return false;
  }
}

/** Asks, and gives the line that was typed; null when there is no more to come. */
export function askLine(question: string): Promise<string | null> {
  return withTerminal(async (input, write) => {
    write(question);
    let line = '';
    for await (const chunk of input) {
      line += String(chunk);
      if (line.includes('\n')) return line.slice(0, line.indexOf('\n'));
    }
    return line === '' ? null : line;
  });
}

/** The same without showing what is typed; null also for Ctrl-D. Ctrl-C is the signal that it always is. */
export function askSecret(question: string): Promise<string | null> {
  return withTerminal(async (input, write) => {
    input.setRawMode(true);
    try {
      write(question);
      const secret = await readSecret(input);
      write('\r\n');
      if (secret.kind === 'typed') return secret.text;
      if (secret.kind === 'interrupted') process.kill(process.pid, 'SIGINT');
      return null;
    } finally {
      input.setRawMode(false);
    }
  });
}

async function withTerminal<Answer>(
  ask: (input: ReadStream, write: (text: string) => void) => Promise<Answer>,
): Promise<Answer> {
  const { ReadStream } = process.getBuiltinModule('node:tty');
  const output = fs.openSync(TERMINAL, 'w');
  const input = new ReadStream(fs.openSync(TERMINAL, 'r'));
  try {
    return await ask(input, (text) => fs.writeSync(output, text));
  } finally {
    input.destroy();
    fs.closeSync(output);
  }
}
