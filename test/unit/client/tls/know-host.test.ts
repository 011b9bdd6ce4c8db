import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../../src/auth/public-key.ts';
import { connect } from '../../../../src/client/connect.ts';
import type { ConnectOptions, UnknownHost } from '../../../../src/client/run-types.ts';
import { fixtureKey, fixtureSecret } from '../../../fixtures/auth/fixtures.ts';
import { startToyDaemon } from '../../../fixtures/tls/toy-daemon.ts';
import { makeUserHome, noteWords, type UserHome } from '../../../fixtures/tls/user-home.ts';

async function open(address: string, home: UserHome, options: ConnectOptions = {}): Promise<void> {
  const identities = [home.addKey('ecdsa256')];
  await using host = await connect(address, { timeout: 3000, identities, ...options });
  await host.run('true');
}

const FIXTURES = new URL('../../../fixtures/auth/', import.meta.url);

/** Whether a line is of something that the client has said. */
const isSaid = (line: string): boolean => line !== 'connection';

describe('a host that is not known yet', () => {
  it('is refused where nobody can be asked, with its key and what to do', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await expect(open(daemon.address, home)).rejects.toMatchObject({
      code: 'AUTH_HOST_UNKNOWN',
      message: expect.stringMatching(
        new RegExp(
          `${fingerprint(fixtureKey('ed25519')).replaceAll('+', '\\+')}.*rexa keys add ${daemon.known}`,
        ),
      ) as string,
    });
    expect(daemon.seen.filter(isSaid)).toEqual([]);
    expect(home.readKnownHosts()).toBe('');
  });

  it('is asked about while there is no connection, and known from then on', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    const asked: UnknownHost[] = [];
    const askHost = async (host: UnknownHost): Promise<boolean> => {
      asked.push(host);
      expect(daemon.seen.filter(isSaid)).toEqual([]);
      return true;
    };
    await open(daemon.address, home, { askHost });
    await open(daemon.address, home, { askHost });
    expect(asked).toEqual([
      { address: daemon.known, keyType: 'ssh-ed25519', fingerprint: fingerprint(fixtureKey('ed25519')) },
    ]);
    expect(home.readKnownHosts()).toBe(`${daemon.known} ${fixtureLine('ed25519')}\n`);
  });

  it('stays unknown when the answer is no', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await expect(open(daemon.address, home, { askHost: () => false })).rejects.toMatchObject({
      code: 'AUTH_HOST_UNKNOWN',
    });
    expect(home.readKnownHosts()).toBe('');
    expect(daemon.seen.filter(isSaid)).toEqual([]);
  });

  it('that has another key after the question than before it has changed', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    const askHost = async (): Promise<boolean> => {
      await daemon.stop();
      await startToyDaemon({ port: daemon.port, hostKey: 'rsa' });
      return true;
    };
    await expect(open(daemon.address, home, { askHost })).rejects.toMatchObject({
      code: 'AUTH_HOST_CHANGED',
    });
  });

  it('that has become known by another key during the question has changed', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    const askHost = async (): Promise<boolean> => {
      await home.know({ known: daemon.known, hostKey: await fixtureSecret('rsa') });
      return true;
    };
    await expect(open(daemon.address, home, { askHost })).rejects.toMatchObject({
      code: 'AUTH_HOST_CHANGED',
    });
    expect(home.readKnownHosts()).toBe(`${daemon.known} ${fixtureLine('rsa')}\n`);
    expect(daemon.seen.filter(isSaid)).toEqual([]);
  });

  it('is believed and forgotten again where nothing is to be remembered', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know({ known: daemon.known, hostKey: await fixtureSecret('rsa') });
    await open(daemon.address, home, { acceptNew: true, knownHosts: null });
    await expect(open(daemon.address, home, { knownHosts: null })).rejects.toMatchObject({
      code: 'AUTH_HOST_UNKNOWN',
    });
  });

  it('is looked for in several files, and learned by the first', async () => {
    const home = makeUserHome();
    const [one, two] = [home.addKey('rsa', 'one'), home.addKey('rsa', 'two')];
    fs.writeFileSync(one, '');
    const [known, other] = [await startToyDaemon(), await startToyDaemon()];
    fs.writeFileSync(two, `${known.known} ${fixtureLine('ed25519')}\n`);
    await open(known.address, home, { knownHosts: [one, two] });
    await open(other.address, home, { knownHosts: [one, two], acceptNew: true });
    expect(fs.readFileSync(one, 'utf8')).toBe(`${other.known} ${fixtureLine('ed25519')}\n`);
  });

  it('that has changed is told with the file of several that knew it', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    const two = home.addKey('rsa', 'two');
    fs.writeFileSync(two, `# none\n${daemon.known} ${fixtureLine('rsa')}\n`);
    await expect(
      open(daemon.address, home, { knownHosts: [home.knownHosts, two], acceptNew: true }),
    ).rejects.toMatchObject({
      code: 'AUTH_HOST_CHANGED',
      message: expect.stringContaining(`(${two}, line 2)`) as string,
    });
  });

  it.each([
    [4, '127.0.0.1', null],
    [6, '127.0.0.1', 'CONNECT_FAILED'],
    [4, 'localhost', null],
  ] as const)('is reached by IPv%d alone, at %s: %s', async (family, host, code) => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    const opening = open(`tls://${host}:${daemon.port}`, home, { family, acceptNew: true });
    if (code === null) await opening;
    else await expect(opening).rejects.toMatchObject({ code });
  });

  it('is believed by --accept-new on the same connection, and said', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    const { options, warned } = noteWords({ acceptNew: true });
    await open(daemon.address, home, options);
    expect(daemon.seen).toEqual(['connection', 'right proof', 'run']);
    expect(warned).toEqual([
      `${daemon.known}: key ${fingerprint(fixtureKey('ed25519'))} added to known_hosts`,
    ]);
    expect(home.readKnownHosts()).toContain(daemon.known);
  });

  it('is believed this time only where known_hosts cannot be written', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    fs.mkdirSync(home.knownHosts, { recursive: true, mode: 0o700 });
    const knownHosts = `${home.folder}/file/known_hosts`;
    fs.writeFileSync(`${home.folder}/file`, '');
    const { options, warned } = noteWords({ acceptNew: true, knownHosts });
    await open(daemon.address, home, options);
    expect(warned.join()).toContain('trusted for this connection only');
  });
});

