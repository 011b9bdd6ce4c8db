import { normalizeOptions as normalizeAnew } from 'execa/lib/arguments/options.js';
import { waitForSubprocessResult as waitForResult } from 'execa/lib/resolve/wait-subprocess.js';
import { handleStdioAsync as handleStdioAnew } from 'execa/lib/stdio/handle-async.js';
import type { InjectedOptions } from './injected-spawn.ts';

/*
 * Stands in the place of three modules in execa (scripts/build/redirect-imports.mjs). A caller that passes the child process
 * (`spawnInstead`) uses the same options for every command and follows the child itself. So the options are worked out once,
 * and no result is made: that is two thirds of what execa costs a command.
 */

interface Normalized {
  readonly file: string;
  readonly commandArguments: readonly string[];
  readonly options: InjectedOptions;
}

let prepared: InjectedOptions | undefined;
let preparedStdio: { readonly descriptors: unknown; readonly stdio: InjectedOptions['stdio'] } | undefined;

/** Validates options and fills in the defaults. */
export function normalizeOptions(
  file: string,
  args: readonly string[],
  options: InjectedOptions,
): Normalized {
  const { spawnInstead } = options;
  if (spawnInstead === undefined) return normalizeAnew(file, args, options) as Normalized;
  prepared ??= (normalizeAnew(file, args, options) as Normalized).options;
  return { file, commandArguments: args, options: { ...prepared, spawnInstead } };
}

/** Describes the descriptors, and sets `stdio` of the options to what `spawn` takes. */
export function handleStdioAsync(options: InjectedOptions, verboseInfo: object): unknown {
  if (options.spawnInstead === undefined) return handleStdioAnew(options, verboseInfo);
  preparedStdio ??= { descriptors: handleStdioAnew(options, verboseInfo), stdio: options.stdio };
  options.stdio = preparedStdio.stdio;
  return preparedStdio.descriptors;
}

/** Waits for what the result of a subprocess is made of; for ever where nobody asks for the result. */
export function waitForSubprocessResult(details: { readonly options: InjectedOptions }): Promise<unknown> {
  return details.options.spawnInstead === undefined ? waitForResult(details) : new Promise(() => undefined);
}
