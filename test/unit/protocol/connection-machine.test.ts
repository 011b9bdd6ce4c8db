import { describe, expect, it } from 'vitest';
import { createFrameDecoder } from '../../../src/framing/decode.ts';
import type { Frame } from '../../../src/framing/frame.ts';
import { createBudget } from '../../../src/protocol/budget.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import { FIRST_WINDOW_BYTES, HELLO_TIMEOUT_MS, LOGIN_TIMEOUT_MS } from '../../../src/protocol/limits.ts';
import { createNullReplay, type ReplayLayer } from '../../../src/protocol/replay.ts';
import { decodeRest, encodeFrames, frame, plain } from '../../fixtures/framing/frames.ts';
import {
  CLIENT_GREETING,
  CLIENT_HELLO,
  collectEvents,
  createLinkMachine,
  createMachine,
  createOpenDaemon,
  DAEMON_HELLO,
  exchangeBytes,
  feed,
  feedBytes,
  type MachineEnd,
  takeBytes,
} from '../../fixtures/protocol/machine-pair.ts';
import { describeFrame, STREAM_0 } from '../../fixtures/protocol/mux-pair.ts';
import { patternBytes } from '../../fixtures/protocol/pattern.ts';

function decode(bytes: Uint8Array): Frame[] {
  const decoder = createFrameDecoder(1 << 20);
  decoder.push(bytes);
  return decodeRest(decoder).frames;
}

function nameOf(item: Frame): string {
  const name = describeFrame(item);
  if (name !== 'goaway') return name;
  const said = JSON.parse(Buffer.from(item.payload).toString()) as { error?: { code: string } };
  return said.error ? `goaway ${said.error.code}` : name;
}

/** The frames that a machine wants to send, by name, and what a goaway among them says. */
function takeNames(end: Pick<MachineEnd, 'machine'>): string[] {
  return decode(takeBytes(end)).map(nameOf);
}

const lastEnd = ({ events }: MachineEnd) => {
  const ends = events.flatMap((event) => (event.kind === 'ended' ? [event.end] : []));
  expect(ends.length).toBe(1);
  return ends[0];
};

describe('two link machines', () => {
  it.each([1, 2, 9, 13, 1000])('greet each other when their bytes come in pieces of %i', (pieceBytes) => {
    const client = createMachine('client');
    const daemon = createMachine('daemon');
    exchangeBytes([client, daemon], pieceBytes);
    expect([client.machine.state, daemon.machine.state]).toEqual(['open', 'open']);
    expect(client.events).toEqual([
      {
        kind: 'greeted',
        peer: {
          protocol: 1,
          agent: 'rexad/test',
          features: ['bytes', 'stdio', 'agent', 'lasting'],
          encoding: 'gbk',
          hostKeys: [],
        },
        link: null,
      },
    ]);
    expect(daemon.events).toEqual([
      {
        kind: 'greeted',
        peer: {
          protocol: 1,
          agent: 'rexa/test',
          features: ['bytes', 'stdio', 'agent', 'lasting'],
          encoding: null,
          hostKeys: [],
        },
        link: null,
      },
    ]);
  });

  it('carry a channel from its request to its last word, byte by byte', () => {
    const client = createMachine('client');
    const daemon = createMachine('daemon');
    const id = client.machine.mux.open({ service: 'x' }, [STREAM_0], 0);
    exchangeBytes([client, daemon], 1);
    daemon.machine.mux.write(id, STREAM_0, patternBytes(1, 0, 1000));
    daemon.machine.mux.end(id, STREAM_0);
    daemon.machine.mux.close(id, { done: true });
    exchangeBytes([client, daemon], 1);
    const data = client.events.flatMap((event) => (event.kind === 'data' ? [event.bytes] : []));
    expect(Buffer.concat(data)).toEqual(Buffer.from(patternBytes(1, 0, 1000)));
    expect(client.events.map((event) => event.kind)).toEqual([
      'greeted',
      ...data.map(() => 'data'),
      'end',
      'closed',
    ]);
  });
});

