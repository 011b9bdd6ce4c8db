import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { joinStream } from '../../../src/link/join-stream.ts';

const NEVER = new Promise<never>(() => undefined);

/** A channel whose streams are these, and a socket that takes everything. */
function open() {
  const input = new PassThrough();
  const output = new PassThrough();
  for (const stream of [input, output]) stream.on('error', () => undefined);
  const closed: unknown[] = [];
  const channel = {
    input: () => input,
    output: () => output,
    close: (last: unknown) => closed.push(last),
    ended: NEVER,
  };
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  return { channel, input, output, socket, closed };
}

it.each(['before the socket was opened', 'afterwards'])(
  'resets the socket of a channel that breaks off %s',
  async (when) => {
    const { channel, input, socket, closed } = open();
    const breakOff = async (): Promise<void> => {
      input.destroy();
      await once(input, 'close');
    };
    if (when !== 'afterwards') await breakOff();
    const joined = joinStream(channel, socket);
    if (when === 'afterwards') await breakOff();
    expect((await joined).error?.code).toBe('FORWARD_RESET');
    expect(socket.destroyed).toBe(true);
    expect(closed).toHaveLength(1);
  },
);

it('delivers what came whole before the channel ended', async () => {
  const { channel, input, output, socket } = open();
  input.end('all of it');
  socket.push(null);
  output.resume();
  expect(await joinStream(channel, socket)).toEqual({ sentBytes: 0, receivedBytes: 9, error: null });
});
