import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { type ConfiguredHost, startConfiguredHost } from '../../fixtures/ssh-config/configured-host.ts';

const ACCOUNT = userInfo().username;
const SSH_LINE = 'echo "$SSH_CONNECTION"';

let host: ConfiguredHost;
beforeAll(async () => {
  host = await startConfiguredHost();
});
afterAll(() => host[Symbol.asyncDispose]());

describe('a host of rexa ssh', () => {
  it('over a socket has no addresses, as sshd -i', async () => {
    await using daemon = await startDaemon();
    const { stdout } = await runRexa(['ssh', daemon.address, SSH_LINE]);
    expect(stdout.toString()).toBe('UNKNOWN 65535 UNKNOWN 65535\n');
  });

  it('behind a ProxyCommand needs no name that anybody knows, and has the addresses of the program', async () => {
    const program = `${process.execPath} -e "const s=require('net').connect(%p,'%h');process.stdin.pipe(s);s.pipe(process.stdout)"`;
    const words = ['-o', `ProxyCommand=${program}`, '999.999.999.999'];
    const { status, stdout } = await host.ssh(...words, SSH_LINE);
    expect([status, stdout.toString()]).toEqual([
      0,
      expect.stringMatching(/^127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+\n$/),
    ]);
  });

  it.each<[user: string, status: number]>([
    [`${ACCOUNT}:style`, 0],
    [':style', 255],
    [`not-${ACCOUNT}:style`, 255],
  ])('lets in %s with status %i', async (user, status) => {
    expect((await host.ssh('-l', user, 'somehost', 'true')).status).toBe(status);
  });
});
