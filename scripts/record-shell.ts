// Makes docs/line-shell.svg: a session of the line shell in tmux, as it really looked. It needs tmux and a build.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startShellInTmux, type TmuxSession } from '../test/fixtures/shell/tmux.ts';
import { drawTerminal } from './record/terminal-svg.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COLUMNS = 84;
const ROWS = 24;
/** A name that is always the same: it is seen in the picture. */
const STAGE = '/tmp/demo';

await main();

async function main(): Promise<void> {
  // Not made over what is there: it may be somebody's
  mkdirSync(STAGE);
  const runtime = mkdtempSync(join(tmpdir(), 'rexa-record-'));
  const env = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', XDG_RUNTIME_DIR: runtime };
  const daemon = spawn(process.execPath, [join(ROOT, 'bin', 'rexad.js'), '--json'], {
    env: { ...env, HOME: runtime },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(createInterface(daemon.stdout), 'line');
    setStage();
    await using shell = await startShellInTmux('local', { columns: COLUMNS, rows: ROWS, env });
    await play(shell);
    const rows = (await shell.coloredScreen()).trimEnd().split('\n');
    const picture = {
      title: 'rexa shell local --line',
      rows,
      columns: COLUMNS,
      cursor: await shell.cursor(),
    };
    writeFileSync(join(ROOT, 'docs', 'line-shell.svg'), drawTerminal(picture));
  } finally {
    daemon.kill();
    await once(daemon, 'exit');
    rmSync(STAGE, { recursive: true });
    rmSync(runtime, { recursive: true });
  }
}

function setStage(): void {
  mkdirSync(join(STAGE, '日志'));
  writeFileSync(join(STAGE, '日志', 'build.log'), 'compiling\nerror: 找不到文件\ndone\n');
  writeFileSync(join(STAGE, '日志', 'test.log'), 'ok\n');
  writeFileSync(join(STAGE, '说明 notes.txt'), '你好\n');
}

async function play(shell: TmuxSession): Promise<void> {
  await shell.until(/[#$]$/);
  await submit(shell, `cd ${STAGE}`);
  await shell.press('C-l');
  await shell.until(/^\S+demo[#$]$/);
  await submit(shell, 'greet() { echo "你好, $1 😀"; }; name=世界');
  await submit(shell, 'greet $name; ls');
  await submit(shell, 'cd 日志');
  await shell.type('for log in *.log');
  await shell.press('Enter');
  await shell.until(/>$/);
  await shell.type('do grep -Hn error "$log"');
  await shell.press('Enter');
  await shell.until(/grep.*\n>$/);
  await submit(shell, 'done');
  await submit(shell, 'cat missing');
  await submit(shell, 'printf "no line end"');
  await shell.type('sleep 100');
  await shell.press('Enter');
  await shell.until(/ 2 s$/);
  await shell.press('C-c');
  await shell.until(/SIGINT.*[#$]$/);
  await shell.type('cat ../说');
  await shell.press('Tab');
  await shell.until(/cat .*notes\.txt$/);
}

/** Types a line and waits for the prompt behind it. */
async function submit(shell: TmuxSession, line: string): Promise<void> {
  await shell.type(line);
  await shell.press('Enter');
  const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  await shell.until(new RegExp(`${escaped}\\n(?:.*\\n)*.*[#$]$`));
}
