import { Writable } from 'node:stream';
import xterm, { type IBufferCell, type Terminal } from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { createFeed } from '../../../src/supervisor/sessions/feed.ts';
import { createScreen, type Screen } from '../../../src/supervisor/sessions/screen.ts';
import { createWholeSequences } from '../../../src/supervisor/sessions/whole-sequences.ts';
import { createRandom } from '../../fixtures/prediction/random-numbers.ts';
import { type RecordedScreen, readRecordedScreens } from '../../fixtures/recorded-screens.ts';

const SEED = Number(process.env['REXA_SEED'] ?? 1);
const HISTORY_LINES = 1000;
const LEAVE_ALTERNATE = Buffer.from('\x1b[?1049l');

/** A terminal that knows nothing of rexa. */
function createTerminal({ columns, rows }: RecordedScreen): Terminal {
  return new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: HISTORY_LINES,
    allowProposedApi: true,
    logLevel: 'off',
  });
}

const write = (terminal: Terminal, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => terminal.write(bytes, resolve));

function streamTo(terminal: Terminal): Writable {
  return new Writable({
    write(bytes: Uint8Array, _encoding, done) {
      terminal.write(Buffer.from(bytes));
      done();
    },
  });
}

/** Everything that a person sees on a terminal, its scrollback included, and what keys mean there. */
function describeTerminal(terminal: Terminal) {
  const { active } = terminal.buffer;
  const cell = active.getNullCell();
  const describeRow = (y: number): string => {
    const line = active.getLine(y);
    let last = '';
    let row = '';
    for (let x = 0; x < terminal.cols && line?.getCell(x, cell) !== undefined; x++) {
      const style = describeStyle(cell);
      if (style !== last) row += `{${style}}`;
      // Of a space and an empty cell both look the same
      if (cell.getWidth() > 0) row += cell.getChars() || ' ';
      last = style;
    }
    return row.replace(/ +$/, '');
  };
  const lines = Array.from({ length: active.length }, (_, y) => describeRow(y));
  const { modes } = terminal;
  return { lines, cursor: [active.cursorX, active.cursorY], type: active.type, modes };
}

function describeStyle(cell: IBufferCell): string {
  return [
    cell.getFgColorMode(),
    cell.getFgColor(),
    cell.getBgColorMode(),
    cell.getBgColor(),
    cell.isBold(),
    cell.isDim(),
    cell.isItalic(),
    cell.isUnderline(),
    cell.isBlink(),
    cell.isInverse(),
    cell.isInvisible(),
    cell.isStrikethrough(),
    cell.isOverline(),
  ].join();
}

/** A session whose program writes these bytes in random pieces; a client leaves it at one place, and another one comes at a later one. */
async function showTo(recorded: RecordedScreen, random: () => number) {
  const bytes = Buffer.from(recorded.bytes, 'base64');
  const session = await createScreen(recorded, {
    handleReply: () => undefined,
    handlePainted: () => undefined,
  });
  const [direct, first, second] = [recorded, recorded, recorded].map(createTerminal) as [
    Terminal,
    Terminal,
    Terminal,
  ];
  const sequences = createWholeSequences();
  const attach = (terminal: Terminal) => createFeed(session, streamTo(terminal), recorded, HISTORY_LINES);
  const [left, came] = [random(), random()]
    .map((share) => Math.floor(share * bytes.length))
    .toSorted((a, b) => a - b);
  let feed = attach(first);
  let isLeft = false;
  let hasCome = false;
  const comeAndGo = (at: number): void => {
    if (!isLeft && at >= (left ?? 0)) {
      feed.close();
      isLeft = true;
    }
    if (!hasCome && at >= (came ?? 0)) {
      feed = attach(second);
      hasCome = true;
    }
  };
  const take = (piece: Uint8Array): void => {
    session.write(piece);
    direct.write(piece);
    const whole = sequences.take(piece);
    if (!isLeft || hasCome) feed.take(whole);
  };
  for (let at = 0; at < bytes.length; ) {
    comeAndGo(at);
    const piece = bytes.subarray(at, at + 1 + Math.floor(random() * 700));
    take(piece);
    at += piece.length;
  }
  comeAndGo(bytes.length);
  return { session, direct, client: second, take };
}

const NOTHING = new Uint8Array();

/** @returns what both show; above that, a client has the rows that it had before it came */
async function compare({ session, direct, client }: { session: Screen; direct: Terminal; client: Terminal }) {
  session.text();
  await Promise.all([write(direct, NOTHING), write(client, NOTHING)]);
  const [shown, expected] = [client, direct].map(describeTerminal) as [Described, Described];
  return [{ ...shown, lines: shown.lines.slice(-expected.lines.length) }, expected] as const;
}

type Described = ReturnType<typeof describeTerminal>;

const programs = Map.groupBy(readRecordedScreens(), ({ name }) => name);

describe('what a program has painted is the same for who detaches and attaches', () => {
  it.each([...programs])('%s', async (_name, screens) => {
    for (const [index, recorded] of screens.entries()) {
      const shown = await showTo(recorded, createRandom(SEED + index));
      const [client, direct] = await compare(shown);
      expect(client, `${recorded.columns}×${recorded.rows}`).toEqual(direct);
      if (direct.type === 'alternate') shown.take(LEAVE_ALTERNATE);
      const [below, directBelow] = await compare(shown);
      expect(below, `${recorded.columns}×${recorded.rows}, left`).toEqual(directBelow);
      for (const each of [shown.direct, shown.client]) each.dispose();
      shown.session.close();
    }
  });
});
