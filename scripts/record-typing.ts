// Records what bash and vim show of each key, for test/fixtures/prediction/*.json. It needs both, and setsid(1).
import { spawn } from 'node:child_process';
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadStream } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { loadSystemCalls } from '../src/process/system/load-system-calls.ts';
import type { RecordedTyping } from '../test/fixtures/prediction/play-session.ts';
import { createRandom } from '../test/fixtures/prediction/random-numbers.ts';

const OUT = fileURLToPath(new URL('../test/fixtures/prediction/', import.meta.url));
const SIZE = { columns: 80, rows: 24 };
const QUIET_MS = 60;

/** What somebody types: text, names of keys in angle brackets, and pauses of so many ms in braces. */
const SHELL = [
  'ls -la /usr/share/dict<Enter>{900}',
  'cd /usr/share/comon<Left><Left><Left>m<Right><Right><Right><Enter>{700}',
  'ls -d doc/ba*<Enter>{800}',
  "grep -rn 'TODO' --include='*.txy<BS>t' . | head -20<Enter>{1500}",
  'for file in doc/bash/*; do wc -l "$file"; doen<BS><BS>ne<Enter>{1200}',
  'git log --oneline --graph --decorate<Enter>{900}',
  "printf '%s\\n' 'é ü 日本語 ok' | cat<Enter>{800}",
  'read -rsp "Password: " secret<Enter>{1100}hunter2 Tr0ub4dor<Enter>{700}',
  'find /usr/share -name "*.md" -newer /etc/hostname 2>/dev/null | wc -l<Enter>{1800}',
  '<Up>{400}<BS><BS>sort<Enter>{1500}',
  'echo "the build of tuesday evening is ready" >> notes.txt<Enter>{900}',
  'tail -n 5 /usr/share/doc/ba<Tab>{500}<Enter>{900}',
  'exit<Enter>',
].join('');
const VIM = [
  'i{500}Prediction shows the keys that somebody types before the host has echoed them.<Enter>',
  'Each of them is underlinde<BS><BS>ed until the echo comes, and taken back when it does not.<Enter>{600}',
  '<Enter>The model is that of mosh: keys belong to epochs, and an epoch is shown once some<Enter>',
  'key of it was confirmed. A password is never shown, since nothing confirms it.<Esc>{900}',
  'gg{300}0{300}jjw{400}i{500}(nearly all) <Esc>{800}',
  'GA{500} Wide characters such as 日本語 are two columns wide.<Enter>A last line, and enough.<Esc>{700}',
  ':wq<Enter>',
].join('');
const KEYS: Readonly<Record<string, string>> = {
  Enter: '\r',
  BS: '\x7f',
  Left: '\x1b[D',
  Right: '\x1b[C',
  Up: '\x1b[A',
  Tab: '\t',
  Esc: '\x1b',
};

await record('shell', ['bash', '--norc', '--noprofile', '-i'], SHELL);
await record('vim', ['vim', '--clean', 'notes.txt'], VIM);
process.exit(0);

async function record(name: string, command: readonly string[], script: string): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'rexa-typing-'));
  const { terminals } = await loadSystemCalls();
  if (terminals === null) throw new Error('there are no terminals here');
  const { master, path } = terminals.open({ ...SIZE, isUtf8: true });
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const child = spawn('setsid', ['-c', '-w', ...command], {
    stdio: [slave, slave, slave],
    cwd: home,
    env: {
      PATH: '/usr/bin:/bin',
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
  const random = createRandom(7);

  /** What was written until nothing more comes. */
  async function take(ms: number): Promise<string> {
    let seen = -1;
    for (let waited = 0; waited < ms || seen !== output.length; waited += QUIET_MS) {
      seen = output.length;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
    const taken = output;
    output = '';
    return taken;
  }

  const start = await take(800);
  const keys: RecordedTyping['keys'][number][] = [];
  let pauseMs = 1000;
  for (const [, named, pause, character = ''] of script.matchAll(/<(\w+)>|\{(\d+)\}|([\s\S])/gu)) {
    if (pause !== undefined) {
      pauseMs += Number(pause);
      continue;
    }
    const key = named === undefined ? character : (KEYS[named] ?? '');
    stream.write(key);
    keys.push({
      pauseMs: Math.round(pauseMs),
      key,
      output: await take(key === '\r' || key === '\t' ? 400 : 0),
    });
    pauseMs = 70 + 150 * random() + (character === ' ' ? 60 * random() : 0);
  }
  child.kill('SIGHUP');
  stream.destroy();
  rmSync(home, { recursive: true });
  mkdirSync(OUT, { recursive: true });
  const recorded: RecordedTyping = { ...SIZE, start, keys };
  writeFileSync(join(OUT, `${name}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
}
