import dgram from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { generateHostKey } from '../../../src/auth/host-key.ts';
import { answerProbe, readProbe } from '../../../src/auth/probe.ts';
import { raceProbers } from '../../../src/client/race-probers.ts';
import type { Place } from '../../../src/client/tls/race-addresses.ts';

const KEY = generateHostKey();

/** A place that takes probes, and answers those that it is to answer. */
async function openPlace(isAnswered: () => boolean): Promise<Place & { readonly questions: string[] }> {
  const socket = dgram.createSocket('udp4');
  const questions: string[] = [];
  const take = async (datagram: Buffer, remote: dgram.RemoteInfo): Promise<void> => {
    const nonce = readProbe(datagram) ?? Buffer.alloc(0);
    questions.push(nonce.toString('hex'));
    if (isAnswered()) socket.send(await answerProbe(nonce, KEY), remote.port, remote.address);
  };
  socket.on('message', (datagram, remote) => void take(datagram, remote));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { address: '127.0.0.1', port: socket.address().port, questions };
}

/** Sends a probe, and another one after each answer; ends with so many answers, with a failure, or with an unreachable host. */
async function race(places: readonly Place[], answers: number, verify = async (): Promise<null> => null) {
  const ended = Promise.withResolvers<unknown>();
  const told: (readonly [port: number, sequence: number])[] = [];
  using prober = raceProbers(places, verify, {
    handleAnswer({ sequence }, place) {
      told.push([place.port, sequence]);
      if (told.length === answers) ended.resolve(null);
      else prober.send();
    },
    handleFailure: ended.resolve,
    handleUnreachable: ended.resolve,
  });
  prober.send();
  return { end: await ended.promise, told, key: prober.key };
}

const REFUSED: Place = { address: '127.0.0.1', port: 1 };
/** No zone of that name: the socket cannot be connected. */
const IMPOSSIBLE: Place = { address: 'fe80::1%nope', port: 1 };

describe('probes to several places', () => {
  it.each([
    ['is silent', async () => openPlace(() => false)],
    ['is refused', async () => REFUSED],
    ['cannot be connected to', async () => IMPOSSIBLE],
  ])('reach the second one when the first one %s', async (_what, openFirst) => {
    const first = await openFirst();
    const second = await openPlace(() => true);
    const { end, told, key } = await race([first, second], 3);
    expect([end, told]).toEqual([
      null,
      [
        [second.port, 0],
        [second.port, 1],
        [second.port, 2],
      ],
    ]);
    expect(key?.blob.equals(KEY.publicKey.blob)).toBe(true);
  });

  it('go to the one alone that has answered', async () => {
    const [first, second] = [await openPlace(() => true), await openPlace(() => false)];
    const { told } = await race([first, second], 3);
    expect(told.map(([port]) => port)).toEqual([first.port, first.port, first.port]);
    // Before the first answer, the second place may have been asked too
    expect([first.questions.length, second.questions.length < 2]).toEqual([3, true]);
  });

  it('are unreachable when all places are', async () => {
    const { end, told } = await race([IMPOSSIBLE, REFUSED], 1);
    expect([end, told]).toEqual([expect.stringContaining('ECONNREFUSED'), []]);
  });

  it('fail with the error of a verification that fails', async () => {
    const failure = new Error('no file');
    const { end, told } = await race([await openPlace(() => true)], 1, () => Promise.reject(failure));
    expect([end, told]).toEqual([failure, []]);
  });
});
