import { describe, expect, it } from 'vitest';
import { createFrameDecoder } from '../../../src/framing/decode.ts';
import type { Frame } from '../../../src/framing/frame.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import type { Greeting } from '../../../src/protocol/hello.ts';
import { HELLO_TIMEOUT_MS, MAX_BEFORE_LOGIN_BYTES } from '../../../src/protocol/limits.ts';
import type { Login } from '../../../src/protocol/login.ts';
import { decodeRest, frame } from '../../fixtures/framing/frames.ts';
import {
  CLIENT_GREETING,
  createLinkMachine,
  DAEMON_GREETING,
  DAEMON_HELLO,
  exchangeBytes,
  feed,
  type MachineEnd,
  takeBytes,
} from '../../fixtures/protocol/machine-pair.ts';
import { describeFrame, STREAM_0 } from '../../fixtures/protocol/mux-pair.ts';

const PROVEN: Login = { account: '', key: 'QUJD', proof: 'REVG' };
const OFFERS: Login = { account: 'ann', offers: ['QUJD', 'REVG', 'R0hJ'] };

function createEnd(greeting: Greeting): MachineEnd {
  return { machine: createLinkMachine(greeting, 0), events: [] };
}

const createDaemon = () => createEnd({ ...DAEMON_GREETING, asksLogin: true });
const createClient = (login: Login) => createEnd({ ...CLIENT_GREETING, login });

function helloWith(login: unknown): Frame {
  return frame(0x01, 0, JSON.stringify({ protocol: [1, 1], agent: 'peer/1', features: [], login }));
}

function takeNames(end: MachineEnd): string[] {
  const decoder = createFrameDecoder(1 << 20);
  decoder.push(takeBytes(end));
  return decodeRest(decoder).frames.map((item) =>
    item.type === 0x05 ? 'choose' : item.type === 0x06 ? 'proof' : describeFrame(item),
  );
}

const kinds = ({ events }: MachineEnd) => events.map((event) => event.kind);

const codeAtEnd = ({ events }: MachineEnd) =>
  events.flatMap((event) =>
    event.kind === 'ended' && event.end.kind === 'failed' ? [event.end.error.code] : [],
  );

describe('a login with its proof', () => {
  it('travels in one flight with the request, which waits at the daemon for the verdict', () => {
    const [client, daemon] = [createClient(PROVEN), createDaemon()];
    client.machine.mux.open({ service: 'x' }, [STREAM_0], 0);
    exchangeBytes([client, daemon]);
    expect(daemon.events).toEqual([{ kind: 'login', login: PROVEN }]);
    expect([daemon.machine.state, client.machine.state]).toEqual(['judging', 'greeting']);

    daemon.machine.decide({ kind: 'admitted' });
    exchangeBytes([client, daemon]);
    feed(daemon);
    expect(kinds(daemon)).toEqual(['login', 'greeted', 'opened']);
    expect([daemon.machine.state, client.machine.state]).toEqual(['open', 'open']);
  });

  it('that is refused leaves the request unread', () => {
    const [client, daemon] = [createClient(PROVEN), createDaemon()];
    client.machine.mux.open({ service: 'x' }, [], 0);
    exchangeBytes([client, daemon]);
    daemon.machine.leave(new RexaError('LOGIN_REFUSED', ['7']));
    daemon.machine.decide({ kind: 'admitted' });
    exchangeBytes([client, daemon]);
    feed(daemon);
    expect(kinds(daemon)).toEqual(['login', 'ended']);
    expect(client.events).toMatchObject([{ kind: 'ended', end: { kind: 'refused', code: 'LOGIN_REFUSED' } }]);
  });

  it('lets a long request wait for the hello, and nothing behind it overtakes', () => {
    const client = createClient(PROVEN);
    client.machine.mux.open({ text: 'a'.repeat(1000) }, [STREAM_0], 0);
    client.machine.mux.open({ text: 'b'.repeat(MAX_BEFORE_LOGIN_BYTES) }, [STREAM_0], 0);
    client.machine.mux.open({}, [], 0);
    expect(takeNames(client)).toEqual(['hello', 'open 1', 'credit 1.0']);
    expect(takeNames(client)).toEqual([]);
    feed(client, DAEMON_HELLO);
    expect(takeNames(client)).toEqual(['open 3', 'credit 3.0', 'open 5']);
  });
});

describe('a login with offers', () => {
  it('is told of, one is chosen, proven, and judged again under the same account and key', () => {
    const [client, daemon] = [createClient(OFFERS), createDaemon()];
    client.machine.mux.open({}, [], 0);
    expect(takeNames(createClient(OFFERS))).toEqual(['hello']);
    exchangeBytes([client, daemon]);
    daemon.machine.decide({ kind: 'chosen', offer: 1 });
    exchangeBytes([client, daemon]);
    expect(client.events).toEqual([{ kind: 'chosen', offer: 1 }]);
    client.machine.prove('UFJPT0Y=');
    exchangeBytes([client, daemon]);
    expect(daemon.events).toEqual([
      { kind: 'login', login: OFFERS },
      { kind: 'login', login: { account: 'ann', key: 'REVG', proof: 'UFJPT0Y=' } },
    ]);
    daemon.machine.decide({ kind: 'admitted' });
    exchangeBytes([client, daemon]);
    feed(daemon);
    expect(kinds(daemon)).toEqual(['login', 'login', 'greeted', 'opened']);
    expect(kinds(client)).toEqual(['chosen', 'greeted']);
  });

  it.each<[string, Frame]>([
    ['an offer that was never made', frame(0x05, 0, '{"offer":3}')],
    ['half an offer', frame(0x05, 0, '{"offer":0.5}')],
    ['a proof', frame(0x06, 0, '{"proof":"QUJD"}')],
  ])('is given up when the daemon answers with %s', (_name, answer) => {
    const client = createClient(OFFERS);
    feed(client, answer);
    expect(codeAtEnd(client)[0]).toMatch(/FRAME_MISPLACED|CONTROL_WRONG_SHAPE/);
  });

  it('is given up when the daemon chooses twice', () => {
    const client = createClient(OFFERS);
    feed(client, frame(0x05, 0, '{"offer":1}'), frame(0x05, 0, '{"offer":2}'));
    expect(codeAtEnd(client)).toEqual(['FRAME_MISPLACED']);
  });
});

