import { defineConfig } from 'vitest/config';

/** A test that takes longer than this hangs. Machines are loaded: a shorter one would judge by the clock. */
const HANG_MS = 60_000;

/** A kind of tests is a folder under test/ and a vitest project of the same name. */
function kind(name: string, timeoutMs: number, setupFiles: readonly string[] = [], isolate = true) {
  return {
    extends: true as const,
    test: {
      name,
      isolate,
      include: [`test/${name}/**/*.test.ts`],
      setupFiles: [...setupFiles],
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
    },
  };
}

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    restoreMocks: true,
    unstubEnvs: true,
    allowOnly: false,
    projects: [
      // Pure: files may share a process, which saves most of their time
      kind('unit', HANG_MS, ['test/redirect-imports.ts', 'test/unstub-environment.ts'], false),
      kind('property', HANG_MS, ['test/seed-properties.ts']),
      kind('integration', HANG_MS, ['test/redirect-imports.ts']),
      kind('packaging', 180_000),
      kind('soak', 900_000, ['test/seed-properties.ts']),
    ],
  },
});
