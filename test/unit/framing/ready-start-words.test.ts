import { describe, expect, it } from 'vitest';
import { checkRead } from '../../../src/framing/check-ready-start-read.ts';
import { decodeReady, encodeReady } from '../../../src/framing/ready-start.ts';
import { checkCommand, encodeCommand } from '../../../src/framing/ready-start-command.ts';
import { checkUtf8 } from '../../../src/framing/ready-start-utf8.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'));
const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const NONE = new Uint8Array(0);

describe('Ready|size', () => {
  it('has a newline only where the command had one', () => {
    expect(encodeReady(1024, false)).toEqual(bytes('Ready|1024'));
    expect(encodeReady(1024, true)).toEqual(bytes('Ready|1024\n'));
  });

  it.each([
    ['Ready|5', 5, 7],
    ['Ready|5\n', 5, 8],
    ['Ready|5\r\n', 5, 9],
    ['Ready|0', 0, 7],
    ['Ready|0007\n', 7, 11],
    ['Ready|1000', 1000, 10],
    ['Ready|5\nhello', 5, 8],
  ])('reads %j as a size that is whole when the read ends', (text, sizeBytes, usedBytes) => {
    expect(decodeReady(bytes(text), 1000)).toEqual({ kind: 'ready', sizeBytes, usedBytes });
  });

  it.each(['', 'R', 'Ready', 'Ready|', 'Ready|5\r'])('waits for more after %j', (text) => {
    expect(decodeReady(bytes(text), 1000)).toEqual({ kind: 'incomplete' });
  });

  it.each([
    'Ready|-1',
    'Ready|x',
    'Ready|5x',
    'Ready| 5',
    'Ready|5 \n',
    'Ready|5\rx',
    'Ready|+5',
    'Ready|1e3',
    'Ready|\n',
    'ready|5',
    'HTTP/1.1 400',
    '\nReady|5',
  ])('refuses %j', (text) => {
    expect(decodeReady(bytes(text), 1000)).toEqual({ kind: 'malformed' });
  });

  it.each(['Ready|1001', 'Ready|999999999999', `Ready|${'9'.repeat(400)}`, `Ready|${'0'.repeat(400)}`])(
    'refuses the size in %s',
    (text) => {
      expect(decodeReady(bytes(text), 1000)).toEqual({ kind: 'too-large' });
    },
  );
});

describe('a read', () => {
  it.each([
    ['ls', null],
    ['ls -l\n', null],
    ['ls\r\n', null],
    ['\r\n', null],
    ['a\nb\r\n', null],
    ['echo 中文\npwd\n', null],
    ['echo HTTP\n', null],
    ['ls\0', 'nul'],
    ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'http'],
    ['rm -rf /\nPOST /HTTP/', 'http'],
    ['ls\r', 'carriage-return'],
    ['ls\r\npwd\r\n', 'carriage-return'],
    ['\rls\r\n', 'carriage-return'],
    ['ls\r\r\n', 'carriage-return'],
    ['X-Command: 1\r\n\r\n', 'carriage-return'],
  ])('such as %j is judged as a whole: %s', (text, refusal) => {
    expect(checkRead(NONE, bytes(text), 8192)).toBe(refusal);
  });

  it.each([
    ['of TLS 1.0 to 1.3', '16 03 01 02 05 01 01 fc 03 03', 'tls'],
    ['that is cut after one byte', '16', 'tls'],
    ['behind a line', '6c 73 0a 16 03 03 01', 'tls'],
    ['with its NULs', '16 03 01 00 a5', 'nul'],
  ])('that holds a hello %s is refused', (_what, text, refusal) => {
    expect(checkRead(NONE, hex(text), 8192)).toBe(refusal);
  });

  it('is judged together with the unfinished line before it', () => {
    expect(checkRead(bytes('GET / HT'), bytes('TP/1.1'), 8192)).toBe('http');
    expect(checkRead(hex('6c 16'), hex('03'), 8192)).toBe('tls');
    expect(checkRead(bytes('x'.repeat(8000)), bytes('x'.repeat(192)), 8192)).toBe(null);
    expect(checkRead(bytes('x'.repeat(8000)), bytes('x'.repeat(193)), 8192)).toBe('too-long');
  });

  it('may have 8 KiB and not a byte more', () => {
    expect(checkRead(NONE, bytes('x'.repeat(8192)), 8192)).toBe(null);
    expect(checkRead(NONE, bytes('x'.repeat(8193)), 8192)).toBe('too-long');
  });
});

describe('UTF-8', () => {
  it.each([
    ['', 'valid'],
    ['6c 73', 'valid'],
    ['e4 b8 ad e6 96 87', 'valid'],
    ['f0 9f 98 80', 'valid'],
    ['f4 8f bf bf', 'valid'],
    ['ef bf bf', 'valid'],
    ['e4 b8', 'incomplete'],
    ['6c f0 9f 98', 'incomplete'],
    ['c3', 'incomplete'],
    ['d6 d0 ce c4', 'invalid'],
    ['c0 80', 'invalid'],
    ['e0 80 80', 'invalid'],
    ['ed a0 80', 'invalid'],
    ['f4 90 80 80', 'invalid'],
    ['f5 80 80 80', 'invalid'],
    ['80', 'invalid'],
    ['ff', 'invalid'],
    ['e4 b8 6c', 'invalid'],
  ])('of the bytes %s is %s', (text, check) => {
    expect(checkUtf8(hex(text))).toBe(check);
  });
});

describe('a command that the client sends', () => {
  it.each([
    ['ls', null],
    [' ls ', null],
    ['exit 1', null],
    ['x'.repeat(1024), null],
    ['x'.repeat(1025), 'too-long'],
    ['中'.repeat(342), 'too-long'],
    ['', 'blank'],
    [' \t', 'blank'],
    ['a\0b', 'nul'],
    ['a\nb', 'newline'],
    ['ls\n', 'newline'],
    ['a\rb', 'carriage-return'],
    ['exit', 'reserved'],
    ['Start', 'reserved'],
  ])('such as %j is checked: %s', (text, refusal) => {
    expect(checkCommand(bytes(text), 1024)).toBe(refusal);
  });

  it('ends with a newline as long as both fit in one read of the peer', () => {
    expect(encodeCommand(bytes('x'.repeat(1023)), 1024)).toEqual(bytes(`${'x'.repeat(1023)}\n`));
    expect(encodeCommand(bytes('x'.repeat(1024)), 1024)).toEqual(bytes('x'.repeat(1024)));
  });
});
