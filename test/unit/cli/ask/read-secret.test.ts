import { describe, expect, it } from 'vitest';
import { readSecret } from '../../../../src/cli/ask/read-secret.ts';

async function* type(...chunks: readonly string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk, 'latin1');
}

const typed = (text: string) => ({ kind: 'typed', text });

describe('a passphrase that is typed', () => {
  it.each([
    ['ends at Enter', ['secret\r'], typed('secret')],
    ['ends at a newline', ['secret\nmore'], typed('secret')],
    ['comes in pieces', ['se', 'cr', 'et', '\r'], typed('secret')],
    ['may be empty', ['\r'], typed('')],
    ['loses a character at Backspace', ['sex\u007fcrx\u0008et\r'], typed('secret')],
    ['loses all of a character of several bytes', ['a\u00e4\u00b8\u00ad\u007fb\r'], typed('ab')],
    ['loses nothing that is not there', ['\u007f\u007fa\r'], typed('a')],
    ['begins anew at Ctrl-U', ['wrong\u0015right\r'], typed('right')],
    ['passes other keys over', ['a\u0001\u001bb\r'], typed('ab')],
    ['is given up at Ctrl-C', ['abc\u0003'], { kind: 'interrupted' }],
    ['is given up at Ctrl-D where there is nothing', ['\u0004'], { kind: 'ended' }],
    ['goes on at Ctrl-D where there is something', ['a\u0004b\r'], typed('ab')],
    ['is given up when the terminal is gone', ['abc'], { kind: 'ended' }],
  ])('%s', async (_what, chunks, expected) => {
    expect(await readSecret(type(...chunks))).toEqual(expected);
  });

  it('is UTF-8', async () => {
    const utf8 = Buffer.from('密码\r').toString('latin1');
    expect(await readSecret(type(utf8))).toEqual(typed('密码'));
  });
});