describe('a client that chooses', () => {
  it('is not heard: it named one key and proved it', () => {
    const client = createClient(PROVEN);
    feed(client, frame(0x05, 0, '{"offer":0}'));
    expect(codeAtEnd(client)).toEqual(['FRAME_MISPLACED']);
  });
});

describe('before it is admitted, a client', () => {
  it.each<[string, Frame]>([
    ['an open', frame(0x10, 1, '{}')],
    ['data', frame(0x20, 1, 'x')],
    ['a ping', frame(0x03, 0, '12345678')],
    ['another hello', helloWith(PROVEN)],
    ['a choice', frame(0x05, 0, '{"offer":0}')],
    ['what nobody knows', frame(0x99, 0)],
  ])('is sent away for %s where the proof is awaited', (_name, sent) => {
    const daemon = createDaemon();
    feed(daemon, helloWith(OFFERS));
    daemon.machine.decide({ kind: 'chosen', offer: 0 });
    feed(daemon, sent);
    expect(codeAtEnd(daemon)).toEqual(['FRAME_MISPLACED']);
    expect(kinds(daemon)).toEqual(['login', 'ended']);
  });

  it('is sent away for a proof that nobody asked for, once its login is judged', () => {
    const daemon = createDaemon();
    feed(daemon, helloWith(PROVEN), frame(0x06, 0, '{"proof":"QUJD"}'));
    daemon.machine.decide({ kind: 'admitted' });
    feed(daemon);
    expect(codeAtEnd(daemon)).toEqual(['FRAME_MISPLACED']);
  });

  it('opens nothing by what it sends behind its offers', () => {
    const daemon = createDaemon();
    feed(daemon, helloWith(OFFERS), frame(0x10, 1, '{}'));
    daemon.machine.decide({ kind: 'chosen', offer: 0 });
    feed(daemon);
    expect(codeAtEnd(daemon)).toEqual(['FRAME_MISPLACED']);
    expect(daemon.machine.mux.channelCount).toBe(0);
  });

  it('may send so many bytes and no more, however they are cut', () => {
    const daemon = createDaemon();
    feed(daemon, helloWith(PROVEN));
    for (let at = 0; at < MAX_BEFORE_LOGIN_BYTES && daemon.machine.state === 'judging'; at += 1000)
      daemon.machine.handleBytes(new Uint8Array(1000));
    feed(daemon);
    expect(codeAtEnd(daemon)).toEqual(['LOGIN_OVERRUN']);
  });

  it.each([
    ['a login without a key', { account: '' }],
    ['no offers', { account: '', offers: [] }],
    ['too many offers', { account: '', offers: Array.from({ length: 21 }, () => 'QUJD') }],
    ['a key that is no base64', { account: '', key: '***', proof: 'QUJD' }],
    ['a key in loose base64', { account: '', key: 'QUJ', proof: 'QUJD' }],
    ['an account without end', { account: 'a'.repeat(257), key: 'QUJD', proof: 'QUJD' }],
  ])('is sent away for %s', (_name, login) => {
    const daemon = createDaemon();
    feed(daemon, helloWith(login));
    expect(codeAtEnd(daemon)).toEqual(['CONTROL_WRONG_SHAPE']);
  });

  it('that names nobody is judged as such', () => {
    const daemon = createDaemon();
    feed(daemon, helloWith(undefined));
    expect(daemon.events).toEqual([{ kind: 'login', login: null }]);
  });

  it.each(['judging', 'choosing'] as const)('has its time, in the state %s too', (state) => {
    const daemon = createDaemon();
    feed(daemon, helloWith(OFFERS));
    if (state === 'choosing') daemon.machine.decide({ kind: 'chosen', offer: 0 });
    expect([daemon.machine.state, daemon.machine.nextDeadlineMs]).toEqual([state, HELLO_TIMEOUT_MS]);
    daemon.machine.handleTime(HELLO_TIMEOUT_MS);
    feed(daemon);
    expect(codeAtEnd(daemon)).toEqual(['HELLO_TIMEOUT']);
  });
});

describe('where nobody has to log in', () => {
  it('a login is passed over', () => {
    const daemon = createEnd(DAEMON_GREETING);
    feed(daemon, helloWith(PROVEN), frame(0x10, 1, '{}'));
    expect(kinds(daemon)).toEqual(['greeted', 'opened']);
  });
});
