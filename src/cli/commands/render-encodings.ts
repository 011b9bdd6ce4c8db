import { ENCODING_MODES, ENCODING_NAMES, type EncodingName } from '../../protocol/encoding-names.ts';

/** Returns the page of `rexa help encodings`: what `--encoding` takes. */
export function renderEncodings(): string {
  return [
    'What --encoding takes, in any spelling (Shift_JIS, EUC-KR):',
    '',
    ...renderNames(ENCODING_MODES),
    '',
    ...renderNames(ENCODING_NAMES),
    '',
    'Other names that iconv-lite knows are taken too. +bom behind a name keeps a byte order mark.',
    'More: docs/encodings.md',
  ].join('\n');
}

function renderNames(names: readonly EncodingName[]): string[] {
  return names.map(({ name, about, aliases }) => {
    const others = aliases === undefined ? '' : `; also ${aliases.join(', ')}`;
    return `  ${name.padEnd(12)} ${about}${others}`;
  });
}
