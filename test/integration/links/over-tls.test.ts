import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { fixtureText, makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { type ChaosPlace, startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import { writePattern } from '../../fixtures/pattern.ts';
import { startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';

const MIB = 1024 * 1024;
const SEED = Number(process.env['REXA_SEED'] ?? 1);

/** A daemon over TLS behind a network that does its worst, and a key that it lets in. */
async function startWorld() {
  // The client's memory of keys is not that of whoever tests
  vi.stubEnv('HOME', makeTestFolder());
  const daemon = await startTlsDaemon({ lines: [publicLine('ed25519')], words: ['--drain', '0'] });
  const proxy = await startChaosProxy({ host: '127.0.0.1', port: daemon.port }, 'tcp', SEED);
  const key = join(makeTestFolder(), 'key');
  writeFileSync(key, fixtureText('keys/ed25519'), { mode: 0o600 });
  const { port } = proxy.place as Extract<ChaosPlace, { port: number }>;
  const address = `tls://127.0.0.1:${port}#${daemon.fingerprint}`;
  return {
    daemon,
    proxy,
    open: () => connect(address, { identities: [key], agent: null, knownHosts: null, reconnectFor: 60_000 }),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
    },
  };
}

/** Starts a command that waits for a line, and waits until it runs. */
async function startWaiting(host: Awaited<ReturnType<typeof connect>>) {
  const run = host.run('sh', ['-c', 'echo one; read line; echo "$line"; exit 7'], {
    stdin: 'pipe',
    reject: false,
  });
  await new Promise((resolve) => run.stdout.once('data', resolve));
  // Not the run itself: it is a promise, and would be waited for
  return { run };
}

describe('a connection over TLS that is lost', () => {
  it('is replaced by one with a login of its own, and the run goes on', async () => {
    await using world = await startWorld();
    await using host = await world.open();
    const { run } = await startWaiting(host);
    world.proxy.cutAll();
    run.stdin?.end('two\n');
    expect(await run).toMatchObject({ outcome: 'exited', exitCode: 7, stdout: 'one\ntwo\n', resumed: 1 });
    expect(world.daemon.log().match(/connection accepted/g)?.length).toBe(2);
  });

  // A flipped length may have the client wait for bytes that never come: until it asks whether the daemon is alive
  it('to flipped bits is replaced, and no wrong byte comes through', { timeout: 120_000 }, async () => {
    await using world = await startWorld();
    const file = join(world.daemon.folder, 'pattern');
    const sha256 = writePattern(file, 8 * MIB);
    await using host = await world.open();
    const run = host.run('sh', ['-c', `read line; cat ${file}`], {
      stdin: 'pipe',
      encoding: 'binary',
      buffer: false,
      reject: false,
    });
    run.stderr.resume();
    await run.pid;
    // For the next connections: a login has few bytes, and mostly gets through
    world.proxy.setRules({ flipOneIn: MIB });
    world.proxy.cutAll();
    run.stdin?.end('\n');
    const hash = createHash('sha256');
    for await (const chunk of run.stdout) {
      hash.update(chunk as Buffer);
      // One that was flipped has been replaced: some of them take as long as a dead peer is looked for
      if (world.proxy.taken > 2) world.proxy.setRules({});
    }
    const result = await run;
    expect([hash.digest('hex'), result.outcome, result.exitCode]).toEqual([sha256, 'exited', 0]);
    expect(result.resumed).toBeGreaterThan(1);
  });

  it('is not replaced for a key that is let in no more: the run is lost', async () => {
    await using world = await startWorld();
    await using host = await world.open();
    const { run } = await startWaiting(host);
    world.daemon.authorize(publicLine('ecdsa256'));
    world.proxy.cutAll();
    const result = await run;
    expect([result.outcome, result.stdout]).toEqual(['lost', 'one\n']);
    expect(result.reason).toContain('LOGIN_REFUSED');
  });

  it('is not replaced by one to a host of another key, which hears no login', async () => {
    await using world = await startWorld();
    await using other = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    await using host = await world.open();
    const { run } = await startWaiting(host);
    world.proxy.setTarget({ host: '127.0.0.1', port: other.port });
    world.proxy.cutAll();
    const result = await run;
    expect(result.outcome).toBe('lost');
    expect(result.reason).toContain(other.fingerprint);
    expect(other.log()).not.toContain('connection accepted');
  });

  it('is looked for again while the network is down', async () => {
    await using world = await startWorld();
    await using host = await world.open();
    const { run } = await startWaiting(host);
    world.proxy.refuse();
    world.proxy.cutAll();
    run.stdin?.end('two\n');
    // Two tries come to nothing before a third may
    await new Promise((resolve) => setTimeout(resolve, 300));
    world.proxy.accept();
    expect(await run).toMatchObject({ outcome: 'exited', exitCode: 7, stdout: 'one\ntwo\n' });
  });
});
