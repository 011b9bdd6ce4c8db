import { cutToColumns, measureText } from '../line-shell/editor/graphemes.ts';

/**
 * Chooses what is shown on one row of a terminal.
 * @param wordings the same in ever fewer columns; what matters most comes first in each
 * @returns the first that fits, else the last, cut
 */
export function chooseWording(wordings: readonly string[], columns: number): string {
  const fitting = wordings.find((wording) => measureText(wording) <= columns);
  return fitting ?? cutToColumns(wordings.at(-1) ?? '', columns, '');
}

/**
 * Says that the connection is lost: the state and the way out first, the host last.
 * @param sign what stands for rexa itself when it is typed after Enter, as it is shown; null: nothing does
 * @returns wordings for ever narrower terminals
 */
export function describeLostConnection(
  host: string,
  sign: string | null,
  seconds: number,
): readonly string[] {
  const hints =
    sign === null
      ? ['', '', '']
      : [` (${sign}. quits, ${sign}R retries now)`, ` (${sign}. quits, ${sign}R now)`, `, ${sign}. quits`];
  return [
    `rexa: connection lost, retrying in ${seconds} s${hints[0]}: ${host}`,
    `rexa: connection lost, retrying in ${seconds} s${hints[0]}`,
    `rexa: lost, retry ${seconds}s${hints[1]}`,
    `rexa: lost, ${seconds}s${hints[2]}`,
    `rexa: lost${hints[2]}`,
  ];
}