describe("a client's first flight", () => {
  it('is the hello, and behind it what was opened, without waiting for the answer', () => {
    const client = createMachine('client');
    const id = client.machine.mux.open({}, [STREAM_0], 0);
    client.machine.mux.sendMessage(id, {});
    expect(takeNames(client)).toEqual(['hello', 'open 1', 'credit 1.0', 'message 1']);
    expect(client.machine.state).toBe('greeting');
  });

  it('is taken by the daemon in one read, and answered with the hello in front', () => {
    const daemon = createMachine('daemon');
    expect(takeNames(daemon)).toEqual([]);
    feed(daemon, CLIENT_HELLO, frame(0x10, 1, '{}'), frame(0x03, 0, '12345678'));
    expect(takeNames(daemon)).toEqual(['hello', 'pong']);
    expect(daemon.events.map((event) => event.kind)).toEqual(['greeted', 'opened']);
  });

  it('may have its hello cut into pieces', () => {
    const daemon = createMachine('daemon');
    const text = Buffer.from(CLIENT_HELLO.payload);
    feed(daemon, frame(0x13, 0, text.subarray(0, 20)), frame(0x13, 0, text.subarray(20, 21)));
    expect(daemon.events).toEqual([]);
    feed(daemon, frame(0x01, 0, text.subarray(21)));
    expect(daemon.events.map((event) => event.kind)).toEqual(['greeted']);
  });
});

describe('a peer that breaks the rules of the link', () => {
  it.each<[string, string, Frame[]]>([
    ['opens before its hello', 'FRAME_MISPLACED', [frame(0x10, 1, '{}')]],
    ['pings before its hello', 'FRAME_MISPLACED', [frame(0x03, 0, '12345678')]],
    ['sends a piece of another channel before its hello', 'FRAME_MISPLACED', [frame(0x13, 1, '{')]],
    ['sends what nobody knows before its hello', 'FRAME_MISPLACED', [frame(0x99, 0)]],
    ['greets twice', 'FRAME_MISPLACED', [CLIENT_HELLO, CLIENT_HELLO]],
    ['greets with an array', 'CONTROL_NOT_JSON', [frame(0x01, 0, '[]')]],
    ['greets with the wrong shape', 'CONTROL_WRONG_SHAPE', [frame(0x01, 0, '{}')]],
    [
      'greets in a version of its own',
      'PROTOCOL_MISMATCH',
      [frame(0x01, 0, '{"protocol":[7,9],"agent":"peer/9","features":[]}')],
    ],
    ['sends a frame of the link that nobody knows', 'FRAME_UNKNOWN', [CLIENT_HELLO, frame(0x0f, 0)]],
    ['says goaway in the wrong shape', 'CONTROL_WRONG_SHAPE', [CLIENT_HELLO, frame(0x02, 0, '{"error":1}')]],
    ['sends data on a channel that is not open', 'FRAME_MISPLACED', [CLIENT_HELLO, frame(0x20, 1, 'x')]],
  ])('gets a goaway with the error and is not heard any more when it %s', (_name, code, frames) => {
    const daemon = createMachine('daemon');
    feed(daemon, ...frames, frame(0x10, 99, '{}'));
    const end = lastEnd(daemon);
    expect(end).toMatchObject({ kind: 'failed', error: { code } });
    expect(daemon.machine.state).toBe('leaving');
    expect(takeNames(daemon).at(-1)).toBe(`goaway ${code}`);
    feed(daemon, frame(0x10, 101, '{}'), frame(0x02, 0, '{}'));
    expect([takeNames(daemon), daemon.events.at(-1)?.kind]).toEqual([[], 'ended']);
  });

  it.each([
    ['too long', '00100001', 'FRAME_TOO_LARGE'],
    ['of four gigabytes', 'ffffffff', 'FRAME_TOO_LARGE'],
    ['too short', '00000004', 'FRAME_TOO_SHORT'],
  ])('gets a goaway for a frame that is %s, before it has come', (_name, length, code) => {
    const daemon = createMachine('daemon');
    feedBytes(daemon, Buffer.from(length, 'hex'));
    expect(lastEnd(daemon)).toMatchObject({ kind: 'failed', error: { code } });
    expect(takeNames(daemon)).toEqual([`goaway ${code}`]);
  });

  it('as a daemon with another version is refused by the client', () => {
    const client = createMachine('client');
    feed(client, frame(0x01, 0, '{"protocol":2,"agent":"peerd/2","features":[],"encoding":"utf8"}'));
    expect(lastEnd(client)).toMatchObject({ kind: 'failed', error: { code: 'PROTOCOL_MISMATCH' } });
    expect(takeNames(client)).toEqual(['hello', 'goaway PROTOCOL_MISMATCH']);
  });

  it('has what came in front of the breach told first', () => {
    const daemon = createMachine('daemon');
    feed(daemon, CLIENT_HELLO, frame(0x10, 1, '{}'), frame(0x11, 1, '{}'), frame(0x12, 7, '{}'));
    expect(daemon.events.map((event) => event.kind)).toEqual(['greeted', 'opened', 'message', 'ended']);
  });
});

