import { isRetryable } from '../../client/retryable.ts';
import type { RunResult } from '../../client/run-types.ts';
import type { JsonObject } from '../../protocol/control.ts';

/** What a run's JSON says beside its result. */
export interface RunFacts {
  /** What was asked for, as in a request (docs/protocol.md, 6). */
  readonly command: JsonObject;
  /** When rexa began with it: ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds until the host could be asked, or was given up. */
  readonly connectMs: number;
}

/** Characters of output, or bytes of it as base64, that are written at a time. A multiple of 3, as base64 needs it. */
const PIECE_LENGTH = 3 << 18;

/**
 * The one line of `rexa run --json`, with its newline. Its fields and their order are a contract. It comes in pieces:
 * two outputs of 64 MiB full of control characters are longer as JSON than a string can be.
 */
export function* writeRunJson(
  result: RunResult<string | Uint8Array>,
  { command, startedAt, connectMs }: RunFacts,
): Generator<string> {
  const { v, id, jobId, host, outcome, exitCode, signal, reason, stdout, stderr } = result;
  const { truncated, encoding, bytes, durationMs, resumed, survivors, pipeHeldBy, complete, repeated } =
    result;
  const head = JSON.stringify({ v, id, jobId, host, outcome, exitCode, signal, reason });
  yield `${head.slice(0, -1)},"stdout":"`;
  yield* writeOutput(stdout);
  yield '","stderr":"';
  yield* writeOutput(stderr);
  const tail = JSON.stringify({
    ...(typeof stdout === 'string' ? {} : { base64: true }),
    truncated,
    encoding: { stdout: encoding.stdout, stderr: encoding.stderr },
    bytes,
    durationMs,
    resumed,
    survivors,
    pipeHeldBy,
    complete,
    code: result.code,
    command,
    startedAt,
    connectMs,
    retryable: isRetryable(result),
    ...(repeated ? { repeated } : {}),
  });
  yield `",${tail.slice(1)}\n`;
}

/** What stands between the quotes. */
function* writeOutput(output: string | Uint8Array): Generator<string> {
  for (let start = 0; start < output.length; ) {
    const end = findPieceEnd(output, start + PIECE_LENGTH);
    yield writePiece(output, start, end);
    start = end;
  }
}

function writePiece(output: string | Uint8Array, start: number, end: number): string {
  if (typeof output === 'string') return JSON.stringify(output.slice(start, end)).slice(1, -1);
  return Buffer.from(output.buffer, output.byteOffset + start, end - start).toString('base64');
}

/** Not between the two halves of a character, which JSON would escape as such. */
function findPieceEnd(output: string | Uint8Array, wanted: number): number {
  if (wanted >= output.length) return output.length;
  if (typeof output !== 'string') return wanted;
  const last = output.charCodeAt(wanted - 1);
  return last >= 0xd800 && last < 0xdc00 ? wanted - 1 : wanted;
}
