import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createScreen, type Screen } from '../../../src/supervisor/sessions/screen.ts';
import { screenScripts } from '../../fixtures/screens.ts';

const SILENT = { handleReply: () => undefined, handlePainted: () => undefined };
const MOST_LINES = 10_000;

/** Lines as `seq` and `yes` write them, and some that have no room in a row. */
const floods = fc
  .tuple(fc.integer({ min: 1, max: 200 }), fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 4 }))
  .map(([count, lengths]) =>
    Array.from({ length: count }, (_, index) => {
      const text = `${index} ${'x'.repeat(lengths[index % lengths.length] ?? 0)}`;
      return `${text.slice(0, lengths[index % lengths.length])}\r\n`;
    }).join(''),
  );
const scripts = screenScripts.map(({ chunks }) => Buffer.concat(chunks).toString());
const outputs = fc
  .array(
    fc.oneof(
      floods,
      floods,
      scripts,
      fc.constantFrom('\x1b[3J', '— ', '\r', '\x1b[?7l', '\x1b[?7h', '\x1b[0m\x1b(B\x1b[r\x1b[4l\x1b[?1049l'),
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => Buffer.from(parts.join('')));

function state(screen: Screen): string {
  return screen.paint(MOST_LINES);
}

it('shows and keeps of a flood what it would if it were painted byte by byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      outputs,
      fc.record({ columns: fc.integer({ min: 4, max: 24 }), rows: fc.integer({ min: 1, max: 8 }) }),
      async (output, size) => {
        const [screen, twin] = await Promise.all([createScreen(size, SILENT), createScreen(size, SILENT)]);
        screen.write(output);
        for (const byte of output) {
          twin.write(Uint8Array.of(byte));
          void twin.title;
        }
        expect(state(screen)).toBe(state(twin));
        screen.close();
        twin.close();
      },
    ),
    { numRuns: 500 },
  );
});
