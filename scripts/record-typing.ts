// Records what bash and vim show of each key, for test/fixtures/prediction/*.json. It needs both, and setsid(1).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RecordedTyping } from '../test/fixtures/prediction/play-session.ts';
import { createRandom } from '../test/fixtures/prediction/random-numbers.ts';
import { readStrokes, startOnTerminal } from './record/start-on-terminal.ts';

const OUT = fileURLToPath(new URL('../test/fixtures/prediction/', import.meta.url));
const SIZE = { columns: 80, rows: 24 };

/** What somebody types. */
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
await record('shell', ['bash', '--norc', '--noprofile', '-i'], SHELL);
await record('vim', ['vim', '--clean', 'notes.txt'], VIM);
process.exit(0);

async function record(name: string, command: readonly string[], script: string): Promise<void> {
  using program = await startOnTerminal(command, SIZE);
  const random = createRandom(7);
  const start = await program.take(800);
  const keys: RecordedTyping['keys'][number][] = [];
  let restMs = 1000;
  for (const { key, pauseMs } of readStrokes(script)) {
    program.type(key);
    const output = await program.take(key === '\r' || key === '\t' ? 400 : 0);
    keys.push({ pauseMs: Math.round(restMs + pauseMs), key, output });
    restMs = 70 + 150 * random() + (key === ' ' ? 60 * random() : 0);
  }
  mkdirSync(OUT, { recursive: true });
  const recorded: RecordedTyping = { ...SIZE, start, keys };
  writeFileSync(join(OUT, `${name}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
}
