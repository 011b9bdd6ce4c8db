import type { OpenHost } from '../../client/host.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { readHostOptions } from '../host/host-options.ts';
import { readIdentities } from '../host/identities.ts';
import { openCalledHost } from '../host/open-called-host.ts';
import { createMessages, type Messages, setMessageWriter } from '../output/messages.ts';
import { standardTerminal } from '../output/standard-streams.ts';
import { createCheckFiles } from './check-files.ts';
import { readFailed, rememberFailed } from './failed-tests.ts';
import { createHumanOutput } from './human-output.ts';
import { watchInterrupt } from './interrupt.ts';
import { KEEPALIVE_MS } from './limits.ts';
import { chooseLiveScreen, createLiveLine } from './live-line.ts';
import { loadHosts } from './load-hosts.ts';
import { writeMistake } from './parse/mistake.ts';
import { makePlan } from './plan/make-plan.ts';
import type { Plan, Target } from './plan/plan.ts';
import { readSuites } from './read-files.ts';
import { writeEnd, writeProgress } from './report/human.ts';
import { EXIT_NOTHING_SELECTED, exitStatusOf, type RunReport } from './report/run-report.ts';
import { isStdoutTaken, openReportFiles, writeReportFiles, writeStdoutReports } from './reports.ts';
import { createRerunLine } from './rerun-line.ts';
import type { CaseResult } from './run/case-result.ts';
import { makeCaseResult } from './run/make-result.ts';
import { createMask, findSecrets } from './run/mask.ts';
import { type RunContext, runPlan } from './run/run-plan.ts';
import type { SmokeValues } from './smoke-values.ts';
import type { Suite } from './suite.ts';

/** The selected tests of files. @throws SuiteError, RexaError */
export async function selectTests(
  files: readonly string[],
  values: SmokeValues,
  messages: Messages,
): Promise<{ readonly suites: readonly Suite[]; readonly plan: Plan }> {
  const suites = await readSuites(files);
  for (const { warnings } of suites) for (const each of warnings) messages.warn(writeMistake(each));
  const { config, hosts } = await loadHosts(values);
  const failed = values['rerun-failed'] ? await readFailed(suites) : null;
  const selection = {
    hosts,
    filters: values.filter,
    tags: values.tag,
    skipTags: values['skip-tag'],
    failed,
    shard: values.shard ?? null,
    repeat: values.repeat ?? 1,
  };
  return { suites, plan: makePlan(suites, selection, config) };
}

/** Runs the tests of files, and says what became of them. @returns the exit status @throws SuiteError, RexaError */
export async function runSmoke(files: readonly string[], values: SmokeValues): Promise<number> {
  const messages = createMessages(values);
  const isTaken = isStdoutTaken(values.report);
  const { suites, plan } = await selectTests(files, values, messages);
  if (!plan.cases.some(({ skip }) => skip === null)) {
    messages.fail(
      plan.cases.length === 0 ? 'no test was selected' : 'all tests that were selected are skipped',
    );
    if (plan.cases.length === 0) return EXIT_NOTHING_SELECTED;
  }
  openReportFiles(values.report);
  // A key that cannot be read is a mistake of the command line, and no host's
  await readIdentities(readHostOptions(values, null).identities);
  const humanFd = isTaken ? 2 : 1;
  const human = createHumanOutput(humanFd, values.color ?? 'auto');
  const screen = chooseLiveScreen(humanFd, human, values.q, process.env);
  const line = createLiveLine(screen, human, plan.cases.length);
  if (screen !== null && standardTerminal(2) !== null)
    setMessageWriter({ write: (text) => line.write(text, 0), flush: async () => void (await human.flush()) });
  const report = await conduct(plan, suites, values, messages, {
    begin: line.begin,
    handleResult(result) {
      if (!values.q) line.write(writeProgress(result, human.paint), 1);
    },
  }).finally(line.close);
  await rememberFailed(report.results);
  const problems = writeReportFiles(values.report, report);
  for (const problem of problems) messages.fail(problem);
  const stdout = createHumanOutput(1, 'never');
  stdout.write(writeStdoutReports(values.report, report));
  human.write(await writeEnd(report, human.paint, values.show === 'all'));
  const isWritten = (await human.flush()) && (await stdout.flush());
  if (problems.length > 0 && report.exitStatus === 0) return EXIT_REXA_FAILED;
  return isWritten || report.exitStatus !== 0 ? report.exitStatus : EXIT_STDOUT_CLOSED;
}

async function conduct(
  plan: Plan,
  suites: readonly Suite[],
  values: SmokeValues,
  messages: Messages,
  { begin, handleResult }: Pick<RunContext, 'begin' | 'handleResult'>,
): Promise<RunReport> {
  const mask = createMask(findSecrets(suites));
  const startedAt = new Date();
  const startMs = performance.now();
  const results: CaseResult[] = [];
  const watch = watchInterrupt(process);
  try {
    const running = runPlan(plan, {
      open: (target) => openTarget(target, values, messages),
      filesOf: (suite) => createCheckFiles(suite, mask, values['update-snapshots']),
      mask,
      begin: (host, title) => begin(host, mask(title)),
      handleResult(result) {
        results.push(result);
        handleResult(result);
      },
      extraTries: values['retry-failed'] ?? 0,
      parallel: values.parallel ?? null,
      failFast: values['fail-fast'],
      cancel: watch.cancel,
      giveUp: watch.giveUp,
    });
    await Promise.race([running, watch.left]);
  } finally {
    watch.stop();
  }
  const all = [...results, ...listUntold(plan, results, mask)].toSorted((a, b) => a.index - b.index);
  return {
    startedAt: startedAt.toISOString(),
    durationMs: performance.now() - startMs,
    results: all,
    exitStatus: watch.exitStatus() ?? exitStatusOf(all, values['fail-on-flaky']),
    rerunLine: createRerunLine(values),
  };
}

/** Tests of which nothing was known when the third signal came. */
function listUntold(
  plan: Plan,
  results: readonly CaseResult[],
  mask: (text: string) => string,
): readonly CaseResult[] {
  const told = new Set(results.map(({ index }) => index));
  return plan.cases
    .filter(({ index }) => !told.has(index))
    .map((planned) =>
      makeCaseResult(
        planned,
        {
          status: 'skipped',
          skipReason: 'the run was interrupted',
          tries: 0,
          problems: [],
          startedAt: null,
          result: null,
        },
        mask,
      ),
    );
}

export async function openTarget(target: Target, values: SmokeValues, messages: Messages): Promise<OpenHost> {
  const given = readHostOptions(values, target.user);
  const identities = target.identities.length === 0 ? given.identities : target.identities;
  // Who connects to many hosts at once shows no line for one of them
  const quiet: Messages = { ...messages, isQuiet: true };
  const host = await openCalledHost(target.called, { ...given, identities }, quiet, {
    keepalive: KEEPALIVE_MS,
  });
  await host.greeted(values['connect-timeout'] ?? DEFAULT_CONNECT_TIMEOUT_MS);
  return host;
}
