import type { LinkStatus } from '../../link/reconnect.ts';
import { showText } from '../../protocol/show-text.ts';
import { ERASE_ROW, leaveRow, mayDraw, takeRow } from '../output/drawn-lines.ts';
import { chooseWording } from '../terminal/choose-wording.ts';

/** Where a line may be shown and taken back. */
export interface LineTerminal {
  write(text: string): unknown;
  /** A line that is wrapped could not be taken back as a whole. */
  readonly columns: number;
}

/** The line that says that the connection is lost, for as long as it is. */
export interface ConnectionLine {
  handleStatus(status: LinkStatus): void;
}

/** A line on a terminal that is taken back. */
export interface ShownLine {
  show(text: string): void;
  /** For good, unless something else is shown. */
  hide(): void;
}

let isLost = false;

/** Tells whether the connection is lost at the moment, and looked for again. */
export function isConnectionLost(): boolean {
  return isLost;
}

let holder: ((status: LinkStatus) => void) | null = null;

/**
 * Who has the terminal shows there what there is to be shown, in the place of a line on stderr.
 * @returns what ends that
 */
export function holdConnectionLine(handleStatus: (status: LinkStatus) => void): () => void {
  holder = handleStatus;
  return () => {
    holder = null;
  };
}

/** Reports the loss, or the return, of a connection that is looked for by other means than a link. */
export function reportConnection(status: LinkStatus): void {
  isLost = status.kind === 'waiting';
  holder?.(status);
}

/** A terminal that does not know its width has 0 columns. */
function cutToRow(text: string, { columns }: LineTerminal): string {
  return columns > 1 ? chooseWording([text], columns - 1) : text;
}

const SECOND_MS = 1000;

/**
 * Shows `connecting to HOST …` on a terminal once a connection has taken a second, until it is there or has failed.
 * @param open gets what hides it, before a question or a message comes to the same terminal, and what shows something else
 * @returns what `open` returns
 */
export async function showConnecting<Opened>(
  name: string,
  terminal: LineTerminal,
  open: (line: ShownLine) => Promise<Opened>,
): Promise<Opened> {
  let isShown = false;
  function show(text: string): void {
    if (!mayDraw()) return;
    takeRow(hide);
    isShown = true;
    terminal.write(`${ERASE_ROW}${cutToRow(`rexa: ${showText(text)} ...`, terminal)}`);
  }
  const timer = setTimeout(show, SECOND_MS, `connecting to ${name}`).unref();
  function hide(): void {
    if (isShown) terminal.write(ERASE_ROW);
    isShown = false;
    leaveRow(hide);
  }
  try {
    return await open({ show, hide });
  } finally {
    clearTimeout(timer);
    hide();
  }
}

/**
 * Shows `connection lost, retrying (3 s)` on a terminal, counts down, and takes it back when the connection is there again,
 * or given up: then messages say more. Elsewhere nothing is shown.
 */
export function createConnectionLine(terminal: LineTerminal | null, isQuiet: boolean): ConnectionLine {
  let timer: NodeJS.Timeout | undefined;
  let isShown = false;

  function hide(): void {
    if (isShown) terminal?.write(ERASE_ROW);
    isShown = false;
    leaveRow(hide);
  }

  function show(retryAtMs: number): void {
    const seconds = Math.max(0, Math.ceil((retryAtMs - performance.now()) / SECOND_MS));
    if (mayDraw()) {
      takeRow(hide);
      terminal?.write(`${ERASE_ROW}${cutToRow(`rexa: connection lost, retrying (${seconds} s)`, terminal)}`);
      isShown = true;
    }
    if (seconds > 0) timer = setTimeout(show, SECOND_MS, retryAtMs).unref();
  }

  return {
    handleStatus(status) {
      isLost = status.kind === 'waiting';
      if (holder !== null) return holder(status);
      clearTimeout(timer);
      hide();
      if (status.kind === 'waiting' && terminal !== null && !isQuiet)
        show(performance.now() + status.retryInMs);
    },
  };
}
