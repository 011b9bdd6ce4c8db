// A test of a program that runs commands on other hosts, against a daemon in the test's own process.
// Run it with: node --test embedded-server.test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'rexa';
import { serve } from 'rexa/server';

/** What is tested: it says how full the disk of a host is. */
async function readDiskUse(address) {
  await using host = await connect(address, { config: false });
  const { stdout } = await host.run('df', ['-P', '/']);
  const [, line = ''] = stdout.split('\n');
  return Number.parseInt(line.split(/\s+/)[4], 10);
}

test('reads how full a disk is', async () => {
  await using server = await serve();
  const percent = await readDiskUse(server.address);
  assert.ok(percent >= 0 && percent <= 100);
});

test('fails with the reason when the host refuses the connection', async () => {
  const server = await serve();
  await server.close();
  await assert.rejects(readDiskUse(server.address), { code: 'CONNECT_FAILED' });
});
