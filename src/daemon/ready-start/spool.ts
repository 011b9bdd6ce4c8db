import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { causedBy } from '../../protocol/caused-by.ts';
import { RexaError } from '../../protocol/errors.ts';

/** What is read from the file at once. */
const BLOCK_BYTES = 256 * 1024;

/** Where replies are kept, and how much of them. */
export interface SpoolOptions {
  /** For files that have no name from the moment they are open: nothing is left behind, whatever ends the daemon. */
  readonly folder: string;
  readonly maxBytes: number;
  /** What of a reply is kept in memory before it goes to a file. */
  readonly memoryBytes: number;
  readonly budget: SpoolBudget;
}

/** What all files of one listener may hold together. */
export class SpoolBudget {
  readonly totalBytes: number;
  #takenBytes = 0;

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  take(bytes: number): boolean {
    if (this.#takenBytes + bytes > this.totalBytes) return false;
    this.#takenBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#takenBytes -= bytes;
  }
}

/** One reply, kept whole until its peer fetches it: a small one in memory, a large one in a file. */
export class Spool {
  #sizeBytes = 0;
  #chunks: Buffer[] = [];
  #file: fs.FileHandle | null = null;
  #fileBytes = 0;
  #budgetBytes = 0;
  readonly #options: SpoolOptions;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** @throws RexaError READY_REPLY_LIMIT, READY_SPOOL_LIMIT, READY_SPOOL_FAILED */
  async append(bytes: Uint8Array): Promise<void> {
    const { maxBytes, memoryBytes } = this.#options;
    if (this.#sizeBytes + bytes.length > maxBytes) throw new RexaError('READY_REPLY_LIMIT', [maxBytes]);
    if (this.#file === null && this.#sizeBytes + bytes.length <= memoryBytes) {
      // A copy: a small chunk may be a view into a large buffer, which would be kept with it.
      this.#chunks.push(Buffer.from(bytes));
      this.#sizeBytes += bytes.length;
      return;
    }
    await this.#appendToFile(bytes);
  }

  /** The reply from its first byte, in blocks with no other writer. */
  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#file === null) {
      yield* this.#chunks;
      return;
    }
    for (let at = 0; at < this.#sizeBytes; ) {
      const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, this.#sizeBytes - at));
      const { bytesRead } = await this.#file.read(block, 0, block.length, at);
      if (bytesRead === 0) throw new RexaError('READY_SPOOL_FAILED', ['its file is shorter than it was']);
      at += bytesRead;
      yield block.subarray(0, bytesRead);
    }
  }

  /** Forgets the reply, and takes another after that. */
  async clear(): Promise<void> {
    const file = this.#file;
    this.#options.budget.giveBack(this.#budgetBytes);
    this.#budgetBytes = 0;
    this.#fileBytes = 0;
    this.#file = null;
    this.#chunks = [];
    this.#sizeBytes = 0;
    await file?.close();
  }

  /** What was in memory so far goes to the file first. */
  async #appendToFile(bytes: Uint8Array): Promise<void> {
    const { budget, folder } = this.#options;
    const newBytes = this.#sizeBytes + bytes.length - this.#budgetBytes;
    if (!budget.take(newBytes)) throw new RexaError('READY_SPOOL_LIMIT', [budget.totalBytes]);
    this.#budgetBytes += newBytes;
    try {
      this.#file ??= await openNameless(folder);
      const chunks = [...this.#chunks, bytes];
      this.#chunks = [];
      let at = this.#fileBytes;
      for (const chunk of chunks) at = await writeWhole(this.#file, chunk, at);
      this.#fileBytes = at;
      this.#sizeBytes = at;
    } catch (cause) {
      throw causedBy('READY_SPOOL_FAILED', cause);
    }
  }
}

/** A file that only its handle reaches. */
async function openNameless(folder: string): Promise<fs.FileHandle> {
  const name = path.join(folder, `rexa-reply-${randomUUID()}`);
  const file = await fs.open(name, 'wx+', 0o600);
  await fs.unlink(name);
  return file;
}

/** @returns the position behind what was written */
async function writeWhole(file: fs.FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
  return position + written;
}
