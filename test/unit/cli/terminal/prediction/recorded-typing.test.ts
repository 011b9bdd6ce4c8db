import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Played,
  playSession,
  type RecordedTyping,
  replayHost,
} from '../../../../fixtures/prediction/play-session.ts';
import { createRandom } from '../../../../fixtures/prediction/random-numbers.ts';

const FIXTURES = new URL('../../../../fixtures/prediction/', import.meta.url);
const SEEDS = [1, 2, 3, 4, 5];
const PASSWORD = 'hunter2 Tr0ub4dor';

const readRecorded = (name: string): RecordedTyping =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8')) as RecordedTyping;

function play(recorded: RecordedTyping, seed: number): Promise<Played> {
  const keys = recorded.keys.map(({ pauseMs, key }) => ({ pauseMs, bytes: Buffer.from(key) }));
  const network = { oneWayMs: 150, loss: 0.05, random: createRandom(seed) };
  return playSession({ ...recorded, ...network, host: replayHost(recorded), keys });
}

/** The part of the keys that were shown in the moment in which they were typed, Enter and the like among them. */
const partOf = ({ early }: Played): number => early.filter(Boolean).length / early.length;

describe('recorded typing over 300 ms and 5% loss', () => {
  it.each([
    ['shell', 0.8],
    ['vim', 0.7],
  ])(
    'in %s shows at least %d of all keys at once, and leaves the terminal as it is without',
    async (name, least) => {
      const recorded = readRecorded(name);
      for (const seed of SEEDS) {
        const played = await play(recorded, seed);
        expect(partOf(played)).toBeGreaterThanOrEqual(least);
        expect(played.ours).toEqual(played.direct);
      }
    },
  );

  it('shows no character of a password', async () => {
    const recorded = readRecorded('shell');
    const text = recorded.keys.map(({ key }) => (key.length === 1 ? key : '.')).join('');
    const from = text.indexOf(PASSWORD);
    expect(from).toBeGreaterThan(0);
    for (const seed of SEEDS) {
      const { early, drawn } = await play(recorded, seed);
      expect(early.slice(from, from + PASSWORD.length)).not.toContain(true);
      // The end of the line before it may still be in flight
      expect(drawn.slice(from, from + PASSWORD.length).join('')).not.toMatch(/[hunbodT]/);
    }
  });
});
