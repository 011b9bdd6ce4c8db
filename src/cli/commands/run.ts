import { setTimeout as sleep } from 'node:timers/promises';
import { readHostName } from '../../client/host-name.ts';
import { readOwnVariables, readOwnWord } from '../../client/own-charset.ts';
import { isRetryable } from '../../client/retryable.ts';
import { withoutUndefined } from '../../client/without-undefined.ts';
import type { OptionValues } from '../../command-line/option-table.ts';
import type { ParsedWords } from '../../command-line/parse-words.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import type { Lifetime } from '../../protocol/job.ts';
import type { Word } from '../../protocol/word.ts';
import { makeCommand } from '../../services/run/client.ts';
import { EXIT_REXA_FAILED, exitStatusOfRun } from '../exit-status.ts';
import { readHostOptions } from '../host/host-options.ts';
import { ON_STDIN } from '../host/identities.ts';
import { leaveJob } from '../jobs/leave-job.ts';
import { createMessages, type MessageOptions } from '../output/messages.ts';
import { createProcessContext } from '../process-context.ts';
import { conductRun } from '../run/conduct-run.ts';
import { openJsonFile, reportJson } from '../run/report-json.ts';
import { reportOutcome } from '../run/report-outcome.ts';
import type { RunFacts } from '../run/run-json.ts';
import type { ConductedRun, ProcessContext, RunPlan } from '../run/run-plan.ts';
import type { RUN_COMMAND } from '../tables/run.ts';

type RunOptionTable = (typeof RUN_COMMAND)['options'];

/** Between two attempts of `--retry`: doubled from one to the next, up to the most. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/** `rexa run`: one command, its whole output, its true outcome. */
export async function run(parsed: ParsedWords<RunOptionTable>): Promise<number> {
  const { plan, messageOptions } = readRun(parsed);
  const { json, retry = 0 } = parsed.values;
  const messages = createMessages(messageOptions);
  const around = createProcessContext(messages, readHostOptions(parsed.values, plan.user));
  const file = typeof json === 'string' ? openJsonFile(json, around) : null;
  const { ended, facts } = await conductTimed(plan, around, retry);
  const isWritten = file?.write(ended, facts) ?? true;
  if (ended.left) return leaveJob(ended.left, ended, messages);
  const told: ConductedRun = plan.keepsOutput ? await reportJson(ended, facts, around) : ended;
  reportOutcome(told, plan, messages, { saysOfInput: true, hasEncodingOption: true });
  if (json === true && looksLikeFile(plan.address) && !isReached(told))
    messages.fail(`did you mean --json=${plan.address}? A file for --json is joined to it by =`);
  const status = exitStatusOfRun(told);
  return status === 0 && !isWritten ? EXIT_REXA_FAILED : status;
}

/** Whether a HOST was probably meant as a file. */
function looksLikeFile(host: string): boolean {
  return /\.(?:json|jsonl|log|txt|out)$|^[.~]?\//.test(host);
}

function isReached({ result: { outcome, code } }: ConductedRun): boolean {
  return outcome !== 'unreachable' && !(code ?? '').startsWith('ADDRESS_');
}

/** Conducts a run, again and again while nothing of it was run, and measures it. */
async function conductTimed(
  plan: RunPlan,
  around: ProcessContext,
  retries: number,
): Promise<{ readonly ended: ConductedRun; readonly facts: RunFacts }> {
  const startedAt = new Date().toISOString();
  let isOwn = false;
  for (let attempt = 0; ; attempt++) {
    const startMs = performance.now();
    let connectMs: number | null = null;
    const elapsedMs = (): number => Math.round((performance.now() - startMs) * 1000) / 1000;
    const open: ProcessContext['open'] = async (address, options) => {
      try {
        return await around.open(address, options);
      } finally {
        connectMs = elapsedMs();
      }
    };
    const { result, ...rest } = await conductRun(plan, { ...around, open });
    const totalMs = elapsedMs();
    // A host that was not reached tells no time
    const ended = { ...rest, isOwn, result: { ...result, durationMs: result.durationMs || totalMs } };
    if (attempt >= retries || rest.cause !== null || !isRetryable(result)) {
      const command = makeCommand(plan.file, plan.args, plan.options);
      return { ended, facts: { command, startedAt, connectMs: connectMs ?? totalMs } };
    }
    isOwn ||= result.outcome === 'lost' && !result.repeated;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** attempt, MAX_PAUSE_MS);
    const seconds = pauseMs / 1000;
    around.messages.warn(
      `${result.outcome}: ${result.reason}; retrying in ${seconds} s (${attempt + 1} of ${retries})`,
    );
    await sleep(pauseMs);
  }
}

/** @throws RexaError USAGE */
export function readRun({ values, operands, rest }: ParsedWords<RunOptionTable>): {
  readonly plan: RunPlan;
  readonly messageOptions: MessageOptions;
} {
  const [host] = operands;
  if (host === undefined) throw usageError('a HOST is missing: rexa run HOST -- FILE [ARG...]');
  const { file, args } = readCommand(host, values.c, rest ?? []);
  const passesBytes = (values['stdin-encoding'] ?? values.encoding) === 'binary';
  const read = (word: string): Word => readOwnWord(word, passesBytes);
  if (values.t && values.i.includes(ON_STDIN)) throw usageError('-t and -i - cannot both read stdin');
  const lifetime = readJobOptions(values);
  const plan: RunPlan = {
    ...readHostName(host),
    file: read(file),
    args: args.map(read),
    options: withoutUndefined({
      shell: values.c !== undefined,
      env: readOwnVariables(Object.fromEntries(values.env), passesBytes),
      cwd: values.cwd === undefined ? undefined : read(values.cwd),
      // As for timeout(1), 0 is none
      timeout: values.timeout === 0 ? undefined : values.timeout,
      forceKillAfterDelay: values['kill-after'],
      encoding: values.encoding,
      inputEncoding: values['stdin-encoding'],
      encodingErrors: values['encoding-errors'] === 'replace' ? ('replace' as const) : undefined,
      id: values.id,
      lifetime,
    }),
    sendsStdin: !values.n && !values.i.includes(ON_STDIN),
    keepsOutput: values.json === true,
    connectTimeoutMs: values['connect-timeout'],
    ...(lifetime === undefined ? {} : { interrupts: 'job' }),
    detaches: values.detach,
    ...(values.t ? { terminal: { escape: values.escape, predict: values.predict } } : {}),
  };
  return { plan, messageOptions: values };
}

/** @throws RexaError USAGE */
function readJobOptions({ detach, lifetime, json, t }: OptionValues<RunOptionTable>): Lifetime | undefined {
  if (detach && json !== false) throw usageError('--detach cannot be combined with --json');
  if (detach && lifetime === 'with-client')
    throw usageError('--detach cannot be combined with --lifetime with-client');
  const chosen = detach ? (lifetime ?? 'detached') : lifetime;
  if (chosen === 'with-client') return undefined;
  if (chosen !== undefined && t)
    throw usageError('-t cannot be combined with --detach or --lifetime: a job cannot have a terminal');
  return chosen;
}

function readCommand(
  host: string,
  line: string | undefined,
  rest: readonly string[],
): { readonly file: string; readonly args: readonly string[] } {
  if (line !== undefined) {
    if (rest.length > 0) throw usageError('-c LINE takes no further arguments');
    return { file: line, args: [] };
  }
  const [file, ...args] = rest;
  if (file === undefined)
    throw usageError(
      `a command is missing after HOST ${quoteWord(host)}: rexa run HOST FILE [ARG...], or rexa run HOST -c LINE`,
    );
  return { file, args };
}
