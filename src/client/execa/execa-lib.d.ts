// Modules of execa that its package does not export; scripts/build/redirect-imports.mjs finds them.

declare module 'execa/lib/methods/create.js' {
  type MapArguments = (given: { readonly options: object }) => object;
  type SetBound = (bound: object, createNested: unknown, boundOptions: object) => void;
  /** @param deepOptions hold for what is piped to as well */
  export function createExeca(
    mapArguments: MapArguments,
    boundOptions: object,
    deepOptions: object,
    setBound?: SetBound,
  ): unknown;
}

declare module 'execa/lib/methods/node.js' {
  export function mapNode(given: { readonly options: object }): object;
}

declare module 'execa/lib/methods/script.js' {
  export function mapScriptAsync(given: { readonly options: object }): object;
  export function setScriptSync(bound: object, createNested: unknown, boundOptions: object): void;
  export const deepScriptOptions: object;
}

declare module 'execa/lib/return/result.js' {
  /** Makes an `ExecaError`. @param parts `startTime` is one of process.hrtime.bigint */
  export function makeError<Result extends object>(
    parts: Result & {
      readonly error: unknown;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly ipcOutput: readonly unknown[];
      readonly options: object;
      readonly startTime: bigint;
      readonly isSync: boolean;
    },
  ): Error & Result;
}
