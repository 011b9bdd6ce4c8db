import type { RunResult } from '../run-types.ts';

/**
 * The one line of `rexa run --json`, with its newline. Its fields and their order are a contract. It comes in pieces:
 * two outputs of 64 MiB full of control characters are longer as JSON than a string can be.
 */
export function writeRunJson(result: RunResult<string | Uint8Array>): readonly string[] {
  const { v, id, jobId, host, outcome, exitCode, signal, reason, stdout, stderr } = result;
  const { truncated, bytes, durationMs, resumed, survivors, pipeHeldBy } = result;
  const head = JSON.stringify({ v, id, jobId, host, outcome, exitCode, signal, reason });
  const base64 = typeof stdout === 'string' ? {} : { base64: true };
  const tail = JSON.stringify({
    ...base64,
    truncated,
    encoding: { stdout: result.encoding.stdout, stderr: result.encoding.stderr },
    bytes,
    durationMs,
    resumed,
    survivors,
    pipeHeldBy,
  });
  return [
    `${head.slice(0, -1)},"stdout":`,
    writeOutput(stdout),
    ',"stderr":',
    writeOutput(stderr),
    `,${tail.slice(1)}\n`,
  ];
}

function writeOutput(output: string | Uint8Array): string {
  if (typeof output === 'string') return JSON.stringify(output);
  return `"${Buffer.from(output.buffer, output.byteOffset, output.length).toString('base64')}"`;
}
