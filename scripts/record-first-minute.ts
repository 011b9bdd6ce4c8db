// Makes docs/first-minute.svg: the first lines of README in tmux, as they really looked. It needs tmux and a build.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startInTmux } from '../test/fixtures/shell/tmux.ts';
import { writePicture } from './record/write-picture.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COLUMNS = 96;
const ROWS = 24;
const LINES = [
  "rexa run local -- printf '%s\\n' 'a  b'",
  "rexa run local -c 'ls | wc -l'",
  'rexa run local --encoding gbk ./report',
  'tar c . | rexa run local -- tar t',
  'rexa run local -- nobody-has-this; echo $?',
  'rexa runn local -- true',
];

/** A name that is always the same: it is seen in the picture. */
const home = '/tmp/demo';
// Not made over what is there: it may be somebody's
mkdirSync(home);
const project = join(home, 'project');
const bin = join(home, 'bin');
for (const folder of [project, bin]) mkdirSync(folder);
symlinkSync(join(ROOT, 'bin/rexa'), join(bin, 'rexa'));
writeFileSync(join(project, 'report'), "#!/bin/sh\nprintf '\\304\\343\\272\\303\\n'\n", { mode: 0o755 });
const env = {
  HOME: home,
  PS1: '$ ',
  REXA_NODE: process.execPath,
  PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
  XDG_RUNTIME_DIR: join(home, 'run'),
};
mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
try {
  const words = ['bash', '--norc', '--noprofile', '-i'];
  await using shell = await startInTmux(words, { env, columns: COLUMNS, rows: ROWS });
  await shell.until(/\$$/);
  await shell.type(`cd ${project}; clear`);
  await shell.press('Enter');
  await shell.until(/^\$$/);
  for (const line of LINES) {
    await shell.type(line);
    await shell.press('Enter');
    await shell.until(/\n\$$/);
  }
  await writePicture('first-minute', 'the first minute', COLUMNS, shell);
} finally {
  const log = readFileSync(join(home, '.local/state/rexa/rexad.log'), 'utf8');
  for (const [, pid = ''] of log.matchAll(/ ready pid=(\d+)/g)) spawnSync('kill', [pid]);
  rmSync(home, { recursive: true, force: true });
}
