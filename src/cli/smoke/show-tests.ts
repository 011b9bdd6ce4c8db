import { formatDuration } from '../../command-line/duration.ts';
import { createMessages } from '../output/messages.ts';
import { print } from '../output/print.ts';
import type { PlannedCase } from './plan/plan.ts';
import { showWhole } from './report/human.ts';
import { EXIT_NOTHING_SELECTED } from './report/run-report.ts';
import { describeCommand } from './run/make-result.ts';
import { createMask, findSecrets } from './run/mask.ts';
import { selectTests } from './run-smoke.ts';
import type { SmokeValues } from './smoke-values.ts';
import type { Expectation } from './suite.ts';
import { explainTerminal } from './terminal/explain-steps.ts';

/** `rexa smoke check`: whether files are right. */
export async function checkFiles(files: readonly string[], values: SmokeValues): Promise<number> {
  const { suites, plan } = await selectTests(files, values, createMessages(values));
  const lines = suites.map(
    ({ file, tests }) =>
      `${showWhole(file)}: ${tests.length === 1 ? '1 test' : `${tests.length} tests`}, no mistakes`,
  );
  return tell(lines, plan.cases.length);
}

/** `rexa smoke list`: which tests would run, and where. */
export async function listTests(files: readonly string[], values: SmokeValues): Promise<number> {
  const { suites, plan } = await selectTests(files, values, createMessages(values));
  const mask = createMask(findSecrets(suites));
  const lines = plan.cases.map(({ suite, test, target, title, skip }) => {
    const tags = test.tags.length === 0 ? '' : ` (${test.tags.join(', ')})`;
    const skipped = skip === null ? '' : `: skipped, ${skip}`;
    return showWhole(mask(`${suite.file}:${test.place.line} [${target.label}] ${title}${tags}${skipped}`));
  });
  return tell(lines, plan.cases.length);
}

/** `rexa smoke explain`: what each test does, in words. */
export async function explainTests(files: readonly string[], values: SmokeValues): Promise<number> {
  const { suites, plan } = await selectTests(files, values, createMessages(values));
  const mask = createMask(findSecrets(suites));
  const lines = plan.cases.flatMap((planned) => [
    '',
    ...explainCase(planned).map((line) => showWhole(mask(line))),
  ]);
  return tell(lines.slice(1), plan.cases.length);
}

async function tell(lines: readonly string[], count: number): Promise<number> {
  const status = await print(lines.map((line) => `${line}\n`).join(''));
  return status || (count === 0 ? EXIT_NOTHING_SELECTED : 0);
}

function explainCase({ suite, test, target, title, skip }: PlannedCase): readonly string[] {
  const { run, expect } = test;
  const how = run.command.kind === 'line' ? 'as a line of /bin/sh' : 'with exactly these arguments';
  const env = [...run.env.keys()];
  return [
    `[${target.label}] ${title}    ${suite.file}:${test.place.line}:${test.place.column}`,
    ...(skip === null ? [] : [`  is skipped: ${skip}`]),
    ...test.setup.map(({ title: step }) => `  before it: ${step}`),
    `  runs ${how}: ${describeCommand(run.command)}`,
    ...(run.dir === null ? [] : [`  in the folder ${run.dir}`]),
    ...(env.length === 0 ? [] : [`  with the variables ${env.join(', ')}`]),
    ...(run.inheritsEnv ? ['  with all variables of this process'] : []),
    ...(run.stdin === null ? [] : [`  reads ${Buffer.byteLength(run.stdin)} bytes of stdin`]),
    ...(run.terminal === null ? [] : explainTerminal(run.terminal).map((line) => `  ${line}`)),
    ...(run.id === null ? [] : [`  runs only once with the id ${run.id}`]),
    ...(run.timeoutMs === null ? [] : [`  is ended after ${formatDuration(run.timeoutMs)}`]),
    ...(test.tries > 1
      ? [`  is attempted up to ${test.tries} times, ${formatDuration(test.intervalMs)} apart`]
      : []),
    ...test.needs.map((need) => `  needs '${need}' to pass`),
    ...explainExpectation(expect).map((line) => `  passes if ${line}`),
    ...test.teardown.map(({ title: step }) => `  afterwards: ${step}`),
  ];
}

function explainExpectation(expect: Expectation): readonly string[] {
  const { exitCode, outcome, signal, withinMs, survivors, complete, replaced } = expect;
  return [
    ...(outcome === null ? [] : [`its outcome is ${outcome}`]),
    ...(signal === null ? [] : [`${signal} ends it`]),
    ...(exitCode === null ? [] : [`its exit status is ${exitCode}`]),
    ...expect.stdout.map(({ words }) => `stdout ${words}`),
    ...expect.stderr.map(({ words }) => `stderr ${words}`),
    ...(withinMs === null ? [] : [`it takes at most ${formatDuration(withinMs)}`]),
    ...(survivors === null ? [] : ['all of its processes could be ended']),
    ...(complete === null
      ? []
      : [`${complete ? 'no process holds' : 'a process still holds'} its output open at its end`]),
    ...(replaced === null ? [] : [`${replaced} characters could not be mapped`]),
  ];
}
