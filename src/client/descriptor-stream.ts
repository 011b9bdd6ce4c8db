import { Duplex, type Readable, type Writable } from 'node:stream';

/** A descriptor above 2 of a command, as Node has it in `subprocess.stdio`: when one side ends, so does the other. */
export class DescriptorStream extends Duplex {
  readonly #input: Readable;
  readonly #output: Writable;

  constructor(input: Readable, output: Writable) {
    super({ allowHalfOpen: false });
    this.#input = input;
    this.#output = output;
    this.on('error', () => {});
    input.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) input.pause();
    });
    input.pause();
    // As a socket does: an end that comes behind nothing is told to whoever reads nothing, too
    input.once('end', () => {
      this.push(null);
      this.read(0);
    });
    input.once('close', () => {
      if (!input.readableEnded) this.destroy(input.errored ?? undefined);
    });
    this.read(0);
  }

  override _read(): void {
    this.#input.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#output.write(chunk, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#output.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#input.destroy();
    this.#output.end();
    done(error);
  }
}
