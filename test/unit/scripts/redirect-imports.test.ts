import type { OnEndResult, OnResolveResult, PluginBuild } from 'esbuild';
import { describe, expect, it } from 'vitest';
import {
  DAEMON_REDIRECTS,
  HOST_REDIRECTS,
  redirectImports,
  targetOf,
} from '../../../scripts/build/redirect-imports.mjs';

type Redirect = (typeof DAEMON_REDIRECTS)[number];

/** What the plugin does with these imports: where each leads, and what is wrong in the end. */
async function build(
  redirects: readonly Redirect[],
  imports: readonly (readonly [imported: string, importer: string])[],
) {
  const resolved: (OnResolveResult | null | undefined)[] = [];
  let result: OnEndResult | undefined;
  const ends: (() => unknown)[] = [];
  const fake = {
    onResolve(_filter: unknown, resolve: (asked: object) => OnResolveResult | undefined) {
      for (const [path, importer] of imports) resolved.push(resolve({ path, importer }));
    },
    onEnd: (handle: () => unknown) => ends.push(handle),
  };
  await redirectImports(redirects).setup(fake as unknown as PluginBuild);
  for (const end of ends) result = end() as typeof result;
  return { resolved, errors: result?.errors?.length ?? 0 };
}

const PACKAGE = '/x/node_modules/execa';

describe.each([
  ['the daemon', DAEMON_REDIRECTS],
  ['the client', HOST_REDIRECTS],
])('the redirected imports of execa for %s', (_whose, redirects) => {
  const all = redirects.map(({ from, imports }) => [imports, `${PACKAGE}/${from}`] as const);

  it('get the modules of the table, and others their own', async () => {
    const other = ['node:child_process', `${PACKAGE}/lib/methods/main-sync.js`] as const;
    expect(await build(redirects, [other, ...all])).toEqual({
      resolved: [undefined, ...redirects.map((redirect) => ({ path: targetOf(redirect) }))],
      errors: 0,
    });
  });

  it.each(all)('fail the build where %s is not imported by %s, or twice', async (...one) => {
    const others = all.filter(([imports, from]) => imports !== one[0] || from !== one[1]);
    expect(await build(redirects, others)).toMatchObject({ errors: 1 });
    expect(await build(redirects, [...all, one])).toMatchObject({ errors: 1 });
  });
});
