import { checkLayers } from './check-layers.ts';
import { runCaptured } from './run-captured.ts';
import { vitestStep } from './run-vitest.ts';
import type { Step, StepResult } from './step.ts';

/** A step of `npm test` that takes longer than this hangs. */
const LONGEST_STEP_MS = 20 * 60_000;

/** What can be said about the sources without running them. */
export function staticSteps(): readonly Step[] {
  return [
    command('format', 'biome', ['check', '--error-on-warnings', '.']),
    command('lint', 'oxlint', ['--type-aware', '--deny-warnings', '--report-unused-disable-directives']),
    command('types', 'tsc', ['-p', '.']),
    command('types of framing, without Node', 'tsc', ['-p', 'src/framing']),
    command('types of protocol, without Node', 'tsc', ['-p', 'src/protocol']),
    { name: 'types of rexa/protocol, in a browser', run: checkPackedTypes },
    { name: 'layers', run: checkLayers },
    command('dead code', 'knip', ['--no-progress', '--no-config-hints']),
    { name: 'generated docs', run: checkGenerated },
  ];
}

/** All that `npm test` does, in order. */
export function wholeSteps(env: Readonly<Record<string, string>>): readonly Step[] {
  const tests = (kind: string) => vitestStep(kind, { env, shown: false, words: [], capMs: LONGEST_STEP_MS });
  return [
    ...staticSteps(),
    command('build', 'node', ['scripts/setup.mjs', '--rebuild']),
    command('package', 'publint', ['--strict', '--pack', 'npm']),
    command('types of the package', 'attw', ['--pack', '.', '--profile', 'esm-only']),
    command('API reference', 'typedoc', ['--emit', 'none']),
    tests('unit'),
    tests('property'),
    tests('integration'),
    tests('packaging'),
    tests('soak'),
  ];
}

/** A step that is one program: its exit status is the verdict. */
function command(name: string, file: string, args: readonly string[]): Step {
  return { name, run: (): Promise<StepResult> => runCaptured(file, args, { capMs: LONGEST_STEP_MS }) };
}

/** Imported late: it stands on the sources, which the steps before it may have found broken. */
async function checkGenerated(): Promise<StepResult> {
  const { checkPages } = await import('../docs/pages.ts');
  return checkPages();
}

async function checkPackedTypes(): Promise<StepResult> {
  const { checkDeclarations } = await import('./check-declarations.ts');
  return checkDeclarations();
}
