import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TmuxSession } from '../../test/fixtures/shell/tmux.ts';
import { drawTerminal } from './terminal-svg.ts';

const DOCS = new URL('../../docs/', import.meta.url);

/** Writes docs/NAME.svg: what a terminal shows now. */
export async function writePicture(
  name: string,
  title: string,
  columns: number,
  session: TmuxSession,
): Promise<void> {
  const rows = (await session.coloredScreen()).trimEnd().split('\n');
  const picture = drawTerminal({ title, rows, columns, cursor: await session.cursor() });
  writeFileSync(fileURLToPath(new URL(`${name}.svg`, DOCS)), picture);
}