function fixtureLine(name: string): string {
  const key = fixtureKey(name);
  return `${key.type} ${key.blob.toString('base64')}`;
}

describe('a host that is known', () => {
  it('is refused with another key, whatever was asked for, and told how to go on', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ hostKey: 'rsa' });
    await home.know({ known: daemon.known, hostKey: { publicKey: fixtureKey('ed25519') } as never });
    const before = home.readKnownHosts();
    const options = { acceptNew: true, askHost: () => true };
    await expect(open(daemon.address, home, options)).rejects.toMatchObject({
      code: 'AUTH_HOST_CHANGED',
      message: expect.stringContaining(`rexa keys remove ${daemon.known}`) as string,
    });
    expect(daemon.seen.filter(isSaid)).toEqual([]);
    expect(home.readKnownHosts()).toBe(before);
  });

  it('by a pin is not looked for in known_hosts', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know({ known: daemon.known, hostKey: await fixtureSecret('rsa') });
    await open(`${daemon.address}#${fingerprint(daemon.hostKey.publicKey)}`, home);
    expect(daemon.seen).toContain('right proof');
  });

  it('by another pin is refused', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know(daemon);
    const address = `${daemon.address}#${fingerprint(fixtureKey('rsa'))}`;
    await expect(open(address, home, { acceptNew: true })).rejects.toMatchObject({
      code: 'AUTH_HOST_PIN_MISMATCH',
    });
    expect(daemon.seen.filter(isSaid)).toEqual([]);
  });

  it.each([
    ['known_hosts', 0o666, (home: UserHome) => home.knownHosts],
    ['its folder', 0o777, (home: UserHome) => `${home.folder}/.config/rexa`],
  ])('is not looked for where others may write %s', async (_what, mode, find) => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know(daemon);
    fs.chmodSync(find(home), mode);
    await expect(open(daemon.address, home)).rejects.toMatchObject({
      code: 'AUTH_FILE_UNSAFE',
      message: expect.stringContaining(`chmod go-w ${find(home)}`) as string,
    });
    expect(daemon.seen.filter(isSaid)).toEqual([]);
  });
});

describe('hashKnownHosts', () => {
  it('writes a line that does not show the name of the host, and that knows it from then on', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await open(daemon.address, home, { acceptNew: true, hashKnownHosts: true });
    const line = home.readKnownHosts();
    expect(line).toMatch(/^\|1\|[\w+/=]{28}\|[\w+/=]{28} ssh-ed25519 /);
    await open(daemon.address, home);
    expect(home.readKnownHosts()).toBe(line);
  });
});

describe('revokedHostKeys', () => {
  const revoked = (name: string): string => fileURLToPath(new URL(name, FIXTURES));

  it.each([
    ['the key of the host', ['keys/ed25519.pub']],
    ['another file before it', ['keys/rsa.pub', 'keys/ed25519.pub']],
  ])('refuse a host by %s, though it is known, and say nothing to it', async (_, names) => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await open(daemon.address, home, { acceptNew: true });
    const before = daemon.seen.filter(isSaid).length;
    const files = names.map(revoked);
    await expect(
      open(daemon.address, home, { acceptNew: true, revokedHostKeys: files }),
    ).rejects.toMatchObject({
      code: 'AUTH_HOST_REVOKED',
      message: expect.stringContaining(`is revoked (${files.at(-1)})`) as string,
    });
    expect(daemon.seen.filter(isSaid)).toHaveLength(before);
  });

  it.each([
    ['of other keys let it in', ['keys/rsa.pub', 'krl/empty'], null],
    ['that are not there refuse every host', ['none-such'], 'AUTH_FILE_UNREADABLE'],
    ['that cannot be read refuse every host', ['terminal/less.txt'], 'AUTH_REVOCATIONS_MALFORMED'],
  ])('%s', async (_, names, code) => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    const files = names.map((name) => revoked(name.startsWith('terminal') ? `../${name}` : name));
    const opened = open(daemon.address, home, { acceptNew: true, revokedHostKeys: files });
    if (code === null) await opened;
    else await expect(opened).rejects.toMatchObject({ code });
  });
});
