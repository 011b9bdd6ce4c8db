import os from 'node:os';
import path from 'node:path';
import { RexaError } from '../../protocol/errors.ts';
import type { RunRequest } from '../../protocol/run-messages.ts';
import { baseEnvironment, loginShell, mergeEnvironment } from '../environment.ts';
import type { StartRequest } from '../runner/runner.ts';
import type { OutputDecoder } from './pump-output.ts';

/** A request with everything decided: what to start, and how to read what it says. */
export interface PreparedRun {
  readonly start: StartRequest;
  readonly decoders: { readonly stdout: OutputDecoder; readonly stderr: OutputDecoder };
}

/**
 * Decides everything about a run before anything of it happens.
 * @throws RexaError ENVIRONMENT_REFUSED, ARGUMENT_INVALID, ENCODING_UNKNOWN
 */
export async function prepareRun(request: RunRequest, hostEncoding: string): Promise<PreparedRun> {
  const environment = mergeEnvironment(baseEnvironment(), request.env);
  const { file, args } = commandOf(request);
  return {
    start: {
      runId: request.id,
      file,
      args,
      cwd: path.resolve(os.homedir(), request.cwd ?? '.'),
      environment,
      stdin: request.stdin === 'stream' ? 'pipe' : 'none',
    },
    decoders: { stdout: passThrough(hostEncoding), stderr: passThrough(hostEncoding) },
  };
}

function commandOf(request: RunRequest): { file: string; args: readonly string[] } {
  if ('line' in request.command) return { file: loginShell(), args: ['-c', request.command.line] };
  const [file, ...args] = request.command.argv;
  if (file === undefined || file === '') throw new RexaError('FILE_NOT_FOUND', ['', '']);
  return { file, args };
}

function passThrough(name: string): OutputDecoder {
  const none = new Uint8Array(0);
  return {
    write: (bytes) => bytes,
    end: () => none,
    receipt: () => ({ name, source: 'host', replaced: 0 }),
    holdMs: null,
    flush: () => none,
  };
}
