import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createFeed } from '../../../../src/supervisor/sessions/feed.ts';
import { createScreen } from '../../../../src/supervisor/sessions/screen.ts';

const SIZE = { columns: 20, rows: 4 };
const SILENT = { handleReply: () => undefined, handlePainted: () => undefined };

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A client that takes nothing until it is told to. */
function createSlowClient() {
  const taken: Buffer[] = [];
  let waiting: (() => void) | null = null;
  let isOpen = false;
  const output = new Writable({
    highWaterMark: 1024,
    write(bytes: Uint8Array, _encoding, done) {
      taken.push(Buffer.from(bytes));
      if (isOpen) done();
      else waiting = done;
    },
  });
  return {
    output,
    text: () => Buffer.concat(taken).toString(),
    open() {
      isOpen = true;
      waiting?.();
    },
  };
}

describe('a client that does not take its output', () => {
  it('gets the screen in place of what it missed, and every byte from there on', async () => {
    const screen = await createScreen(SIZE, SILENT);
    const client = createSlowClient();
    const feed = createFeed(screen, client.output, SIZE, 0);
    const flood = Buffer.from('flood\r\n'.repeat(100));
    for (let count = 0; count < 1000; count++) {
      screen.write(flood);
      feed.take(flood);
    }
    expect(client.output.writableLength).toBeLessThan(128 * 1024);
    screen.write(Buffer.from('last line'));
    feed.take(Buffer.from('last line'));
    client.open();
    await nextTurn();
    feed.take(Buffer.from(', live'));
    await nextTurn();
    const shown = await createScreen(SIZE, SILENT);
    shown.write(Buffer.from(client.text()));
    expect(shown.text()).toEqual(['flood', 'flood', 'flood', 'last line, live']);
    expect(client.text().length).toBeLessThan(flood.length * 1000);
  });
});

describe('a client of another size', () => {
  it.each([
    {
      what: 'sees a larger terminal filled with dots',
      size: { columns: 24, rows: 5 },
      rows: [
        'one                 ····',
        'two                 ····',
        '                    ····',
        '                    ····',
        '························',
      ],
    },
    { what: 'sees the part with the cursor', size: { columns: 10, rows: 2 }, rows: ['one', 'two'] },
  ])('$what', async ({ size, rows }) => {
    const screen = await createScreen(SIZE, SILENT);
    const client = createSlowClient();
    client.open();
    screen.write(Buffer.from('one\r\ntwo'));
    createFeed(screen, client.output, size, 0);
    await nextTurn();
    const shown = await createScreen(size, SILENT);
    shown.write(Buffer.from(client.text()));
    expect(shown.text()).toEqual(rows);
  });
});
