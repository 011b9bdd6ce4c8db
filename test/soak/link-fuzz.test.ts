import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { fuzzLink } from '../fixtures/protocol/fuzz-link.ts';
import { findFailingSeed } from '../fixtures/protocol/fuzz-seeds.ts';
import { shareOf } from './share.ts';

const INPUTS = shareOf(500_000);
/** What may be left once garbage is collected, however many links there were: what the tests themselves keep. */
const MAX_LEFT_BYTES = 16 * 1024 * 1024;

/** Memory in use, garbage left out: what the system has given to the process says more about the collector. */
async function readUsedBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // What belongs to buffers is given back after the collection, on another thread.
  await setImmediate();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('whatever frames a peer sends', () => {
  it(`a link's machine stands ${INPUTS} of its kind, and leaves no memory behind`, async () => {
    const before = await readUsedBytes();
    expect(findFailingSeed(fuzzLink, INPUTS)).toBe(null);
    expect((await readUsedBytes()) - before).toBeLessThan(MAX_LEFT_BYTES);
  });
});
