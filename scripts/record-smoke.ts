// Makes docs/smoke.svg: smoke tests of two hosts of which one is not as it should be, as they look on a terminal of 80
// columns. It needs a build.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { drawTerminal } from './record/terminal-svg.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COLUMNS = 80;

const SUITE = `tests:
  the service answers:
    command: cat "$APP/health.json"
    stdout:
      json: {status: ok}
  the configuration is the released one:
    command: cat "$APP/app.conf"
    stdout:
      file: app.conf
  the queue is empty:
    command: "! test -s $APP/queue"
    config: {retries: 3}
`;

const CONF = 'listen 8080\nworkers 4\nlog /var/log/app.log\n';

await main();

async function main(): Promise<void> {
  const stage = mkdtempSync(join(tmpdir(), 'rexa-record-'));
  const env = { PATH: process.env['PATH'] ?? '', HOME: stage, XDG_RUNTIME_DIR: stage };
  const start = (program: string, words: readonly string[]) =>
    spawn(process.execPath, [join(ROOT, 'bin', program), ...words], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const daemon = start('rexad.js', ['--json']);
  try {
    await once(createInterface(daemon.stdout), 'line');
    setStage(stage);
    const words = [
      'smoke',
      'smoke.yaml',
      '--host',
      'web1',
      '--host',
      'web2',
      '--parallel',
      '1',
      '--color',
      'always',
    ];
    const { stdout } = spawnSync(process.execPath, [join(ROOT, 'bin', 'rexa.js'), ...words], {
      cwd: stage,
      env,
      encoding: 'utf8',
    });
    const rows = [`$ rexa ${words.slice(0, 6).join(' ')}`, ...stdout.trimEnd().split('\n').flatMap(wrap)];
    writeFileSync(
      join(ROOT, 'docs', 'smoke.svg'),
      drawTerminal({ title: 'rexa smoke', rows, columns: COLUMNS, cursor: { row: rows.length, column: 0 } }),
    );
  } finally {
    daemon.kill();
    await once(daemon, 'exit');
    rmSync(stage, { recursive: true });
  }
}

/** Two names of one daemon, of which the second has another folder. */
function setStage(stage: string): void {
  mkdirSync(join(stage, '.config', 'rexa'), { recursive: true });
  const host = (name: string): string =>
    `  ${name}:\n    address: unix:${stage}/rexa/rexad.sock\n    env: {APP: ${join(stage, name)}}\n`;
  writeFileSync(join(stage, '.config', 'rexa', 'config.yaml'), `hosts:\n${host('web1')}${host('web2')}`, {
    mode: 0o600,
  });
  writeFileSync(join(stage, 'smoke.yaml'), SUITE);
  writeFileSync(join(stage, 'app.conf'), CONF);
  for (const name of ['web1', 'web2']) {
    mkdirSync(join(stage, name));
    writeFileSync(join(stage, name, 'health.json'), '{"status":"ok"}\n');
    writeFileSync(
      join(stage, name, 'app.conf'),
      name === 'web1' ? CONF : CONF.replace('workers 4', 'workers 1'),
    );
  }
}

/** As a terminal shows a line that is too long. Escape sequences take no room. */
function wrap(line: string): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what escape sequences begin with
  const parts = line.split(/(\u001b\[[\d;]*m)/);
  const rows = [''];
  let width = 0;
  for (const part of parts) {
    for (const piece of part.startsWith('\u001b') ? [part] : [...part]) {
      if (piece.length === 1 && width === COLUMNS) {
        rows.push('');
        width = 0;
      }
      rows[rows.length - 1] += piece;
      width += part.startsWith('\u001b') ? 0 : 1;
    }
  }
  return rows;
}
