// Makes docs/sessions.svg: the choice of a session on a terminal, as it really looked in tmux. It needs tmux, vim and a build.
import { execFileSync } from 'node:child_process';
import { REXA } from '../test/fixtures/daemon.ts';
import { startRexaInTmux } from '../test/fixtures/shell/tmux.ts';
import { withDaemon } from './record/with-daemon.ts';
import { writePicture } from './record/write-picture.ts';

const COLUMNS = 90;
const ROWS = 18;

const SESSIONS = {
  deploy: [
    'sh',
    '-c',
    `printf '\\033]2;web1\\007'; seq -f 'copied part %g of 12' 1 12; echo 好的, restart web1?; exec cat`,
  ],
  notes: ['vim', '-u', 'NONE', '-N', '-n', '+set ruler', 'README.md'],
  logs: ['sh', '-c', 'echo waiting for requests; exec cat'],
} as const;

await withDaemon(async (env) => {
  const call = (...words: readonly string[]): unknown =>
    execFileSync(process.execPath, [REXA, 'session', ...words], {
      env: { ...env, TERM: 'xterm-256color' },
      stdio: 'ignore',
    });
  for (const [name, command] of Object.entries(SESSIONS))
    call('new', '--detach', 'local', name, '--', ...command);
  try {
    await using viewer = await startRexaInTmux(['session', 'view', 'local', 'logs'], { env });
    await viewer.until('attached to the session logs');
    await using picker = await startRexaInTmux(['session', 'local'], { columns: COLUMNS, rows: ROWS, env });
    await picker.until('restart web1?');
    await writePicture('sessions', 'rexa session local', COLUMNS, picker);
    await picker.press('q');
    await picker.exited();
  } finally {
    for (const name of Object.keys(SESSIONS)) call('end', 'local', name);
  }
});
