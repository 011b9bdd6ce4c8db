import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { openHost } from '../../../src/client/open-host.ts';
import { startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { writePattern } from '../../fixtures/pattern.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const MIB = 1024 * 1024;
const SEED = Number(process.env['REXA_SEED'] ?? 1);

/** The address of a daemon behind a proxy on a Unix socket. */
async function startBehindProxy(words: readonly string[] = []) {
  const daemon = await startDaemon({ words });
  const proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', SEED);
  const { path } = proxy.place as { path: string };
  return {
    daemon,
    proxy,
    address: `unix:${path}`,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
    },
  };
}

describe('a connection that is cut', () => {
  it('while a command runs is replaced, and the run ends as if nothing had been', async () => {
    await using world = await startBehindProxy();
    await using host = await connect(world.address);
    const run = host.run('sh', ['-c', 'echo one; read line; echo "$line"; exit 7'], {
      stdin: 'pipe',
      reject: false,
    });
    await new Promise((resolve) => run.stdout.once('data', resolve));
    world.proxy.cutAll();
    run.stdin?.end('two\n');
    expect(await run).toMatchObject({
      outcome: 'exited',
      exitCode: 7,
      stdout: 'one\ntwo\n',
      resumed: 1,
    });
    expect(world.proxy.taken).toBe(2);
  });

  it('holds a signal up, and does not lose it', async () => {
    await using world = await startBehindProxy();
    await using host = await connect(world.address);
    const line = 'trap "echo got; exit 9" INT; echo ready; while :; do sleep 0.05; done';
    const run = host.run(line, { shell: true, reject: false });
    await new Promise((resolve) => run.stdout.once('data', resolve));
    world.proxy.refuse();
    world.proxy.cutAll();
    run.kill('SIGINT');
    world.proxy.accept();
    expect(await run).toMatchObject({ outcome: 'exited', exitCode: 9, stdout: 'ready\ngot\n', resumed: 1 });
  });

  it('ends the run when nobody comes back in time, and is told as lost', async () => {
    await using world = await startBehindProxy(['--resume-for', '100ms']);
    await using host = await connect(world.address, { reconnectFor: 1500 });
    const run = host.run('sh', ['-c', 'echo $$; exec sleep 600'], { reject: false });
    const [chunk] = (await once(run.stdout, 'data')) as [Buffer];
    world.proxy.refuse();
    world.proxy.cutAll();
    await waitUntil('the command is gone', () => !isAlive(Number(chunk.toString())));
    expect(await run).toMatchObject({ outcome: 'lost', code: 'LINK_LOST', exitCode: null });
  });

  it('again and again loses and doubles no byte of a download', async () => {
    await using world = await startBehindProxy();
    const file = join(world.daemon.folder, 'pattern');
    const sha256 = writePattern(file, 8 * MIB);
    world.proxy.setRules({ cutAfterBytes: [1, MIB], cuts: 20 });
    await using host = await connect(world.address);
    const run = host.run('cat', [file], { encoding: 'binary', buffer: false, reject: false });
    const hash = createHash('sha256');
    run.stderr.resume();
    for await (const chunk of run.stdout) hash.update(chunk as Buffer);
    const result = await run;
    expect([hash.digest('hex'), result.outcome, result.exitCode]).toEqual([sha256, 'exited', 0]);
    expect(result.resumed).toBeGreaterThan(0);
    expect(result.bytes.stdout).toBe(8 * MIB);
  });

  it('again and again writes no byte of an upload twice, and runs the command once', async () => {
    await using world = await startBehindProxy();
    const file = join(world.daemon.folder, 'pattern');
    const side = join(world.daemon.folder, 'runs');
    const sha256 = writePattern(file, 8 * MIB);
    world.proxy.setRules({ cutAfterBytes: [1, MIB], cuts: 20 });
    await using host = await connect(world.address);
    const result = await host.run('sh', ['-c', `echo run >>${side}; sha256sum`], {
      input: readFileSync(file),
      reject: false,
    });
    expect([result.stdout.slice(0, 64), result.outcome]).toEqual([sha256, 'exited']);
    expect(result.bytes.stdin).toBe(8 * MIB);
    expect(readFileSync(side, 'utf8')).toBe('run\n');
  });

  it('before the daemon has answered is no reason to run the command twice, or to give it up', async () => {
    await using world = await startBehindProxy();
    // What is as old as its daemon may be of the one before: the clocks of two processes differ by a little.
    const startMs = performance.now();
    await waitUntil('the daemon has been there for a while', () => performance.now() - startMs > 100);
    const side = join(world.daemon.folder, 'runs');
    for (let bytes = 1; bytes < 1500; bytes += 97) {
      world.proxy.setRules({ cutAfterBytes: [bytes, bytes], cuts: world.proxy.cut + 1 });
      await using host = await openHost(world.address);
      const result = await host.run('sh', ['-c', `echo ${bytes} >>${side}`], { reject: false });
      expect([bytes, result.outcome, result.reason]).toEqual([bytes, 'exited', null]);
    }
    const runs = readFileSync(side, 'utf8').trim().split('\n').map(Number);
    expect([runs.length, new Set(runs).size]).toEqual([16, 16]);
  });
});
