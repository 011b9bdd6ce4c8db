import { describe, expect, it } from 'vitest';
import { planCopies } from '../../../../src/cli/files/plan-copies.ts';
import { readOperand } from '../../../../src/cli/files/read-operand.ts';
import { codeOf } from '../../../fixtures/auth/fixtures.ts';

describe('an operand of rexa cp', () => {
  it.each<[string, host: string | null, path: string]>([
    ['file', null, 'file'],
    ['./a:b', null, './a:b'],
    ['/srv/a:b', null, '/srv/a:b'],
    [':x', null, ':x'],
    ['web1:', 'web1', ''],
    ['web1:/srv/x', 'web1', '/srv/x'],
    ['web1:a:b', 'web1', 'a:b'],
    ['me@web1:x', 'me@web1', 'x'],
    ['local:x', 'local', 'x'],
    ['[::1]:/x', '[::1]', '/x'],
    ['unix:/run/rexad.sock:/x', 'unix:/run/rexad.sock', '/x'],
    ['unix:/run/rexad.sock:a:b', 'unix:/run/rexad.sock', 'a:b'],
    ['tls://web1:/x', 'tls://web1', '/x'],
    ['tls://web1:7522:/x', 'tls://web1:7522', '/x'],
    ['tls://web1:7522:22', 'tls://web1:7522', '22'],
    ['ssh://web1:./22', 'ssh://web1', './22'],
    ['tls://[::1]:7522:x:y', 'tls://[::1]:7522', 'x:y'],
    [`tls://web1:7522#SHA256:${'A'.repeat(43)}:/x`, `tls://web1:7522#SHA256:${'A'.repeat(43)}`, '/x'],
    ['ssh://me@web1:22:x', 'ssh://me@web1:22', 'x'],
    ['exec:docker exec -i web:1 rexad --stdio:/x', 'exec:docker exec -i web:1 rexad --stdio', '/x'],
    ['web1:new\nline', 'web1', 'new\nline'],
  ])('%j is %j and %j', (text, host, path) => {
    expect(readOperand(text)).toEqual(host === null ? { kind: 'here', path } : { kind: 'host', host, path });
  });

  it.each([
    '',
    'unix:/run/rexad.sock',
    'tls://web1',
    'tls://web1:7522',
    'tls://[::1]:7522',
    'ssh://me@web1:22',
    'ready://127.0.0.1:1:x',
    'exec:true',
  ])('%j is refused', (text) => {
    expect(codeOf(() => readOperand(text))).toBe('USAGE');
  });
});

describe('the plan of rexa cp', () => {
  it('joins neighbouring sources of one host', () => {
    const { copies, needsFolder } = planCopies(['a', 'b', 'h:c', 'h:d', 'g:e', 'h:']);
    expect(needsFolder).toBe(true);
    expect(copies).toEqual([
      { host: null, paths: ['a', 'b'] },
      { host: 'h', paths: ['c', 'd'] },
      { host: 'g', paths: ['e'] },
    ]);
  });

  it.each([[[]], [['a']], [['a', 'b']], [['h:a', 'h:b', '-']], [['-', 'a', 'h:b']], [['-', '-']]])(
    'refuses %j',
    (words) => {
      expect(codeOf(() => planCopies(words))).toBe('USAGE');
    },
  );
});
