import type { ExecaResult } from '../host-fields.ts';
import { RemoteChild } from '../remote-child.ts';
import { settleResult } from '../settle-result.ts';

/**
 * Returns what execa returns for the promise of a result. The result, or the error, is the one of `settleResult`; the pid is
 * known as soon as the host has sent it.
 */
export function mergePromise<Properties extends { readonly nodeChildProcess: unknown }>(
  promise: Promise<ExecaResult>,
  properties: Properties,
): Promise<object> & Properties {
  const child = properties.nodeChildProcess;
  if (!(child instanceof RemoteChild)) return Object.assign(promise, properties);
  const outcome = promise.then(
    async (result) => {
      const final = settleResult(result, await child.outcome, child);
      if (final instanceof Error && child.options['reject'] !== false) throw final;
      return final;
    },
    async (error: Error & ExecaResult) => {
      throw settleResult(error, await child.outcome, child);
    },
  );
  const subprocess = Object.assign(outcome, properties);
  return Object.defineProperty(subprocess, 'pid', { get: () => child.pid, enumerable: true });
}
