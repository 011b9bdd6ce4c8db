import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { OpenHost } from '../../client/host.ts';
import { RexaError } from '../../protocol/errors.ts';
import { PICKER_REFRESH_MS } from '../limits.ts';
import type { Key } from '../line-shell/editor/keys.ts';
import { readTerminal } from '../line-shell/interactive/terminal-input.ts';
import type { SignalSource } from '../run/interrupts.ts';
import { drawPicker, followKey, type PickerState, type PickerStep, takeSessions } from './session-picker.ts';

/** What was chosen. */
export type PickedSession = Exclude<PickerStep, { kind: 'state' }>;

const OTHER_SCREEN = '\x1b[?1049h\x1b[?25l';
const USUAL_SCREEN = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const ERASE_LINE = '\x1b[K';
const ERASE_BELOW = '\x1b[J';

/**
 * Lets a person choose one of the sessions of a host, with what each shows now.
 * @returns null: the host has none
 * @throws RexaError what ended the connection
 */
export async function pickSession(host: OpenHost, signals: SignalSource): Promise<PickedSession | null> {
  const output = process.stdout;
  let state: PickerState = takeSessions({ sessions: [], chosen: null }, await host.sessions());
  if (state.chosen === null) return null;
  let preview: readonly string[] = [];
  let isLooking = false;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const picked = Promise.withResolvers<PickedSession>();

  function draw(): void {
    if (isOver) return;
    const { columns, rows } = output;
    const lines = drawPicker(state, host.address, preview, { columns, rows });
    // Erased before: behind a row that fills the last column the cursor still stands on its last character
    const text = lines.map((line) => `${ERASE_LINE}${line}`).join('\r\n');
    output.write(`${HOME}${text}${lines.length < rows ? `\r\n${ERASE_BELOW}` : ''}`);
  }

  /** One look at a time: what was chosen meanwhile is looked at next. */
  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      let chosen: string | null;
      let shown: readonly string[];
      do {
        ({ chosen } = state);
        shown = chosen === null ? [] : await screenOf(host, chosen);
      } while (chosen !== state.chosen);
      preview = shown;
    } finally {
      isLooking = false;
    }
    draw();
  }

  async function refresh(): Promise<void> {
    state = takeSessions(state, await host.sessions());
    await look();
    refreshLater();
  }

  function refreshLater(): void {
    if (!isOver) timer = setTimeout(() => void refresh().catch(picked.reject), PICKER_REFRESH_MS);
  }

  function handleKey(key: Key): void {
    if (key.kind === 'paste') return;
    const step = followKey(state, key.kind === 'key' ? key.name : key.text);
    if (step.kind !== 'state') return picked.resolve(step);
    if (step.state.chosen !== state.chosen) preview = [];
    ({ state } = step);
    draw();
    look().catch(picked.reject);
  }

  // A stream of its own: stdin is read as bytes by the session that follows
  const input = new ReadStream(openSync('/dev/tty', 'r'));
  refreshLater();
  const keys = readTerminal(input, signals, {
    handleKey,
    handleEnd: () => picked.resolve({ kind: 'quit' }),
    handleContinue: draw,
  });
  output.on('resize', draw);
  output.write(OTHER_SCREEN);
  try {
    draw();
    look().catch(picked.reject);
    return await picked.promise;
  } finally {
    isOver = true;
    clearTimeout(timer);
    keys.close();
    input.destroy();
    output.off('resize', draw);
    output.write(USUAL_SCREEN);
  }
}

/** One that has just ended has no screen any more. */
async function screenOf(host: OpenHost, name: string): Promise<readonly string[]> {
  try {
    return await host.sessionScreen(name);
  } catch (error) {
    if (error instanceof RexaError && (error.code === 'SESSION_UNKNOWN' || error.code === 'SESSION_ENDED'))
      return [];
    throw error;
  }
}
