import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type PlayedHost, type PlayedKey, playSession } from '../../fixtures/prediction/play-session.ts';
import { createRandom } from '../../fixtures/prediction/random-numbers.ts';
import { screenScripts } from '../../fixtures/screens.ts';

/** What a program does with a key: it shows it, hides it, or writes something else. */
const answers = fc.constantFrom(
  'echo',
  'echo',
  'echo',
  'echo-slowly',
  'mask',
  'hide',
  'other',
  'prompt',
  'other-and-echo',
);
const typed = fc.constantFrom(
  ...Array.from('aabcx '),
  '文',
  'é',
  '\x7f',
  '\x1b[D',
  '\x1b[C',
  '\r',
  '\x1b',
  '\t',
  '😀',
  'abc',
);
const pauses = fc.oneof(fc.nat(250), fc.nat(2000));
interface Step {
  readonly key: string;
  readonly pauseMs: number;
  readonly answer: string;
}

type Steps = readonly Step[];

const step: fc.Arbitrary<Steps> = fc
  .record({ key: typed, pauseMs: pauses, answer: answers })
  .map((each) => [each]);
/** After these an epoch is shown. */
const echoed: Steps = ['a', 'b', 'c'].map((key) => ({ key, pauseMs: 800, answer: 'echo' }));
const steps: fc.Arbitrary<Steps> = fc
  .array(fc.oneof({ weight: 4, arbitrary: step }, { weight: 1, arbitrary: fc.constant(echoed) }), {
    minLength: 1,
    maxLength: 30,
  })
  .map((all) => all.flat());
const networks = fc.record({ oneWayMs: fc.nat(300), loss: fc.constantFrom(0, 0.05, 0.3), seed: fc.nat() });

const keysOf = (all: Steps): PlayedKey[] =>
  all.map(({ key, pauseMs }) => ({ pauseMs, bytes: Buffer.from(key) }));

/** As a terminal in line mode does it, or a line editor at the end of its line. */
function echo(key: string): string {
  if (key === '\x7f') return '\b \b';
  return key === '\r' ? '\r\n' : key.replaceAll(/[^ -~\u0080-\u{10ffff}]/gu, '^');
}

/** Echoes among random control functions, in random parts. */
function createHost(all: Steps, chunks: readonly Uint8Array[], random: () => number): PlayedHost {
  let next = 0;
  const other = (index: number): string =>
    Buffer.from(chunks[index % chunks.length] ?? []).toString('latin1');
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

  function answer(index: number): string {
    const { key = '', answer: how = 'hide' } = all[index] ?? {};
    const shown = utf8(echo(key));
    switch (how) {
      case 'echo':
      case 'echo-slowly':
        return shown;
      case 'mask':
        return '*';
      case 'other':
        return other(index);
      case 'prompt':
        return `${shown}\r\n\x1b[?2004h$ `;
      case 'other-and-echo':
        return `${other(index)}${shown}`;
      default:
        return '';
    }
  }

  return {
    start: chunks[0] ?? new Uint8Array(),
    take() {
      const index = next++;
      const bytes = Buffer.from(answer(index), 'latin1');
      const cut = Math.floor(random() * (bytes.length + 1));
      const afterMs = all[index]?.answer === 'echo-slowly' ? 400 * random() : 5 * random();
      return [bytes.subarray(0, cut), bytes.subarray(cut)]
        .filter(({ length }) => length > 0)
        .map((part) => ({ afterMs, bytes: part }));
    },
  };
}

it('leaves terminal, scrollback and cursor as they are without prediction, whatever is typed and written', async () => {
  let typedKeys = 0;
  let earlyKeys = 0;
  await fc.assert(
    fc.asyncProperty(
      screenScripts,
      steps,
      networks,
      async ({ columns, rows, chunks }, all, { seed, ...network }) => {
        const random = createRandom(seed);
        const host = createHost(all, chunks, random);
        const played = await playSession({ columns, rows, host, keys: keysOf(all), random, ...network });
        expect(played.ours).toEqual(played.direct);
        typedKeys += played.early.length;
        earlyKeys += played.early.filter(Boolean).length;
      },
    ),
    { numRuns: 1000 },
  );
  // Else nothing was tested
  expect(earlyKeys / typedKeys).toBeGreaterThan(0.1);
});

it('draws nothing of a password, whatever was typed before and however it is hidden', async () => {
  const secrets = fc.array(fc.constantFrom(...Array.from('SSTU*.x ')), { minLength: 1, maxLength: 12 });
  const masks = fc.constantFrom('', '*', '.', ' ', 'x');
  await fc.assert(
    fc.asyncProperty(steps, secrets, masks, networks, async (before, secret, mask, { seed, ...network }) => {
      const random = createRandom(seed);
      const hidden: Steps = secret.map((key) => ({ key, pauseMs: 500 * random(), answer: 'hide' }));
      const asked: Steps = [{ key: '\r', pauseMs: 200, answer: 'echo' }];
      const shown: Steps = before.map((each) => ({ ...each, answer: 'echo' }));
      const all = [...shown, ...asked, ...hidden];
      const from = all.length - hidden.length;
      let taken = 0;
      const host: PlayedHost = {
        start: Buffer.from('$ '),
        take() {
          const index = taken++;
          const text = index < from ? echo(all[index]?.key ?? '') : mask;
          const prompt = index === from - 1 ? 'Password: ' : '';
          const bytes = Buffer.from(`${text}${prompt}`);
          return bytes.length === 0 ? [] : [{ afterMs: 5, bytes }];
        },
      };
      const played = await playSession({ columns: 40, rows: 6, host, keys: keysOf(all), random, ...network });
      expect(played.early.slice(from)).not.toContain(true);
      expect(played.drawn.join('')).not.toMatch(/[STU]/);
      expect(played.ours).toEqual(played.direct);
    }),
    { numRuns: 300 },
  );
});
