import { describe, expect, it } from 'vitest';
import { createRandom } from '../fixtures/ready-start/random.ts';
import { runCrowd } from '../fixtures/services/talk-crowd.ts';
import { shareOf } from './share.ts';

describe('a crowd in a room', () => {
  it('of 200 members hears 10,000 messages in one order, while others leave, vanish and stall: nothing is lost, nothing twice', async () => {
    const seed = Number(process.env['REXA_SEED'] ?? 1);
    const crowd = {
      members: shareOf(200),
      messages: shareOf(10_000),
      leavers: 20,
      stallers: 5,
      patienceMs: 600_000,
    };
    const { problems, visits } = await runCrowd(crowd, createRandom(seed));
    expect(problems, `seed ${seed}, ${visits} visits`).toEqual([]);
  });
});
