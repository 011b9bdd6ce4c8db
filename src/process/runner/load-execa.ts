import type { execa as Execa } from 'execa';

let loading: Promise<{ readonly execa: typeof Execa }> | undefined;

/** Loads execa, once: it is dear to load, so a daemon listens before it does, and each `import()` costs some time anew. */
export function loadExeca(): Promise<{ readonly execa: typeof Execa }> {
  loading ??= import('execa');
  return loading;
}
