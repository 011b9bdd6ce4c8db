import type { Terminal } from '@xterm/headless';
import type { StyledCell } from '../../screen/cell-style.ts';
import { xtermParts } from '../../screen/xterm-parts.ts';
import type { History } from './history.ts';
import { continues, writeFlowingRow } from './paint-screen.ts';

/** The lines that leave a screen at its top. */
export interface LeavingLines {
  /** Keeps those that the terminal itself has kept. */
  keepAll(): void;
  /** Keeps the rows above the cursor now, and not when they leave. */
  keepAhead(): void;
}

const ERASE_SAVED_LINES = 3;

/** Puts each line that leaves the usual screen at its top into the history. @param cell is overwritten */
export function keepLeavingLines(terminal: Terminal, history: History, cell: StyledCell): LeavingLines {
  const parts = xtermParts(terminal);
  const { _bufferService: service } = parts;
  const scroll = service.scroll.bind(service);
  /** Rows at the top that are kept already. */
  let keptRows = 0;

  function keep(row: number): void {
    const { lines } = parts.buffers.normal;
    const line = lines.get(row);
    if (line === undefined) return;
    history.push(writeFlowingRow(line, lines.get(row + 1), terminal.cols, cell), continues(line));
  }

  service.scroll = (style, isWrapped) => {
    const { buffer, buffers } = parts;
    if (buffer === buffers.normal && buffer.scrollTop === 0) {
      if (keptRows > 0) keptRows -= 1;
      else keep(buffer.ybase);
    }
    scroll(style, isWrapped);
  };
  terminal.parser.registerCsiHandler({ final: 'J' }, ([what]) => {
    if (what === ERASE_SAVED_LINES) history.clear();
    return false;
  });
  terminal.parser.registerEscHandler({ final: 'c' }, () => {
    history.clear();
    return false;
  });

  return {
    keepAll() {
      for (let row = 0; row < parts.buffers.normal.ybase; row++) keep(row);
    },
    keepAhead() {
      const { ybase, y } = parts.buffers.normal;
      keptRows = y;
      for (let row = 0; row < y; row++) keep(ybase + row);
    },
  };
}
