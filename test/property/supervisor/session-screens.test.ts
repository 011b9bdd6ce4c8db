import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFeed } from '../../../src/supervisor/sessions/feed.ts';
import type { ClientSize, Frame } from '../../../src/supervisor/sessions/paint-frame.ts';
import { createScreen, type Screen } from '../../../src/supervisor/sessions/screen.ts';
import { createWholeSequences } from '../../../src/supervisor/sessions/whole-sequences.ts';
import { screenScripts } from '../../fixtures/screens.ts';

const SILENT = { handleReply: () => undefined, handlePainted: () => undefined };

/** A client's terminal. */
function terminalOf(screen: Screen): Writable {
  return new Writable({
    write(bytes: Uint8Array, _encoding, done) {
      screen.write(Buffer.from(bytes));
      done();
    },
  });
}

/** Cursor, margins, tabs, pen and modes; whether a row continues the one above it is lost with that row. */
const withoutSpaces = (text: string): string => text.replaceAll('\x1b[K', '').replace(/[ \r\n]/g, '');

/** Of a space at the end of a row and an empty cell both look the same. */
function shown(screen: Screen, size: ClientSize): Frame {
  const frame = screen.frame(size);
  return { ...frame, rows: frame.rows.map((row) => row.replace(/ +$/, '')) };
}

it('shows a client that joins at any byte the same as one that was there from the beginning', async () => {
  await fc.assert(
    fc.asyncProperty(screenScripts, fc.nat(), async ({ columns, rows, chunks }, place) => {
      const size = { columns, rows };
      const [session, twin, client] = await Promise.all([
        createScreen(size, SILENT),
        createScreen(size, SILENT),
        createScreen(size, SILENT),
      ]);
      const sequences = createWholeSequences();
      const joinAt = place % (chunks.length + 1);
      const join = () => createFeed(session, terminalOf(client), size, 10);
      let feed: ReturnType<typeof join> | null = null;
      for (const [index, chunk] of chunks.entries()) {
        if (index === joinAt) feed = join();
        session.write(chunk);
        twin.write(chunk);
        const whole = sequences.take(chunk);
        feed?.take(whole);
      }
      feed ??= join();
      expect(shown(client, size)).toEqual(shown(twin, size));
      expect(withoutSpaces(client.paint(0))).toBe(withoutSpaces(twin.paint(0)));
      for (const screen of [session, twin, client]) screen.close();
    }),
    { numRuns: 1000 },
  );
});
