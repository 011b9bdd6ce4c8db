import type { HostExeca, HostScript } from './execa/host-execa-types.ts';
import type { RemoteRun, RunOptions } from './run-types.ts';
import type { HostServices } from './services.ts';

/** A connected host. `await using host = await connect('local')` closes it at the end of the block. */
export interface Host extends HostServices {
  /** The address as it was given. */
  readonly address: string;
  /** The daemon's name and version, its protocol and its own encoding. */
  readonly peer: { readonly agent: string; readonly protocol: number; readonly encoding: string };
  /**
   * Runs a command: exactly these arguments, no shell in between (unless `shell` is set). Strings are text, and
   * Uint8Arrays are bytes that are passed as they are.
   * Rejects with RunError when it did not exit with code 0 (unless `reject` is false).
   * @throws RexaError USAGE for a call that could not mean anything
   */
  run(
    file: string | Uint8Array,
    args: readonly (string | Uint8Array)[],
    options: RunOptions & { encoding: 'binary' },
  ): RemoteRun<Uint8Array>;
  run(file: string | Uint8Array, args?: readonly (string | Uint8Array)[], options?: RunOptions): RemoteRun;
  run(file: string | Uint8Array, options: RunOptions): RemoteRun;
  /**
   * execa's `$` on this host: `` await host.$`make ${target}` ``. docs/execa.md says what is different.
   * @see https://github.com/sindresorhus/execa
   */
  readonly $: HostScript;
  /** execa's `execa` on this host. */
  readonly execa: HostExeca;
  /** execa's `execaNode` on this host: by the node that its PATH has. */
  readonly execaNode: HostExeca;
  /** Not available on a remote host: a call throws. */
  readonly execaSync?: never;
  /** A round trip to the daemon in milliseconds. @throws RexaError LINK_LOST */
  ping(): Promise<number>;
  /** An idle host keeps this process alive, as it does at first. */
  ref(): void;
  /** An idle host does not keep this process alive; one on which something runs does. */
  unref(): void;
  /** Says goaway; runs that still go on are ended there. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
