import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DropIn, startDropIn } from '../../fixtures/drop-in.ts';
import { writePattern } from '../../fixtures/pattern.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const MIB = 1 << 20;

/** A line of sh in which `$REXA` is rexa on its way to the host. */
function shell(host: DropIn, line: string) {
  return host.run(['bash', '-c', line], { REXA: `rexa -p ${host.port} 127.0.0.1` });
}

describe('the streams of the drop-in', () => {
  it('pass every byte there and back, and the end of stdin without the end of the conversation', async () => {
    await using host = await startDropIn();
    const sent = writePattern(join(host.folder, 'in'), 5 * MIB + 3);
    const { status, stderr } = await shell(host, '$REXA "cat; printf end; printf err >&2" <in >out');
    expect([status, stderr]).toEqual([0, 'err']);
    const out = readFileSync(join(host.folder, 'out'));
    expect(out.subarray(-3).toString()).toBe('end');
    expect(createHash('sha256').update(out.subarray(0, -3)).digest('hex')).toBe(sent);
  });

  it('have all 256 bytes on both, whatever they mean elsewhere', async () => {
    await using host = await startDropIn();
    writeFileSync(
      join(host.folder, 'in'),
      Uint8Array.from({ length: 256 }, (_, byte) => byte),
    );
    const { status } = await shell(host, '$REXA "tee /dev/stderr" <in >out 2>err');
    const read = (name: string): Buffer => readFileSync(join(host.folder, name));
    expect([status, read('out').equals(read('in')), read('err').equals(read('in'))]).toEqual([0, true, true]);
  });

  it('leave with -n what stands on stdin to others', async () => {
    await using host = await startDropIn();
    const line = 'printf "1\\n2\\n3\\n" | while read -r n; do $REXA -n "echo $n; cat"; done';
    expect((await shell(host, line)).stdout).toBe('1\n2\n3\n');
  });

  it('end the command when nobody reads stdout any more, and exit with 141', async () => {
    await using host = await startDropIn();
    const gone = join(host.folder, 'gone');
    const line = `$REXA "trap 'echo >${gone}; exit' TERM PIPE; while echo y; do :; done" | head -n 1; echo \${PIPESTATUS[*]}`;
    const { stdout, stderr } = await shell(host, line);
    expect(stdout).toBe('y\n141 0\n');
    // The write that fails before the trap ends it may be reported by the shell there, once
    expect(stderr).toMatch(/^(?:\/bin\/\w+: (?:line )?\d+: echo: (?:write error: |echo: )?Broken pipe\n)?$/);
    await waitUntil('the command has ended', () => existsSync(gone));
  });

  it.each([
    ['its own status', 'exit 7', 7, ''],
    ['127 of the shell', 'no-such-program-at-all 2>/dev/null', 127, ''],
    ['255 of the command', 'exit 255', 255, ''],
    ['128 and the signal', 'kill -TERM $$', 143, /^rexa: the command was ended by SIGTERM\n$/],
  ])('end with %s', async (_, line, status, stderr) => {
    await using host = await startDropIn();
    const exit = await host.run(['rexa', 'ssh', '-n', '-p', String(host.port), '127.0.0.1', line]);
    expect([exit.status, exit.stderr]).toEqual([
      status,
      typeof stderr === 'string' ? stderr : expect.stringMatching(stderr),
    ]);
  });

  it.each([
    ['a host that nobody answers at', ['-p', '1', '127.0.0.1', 'true'], /^rexa: unreachable: /],
    [
      'a host that is not known, where nobody can be asked',
      ['-o', 'BatchMode=yes', '-o', 'UserKnownHostsFile=none', '127.0.0.1', 'true'],
      /^rexa: .* is unknown and has the key SHA256:/,
    ],
    ['a user who is not there', ['-l', 'nobody-of-that-name', '127.0.0.1', 'true'], /^rexa: denied: /],
    [
      'no key',
      ['-o', 'IdentitiesOnly=yes', '-i', 'none', '127.0.0.1', 'true'],
      /^rexa: denied: no key to log in to .*: there is no ssh-agent$/m,
    ],
    [
      'words that mean nothing',
      ['-o', 'Nonsense=1', '127.0.0.1', 'true'],
      /^rexa: -o: bad configuration option/,
    ],
  ])('end with 255 for %s', async (_, words, expected) => {
    await using host = await startDropIn();
    const port = words.includes('-p') ? [] : ['-p', String(host.port)];
    const { status, stdout, stderr } = await host.run(['rexa', 'ssh', '-n', ...port, ...words]);
    expect([status, stdout, stderr]).toEqual([255, '', expect.stringMatching(expected)]);
  });

  it('remember nothing of a host where UserKnownHostsFile is /dev/null', async () => {
    await using host = await startDropIn();
    const ask = (...words: readonly string[]) =>
      host.run(['rexa', 'ssh', '-n', '-p', String(host.port), ...words, '127.0.0.1', 'true']);
    const nowhere = ['-o', 'UserKnownHostsFile=/dev/null'];
    const believed = await ask(...nowhere, '-o', 'StrictHostKeyChecking=no');
    expect([believed.status, believed.stderr]).toEqual([
      0,
      expect.stringMatching(/^rexa: \S+: key SHA256:\S+ trusted for this connection only\n$/),
    ]);
    expect((await ask(...nowhere, '-o', 'StrictHostKeyChecking=yes')).status).toBe(255);
    expect((await ask('-o', 'StrictHostKeyChecking=yes')).status).toBe(0);
  });
});
