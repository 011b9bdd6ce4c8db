import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fixtureText } from '../fixtures/auth/fixtures.ts';
import { makeStandIns, type StandInHost } from '../fixtures/hosts/stand-ins.ts';

/** Sixty programs, one after the other, on a machine under load. */
const PAGE_MS = 300_000;

const folder = mkdtempSync(path.join(tmpdir(), 'rexa-'));
/** Who runs the tests, since a daemon lets in its own account. */
const ACCOUNT = userInfo().username;
const page = readFileSync(new URL('../../docs/replace-ssh.md', import.meta.url), 'utf8');

async function freePort(address: string): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** All commands of the page in one script, which ends at the first that fails. */
function readScript(hosts: readonly StandInHost[]): string {
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
  const script = ['set -eE -o pipefail', 'trap \'echo "line $LINENO failed" >&2\' ERR', ...blocks].join('\n');
  return hosts.reduce(
    (text, { name, address, port }) => text.replaceAll(`${name}.example.com:7522`, `${address}:${port}`),
    script
      .replace('-- tail -n 1 /', `-- tail -n 1 ${folder}/build1/`)
      // Not into the home folder of whoever runs the tests
      .replaceAll(/ b([12]):/g, ` b$1:${folder}/build$1/home/`)
      .replaceAll('alice', ACCOUNT),
  );
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('docs/replace-ssh.md', () => {
  it(
    'has commands that work in their order, on two hosts',
    async () => {
      const hosts = await Promise.all(
        ['build1', 'build2'].map(async (name, index) => {
          const address = `127.0.0.${index + 2}`;
          return { name, address, port: await freePort(address) };
        }),
      );
      const programs = makeStandIns(folder, hosts);
      const home = path.join(folder, 'home');
      mkdirSync(path.join(home, '.ssh'), { recursive: true, mode: 0o700 });
      for (const file of ['ed25519', 'ed25519.pub']) {
        const name = path.join(home, '.ssh', file.replace('ed25519', 'id_ed25519'));
        writeFileSync(name, fixtureText(`keys/${file}`), { mode: 0o600 });
      }
      for (const { name } of hosts)
        copyFileSync(
          path.join(home, '.ssh/id_ed25519.pub'),
          path.join(folder, name, 'home/.ssh/authorized_keys'),
        );
      const env = {
        HOME: home,
        USER: ACCOUNT,
        LANG: 'C.UTF-8',
        PATH: `${programs}:${process.env['PATH']}`,
      };
      const work = path.join(folder, 'work');
      mkdirSync(work);
      const script = path.join(folder, 'page.sh');
      writeFileSync(script, readScript(hosts));
      const { status, stdout, stderr } = spawnSync('bash', [script], { cwd: work, env, encoding: 'utf8' });
      for (const { name } of hosts)
        spawnSync(path.join(programs, 'ssh'), ['-n', name, `systemctl disable --now rexad@${ACCOUNT}`], {
          env,
        });
      expect([status, stderr], stdout).toEqual([0, expect.not.stringContaining('failed')]);
      expect(stdout).toMatch(/\nbuild1\nbuild2\n/);
    },
    PAGE_MS,
  );
});
