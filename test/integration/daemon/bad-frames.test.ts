import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Host } from '../../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { connectRaw, frame, HELLO } from '../../fixtures/raw-peer.ts';

const OPEN = 0x10;
const RUN_CAT = { service: 'run', id: 'cat', command: { argv: ['cat'] }, stdin: 'stream' };

function credit(offset: bigint): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeBigUInt64BE(offset);
  return payload;
}

function length(bytes: number): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(bytes);
  return field;
}

/** What a broken or hostile peer sends, and the code that it is told. */
const BAD: readonly (readonly [string, readonly Buffer[], string])[] = [
  ['a length of 4 GiB', [length(0xffffffff)], 'FRAME_TOO_LARGE'],
  ['a length just above the cap', [HELLO, length(1024 * 1024 + 1)], 'FRAME_TOO_LARGE'],
  ['a length of zero', [HELLO, length(0)], 'FRAME_TOO_SHORT'],
  ['a length that leaves no room for type and channel', [HELLO, length(4)], 'FRAME_TOO_SHORT'],
  ['an unknown type', [HELLO, frame(0x7f, 1, 'x')], 'FRAME_UNKNOWN'],
  ['a type that is kept for later', [HELLO, frame(0x0f, 0, 'x')], 'FRAME_UNKNOWN'],
  ['a proof that nobody asked for', [HELLO, frame(0x06, 0, { proof: 'AAAA' })], 'FRAME_MISPLACED'],
  ['no hello first', [frame(OPEN, 1, RUN_CAT)], 'FRAME_MISPLACED'],
  ['a second hello', [HELLO, HELLO], 'FRAME_MISPLACED'],
  ['a hello that is not JSON', [frame(0x01, 0, 'GET / HTTP/1.1')], 'CONTROL_NOT_JSON'],
  ['a hello that is an array', [frame(0x01, 0, '[1]')], 'CONTROL_NOT_JSON'],
  ['a hello that is not UTF-8', [frame(0x01, 0, Buffer.of(0x7b, 0xff, 0x7d))], 'CONTROL_NOT_JSON'],
  ['a hello of the wrong shape', [frame(0x01, 0, { protocol: 'one' })], 'CONTROL_WRONG_SHAPE'],
  [
    'a protocol from the future',
    [frame(0x01, 0, { protocol: [7, 9], agent: 'raw', features: [] })],
    'PROTOCOL_MISMATCH',
  ],
  ['a request that is not JSON', [HELLO, frame(OPEN, 1, '{"service":')], 'CONTROL_NOT_JSON'],
  ["a channel of the daemon's own numbers", [HELLO, frame(OPEN, 2, RUN_CAT)], 'FRAME_MISPLACED'],
  ['a channel number twice', [HELLO, frame(OPEN, 1, RUN_CAT), frame(OPEN, 1, RUN_CAT)], 'FRAME_MISPLACED'],
  ['a request on channel 0', [HELLO, frame(OPEN, 0, RUN_CAT)], 'FRAME_MISPLACED'],
  ['data on a channel that is not open', [HELLO, frame(0x20, 5, 'x')], 'FRAME_MISPLACED'],
  ['data without credit', [HELLO, frame(OPEN, 1, RUN_CAT), frame(0x2f, 1, 'x')], 'CREDIT_OVERRUN'],
  ['empty data', [HELLO, frame(OPEN, 1, RUN_CAT), frame(0x20, 1)], 'FRAME_PAYLOAD'],
  ['an end with a payload', [HELLO, frame(OPEN, 1, RUN_CAT), frame(0x30, 1, 'x')], 'FRAME_PAYLOAD'],
  ['two ends', [HELLO, frame(OPEN, 1, RUN_CAT), frame(0x30, 1), frame(0x30, 1)], 'FRAME_MISPLACED'],
  ['credit of three bytes', [HELLO, frame(OPEN, 1, RUN_CAT), frame(0x40, 1, 'abc')], 'FRAME_PAYLOAD'],
  [
    'credit beyond 2^53',
    [HELLO, frame(OPEN, 1, RUN_CAT), frame(0x40, 1, credit(2n ** 60n))],
    'CREDIT_INVALID',
  ],
  ['a ping of one byte', [HELLO, frame(0x03, 0, 'x')], 'FRAME_PAYLOAD'],
];

