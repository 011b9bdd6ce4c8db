import { createExeca } from 'execa/lib/methods/create.js';
import { mapNode } from 'execa/lib/methods/node.js';
import { deepScriptOptions, mapScriptAsync, setScriptSync } from 'execa/lib/methods/script.js';
import { type ExecaHost, HOST_OPTION } from './execa-options.ts';

/** execa's methods, bound to a host. */
export interface BoundExeca {
  readonly $: unknown;
  readonly execa: unknown;
  readonly execaNode: unknown;
  /** Throws at each call. */
  readonly execaSync: unknown;
}

/**
 * Makes execa's methods as its own index.js does, for a host: what they pipe to by a template runs there too. No message goes
 * to a process there, so `ipc` is off where `execaNode` would switch it on.
 */
export function bindExeca(host: ExecaHost): BoundExeca {
  const options = { [HOST_OPTION]: host, ipc: false };
  return {
    $: createExeca(mapScriptAsync, {}, { ...deepScriptOptions, ...options }, setScriptSync),
    execa: createExeca(() => ({}), {}, options),
    execaNode: createExeca(mapNode, {}, options),
    execaSync: createExeca(() => ({ isSync: true }), {}, options),
  };
}
