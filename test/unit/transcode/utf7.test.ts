import { describe, expect, it } from 'vitest';
import { cut, decodeByOurs } from './oracle.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('UTF-7', () => {
  it.each([
    ['utf-7', 'a+AOk-b', 'a\u00e9b', 0],
    ['utf-7', '+2D3eAA-', '\u{1f600}', 0],
    ['utf-7', '+-+AOk.x', '+\u00e9.x', 0],
    ['utf-7', '+//0-', '\ufffd', 0],
    ['utf-7', 'a\xe9b', 'a\ufffdb', 1],
    ['utf-7', '+AA\x81x', '\ufffd\ufffdx', 2],
    ['utf-7', '+AA', '\ufffd', 1],
    ['utf-7', '+AOl', '\u00e9\ufffd', 1],
    ['utf-7', '+ x', '\ufffd x', 1],
    ['utf-7', '+', '\ufffd', 1],
    ['utf-7', '+2D0-x', '\ufffdx', 1],
    ['utf-7', '+3gA-x', '\ufffdx', 1],
    ['utf-7', '+2D0AYQ-', '\ufffda', 1],
    ['utf-7-imap', '&AOk-&-+', '\u00e9&+', 0],
    ['utf-7-imap', '&,,0-', '\ufffd', 0],
    ['utf-7-imap', 'b&A\x82', 'b\ufffd\ufffd', 2],
    ['unicode-1-1-utf-7', 'a\xff+AA', 'a\ufffd\ufffd', 2],
  ])('loses nothing without counting it, wherever it is cut: %s %j', async (name, bytes, text, replaced) => {
    const whole = bytesOf(bytes);
    for (let place = 0; place <= whole.length; place++)
      expect(await decodeByOurs(cut(whole, [place]), name)).toEqual({ text, replaced });
  });
});
