import type { OnEndResult, OnResolveResult, PluginBuild } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { INJECTED_SPAWN, redirectSpawn } from '../../../scripts/build/redirect-spawn.mjs';

/** What the plugin does with these imports: where each leads, and what is wrong in the end. */
async function build(imports: readonly (readonly [imported: string, importer: string])[]) {
  const resolved: (OnResolveResult | null | undefined)[] = [];
  let result: OnEndResult | undefined;
  const ends: (() => unknown)[] = [];
  const fake = {
    onResolve(_filter: unknown, resolve: (asked: object) => OnResolveResult | undefined) {
      for (const [path, importer] of imports) resolved.push(resolve({ path, importer }));
    },
    onEnd: (handle: () => unknown) => ends.push(handle),
  };
  await redirectSpawn().setup(fake as unknown as PluginBuild);
  for (const end of ends) result = end() as typeof result;
  return { resolved, errors: result?.errors?.length ?? 0 };
}

const SPAWNER = '/x/node_modules/execa/lib/methods/main-async.js';
const SPAWNS = ['node:child_process', SPAWNER] as const;
const OTHER = ['node:child_process', '/x/node_modules/execa/lib/methods/main-sync.js'] as const;

describe('the redirection of spawn in execa', () => {
  it('concerns the one import of the module that spawns', async () => {
    expect(await build([OTHER, SPAWNS])).toEqual({
      resolved: [undefined, { path: INJECTED_SPAWN }],
      errors: 0,
    });
  });

  it.each([
    ['no such import', [OTHER]],
    ['two of them', [SPAWNS, SPAWNS]],
  ])('fails the build where there is %s', async (_what, imports) => {
    expect(await build(imports)).toMatchObject({ errors: 1 });
  });
});
