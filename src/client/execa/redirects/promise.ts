import { addHostFields } from '../host-fields.ts';
import { RemoteChild } from '../remote-child.ts';

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
  const told = promise.then(
    (result) => addHostFields(result, child),
    async (error: Error) => {
      await addHostFields(error, child);
      throw error;
    },
  );
  const subprocess = Object.assign(told, properties);
  return Object.defineProperty(subprocess, 'pid', { get: () => child.pid, enumerable: true });
}