describe('the end of a link', () => {
  it('is said once and ends everything: what was queued on channels does not leave any more', () => {
    const client = createMachine('client');
    const daemon = createMachine('daemon');
    const id = client.machine.mux.open({}, [STREAM_0], 0);
    exchangeBytes([client, daemon]);
    daemon.machine.mux.write(id, STREAM_0, patternBytes(1, 0, 1000));
    daemon.machine.mux.sendMessage(id, {});
    daemon.machine.leave(null);
    daemon.machine.leave(new RexaError('SHUTTING_DOWN'));
    collectEvents(daemon);
    expect(lastEnd(daemon)).toEqual({ kind: 'goaway' });
    const bytes = takeBytes(daemon);
    expect(decode(bytes).map(describeFrame)).toEqual(['goaway']);
    feedBytes(client, bytes);
    expect(lastEnd(client)).toEqual({ kind: 'goaway' });
    expect([client.machine.state, daemon.machine.state]).toEqual(['left', 'leaving']);
    expect(takeNames(client)).toEqual([]);
    for (const { machine } of [client, daemon]) {
      machine.handleEnd();
      expect(machine.state).toBe('over');
    }
  });

  it("by the peer's error tells its code and text", () => {
    const client = createMachine('client');
    feed(client, DAEMON_HELLO, frame(0x02, 0, '{"error":{"code":"PEER_REFUSED","message":"go away"}}'));
    expect(lastEnd(client)).toEqual({ kind: 'refused', code: 'PEER_REFUSED', message: 'go away' });
  });

  it('may come before the hello', () => {
    const client = createMachine('client');
    feed(client, frame(0x02, 0, '{"error":{"code":"CONNECTIONS_EXHAUSTED","message":"full"}}'));
    expect(lastEnd(client)).toMatchObject({ kind: 'refused', code: 'CONNECTIONS_EXHAUSTED' });
  });

  it('comes behind data that arrived in the same read', () => {
    const daemon = createOpenDaemon();
    feed(daemon, frame(0x10, 1, '{}'), frame(0x11, 1, '{}'), frame(0x02, 0, '{}'), frame(0x11, 1, '{}'));
    expect(daemon.events.map((event) => event.kind)).toEqual(['greeted', 'opened', 'message', 'ended']);
  });

  it.each([
    ['at once', ''],
    ['after the hello', encodeFrames([CLIENT_HELLO])],
    ['with channels open', encodeFrames([CLIENT_HELLO, frame(0x10, 1, '{}')])],
  ] as const)('without a goaway is a loss: %s', (_name, bytes) => {
    const daemon = createMachine('daemon');
    feedBytes(daemon, Buffer.from(bytes));
    daemon.machine.handleEnd();
    daemon.machine.handleEnd();
    collectEvents(daemon);
    expect(lastEnd(daemon)).toEqual({ kind: 'lost', error: null });
    expect([daemon.machine.state, daemon.machine.nextDeadlineMs]).toEqual(['over', null]);
  });

  it.each([1, 4, 8, 9, 11])('in the middle of a frame says so, cut after %i bytes of it', (bytes) => {
    const daemon = createOpenDaemon();
    feedBytes(daemon, encodeFrames([frame(0x10, 1, '{}{}')]).slice(0, bytes));
    daemon.machine.handleEnd();
    collectEvents(daemon);
    expect(lastEnd(daemon)).toMatchObject({ kind: 'lost', error: { code: 'FRAME_TRUNCATED' } });
  });

  it('gives what windows had grown by back to the process, however it came', () => {
    const most = 4 * FIRST_WINDOW_BYTES;
    const ways: ((end: MachineEnd) => void)[] = [
      ({ machine }) => machine.leave(null),
      ({ machine }) => machine.handleEnd(),
      (end) => feed(end, frame(0x02, 0, '{}')),
      (end) => feed(end, frame(0x99, 0)),
    ];
    for (const endLink of ways) {
      const budget = createBudget(most);
      const client: MachineEnd = { machine: createLinkMachine(CLIENT_GREETING, 0, budget), events: [] };
      const id = client.machine.mux.open({}, [STREAM_0], 0);
      feed(client, DAEMON_HELLO);
      client.machine.mux.setRtt(10);
      for (let round = 0; round < 2; round++) {
        feed(client, frame(0x20, id, new Uint8Array(FIRST_WINDOW_BYTES)));
        client.machine.mux.consume(id, STREAM_0, FIRST_WINDOW_BYTES, 1);
      }
      expect(budget.freeBytes).toBe(most - 3 * FIRST_WINDOW_BYTES);
      endLink(client);
      expect(budget.freeBytes).toBe(most);
    }
  });

  it('makes later commands vanish instead of pile up', () => {
    const client = createMachine('client');
    const id = client.machine.mux.open({}, [STREAM_0], 0);
    client.machine.handleEnd();
    client.machine.mux.sendMessage(id, {});
    expect(client.machine.mux.write(id, STREAM_0, new Uint8Array(1 << 20))).toBe(true);
    client.machine.mux.close(id, {});
    expect([client.machine.mux.hasOutput, client.machine.mux.controlBacklogBytes]).toEqual([false, 0]);
  });
});

