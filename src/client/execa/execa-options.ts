import type { RemoteRun, RunOptions } from '../run-types.ts';

/** A host as execa's commands need it. */
export interface ExecaHost {
  readonly address: string;
  /** Where commands run that say nothing else; undefined: in a home folder whose path is not known here. */
  folder(): string | undefined;
  run(file: string, args: readonly string[], options: RunOptions): RemoteRun<string | Uint8Array>;
}

/** The option by which an execa is bound to its host. */
export const HOST_OPTION = 'rexaHost';

/** What execa has made of a caller's options when it spawns. */
export interface ExecaOptions {
  cwd: string;
  localDirectory?: unknown;
  readonly env: Readonly<Record<string, string | number | undefined>>;
  readonly extendEnv: boolean;
  readonly preferLocal: boolean;
  readonly stdio: readonly unknown[];
  readonly shell?: string | boolean | undefined;
  readonly argv0?: unknown;
  readonly encoding: string;
  readonly forceKillAfterDelay: number | false;
  readonly [name: string]: unknown;
}

/** The host that these options are bound to. */
export function hostOf(options: ExecaOptions): ExecaHost {
  return options[HOST_OPTION] as ExecaHost;
}
