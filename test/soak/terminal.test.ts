import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { startDaemon } from '../fixtures/daemon.ts';
import { readResidentMiB } from '../fixtures/memory.ts';
import { SHARE, shareOf } from './share.ts';

const RUNS = shareOf(1000);
const TERMINAL = { columns: 80, rows: 24 };
const EXPECTED = Array.from({ length: 2000 }, (_, index) => `${index + 1}\r\n`).join('');
/** How long a reader stalls, while memory is watched: this is what is tested, not a wait for something. */
const STALL_MS = 10_000 * SHARE;
const RESIDENT_MIB = 200;

describe(`${RUNS} short runs on terminals`, () => {
  it('one after the other lose no tail', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    let lost = 0;
    for (let run = 0; run < RUNS; run++) {
      const { stdout } = await host.run('seq', ['1', '2000'], { terminal: TERMINAL });
      if (stdout !== EXPECTED) lost += 1;
    }
    expect(lost).toBe(0);
  });

  it('eight at a time lose no tail', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    let left = RUNS;
    let lost = 0;
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const { stdout } = await host.run('seq', ['1', '2000'], { terminal: TERMINAL });
        if (stdout !== EXPECTED) lost += 1;
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect(lost).toBe(0);
  });
});

describe('a flood on a terminal that nobody reads', () => {
  it('grows nothing in the daemon, and is read on from where it stood', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const run = host.run('yes', [], { terminal: TERMINAL, buffer: false, reject: false });
    await once(run.stdout, 'readable');
    await pause(STALL_MS);
    expect(readResidentMiB(daemon.pid)).toBeLessThan(RESIDENT_MIB);
    let text = '';
    for await (const chunk of run.stdout as AsyncIterable<Buffer>) {
      text += chunk.toString();
      if (text.length > 4 << 20) break;
    }
    expect(text.replaceAll('y\r\n', '')).toMatch(/^y?\r?$/);
    run.cancel();
    await run;
  });
});
