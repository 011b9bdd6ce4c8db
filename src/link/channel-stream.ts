import { Readable, Writable } from 'node:stream';
import type { ChannelId, StreamNumber } from '../framing/frame.ts';
import { createByteQueue } from '../protocol/byte-queue.ts';
import { RexaError } from '../protocol/errors.ts';
import type { Mux } from '../protocol/mux.ts';

/** What a stream buffers for its reader beyond the chunk that is being read. */
const READ_AHEAD_BYTES = 64 * 1024;

/** What a stream needs of its link. */
export interface StreamPort {
  readonly mux: Mux;
  readonly channel: ChannelId;
  /** Something may be there to send. */
  schedulePump(): void;
  now(): number;
}

/**
 * What the peer sends on one stream of a channel. Credit is granted as bytes leave for the reader, or when they are thrown
 * away because the stream was destroyed.
 */
export class ChannelInput extends Readable {
  readonly #port: StreamPort;
  readonly #stream: StreamNumber;
  readonly #arrived = createByteQueue();
  /** What its reader has asked for and got: it stands still where the reader does. */
  deliveredBytes = 0;
  #granted: boolean;
  #reading = false;
  #state: 'open' | 'ending' | 'ended' = 'open';

  /**
   * @param granted whether first credit has gone out with the open frame; if not, the first read grants it
   * @param bufferBytes what waits in it
   */
  constructor(port: StreamPort, stream: StreamNumber, granted: boolean, bufferBytes = READ_AHEAD_BYTES) {
    super({ highWaterMark: bufferBytes });
    this.#port = port;
    this.#stream = stream;
    this.#granted = granted;
    // A stream that nobody listens to must not take the process down when its link is lost.
    this.on('error', () => {});
  }

  /** Whether the peer's half-close has come. */
  get hasEnded(): boolean {
    return this.#state !== 'open';
  }

  override _read(): void {
    this.#reading = true;
    if (!this.#granted) {
      this.#granted = true;
      this.#port.mux.receive(this.#port.channel, this.#stream, this.#port.now());
      this.#port.schedulePump();
    }
    this.#deliver();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const unread = this.#arrived.length;
    this.#arrived.clear();
    this.#consume(unread);
    done(error);
  }

  /** Bytes of the peer, in order. */
  handleData(bytes: Uint8Array): void {
    if (this.destroyed) return this.#consume(bytes.length);
    this.#arrived.push(bytes);
    if (this.#reading) this.#deliver();
  }

  /** The peer's half-close. */
  handleEnd(): void {
    this.#state = 'ending';
    if (this.#reading) this.#deliver();
  }

  /**
   * The channel, or its link, is over. What arrived whole can still be read; what was cut off fails with CLOSED.
   * @param isRefused the request was refused: the stream it came to nothing of is empty, and the refusal says why
   */
  handleClosed(what: 'channel' | 'link', isRefused = false): void {
    if (this.#state !== 'open') return;
    if (isRefused && this.deliveredBytes + this.#arrived.length === 0) return this.handleEnd();
    this.destroy(this.#granted ? new RexaError('CLOSED', [what]) : undefined);
  }

  #consume(bytes: number): void {
    if (bytes === 0) return;
    this.#port.mux.consume(this.#port.channel, this.#stream, bytes, this.#port.now());
    // Most of the time no new credit is due
    if (this.#port.mux.hasOutput) this.#port.schedulePump();
  }

  #deliver(): void {
    while (this.#reading) {
      const bytes = this.#arrived.take(Number.POSITIVE_INFINITY);
      if (bytes === undefined) break;
      this.deliveredBytes += bytes.length;
      this.#reading = this.push(bytes);
      this.#consume(bytes.length);
    }
    if (this.#state === 'ending' && this.#arrived.length === 0) {
      this.#state = 'ended';
      // Whoever has just been given bytes may leave before the end, as with a pipe, where that comes by another read
      if (this.deliveredBytes === 0) this.push(null);
      else setImmediate(() => this.push(null));
    }
  }
}

/**
 * What goes to the peer on one stream of a channel. A write completes when the queue in front of the credit has room: its
 * bytes may still be in memory, so nobody writes to them again. `end()` is a half-close; the other direction goes on.
 */
export class ChannelOutput extends Writable {
  readonly #port: StreamPort;
  readonly #stream: StreamNumber;
  /** `flushing`: the queue takes everything, the channel's last word comes behind it. */
  #state: 'open' | 'flushing' | 'dead' = 'open';
  #waitingWrite: ((error?: Error | null) => void) | null = null;

  /** @param bufferBytes what waits in it */
  constructor(port: StreamPort, stream: StreamNumber, bufferBytes = READ_AHEAD_BYTES) {
    super({ highWaterMark: bufferBytes });
    this.#port = port;
    this.#stream = stream;
    // A stream that nobody listens to must not take the process down when its link is lost.
    this.on('error', () => {});
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#state === 'dead') return done();
    const hasRoom = this.#port.mux.write(this.#port.channel, this.#stream, chunk);
    this.#port.schedulePump();
    if (hasRoom || this.#state === 'flushing') done();
    else this.#waitingWrite = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#state === 'open') this.#end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#state = 'dead';
    done(error);
  }

  /** There is room again in front of the credit. */
  handleWritable(): void {
    const done = this.#waitingWrite;
    this.#waitingWrite = null;
    done?.();
  }

  /** Moves what was written, and Node still holds, into the channel's queue: its last word comes next. */
  flush(): void {
    if (this.#state !== 'open') return;
    this.#state = 'flushing';
    while (this.writableCorked > 0) this.uncork();
    this.handleWritable();
    if (this.writableEnded) this.#end();
  }

  /** Tells the peer that nothing more comes, though the stream was destroyed before its end. */
  endAnyway(): void {
    this.#end();
  }

  /** The channel, or its link, is over. Later writes vanish, as into a pipe whose reader is gone. */
  handleClosed(what: 'channel' | 'link'): void {
    this.#state = 'dead';
    this.handleWritable();
    if (this.writableFinished) return;
    // Behind what the last word means to whoever wrote here
    if (what === 'channel') setImmediate(() => this.destroy());
    else this.destroy(new RexaError('CLOSED', [what]));
  }

  #end(): void {
    this.#port.mux.end(this.#port.channel, this.#stream);
    this.#port.schedulePump();
  }
}
