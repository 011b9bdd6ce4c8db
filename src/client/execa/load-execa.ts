import type { ExecaHost } from './execa-options.ts';
import type { BoundExeca } from './host-execa.ts';

/** The file of execa's modules, beside the library's own: 200 KB that `import 'rexa'` does not load. */
const FILE = 'dist/packages/host-execa.js';

interface HostExeca {
  bindExeca(host: ExecaHost): BoundExeca;
}

let loaded: HostExeca | undefined;

/** Loads execa, once. It is done at once: what execa returns is used in the same turn. */
export function loadExeca(): HostExeca {
  const { createRequire } = process.getBuiltinModule('node:module');
  loaded ??= createRequire(import.meta.url)(
    new URL(FILE, import.meta.resolve('rexa/package.json')).pathname,
  ) as HostExeca;
  return loaded;
}
