// Modules of execa that its package does not export; scripts/build/redirect-imports.mjs finds them.

declare module 'execa/lib/arguments/options.js' {
  export function normalizeOptions(file: string, args: readonly string[], options: object): object;
}

declare module 'execa/lib/resolve/wait-subprocess.js' {
  export function waitForSubprocessResult(details: object): Promise<unknown>;
}

declare module 'execa/lib/stdio/handle-async.js' {
  export function handleStdioAsync(options: object, verboseInfo: object): unknown;
}
