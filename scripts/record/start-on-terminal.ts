import { spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadStream } from 'node:tty';
import { loadSystemCalls } from '../../src/process/system/load-system-calls.ts';

const QUIET_MS = 60;
const KEYS: Readonly<Record<string, string>> = {
  Enter: '\r',
  BS: '\x7f',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Right: '\x1b[C',
  Left: '\x1b[D',
  PageUp: '\x1b[5~',
  PageDown: '\x1b[6~',
  Home: '\x1b[H',
  End: '\x1b[F',
  Tab: '\t',
  Esc: '\x1b',
  F2: '\x1bOQ',
  F3: '\x1bOR',
  F5: '\x1b[15~',
  F6: '\x1b[17~',
  F9: '\x1b[20~',
  F10: '\x1b[21~',
  CtrlA: '\x01',
  CtrlB: '\x02',
  CtrlC: '\x03',
  CtrlG: '\x07',
  CtrlK: '\x0b',
  CtrlL: '\x0c',
  CtrlN: '\x0e',
  CtrlO: '\x0f',
  CtrlR: '\x12',
  CtrlS: '\x13',
  CtrlW: '\x17',
  CtrlX: '\x18',
  Space: ' ',
};

/** What a person does: a key after a pause in ms. */
export interface Stroke {
  readonly key: string;
  readonly pauseMs: number;
}

/** A program on a terminal of its own, in a home folder of its own. */
export interface ProgramOnTerminal extends Disposable {
  type(key: string): void;
  /** What was written until nothing more comes, after this time at least: a character a byte. */
  take(ms: number): Promise<string>;
}

/** Starts it. It needs setsid(1). */
export async function startOnTerminal(
  command: readonly string[],
  size: { readonly columns: number; readonly rows: number },
): Promise<ProgramOnTerminal> {
  const home = mkdtempSync(join(tmpdir(), 'rexa-typing-'));
  const { terminals } = await loadSystemCalls();
  if (terminals === null) throw new Error('there are no terminals here');
  const { master, path } = terminals.open({ ...size, isUtf8: true });
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const child = spawn('setsid', ['-c', '-w', ...command], {
    stdio: [slave, slave, slave],
    cwd: home,
    env: {
      PATH: '/usr/bin:/bin:/usr/games',
      HOME: home,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      PS1: String.raw`\[\e[32m\]user@host\[\e[0m\]:\w\$ `,
    },
  });
  closeSync(slave);
  const stream = new ReadStream(master);
  let output = '';
  stream.setEncoding('latin1');
  stream.on('data', (text: string) => {
    output += text;
  });
  stream.on('error', () => undefined);
  return {
    type: (key) => void stream.write(key),
    async take(ms) {
      let seen = -1;
      for (let waited = 0; waited < ms || seen !== output.length; waited += QUIET_MS) {
        seen = output.length;
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
        if (waited > 10 * ms + 3000) break;
      }
      const taken = output;
      output = '';
      return taken;
    },
    [Symbol.dispose]() {
      child.kill('SIGHUP');
      stream.destroy();
      rmSync(home, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
    },
  };
}

/** Reads a script: text, names of keys in angle brackets, and pauses of so many ms in braces. */
export function* readStrokes(script: string): Generator<Stroke> {
  let pauseMs = 0;
  for (const [, named, pause, character = ''] of script.matchAll(/<(\w+)>|\{(\d+)\}|([\s\S])/gu)) {
    if (pause === undefined) {
      yield { key: named === undefined ? character : (KEYS[named] ?? ''), pauseMs };
      pauseMs = 0;
    } else pauseMs += Number(pause);
  }
}
