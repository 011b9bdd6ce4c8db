import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { makeJobHome } from '../../fixtures/jobs.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

it('a test with an id runs once, though its daemon is killed meanwhile and the file is run again', async () => {
  await using home = makeJobHome();
  const at = (name: string): string => join(home.folder, name);
  const address = `unix:${at('shared.sock')}`;
  const daemon = { words: ['--listen', address], env: home.env };
  writeFileSync(
    at('once.yaml'),
    `tests:\n  once:\n    id: once\n    command: echo ran >>ran; until [ -e go ]; do sleep 0.05; done; echo done\n    config: {dir: ${home.folder}}\n    stdout: {exactly: done}\n`,
  );
  const words = ['smoke', at('once.yaml'), '--host', address, '--reconnect-for', '0'];
  const first = await startDaemon(daemon);
  const rexa = startRexa(words, { env: home.env });
  await waitUntil('the test runs', () => existsSync(at('ran')));
  await first.stop('SIGKILL');
  await using _second = await startDaemon(daemon);
  writeFileSync(at('go'), '');
  const { status, stdout } = await rexa.exit;
  expect([status, stdout.toString()]).toEqual([0, expect.stringContaining('1 passed, 0 failed, 0 flaky')]);
  const again = await runRexa(words, { env: home.env });
  expect([again.status, again.stdout.toString()]).toEqual([
    0,
    expect.stringContaining('told of an earlier run'),
  ]);
  expect(readFileSync(at('ran'), 'utf8')).toBe('ran\n');
});
