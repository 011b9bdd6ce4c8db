import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProofMessage, type ProofFields } from '../../../src/auth/proof.ts';
import { signMessage } from '../../../src/auth/signature.ts';
import { makeSshsig } from '../../../src/auth/sshsig.ts';
import { fixtureKey, fixtureSecret } from '../../fixtures/auth/fixtures.ts';
import { frame, HELLO } from '../../fixtures/raw-peer.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { base64, connectTls, helloWith, proveLogin } from '../../fixtures/tls-peer.ts';
import { publicLine, readAnswer, runOverTls, runRequest } from '../../fixtures/tls-run.ts';

const PROOF = 0x06;
const ed25519 = fixtureSecret('ed25519');
const stranger = fixtureSecret('ecdsa256');
const blob = (name: string): string => base64(fixtureKey(name).blob);

let daemon: TlsDaemon;
/** Whoever gets a command run leaves this file behind. */
let mark: string;
beforeAll(async () => {
  // Not gone after the first test, as a folder of its own would be: the daemon stays for all of them.
  daemon = await startTlsDaemon();
  daemon.authorize(publicLine('ed25519'), publicLine('rsa'));
  mark = join(daemon.folder, 'mark');
});
afterAll(() => daemon[Symbol.asyncDispose]());

const touch = (): Buffer => runRequest(['touch', mark]);

/** Nobody got anything run, and who may come in still does. */
async function expectNothingRun(): Promise<void> {
  const { outcome } = await runOverTls(daemon.port, await ed25519);
  expect([outcome, existsSync(mark)]).toEqual(['exited 0', false]);
}

describe('before the proof', () => {
  const offers = (): Buffer => helloWith({ account: '', offers: [blob('ecdsa256'), blob('ed25519')] });

  it.each<[string, () => Buffer[], string]>([
    ['a request', () => [touch()], 'FRAME_MISPLACED'],
    ['data', () => [frame(0x20, 1, 'x')], 'FRAME_MISPLACED'],
    ['a message', () => [frame(0x11, 1, {})], 'FRAME_MISPLACED'],
    ['a ping', () => [frame(0x03, 0, '12345678')], 'FRAME_MISPLACED'],
    ['a proof out of nowhere', () => [frame(PROOF, 0, { proof: 'AAAA' })], 'FRAME_MISPLACED'],
    ['a choice of its own', () => [frame(0x05, 0, { offer: 0 })], 'FRAME_MISPLACED'],
    ['a hello without a login, and a request', () => [HELLO, touch()], 'LOGIN_REFUSED'],
    ['two hellos', () => [offers(), HELLO], 'FRAME_MISPLACED'],
    ['offers and a request', () => [offers(), touch()], 'FRAME_MISPLACED'],
    ['offers and a ping', () => [offers(), frame(0x03, 0, '12345678')], 'FRAME_MISPLACED'],
    ['offers of strangers', () => [helloWith({ account: '', offers: [blob('ecdsa256')] })], 'LOGIN_REFUSED'],
    ['offers of nonsense', () => [helloWith({ account: '', offers: ['AAAA', 'AAAAB3Nz'] })], 'LOGIN_REFUSED'],
    ['21 offers', () => [helloWith({ account: '', offers: Array(21).fill('AAAA') })], 'CONTROL_WRONG_SHAPE'],
    ['no offers', () => [helloWith({ account: '', offers: [] })], 'CONTROL_WRONG_SHAPE'],
    [
      'an account of 300 characters',
      () => [helloWith({ account: 'a'.repeat(300), offers: ['AAAA'] })],
      'CONTROL_WRONG_SHAPE',
    ],
    ['more than 64 KiB', () => [frame(0x13, 0, Buffer.alloc(70_000, 0x20))], 'LOGIN_OVERRUN'],
    [
      'a key of 1 MB',
      () => [helloWith({ account: '', key: 'A'.repeat(1_000_000), proof: 'AAAA' })],
      'LOGIN_OVERRUN',
    ],
  ])('%s is answered by a goaway, and nothing is run', async (_what, parts, code) => {
    const peer = await connectTls(daemon.port);
    peer.send(...parts());
    expect((await readAnswer(peer)).outcome).toBe(code);
    await expectNothingRun();
  });

  it('a key that was chosen is proven by its own signature alone', async () => {
    const peer = await connectTls(daemon.port);
    peer.send(offers());
    expect((await peer.next())?.payload.toString()).toBe('{"offer":1}');
    // The stranger's key was offered too, and its owner proves it rightly.
    const { proof } = await proveLogin(peer, await stranger);
    peer.send(frame(PROOF, 0, { proof }), touch());
    expect((await readAnswer(peer)).outcome).toBe('LOGIN_REFUSED');
    await expectNothingRun();
  });

  it.each<[string, () => Buffer]>([
    ['another name', () => helloWith({ account: 'root', offers: [blob('ed25519')] })],
    ['another key', () => helloWith({ account: '', offers: [blob('rsa')] })],
  ])('%s after the choice ends the connection', async (_what, second) => {
    const peer = await connectTls(daemon.port);
    peer.send(offers());
    await peer.next();
    peer.send(second());
    expect((await readAnswer(peer)).outcome).toBe('FRAME_MISPLACED');
  });

  it('a second proof after a wrong one comes too late', async () => {
    const peer = await connectTls(daemon.port);
    peer.send(offers());
    await peer.next();
    const { proof } = await proveLogin(peer, await ed25519);
    const wrong = await proveLogin(peer, await stranger);
    peer.send(frame(PROOF, 0, { proof: wrong.proof }), frame(PROOF, 0, { proof }), touch());
    expect((await readAnswer(peer)).outcome).toBe('LOGIN_REFUSED');
    await expectNothingRun();
  });
});

