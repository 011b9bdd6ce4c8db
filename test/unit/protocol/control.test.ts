import { describe, expect, it } from 'vitest';
import type { ChannelId, Frame } from '../../../src/framing/frame.ts';
import { createBudget } from '../../../src/protocol/budget.ts';
import { createControlJoiner, decodeControl, encodeControl } from '../../../src/protocol/control.ts';
import {
  CONTROL_PIECE_BYTES,
  MAX_CHANNELS_PER_LINK,
  MAX_CONTROL_BYTES,
} from '../../../src/protocol/limits.ts';
import { frame } from '../../fixtures/framing/frames.ts';
import { codeOf } from '../../fixtures/protocol/error-code.ts';

const CHANNEL = 5 as ChannelId;
const MORE = 0x13;
const MESSAGE = 0x11;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An object of exactly so many bytes as JSON. */
function objectOfBytes(bytes: number) {
  return { a: 'x'.repeat(bytes - '{"a":""}'.length) };
}

function join(frames: readonly Frame[]): Uint8Array {
  const joiner = createControlJoiner();
  for (const piece of frames.slice(0, -1)) joiner.handlePiece(piece);
  return joiner.finish(frames.at(-1) ?? frame(MESSAGE, CHANNEL));
}

describe('a control message', () => {
  it.each([
    ['short', 100, 1],
    ['as long as a piece', CONTROL_PIECE_BYTES, 1],
    ['one byte longer', CONTROL_PIECE_BYTES + 1, 2],
    ['as long as two pieces', 2 * CONTROL_PIECE_BYTES, 2],
    ['as long as can be', MAX_CONTROL_BYTES, 64],
  ])('that is %s comes back whole', (_name, bytes, count) => {
    const message = objectOfBytes(bytes);
    const frames = encodeControl('message', CHANNEL, message);
    expect(frames.map((item) => item.type)).toEqual([...Array<number>(count - 1).fill(MORE), MESSAGE]);
    expect(frames.every((item) => item.channel === CHANNEL && item.payload.length > 0)).toBe(true);
    expect(Math.max(...frames.map((item) => item.payload.length))).toBeLessThanOrEqual(CONTROL_PIECE_BYTES);
    expect(decodeControl('message', join(frames))).toEqual(message);
  });

  it('may be cut inside a character', () => {
    const bytes = utf8('{"a":"中文"}');
    const pieces = [bytes.subarray(0, 7), bytes.subarray(7, 8), bytes.subarray(8)];
    const frames = pieces.map((piece, at) => frame(at === 2 ? MESSAGE : MORE, CHANNEL, piece));
    expect(decodeControl('message', join(frames))).toEqual({ a: '中文' });
  });

  it('that is too long is refused before anything of it is sent', () => {
    expect(codeOf(() => encodeControl('message', CHANNEL, objectOfBytes(MAX_CONTROL_BYTES + 1)))).toBe(
      'CONTROL_TOO_LARGE',
    );
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['an array', '[]'],
    ['a number', '1'],
    ['a string', '"a"'],
    ['null', 'null'],
    ['two objects', '{}{}'],
    ['a byte order mark', '\ufeff{}'],
    ['a NUL behind it', '{}\0'],
    ['a key without quotes', '{a:1}'],
  ])('is not %s', (_name, text) => {
    expect(codeOf(() => decodeControl('message', utf8(text)))).toBe('CONTROL_NOT_JSON');
  });

  it.each([
    ['a lone byte', [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]],
    ['an overlong form', [0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]],
    ['half a surrogate pair', [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
    ['a cut character', [0x7b, 0x22, 0xe4, 0xb8, 0x22, 0x3a, 0x31, 0x7d]],
  ])('is UTF-8, not %s', (_name, bytes) => {
    expect(codeOf(() => decodeControl('message', Uint8Array.from(bytes)))).toBe('CONTROL_NOT_JSON');
  });

  it.each([
    ['only opened', '['.repeat(MAX_CONTROL_BYTES)],
    ['of objects', '{"a":'.repeat(3_000_000)],
    ['opened inside an object', `{"a":${'['.repeat(8_000_000)}`],
  ])('of brackets, %s, does no harm', (_name, text) => {
    expect(codeOf(() => decodeControl('open', utf8(text)))).toBe('CONTROL_NOT_JSON');
  });

  it.each([32, 33, 1_000_000])('of %s levels is taken up to 32, whatever its texts hold', (levels) => {
    const padding = `"\\"${'[{'.repeat(3000)}"`;
    const lists = levels - 1;
    const text = `{"p":${padding},"a":${'['.repeat(lists)}${']'.repeat(lists)}}`;
    const isTaken = codeOf(() => decodeControl('open', utf8(text))) === 'none';
    expect(isTaken).toBe(levels <= 32);
  });

  it('can name the prototype without touching it', () => {
    const message = decodeControl('message', utf8('{"__proto__":{"polluted":1},"constructor":2}'));
    expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });
});

describe('the pieces of control messages', () => {
  it('of several channels may stand between each other', () => {
    const joiner = createControlJoiner();
    joiner.handlePiece(frame(MORE, 1, 'a'));
    joiner.handlePiece(frame(MORE, 3, 'x'));
    joiner.handlePiece(frame(MORE, 1, 'b'));
    expect(Buffer.from(joiner.finish(frame(MESSAGE, 3, 'y'))).toString()).toBe('xy');
    expect(Buffer.from(joiner.finish(frame(MESSAGE, 1, 'c'))).toString()).toBe('abc');
    expect(Buffer.from(joiner.finish(frame(MESSAGE, 1, 'd'))).toString()).toBe('d');
  });

  it('may be empty', () => {
    const joiner = createControlJoiner();
    joiner.handlePiece(frame(MORE, 1));
    joiner.handlePiece(frame(MORE, 1, 'a'));
    joiner.handlePiece(frame(MORE, 1));
    expect(Buffer.from(joiner.finish(frame(MESSAGE, 1))).toString()).toBe('a');
  });

  it('hold no view of what was read', () => {
    const joiner = createControlJoiner();
    const read = Buffer.from('abc');
    joiner.handlePiece(frame(MORE, 1, read));
    read.fill(0);
    expect(Buffer.from(joiner.finish(frame(MESSAGE, 1, 'd'))).toString()).toBe('abcd');
  });

  it('are refused when they are too many bytes, of one message or of all unfinished ones', () => {
    const piece = new Uint8Array(MAX_CONTROL_BYTES / 4);
    const one = createControlJoiner();
    for (let at = 0; at < 4; at++) one.handlePiece(frame(MORE, 1, piece));
    expect(codeOf(() => one.handlePiece(frame(MORE, 1, 'x')))).toBe('CONTROL_TOO_LARGE');

    const four = createControlJoiner();
    for (let at = 0; at < 4; at++) four.handlePiece(frame(MORE, 1 + 2 * at, piece));
    expect(codeOf(() => four.handlePiece(frame(MORE, 9, 'x')))).toBe('REQUESTS_EXHAUSTED');
    expect(codeOf(() => four.finish(frame(MESSAGE, 1, 'x'), MAX_CONTROL_BYTES / 4))).toBe(
      'CONTROL_TOO_LARGE',
    );
  });

  it('free their bytes when their message is whole', () => {
    const joiner = createControlJoiner();
    const piece = new Uint8Array(MAX_CONTROL_BYTES - 1);
    for (let at = 0; at < 3; at++) {
      joiner.handlePiece(frame(MORE, 1, piece));
      expect(joiner.finish(frame(MESSAGE, 1, 'x')).length).toBe(MAX_CONTROL_BYTES);
    }
  });

  it('give back what they took of a budget, whatever becomes of them', () => {
    const budget = createBudget(10);
    const joiner = createControlJoiner(budget);
    for (const channel of [1, 3, 5]) joiner.handlePiece(frame(MORE, channel, 'abc'));
    joiner.finish(frame(MESSAGE, 1, 'd'));
    joiner.discard(3 as ChannelId);
    joiner.discard(7 as ChannelId);
    expect(budget.freeBytes).toBe(7);
    joiner.release();
    expect(budget.freeBytes).toBe(10);
  });

  it('are refused when they are of more messages than there can be channels', () => {
    const joiner = createControlJoiner();
    for (let at = 0; at < MAX_CHANNELS_PER_LINK; at++) joiner.handlePiece(frame(MORE, 1 + 2 * at));
    joiner.handlePiece(frame(MORE, 1));
    expect(codeOf(() => joiner.handlePiece(frame(MORE, 99_999)))).toBe('FRAME_MISPLACED');
  });

  it('cost about their bytes, however small they are', () => {
    const joiner = createControlJoiner();
    const before = process.memoryUsage();
    for (let at = 0; at < 1_000_000; at++) joiner.handlePiece(frame(MORE, 1, at % 2 ? 'x' : ''));
    const after = process.memoryUsage();
    expect(joiner.finish(frame(MESSAGE, 1)).length).toBe(500_000);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(64 << 20);
  });
});
