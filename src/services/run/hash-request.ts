import { createHash } from 'node:crypto';
import type { RunRequest } from './messages.ts';

/**
 * What a request asks for, in 32 characters: a repeated id must ask for the same. How its output is read, and how long it
 * may go on alone, do not change what is run.
 */
export function hashRequest(request: RunRequest): string {
  const { command, cwd, env, offeredEnv, stdin, timeoutMs, killAfterMs, encoding, terminal } = request;
  const { argv0, stdio, localPrograms } = request;
  const variables = [sortVariables(env), sortVariables(offeredEnv ?? {})];
  const asked: unknown[] = [command, cwd, variables, stdin, timeoutMs, killAfterMs, encoding.input, terminal];
  // Hashes of requests without these are as they were before these were known
  if (argv0 !== undefined || stdio !== undefined || localPrograms !== undefined)
    asked.push({ argv0, stdio, localPrograms });
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url').slice(0, 32);
}

function sortVariables<Value>(
  variables: Readonly<Record<string, Value>>,
): readonly (readonly [string, Value])[] {
  return Object.entries(variables).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