describe('a proof of an authorized key', () => {
  it('opens its connection', async () => {
    expect((await runOverTls(daemon.port, await ed25519)).outcome).toBe('exited 0');
  });

  it.each<[string, Partial<ProofFields>]>([
    ['for another connection', { exporter: Buffer.alloc(32, 7) }],
    ['for another host', { hostKey: fixtureKey('rsa').blob }],
    ['for another role', { role: 'daemon' as 'client' }],
    ['for another protocol', { alpn: 'rexa/2' }],
  ])('%s is refused', async (_what, changes) => {
    expect((await runOverTls(daemon.port, await ed25519, touch(), changes)).outcome).toBe('LOGIN_REFUSED');
    await expectNothingRun();
  });

  it('for another user is refused: the name in the hello is another than the one that was signed', async () => {
    const peer = await connectTls(daemon.port);
    peer.send(
      helloWith({ ...(await proveLogin(peer, await ed25519, { account: 'alice' })), account: '' }),
      touch(),
    );
    expect((await readAnswer(peer)).outcome).toBe('LOGIN_REFUSED');
    await expectNothingRun();
  });

  it.each(['file', 'auth@other', 'ssh-connection', ''])(
    'in the namespace %j is refused',
    async (namespace) => {
      const peer = await connectTls(daemon.port);
      const secret = await ed25519;
      const { blob: publicKey } = secret.publicKey;
      const message = makeProofMessage({ ...peer.bound, account: '', publicKey });
      const sign = (data: Buffer): Promise<Buffer> => Promise.resolve(signMessage(secret, data));
      const proof = base64(await makeSshsig(publicKey, namespace, message, sign));
      peer.send(helloWith({ account: '', key: base64(publicKey), proof }), touch());
      expect((await readAnswer(peer)).outcome).toBe('LOGIN_REFUSED');
      await expectNothingRun();
    },
  );

  it('by another key is refused', async () => {
    const peer = await connectTls(daemon.port);
    const wrong = await proveLogin(peer, await stranger, { publicKey: fixtureKey('ed25519').blob });
    peer.send(helloWith(wrong), touch());
    expect((await readAnswer(peer)).outcome).toBe('LOGIN_REFUSED');
    await expectNothingRun();
  });

  it('is worth nothing on a second connection', async () => {
    const first = await connectTls(daemon.port);
    const login = await proveLogin(first, await ed25519);
    first.send(helloWith(login), runRequest(['true']));
    expect((await readAnswer(first)).outcome).toBe('exited 0');
    const second = await connectTls(daemon.port);
    second.send(helloWith(login), touch());
    expect((await readAnswer(second)).outcome).toBe('LOGIN_REFUSED');
    await expectNothingRun();
  });

  it('is worth nothing at another host', async () => {
    await using other = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    const peer = await connectTls(other.port);
    const elsewhere = await connectTls(daemon.port);
    elsewhere.send(helloWith(await proveLogin(peer, await ed25519)), touch());
    expect((await readAnswer(elsewhere)).outcome).toBe('LOGIN_REFUSED');
    peer.socket.destroy();
    await expectNothingRun();
  });
});
