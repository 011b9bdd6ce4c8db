import xterm from '@xterm/headless';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createControlParser } from '../../../src/protocol/control-parser.ts';

const SILENT = {
  handleShift: () => undefined,
  handleEscape: () => undefined,
  handleControl: () => undefined,
  handleCommand: () => undefined,
};

/** Of xterm.js: how far its parser and its decoder are. */
interface ParserParts {
  writeSync(bytes: Uint8Array): void;
  readonly _inputHandler: {
    readonly _parser: { readonly currentState: number };
    readonly _utf8Decoder: { readonly interim: Uint8Array };
  };
}

/** What begins, goes on with and ends sequences and strings, in their two spellings. */
const PARTS = [
  ['\x1b', '\x1b[', '\x1b]', '\x1bP', '\x1bX', '\x1b^', '\x1b_', '\x1b\\', '\x1b(', '\x1b#'],
  [
    '\x18',
    '\x1a',
    '\x07',
    '\x0e',
    '\x0f',
    '\r\n',
    '\x7f',
    '\x9b',
    '\x9d',
    '\x90',
    '\x98',
    '\x9f',
    '\x9c',
    '\x84',
  ],
  [
    '0',
    '12',
    ';',
    ':',
    '?',
    '>',
    '<',
    ' ',
    '$',
    '!',
    '\\',
    '[',
    ']',
    'm',
    'q',
    'P',
    'X',
    '0;title',
    'é',
    '中',
    '😀',
  ],
]
  .flat()
  .map((text) => Buffer.from(text));
/** A character of which 0x80 is the last byte of a chunk is decoded wrongly by xterm.js: its screens get whole characters. */
const BYTES = fc
  .uint8Array({ minLength: 1, maxLength: 3 })
  .map((bytes) => bytes.map((byte) => (byte === 0x80 ? 0x81 : byte)));

it('ends sequences and strings where the parser of the screen does', () => {
  const streams = fc.array(fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...PARTS) }, BYTES), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(streams, (parts) => {
      const terminal = new xterm.Terminal({ allowProposedApi: true, logLevel: 'off' });
      const core = (terminal as unknown as { readonly _core: ParserParts })._core;
      const parser = createControlParser(SILENT);
      for (const byte of Buffer.concat(parts)) {
        core.writeSync(Uint8Array.of(byte));
        parser.take(byte);
        const { _parser, _utf8Decoder } = core._inputHandler;
        const isSettled = _parser.currentState === 0 && _utf8Decoder.interim[0] === 0;
        expect(parser.isSettled).toBe(isSettled);
      }
      terminal.dispose();
    }),
    { numRuns: 3000 },
  );
});