/** Requests that can't be served: the channel is closed with this code, and the link goes on. */
const BAD_REQUESTS: readonly (readonly [string, object, string])[] = [
  ['an unknown service', { service: 'files' }, 'SERVICE_UNKNOWN'],
  ['no service', { id: 'x' }, 'SERVICE_UNKNOWN'],
  ['a run without a command', { service: 'run', id: 'x' }, 'REQUEST_WRONG_SHAPE'],
  ['a command that is both', { ...RUN_CAT, command: { argv: ['a'], line: 'b' } }, 'REQUEST_WRONG_SHAPE'],
  ['an empty argv', { ...RUN_CAT, command: { argv: [] } }, 'REQUEST_WRONG_SHAPE'],
  ['an id with a newline', { ...RUN_CAT, id: 'a\nb' }, 'REQUEST_WRONG_SHAPE'],
  ['a number in argv', { ...RUN_CAT, command: { argv: ['echo', 1000] } }, 'REQUEST_WRONG_SHAPE'],
  ['a negative timeout', { ...RUN_CAT, timeoutMs: -1 }, 'REQUEST_WRONG_SHAPE'],
  ['NUL in an argument', { ...RUN_CAT, command: { argv: ['echo', 'a\0b'] } }, 'ARGUMENT_INVALID'],
  ['a program that is not there', { ...RUN_CAT, command: { argv: ['/no/such/program'] } }, 'FILE_NOT_FOUND'],
  ['a program that is a folder', { ...RUN_CAT, command: { argv: ['/tmp'] } }, 'FILE_NOT_EXECUTABLE'],
  ['a cwd that is not there', { ...RUN_CAT, cwd: '/no/such/folder' }, 'CWD_UNUSABLE'],
  ['a cwd that is a file', { ...RUN_CAT, cwd: '/etc/passwd' }, 'CWD_UNUSABLE'],
  ['a loader variable', { ...RUN_CAT, env: { LD_PRELOAD: '/x.so' } }, 'ENVIRONMENT_REFUSED'],
  ["a variable that is never the client's", { ...RUN_CAT, env: { SSH_CLIENT: 'x' } }, 'ENVIRONMENT_REFUSED'],
  ['an unknown encoding', { ...RUN_CAT, encoding: { output: 'klingon' } }, 'ENCODING_UNKNOWN'],
];

describe('a daemon and its bad peers', () => {
  let daemon: TestDaemon;
  let bystander: Host;
  beforeAll(async () => {
    daemon = await startDaemon();
    bystander = await connect(daemon.address);
  });
  afterAll(async () => {
    await bystander.close();
    await daemon[Symbol.asyncDispose]();
  });

  it.each(BAD)(
    'tells a peer that sends %s what was wrong, and no one else notices',
    async (_what, parts, code) => {
      const run = bystander.run('cat', [], { stdin: 'pipe' });
      const peer = await connectRaw(daemon.socketPath);
      peer.send(...parts);
      expect(await peer.goawayCode()).toBe(code);
      peer.socket.destroy();
      run.stdin?.end('still here');
      expect((await run).stdout).toBe('still here');
    },
  );

  it.each(BAD_REQUESTS)('answers %s on its channel, and the link goes on', async (_what, request, code) => {
    const peer = await connectRaw(daemon.socketPath);
    // An id is used once, and others here have run under that of RUN_CAT
    const asked = 'id' in request && request.id === RUN_CAT.id ? { ...request, id: randomUUID() } : request;
    peer.send(HELLO, frame(OPEN, 1, asked), frame(0x03, 0, 'pingping'));
    const codes: string[] = [];
    let ponged = false;
    while (codes.length === 0 || !ponged) {
      const received = await peer.next();
      if (received === null) break;
      if (received.type === 0x04) ponged = true;
      if (received.type !== 0x12) continue;
      const last = JSON.parse(received.payload.toString()) as { error?: { code: string } };
      codes.push(last.error?.code ?? 'served');
    }
    peer.socket.destroy();
    expect([codes, ponged]).toEqual([[code], true]);
  });

  it('takes hello, request and credit in one flight, byte by byte', async () => {
    const peer = await connectRaw(daemon.socketPath);
    const flight = Buffer.concat([
      HELLO,
      frame(OPEN, 1, { service: 'run', id: 'bytes', command: { argv: ['echo', 'x'] } }),
      frame(0x40, 1, credit(100n)),
    ]);
    for (const byte of flight) peer.socket.write(Buffer.of(byte));
    const types: number[] = [];
    for (let received = await peer.next(); received !== null; received = await peer.next()) {
      types.push(received.type);
      if (received.type === 0x12) break;
    }
    peer.socket.destroy();
    // The two outputs end in either order.
    expect(types.toSorted((a, b) => a - b)).toEqual([0x01, 0x11, 0x12, 0x20, 0x30, 0x31]);
    expect([types.indexOf(0x20) < types.indexOf(0x30), types.at(-1)]).toEqual([true, 0x12]);
  });

  it('says that a cut frame was cut, in its log, and lives', async () => {
    const peer = await connectRaw(daemon.socketPath);
    peer.send(HELLO, frame(OPEN, 1, RUN_CAT).subarray(0, 20));
    peer.socket.end();
    while ((await peer.next()) !== null);
    expect((await bystander.run('echo', ['ok'])).stdout).toBe('ok\n');
  });
});
