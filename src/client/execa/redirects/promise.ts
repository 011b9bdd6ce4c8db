import { addHostFields } from '../host-fields.ts';
import { describeFailure, RemoteChild } from '../remote-child.ts';

/**
 * Makes of the promise of a result what execa returns. Its result, or its error, gets rexa's own fields; its pid is known as
 * soon as the host has said it.
 */
export function mergePromise<Properties extends { readonly nodeChildProcess: unknown }>(
  promise: Promise<object>,
  properties: Properties,
): Promise<object> & Properties {
  const child = properties.nodeChildProcess;
  if (!(child instanceof RemoteChild)) return Object.assign(promise, properties);
  const outcome = promise.then(
    async (result) => {
      await addHostFields(result, child);
      const told = await child.outcome;
      if (told.outcome !== 'lost') return result;
      // The exit is known, and output is missing that nobody has read: execa takes that for a success
      const failed = Object.assign(result, { failed: true, code: told.code });
      if (!child.rejects) return failed;
      throw Object.assign(describeFailure(told, child), failed);
    },
    async (error: Error) => {
      await addHostFields(error, child);
      throw error;
    },
  );
  const subprocess = Object.assign(outcome, properties);
  return Object.defineProperty(subprocess, 'pid', { get: () => child.pid, enumerable: true });
}
