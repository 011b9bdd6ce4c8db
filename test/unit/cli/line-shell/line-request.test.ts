import { describe, expect, it } from 'vitest';
import { BASH } from '../../../../src/cli/line-shell/host/host-shell.ts';
import {
  makeLineRequest,
  makeStartRequest,
  type ShellRun,
} from '../../../../src/cli/line-shell/host/line-request.ts';
import { readHostFacts } from '../../../../src/cli/line-shell/host/probe.ts';
import { readByteText } from '../../../../src/protocol/byte-text.ts';
import { MAX_ARGUMENT_BYTES } from '../../../../src/protocol/limits.ts';

const shell = { path: '/bin/bash', kind: BASH };

function request(text: string, isLast = false) {
  return makeLineRequest(shell, '/tmp/f', { text, isLast, terminal: null }, 3, true);
}

/** The line, as the program puts it together. */
function join(env: ShellRun['env']): string {
  const count = Number(env['_rexa_parts']);
  const pieces = Array.from({ length: count }, (_, index) => Buffer.from(env[`_rexa_part${index}`] ?? ''));
  return readByteText(Buffer.concat(pieces));
}

describe('the run of a line', () => {
  it('has nothing of the line among its arguments', () => {
    const { file, args, env } = request('export TOKEN=secret');
    expect([file, args.join(' ').includes('secret')]).toEqual(['/bin/bash', false]);
    expect(join(env)).toBe('export TOKEN=secret');
    expect(env).toMatchObject({ _rexa_last_status: '3', _rexa_check: 'yes', _rexa_expects: 'yes' });
    expect(request('x', true).env).toMatchObject({ _rexa_check: '' });
  });

  it('has a token of its own, which stands nowhere in one piece', () => {
    const { token, env } = request('x');
    expect(token).toMatch(/^[0-9a-f]{32}$/);
    expect(String(env['_rexa_token']).replace(':', '')).toBe(token);
    expect(Object.values(env).some((value) => String(value).includes(token))).toBe(false);
    expect(request('x').token).not.toBe(token);
  });

  it.each([
    '',
    'a',
    '中'.repeat(100_000),
    '😀'.repeat(50_001),
    `a${'😀'.repeat(50_000)}`,
    `\udcff${'中'.repeat(100_000)}`,
  ])('holds a long text in pieces that a system takes, and that cut no character', (text) => {
    const { env } = request(text);
    expect(join(env) === text).toBe(true);
    for (const [name, value] of Object.entries(env)) {
      expect(name.length + 1 + Buffer.from(value).length).toBeLessThan(MAX_ARGUMENT_BYTES);
      expect(typeof value !== 'string' || value.isWellFormed()).toBe(true);
    }
  });

  it('knows our terminal, if there is one', () => {
    const terminal = { type: 'xterm', columns: 90, rows: 30 };
    const { env } = makeLineRequest(shell, '/f', { text: 'x', isLast: false, terminal }, 0, false);
    expect(env).toMatchObject({ TERM: 'xterm', _rexa_columns: '90', _rexa_rows: '30', _rexa_expects: '' });
    expect(request('x').env).not.toHaveProperty('TERM');
  });

  it('is made for the start files too, where their state can be kept', () => {
    expect(makeStartRequest(shell, '/f')?.args.slice(0, 2)).toEqual(['-l', '-i']);
    expect(makeStartRequest(shell, '')).toBeNull();
  });
});

describe('what a host tells of itself', () => {
  const tell = (login: string, bash: string, zsh: string, sh: string): string =>
    ['/tmp/f', login, bash, zsh, sh, 'host', '/home/ann', '1000', ''].join('\0');

  it.each([
    ['/bin/bash', '/bin/bash', '/bin/zsh', '/bin/sh', '/bin/bash'],
    ['/usr/bin/zsh', '/bin/bash', '/usr/bin/zsh', '/bin/sh', '/usr/bin/zsh'],
    ['/usr/bin/fish', '/bin/bash', '/usr/bin/zsh', '/bin/sh', '/bin/bash'],
    ['/bin/ash', '', '/usr/bin/zsh', '/bin/sh', '/usr/bin/zsh'],
    ['/bin/ash', '', '', '/bin/sh', '/bin/sh'],
    ['/bin/bash', "alias bash='x'", '', '/bin/sh', '/bin/sh'],
  ])('with the login shell %s, and %j, %j, %j: lines are run by %s', (login, bash, zsh, sh, path) => {
    expect(readHostFacts(tell(login, bash, zsh, sh))).toMatchObject({
      folder: '/tmp/f',
      shell: { path },
      hostName: 'host',
      home: '/home/ann',
      isRoot: false,
    });
  });

  it.each(['', 'x', 'a\0b\0', tell('', '', '', ''), `${tell('', '/bin/bash', '', '')}more`])(
    'is of no use when it is %j',
    (told) => {
      expect(readHostFacts(told)).toBeNull();
    },
  );
});
