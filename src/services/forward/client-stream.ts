import { Duplex } from 'node:stream';
import type { LinkChannel } from '../../link/channel.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { BegunChannel } from './client-channel.ts';
import type { HostStream } from './client-types.ts';

/** Returns stream 0 of a channel, in both directions, as one stream with half-close. */
export function createHostStream(opened: BegunChannel<unknown>): HostStream {
  return new ChannelDuplex(opened);
}

class ChannelDuplex extends Duplex implements HostStream {
  readonly #channel: LinkChannel;
  readonly #ended: Promise<unknown>;

  constructor({ channel, begun, ended }: BegunChannel<unknown>) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    this.#ended = ended;
    const input = channel.input(0);
    const output = channel.output(0);
    const breakOff = (): void =>
      void ended.then((error) =>
        this.destroy(error ?? new RexaError('FORWARD_RESET', ['the other end closed it'])),
      );
    input.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) input.pause();
    });
    input.pause();
    // A refused request has an empty stream, which is no end of a connection
    input.once('end', () => void begun.then(() => this.#end(), breakOff));
    input.once('close', () => {
      if (!input.readableEnded) breakOff();
    });
    output.once('close', () => {
      if (!output.writableFinished) breakOff();
    });
    void begun.then(
      () => this.emit('connect'),
      () => breakOff(),
    );
  }

  #end(): void {
    this.push(null);
    this.read(0);
  }

  override _read(): void {
    this.#channel.input(0).resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#channel.output(0).write(chunk, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.output(0).end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.readableEnded || !this.writableFinished) {
      this.#channel.abort({});
      return done(error);
    }
    this.#channel.close({});
    void this.#finish(() => done(error));
  }

  /** What was written is on its way until the channel has ended: whoever waits for `close` does not leave before. */
  async #finish(done: () => void): Promise<void> {
    await this.#ended;
    done();
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    this.#channel.setRef(true);
    return this;
  }

  unref(): this {
    this.#channel.setRef(false);
    return this;
  }
}
