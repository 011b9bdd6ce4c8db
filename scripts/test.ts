// `npm test` and its parts: `test.ts [check | KIND [WORD for vitest...]]`, where KIND is a folder under test/.
// Each step is named when it starts and when it has ended. All steps are run; what failed is listed at the end. The very
// last line is the count of tests, taken from vitest's own reports; a failed step that runs no tests counts as one failed.
import { randomInt } from 'node:crypto';
import { staticSteps, wholeSteps } from './checks/all-steps.ts';
import { vitestStep } from './checks/run-vitest.ts';
import type { Step, StepResult } from './checks/step.ts';

/** The part of the long soaks that `npm test` runs. */
const SHARE_OF_SOAK = '0.05';

const [part, ...words] = process.argv.slice(2);
const seed = process.env['REXA_SEED'] ?? String(randomInt(2 ** 31));
const env = {
  REXA_SEED: seed,
  REXA_SOAK_SHARE: process.env['REXA_SOAK_SHARE'] ?? (part === 'soak' ? '1' : SHARE_OF_SOAK),
};

process.stdout.write(`REXA_SEED=${seed} REXA_SOAK_SHARE=${env.REXA_SOAK_SHARE}\n`);
process.exitCode = await runAll(chooseSteps());

function chooseSteps(): readonly Step[] {
  if (part === undefined) return wholeSteps(env);
  if (part === 'check') return staticSteps();
  return [vitestStep(part, { env, shown: true, words })];
}

/** Gives the exit status: 0 when every step succeeded. */
async function runAll(steps: readonly Step[]): Promise<number> {
  let passed = 0;
  let failed = 0;
  const failures: string[] = [];
  for (const step of steps) {
    process.stdout.write(`run                ${step.name}\n`);
    const start = performance.now();
    const result = await runStep(step);
    showLine(step, result, performance.now() - start);
    passed += result.tests?.passed ?? 0;
    failed += result.tests?.failed ?? (result.ok ? 0 : 1);
    if (!result.ok) failures.push(step.name, ...(result.failures ?? []).map((title) => `  ${title}`));
  }
  if (failures.length > 0) process.stdout.write(`\nfailed:\n${failures.join('\n')}\n\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/** A step that breaks is a step that failed. */
async function runStep(step: Step): Promise<StepResult> {
  try {
    return await step.run();
  } catch (error) {
    return { ok: false, output: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function showLine({ name }: Step, { ok, note, output }: StepResult, tookMs: number): void {
  const time = `${(tookMs / 1000).toFixed(1)} s`.padStart(8);
  process.stdout.write(
    `${ok ? 'ok    ' : 'FAILED'} ${time}  ${name}${note === undefined ? '' : ` (${note})`}\n`,
  );
  if (!ok) process.stdout.write(output.endsWith('\n') ? output : `${output}\n`);
}
