import { describe, expect, it } from 'vitest';
import { createEscapeReader, describeEscapes } from '../../../../src/cli/terminal/escapes.ts';

/** What came of keys: bytes as text, commands in angle brackets. */
function read(chunks: readonly string[], sign: string | null = '~'): string {
  const reader = createEscapeReader(sign);
  let shown = '';
  for (const chunk of chunks) {
    for (const part of reader.take(Buffer.from(chunk))) {
      shown += part.kind === 'bytes' ? Buffer.from(part.bytes).toString() : `<${part.command}>`;
    }
  }
  return shown;
}

describe('an escape', () => {
  it.each([
    ['~.', '<leave>'],
    ['~?', '<help>'],
    ['~\x1a', '<suspend>'],
    ['~#', '<status>'],
    ['~R', '<reconnect>'],
    ['ls\r~.', 'ls\r<leave>'],
    ['ls\n~.', 'ls\n<leave>'],
    ['~?~.', '<help><leave>'],
  ])('is heard at the start of a line: %j', (typed, heard) => {
    expect(read([typed])).toBe(heard);
    expect(read(typed.split(''))).toBe(heard);
  });

  it.each([
    ['in a line', 'cd ~.\r', 'cd ~.\r'],
    ['twice, which is one', '~~.\r', '~.\r'],
    ['in front of what is no command', '~x\r', '~x\r'],
    ['behind one that was none', '~x~.', '~x~.'],
    ['in front of Enter, behind which it counts again', '~\r~.', '~\r<leave>'],
    ['in front of a character of several bytes', '~你', '~你'],
  ])('is typed %s', (_where, typed, heard) => {
    expect(read([typed])).toBe(heard);
    expect(read(typed.split(''))).toBe(heard);
  });

  it('is held back until the next key says what it is', () => {
    expect(read(['~'])).toBe('');
  });

  it('may begin with another character, or there are none', () => {
    expect(read(['~.\r\x1d.'], '\x1d')).toBe('~.\r<leave>');
    expect(read(['~.~~'], null)).toBe('~.~~');
  });

  it('is explained with the character that begins it', () => {
    expect(describeEscapes('\x1d').join('\n')).toContain('^].');
    expect(describeEscapes('~')[0]).toBe('Supported escape sequences:');
  });
});
