import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixturePath, makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import { startRexa } from '../../fixtures/run-rexa.ts';
import { startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';

const LINE = publicLine('ed25519');
const SEED = Number(process.env['REXA_SEED'] ?? 1);

/** A run of the real client whose connection is cut in its middle, after its key's lines have become these. */
async function cutBehind(lines: readonly string[]) {
  // What is lost goes on until nobody can come back for it: at its end the daemon does not wait for that.
  await using daemon = await startTlsDaemon({ lines: [LINE], words: ['--drain', '0'] });
  await using proxy = await startChaosProxy({ host: '127.0.0.1', port: daemon.port }, 'tcp', SEED);
  const { port } = proxy.place as { port: number };
  const home = makeTestFolder();
  const key = join(home, 'key');
  copyFileSync(fixturePath('keys/ed25519'), key);
  chmodSync(key, 0o600);
  const rexa = startRexa(
    ['run', '-i', key, `tls://127.0.0.1:${port}#${daemon.fingerprint}`, '-c', 'echo one; read x; echo $x'],
    { env: { HOME: home, XDG_CONFIG_HOME: '', XDG_RUNTIME_DIR: '', SSH_AUTH_SOCK: '', REXA_CONFIG: '' } },
  );
  await rexa.untilStdout('one');
  daemon.authorize(...lines);
  proxy.cutAll();
  rexa.child.stdin?.end('two\n');
  const { status, stdout, stderr } = await rexa.exit;
  return { status, stdout: stdout.toString(), stderr };
}

describe('a run over TLS whose connection is cut', () => {
  it('is carried on for the same key', async () => {
    expect(await cutBehind([LINE])).toMatchObject({ status: 0, stdout: 'one\ntwo\n' });
  });

  it.each([
    ['is listed no more', []],
    ['has expired', [`expiry-time="20200101" ${LINE}`]],
    ['may come from elsewhere alone', [`from="192.0.2.1" ${LINE}`]],
    ['is forced to another command now', [`command="true" ${LINE}`]],
    ['is bound now', [`restrict ${LINE}`]],
  ])('is lost for a key that %s', async (_what, lines) => {
    expect(await cutBehind(lines)).toMatchObject({
      status: 125,
      stdout: 'one\n',
      stderr: expect.stringContaining('lost'),
    });
  });
});
