import type { Readable } from 'node:stream';
import type { OpenHost } from '../../client/host.ts';
import type { RunOptions, RunResult } from '../../client/run-types.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { describeWord, writeWord } from '../../protocol/word.ts';
import type { RunPlan } from '../run/run-plan.ts';
import type { ByteSink } from './byte-sink.ts';
import type { Messages } from './messages.ts';

/** What `-v` says of a request; `-vv` says all of it. */
export function traceRequest(messages: Messages, plan: RunPlan, options: RunOptions): void {
  if (!messages.isShown(1)) return;
  const words = [plan.file, ...plan.args];
  const command = options.shell ? describeWord(plan.file) || 'a login shell' : writeJson(words);
  messages.debug(1, `request: ${command}`);
  if (messages.isShown(2)) messages.debug(2, `its options: ${writeJson(options)}`);
}

function writeJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? writeWord(part) : part));
}

/** Says who answers. A daemon that does not say hello in time is left: what was asked of it is lost. */
export function traceHello(messages: Messages, host: OpenHost, timeoutMs = DEFAULT_CONNECT_TIMEOUT_MS): void {
  host.greeted(timeoutMs).then(
    ({ agent, protocol, encoding }) =>
      messages.debug(1, `hello from ${agent}, protocol ${protocol}, encoding ${encoding}`),
    (error: Error) => messages.debug(1, `no hello: ${error.message}`),
  );
}

/** `-vvv` says each chunk. */
export function traceSink(messages: Messages, name: string, sink: ByteSink): ByteSink {
  if (!messages.isShown(3)) return sink;
  return {
    write(bytes) {
      messages.debug(3, `${name}: ${bytes.length} bytes`);
      return sink.write(bytes);
    },
  };
}

/** The same for stdin. */
export function traceInput(messages: Messages, stdin: Readable): void {
  if (!messages.isShown(3)) return;
  stdin.on('data', (chunk: Uint8Array) => messages.debug(3, `stdin: ${chunk.length} bytes`));
  stdin.on('end', () => messages.debug(3, 'stdin: its end'));
}

/** What became of it. */
export function traceEnd(messages: Messages, result: RunResult<unknown>): void {
  if (!messages.isShown(1)) return;
  const { outcome, exitCode, signal, code, bytes, durationMs } = result;
  const details = [exitCode, signal, code].filter((detail) => detail !== null).join(', ');
  messages.debug(1, `outcome: ${outcome}${details === '' ? '' : ` (${details})`} after ${durationMs} ms`);
  messages.debug(1, `bytes: stdin ${bytes.stdin}, stdout ${bytes.stdout}, stderr ${bytes.stderr}`);
}
