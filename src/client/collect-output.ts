import type { Readable } from 'node:stream';

/** What was kept of one stream. */
export interface KeptOutput {
  readonly bytes: Uint8Array;
  readonly truncated: boolean;
  /** What came, kept or not. */
  readonly totalBytes: number;
}

/**
 * Reads a stream to its end and keeps its first `maxBytes`; what comes beyond is read and dropped, never held up.
 * @param handleOverflow called at the first byte beyond
 */
export function collectOutput(
  stream: Readable,
  maxBytes: number,
  handleOverflow?: () => void,
): Promise<KeptOutput> {
  const chunks: Buffer[] = [];
  let keptBytes = 0;
  let totalBytes = 0;
  stream.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, maxBytes - keptBytes);
    if (kept.length > 0) chunks.push(kept);
    if (kept.length < chunk.length && keptBytes === totalBytes) handleOverflow?.();
    keptBytes += kept.length;
    totalBytes += chunk.length;
  });
  return new Promise((resolve) => {
    stream.once('close', () =>
      resolve({ bytes: Buffer.concat(chunks), truncated: keptBytes < totalBytes, totalBytes }),
    );
  });
}
