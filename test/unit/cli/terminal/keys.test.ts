import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readKeys } from '../../../../src/cli/terminal/keys.ts';
import type { TerminalSession } from '../../../../src/cli/terminal/session.ts';

describe('the escape ~C', () => {
  it.each([
    [undefined, '\r\nrexa> '],
    [true, '\r\nrexa> '],
    [false, '\r\nrexa: ~C is disabled by EnableEscapeCommandline\r\n'],
  ])('opens a command line unless that is disabled: %s', async (hasCommandLine, shown) => {
    const session = {
      plan: { escape: '~', hasCommandLine },
      host: {},
      around: { forwards: () => ({}), signals: { on: () => {}, off: () => {} } },
    } as unknown as TerminalSession;
    const keys = new PassThrough();
    let said = '';
    const stop = readKeys(session, keys, new PassThrough(), {
      leave: () => {},
      say: (text) => {
        said += text;
      },
      describe: () => [],
      handleTyped() {},
      handleSuspended() {},
      handleReturned() {},
      cursor: { take: (bytes) => bytes },
    });
    keys.write('~C');
    await new Promise(setImmediate);
    stop();
    expect(said).toBe(shown);
  });
});
