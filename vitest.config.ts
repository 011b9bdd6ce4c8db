import { defineConfig } from 'vitest/config';

/** A kind of tests is a folder under test/ and a vitest project of the same name. */
function kind(name: string, timeoutMs: number, setupFiles: readonly string[] = []) {
  return {
    extends: true as const,
    test: {
      name,
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
      kind('unit', 5_000),
      kind('property', 60_000, ['test/seed-properties.ts']),
      kind('integration', 30_000),
      kind('packaging', 180_000),
      kind('soak', 900_000, ['test/seed-properties.ts']),
    ],
  },
});
