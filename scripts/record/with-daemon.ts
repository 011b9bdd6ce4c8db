import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endSupervisors } from '../../test/fixtures/jobs.ts';

const REXAD = fileURLToPath(new URL('../../bin/rexad.js', import.meta.url));

/**
 * Does something beside a daemon of its own, which `local` is.
 * @param play is given the environment of its clients
 */
export async function withDaemon(
  play: (env: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  const runtime = mkdtempSync(join(tmpdir(), 'rexa-record-'));
  const env = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', XDG_RUNTIME_DIR: runtime };
  const daemon = spawn(process.execPath, [REXAD, '--json'], {
    env: { ...env, HOME: runtime },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(createInterface(daemon.stdout), 'line');
    await play(env);
  } finally {
    daemon.kill();
    await once(daemon, 'exit');
    await endSupervisors(runtime);
    rmSync(runtime, { recursive: true });
  }
}
