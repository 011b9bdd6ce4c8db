import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect, type Host } from '../../src/client/index.ts';
import { RexaError } from '../../src/protocol/errors.ts';
import { type ChaosProxy, startChaosProxy } from '../fixtures/chaos-proxy.ts';
import { REXA, startDaemon } from '../fixtures/daemon.ts';
import { isAlive } from '../fixtures/is-alive.ts';
import { readResidentMiB } from '../fixtures/memory.ts';
import { writePattern } from '../fixtures/pattern.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import { shareOf } from './share.ts';

const MIB = 1024 * 1024;
const BYTES = shareOf(1024 * MIB);
const CUTS = shareOf(1000);
const SHORT_RUNS = shareOf(10_000);
const KILLS = shareOf(200);
const SEED = Number(process.env['REXA_SEED'] ?? 1);

/** The address of a daemon behind a network that cuts. */
function addressOf({ place }: ChaosProxy): string {
  return 'path' in place ? `unix:${place.path}` : `tls://${place.host}:${place.port}`;
}

/** Runs `rexa run WORDS` to its end: what came of it, and the hash of its output. */
async function runHashed(words: readonly string[], input: string | null) {
  const stdin = input === null ? 'ignore' : openSync(input, 'r');
  const child = spawn(process.execPath, [REXA, 'run', ...words], { stdio: [stdin, 'pipe', 'inherit'] });
  if (typeof stdin === 'number') closeSync(stdin);
  const hash = createHash('sha256');
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    if (text.length < 1000) text += chunk.toString('latin1');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { sha256: hash.digest('hex'), text, code };
}

describe(`${BYTES} bytes through ${CUTS} cuts`, () => {
  // So that the last cut comes before the last byte, however much of each connection was in vain
  const rules = { cutAfterBytes: [1, MIB] as const, cuts: CUTS };

  it('come down whole, of one execution, with its exit status', async () => {
    await using daemon = await startDaemon();
    await using proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', SEED, rules);
    const file = join(daemon.folder, 'pattern');
    const side = join(daemon.folder, 'runs');
    const sha256 = writePattern(file, BYTES);
    const line = `echo run >>${side}; cat ${file}; exit 3`;
    const result = await runHashed(['-n', '--encoding', 'binary', addressOf(proxy), '-c', line], null);
    expect([result.sha256, result.code]).toEqual([sha256, 3]);
    expect([proxy.cut, readFileSync(side, 'utf8')]).toEqual([CUTS, 'run\n']);
  });

  it('go up whole, to one execution, with its exit status', async () => {
    await using daemon = await startDaemon();
    await using proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', SEED, rules);
    const file = join(daemon.folder, 'pattern');
    const side = join(daemon.folder, 'runs');
    const sha256 = writePattern(file, BYTES);
    const line = `echo run >>${side}; sha256sum; exit 3`;
    const result = await runHashed(['--encoding', 'binary', addressOf(proxy), '-c', line], file);
    expect([result.text.slice(0, 64), result.code]).toEqual([sha256, 3]);
    expect([proxy.cut, readFileSync(side, 'utf8')]).toEqual([CUTS, 'run\n']);
  });
});

/** Connects; a connection may be cut before its hello. */
async function connectThroughCuts(address: string): Promise<Host> {
  for (;;) {
    try {
      return await connect(address);
    } catch (error) {
      if (!(error instanceof RexaError && error.code === 'LINK_LOST')) throw error;
    }
  }
}

describe(`${SHORT_RUNS} short commands through cuts`, () => {
  it('run once each, or are lost and ran once at most', async () => {
    const AT_ONCE = 8;
    await using daemon = await startDaemon();
    await using proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', SEED, {
      cutAfterBytes: [1, 20_000],
    });
    const side = join(daemon.folder, 'runs');
    await using host = await connectThroughCuts(addressOf(proxy));
    const outcomes = new Map<string, string>();
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < SHORT_RUNS) {
        const name = `run-${next++}`;
        const { outcome } = await host.run('sh', ['-c', `echo ${name} >>${side}`], { reject: false });
        outcomes.set(name, outcome);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const ran = readFileSync(side, 'utf8').trim().split('\n');
    expect(new Set(ran).size).toBe(ran.length);
    const counted = new Set(ran);
    const missing = [...outcomes].filter(([name, outcome]) => outcome === 'exited' && !counted.has(name));
    expect(missing).toEqual([]);
    expect([...new Set(outcomes.values())].filter((outcome) => outcome !== 'lost')).toEqual(['exited']);
    expect(proxy.cut).toBeGreaterThan(SHORT_RUNS / 40);
  });
});

describe(`${KILLS} clients that are killed`, () => {
  it('leave no process behind once nobody can come back, and no memory', async () => {
    const MOST_GROWTH_MIB = 40;
    await using daemon = await startDaemon({ words: ['--resume-for', '500ms'] });
    const pids: number[] = [];
    let baseMiB = 0;
    for (let count = 0; count < KILLS; count++) {
      const line = 'sleep 600 & echo $$ $!; exec sleep 600';
      const child = spawn(process.execPath, [REXA, 'run', '-n', daemon.address, '-c', line], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
      pids.push(...chunk.toString().trim().split(' ').map(Number));
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      // The first of them warm the daemon up
      if (count === Math.floor(KILLS / 4)) baseMiB = readResidentMiB(daemon.pid);
    }
    expect(pids.length).toBe(2 * KILLS);
    await waitUntil('every process is gone', () => !pids.some(isAlive));
    expect(readResidentMiB(daemon.pid) - baseMiB).toBeLessThan(MOST_GROWTH_MIB);
    await using host = await connect(daemon.address);
    expect((await host.run('echo', ['still there'])).stdout).toBe('still there\n');
  });
});
