// Makes docs/line-shell.svg: a session of the line shell in tmux, as it really looked. It needs tmux and a build.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startShellInTmux, type TmuxSession } from '../test/fixtures/shell/tmux.ts';
import { withDaemon } from './record/with-daemon.ts';
import { writePicture } from './record/write-picture.ts';

const COLUMNS = 84;
const ROWS = 24;
/** A name that is always the same: it is seen in the picture. */
const STAGE = '/tmp/demo';

// Not made over what is there: it may be somebody's
mkdirSync(STAGE);
try {
  setStage();
  await withDaemon(async (env) => {
    await using shell = await startShellInTmux('local', { columns: COLUMNS, rows: ROWS, env });
    await play(shell);
    await writePicture('line-shell', 'rexa shell local --line', COLUMNS, shell);
  });
} finally {
  rmSync(STAGE, { recursive: true });
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
