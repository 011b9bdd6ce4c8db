import { ENCODING_MODES, ENCODING_NAMES, type EncodingName } from '../../protocol/encoding-names.ts';

/** Returns the page of `rexa help encodings`: what `--encoding` takes. */
export function renderEncodings(): string {
  return [
    'Names for --encoding; case and punctuation are ignored (Shift_JIS, EUC-KR):',
    '',
    ...renderNames(ENCODING_MODES),
    '',
    ...renderNames(ENCODING_NAMES),
    '',
    'Other names known to iconv-lite are accepted. Append +bom to keep a byte order mark.',
    'For an encoding that only iconv(1) of the host supports: COMMAND | iconv -f ISO-2022-CN -t UTF-8',
    'See docs/encodings.md.',
  ].join('\n');
}

function renderNames(names: readonly EncodingName[]): string[] {
  return names.map(({ name, about, aliases }) => {
    const others = aliases === undefined ? '' : `; also ${aliases.join(', ')}`;
    return `  ${name.padEnd(12)} ${about}${others}`;
  });
}