describe("the time for the peer's hello", () => {
  it.each([
    ['client', LOGIN_TIMEOUT_MS],
    ['daemon', HELLO_TIMEOUT_MS],
  ] as const)('is up at its deadline and not before, at the %s', (role, timeoutMs) => {
    const end = createMachine(role, 1000);
    expect(end.machine.nextDeadlineMs).toBe(1000 + timeoutMs);
    end.machine.handleTime(1000 + timeoutMs - 1);
    expect(end.machine.state).toBe('greeting');
    end.machine.handleTime(1000 + timeoutMs);
    collectEvents(end);
    expect(lastEnd(end)).toMatchObject({ kind: 'failed', error: { code: 'HELLO_TIMEOUT' } });
    expect(takeNames(end).at(-1)).toBe('goaway HELLO_TIMEOUT');
    expect(end.machine.nextDeadlineMs).toBe(null);
  });

  it('does not run on behind the hello', () => {
    const daemon = createOpenDaemon();
    expect(daemon.machine.nextDeadlineMs).toBe(null);
    daemon.machine.handleTime(10 * LOGIN_TIMEOUT_MS);
    expect(daemon.machine.state).toBe('open');
  });
});

describe("the replay layer's seat", () => {
  /** Sees every frame of the channels, drops pings, and sends one frame of its own. */
  function createProbe(): ReplayLayer & { readonly seen: string[] } {
    const seen: string[] = [];
    const own = [frame(0x05, 0, 'own')];
    return {
      ...createNullReplay(),
      seen,
      handleOutgoing: (item) => seen.push(`out ${describeFrame(item)}`),
      handleIncoming(item) {
        seen.push(`in ${describeFrame(item)}`);
        return item.type === 0x03 ? null : item;
      },
      pollFrame: () => own.shift() ?? null,
    };
  }

  it('sees the frames of channels both ways, may drop one, and sends its own past itself', () => {
    const probe = createProbe();
    const client: MachineEnd = {
      machine: createLinkMachine(CLIENT_GREETING, 0, undefined, probe),
      events: [],
    };
    client.machine.mux.open({}, [], 0);
    const sent = decode(takeBytes(client));
    feed(client, DAEMON_HELLO, frame(0x03, 0, '12345678'), frame(0x12, 1, '{}'));
    expect(sent.map(plain)).toContain(plain(frame(0x05, 0, 'own')));
    expect(takeNames(client)).toEqual(['close 1']);
    expect(probe.seen).toEqual(['out open 1', 'in ping', 'in close 1', 'out close 1']);
  });
});
