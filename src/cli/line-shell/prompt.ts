import { styleText } from 'node:util';
import { showText } from '../../protocol/show-text.ts';
import type { Place } from './backend.ts';
import { measureText, splitGraphemes } from './editor/graphemes.ts';
import type { Prompt } from './editor/layout.ts';

type Style = Parameters<typeof styleText>[0];

/** The prompt may take this share of a row. */
const MOST_OF_ROW = 0.6;
const LEAST_FOLDER_COLUMNS = 8;

/**
 * `[2] host:~/folder$ `: how the line before ended, unless it succeeded; where the next one will be run. What the other
 * side says of itself is shown with its control characters escaped, and a long folder is cut on its left.
 * @param label of the line before; null: it succeeded
 */
export function makePrompt(place: Place, label: string | null, columns: number, hasColors: boolean): Prompt {
  const paint = (style: Style, text: string): string =>
    hasColors ? styleText(style, text, { validateStream: false }) : text;
  const host = showText(place.host);
  const sign = place.folder === null ? '> ' : place.isRoot ? '# ' : '$ ';
  const mark = label === null ? '' : `[${showText(label)}] `;
  const most = Math.floor(columns * MOST_OF_ROW) - measureText(mark + host + sign) - 1;
  const folder = place.folder === null ? null : shorten(showText(tilde(place.folder, place.home)), most);
  const parts: (readonly [Style, string])[] = [
    ['red', mark],
    ['green', host],
    ...(folder === null
      ? []
      : ([
          ['reset', ':'],
          ['blue', folder],
        ] as const)),
    ['reset', sign],
  ];
  return {
    styled: parts
      .map(([style, text]) => (text === '' || style === 'reset' ? text : paint(style, text)))
      .join(''),
    width: parts.reduce((sum, [, text]) => sum + measureText(text), 0),
  };
}

/** In front of the further lines of a text. */
export const CONTINUATION: Prompt = { styled: '> ', width: 2 };

/** In the place of the prompt while the history is searched. */
export function makeSearchPrompt(wanted: string, isFound: boolean): Prompt {
  const text = `(${isFound ? '' : 'nothing with '}'${showText(wanted)}'): `;
  return { styled: text, width: measureText(text) };
}

function tilde(folder: string, home: string | null): string {
  if (home === null || home === '/' || home === '') return folder;
  if (folder === home) return '~';
  return folder.startsWith(`${home}/`) ? `~${folder.slice(home.length)}` : folder;
}

function shorten(folder: string, mostColumns: number): string {
  const most = Math.max(mostColumns, LEAST_FOLDER_COLUMNS);
  const graphemes = splitGraphemes(folder);
  let width = graphemes.reduce((sum, grapheme) => sum + grapheme.width, 0);
  if (width <= most) return folder;
  let from = 0;
  while (width > most - 1) width -= graphemes[from++]?.width ?? width;
  return `…${folder.slice(graphemes[from]?.at ?? folder.length)}`;
}
