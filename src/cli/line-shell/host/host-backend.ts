import type { RemoteRun, RunResult } from '../../../client/run-types.ts';
import { describeCause } from '../../../protocol/caused-by.ts';
import { HELD_PIPE_LOOK_MS, HELD_PIPE_QUIET_LOOKS } from '../../../protocol/limits.ts';
import { unlessAborted, within } from '../../../runtime/in-time.ts';
import { EXIT_REXA_FAILED } from '../../exit-status.ts';
import type { Backend, LineEnd, LineOutput, LineOver, Place, SubmittedLine } from '../backend.ts';
import { askForCompletions } from './complete.ts';
import { type FollowedLine, followLine } from './follow-line.ts';
import { createHostSession, type HostSessionOptions, type HostSetup } from './host-session.ts';
import { createLineControl, type LineControl } from './line-control.ts';
import { decideEnd, decideReport, type LineVerdict } from './line-end.ts';
import type { LineReport } from './line-report.ts';
import { makeLineRequest } from './line-request.ts';
import type { HostFacts } from './probe.ts';

const EXIT_CANCELED = 130;
/** How long jobs that are let go may take to be let go. */
const PARTING_MS = (HELD_PIPE_QUIET_LOOKS + 1) * HELD_PIPE_LOOK_MS + 1_000;

/** Lines for a host of ours: each is a run of its own, whose state is kept in a private folder there. */
export function createHostBackend(options: HostSessionOptions): Backend {
  const session = createHostSession(options);
  const encoding = options.encoding === undefined ? {} : { encoding: options.encoding };
  let place: Place = { host: options.address, folder: null, home: null, isRoot: false };
  let known: HostFacts | null = null;
  let lastStatus = 0;
  /** Whether a state was saved on the host. */
  let hasState = false;
  /** Whether nothing of the shell is on the host any more. */
  let isClean = false;
  /** Runs whose prompt has come and whose jobs are still listened to. */
  const background = new Map<RemoteRun, Promise<RunResult>>();

  async function open(): Promise<HostSetup> {
    const setup = await session.open();
    const { facts, start } = setup;
    if (facts === known) return setup;
    known = facts;
    hasState = start?.isSaved ?? false;
    const host = options.address === 'local' ? 'local' : facts.hostName || options.address;
    place = { host, home: facts.home, isRoot: facts.isRoot, folder: start?.folder ?? facts.home };
    return setup;
  }

  async function runLine(
    line: SubmittedLine,
    output: LineOutput,
    control: LineControl,
    over: PromiseWithResolvers<LineOver>,
  ): Promise<LineEnd> {
    try {
      const { host, facts } = await unlessAborted(open(), control.unwanted);
      const request = makeLineRequest(facts.shell, facts.folder, line, lastStatus, hasState);
      const run = host.run(request.file, request.args, {
        ...encoding,
        encodingErrors: options.encodingErrors ?? 'bell',
        env: request.env,
        stdin: 'pipe',
        buffer: false,
        reject: false,
      });
      control.attach(run);
      run.onInputRefused(output.refuse);
      const followed = followLine(run, request.token, output, control.endInput);
      return await follow(run, followed, control, { text: line.text, shell: facts.shell.path }, over);
    } catch (error) {
      over.resolve({ notes: [] });
      return endUnrun(error, control);
    }
  }

  async function follow(
    run: RemoteRun,
    followed: FollowedLine,
    control: LineControl,
    asked: { readonly text: string; readonly shell: string },
    over: PromiseWithResolvers<LineOver>,
  ): Promise<LineEnd> {
    const report = await followed.reported;
    keepState(report);
    const decide = (result: RunResult): LineVerdict =>
      decideEnd(result, report, asked.shell, control, asked.text);
    if (report?.how === 'ended' && control.typed().length === 0) {
      background.set(run, followed.result);
      void followed.result.then((result) => {
        background.delete(run);
        // The line itself has ended well: a connection that is lost later is told at the prompt
        over.resolve({ notes: result.outcome === 'exited' ? decide(result).notes : [] });
      });
      return makeEnd(decideReport(report, control.isInterrupted), report, '');
    }
    const result = await followed.result;
    over.resolve({ notes: [] });
    return makeEnd(decide(result), report, findUnread(control, result, followed.rest()));
  }

  /** What the report says of the state on the host. */
  function keepState(report: LineReport | null): void {
    if (report === null) return;
    place = { ...place, folder: report.folder };
    switch (report.how) {
      case 'ended':
      case 'early':
      case 'displaced':
        hasState ||= report.isSaved;
        return;
      case 'left':
        isClean = true;
        return;
      case 'forgotten':
        hasState = false;
        session.forget();
        return;
      case 'incomplete':
      case 'misread':
        return;
      default:
        report.how satisfies never;
    }
  }

  function makeEnd(verdict: LineVerdict, report: LineReport | null, typedAhead: string): LineEnd {
    lastStatus = verdict.exitStatus;
    const isLost = report !== null && report.how !== 'forgotten' && !report.isSaved && hasState;
    const notes = isLost
      ? [...verdict.notes, 'the changes of the line to the state of the shell were lost']
      : verdict.notes;
    return {
      ...verdict,
      notes,
      typedAhead,
      isEarly: report?.how === 'early',
      jobs: report?.jobs ?? [],
      place,
    };
  }

  function endUnrun(error: unknown, control: LineControl): LineEnd {
    const typedAhead = control.typed().toString();
    const common = { kind: 'refused', isEarly: false, jobs: [], place, typedAhead } as const;
    if (control.unwanted.aborted)
      return { ...common, label: 'canceled', exitStatus: EXIT_CANCELED, notes: [] };
    const reason = describeCause(error);
    return { ...common, label: 'unreachable', exitStatus: EXIT_REXA_FAILED, notes: [`not run: ${reason}`] };
  }

  return {
    takesInput: true,
    takesBlocks: true,
    exitLine: 'exit',
    async open() {
      await open();
      return { sentences: session.sentences, place };
    },
    submit(line, output) {
      const control = createLineControl();
      const over = Promise.withResolvers<LineOver>();
      const ended = runLine(line, output, control, over);
      return { ...control, ended, over: over.promise };
    },
    async complete(question, cancelSignal) {
      const { current } = session;
      if (current === null) return null;
      const { host, facts } = current;
      return askForCompletions(host, facts.shell, facts.folder, question, { ...encoding, cancelSignal });
    },
    loss: () => session.current?.host.ended ?? Promise.resolve(null),
    async close() {
      const notes = await letJobsGo(background);
      await session.close(isClean);
      return notes;
    },
  };
}

/**
 * Typed text that no program has read: what the host gives back, if it was typed, and what never left for the command's
 * stdin, which is counted in the host's encoding.
 */
function findUnread(control: LineControl, { bytes, encoding }: RunResult, rest: string): string {
  const typed = control.typed();
  if (bytes.stdin === 0) return typed.toString();
  const isCounted = encoding.stdin.name === 'utf8';
  const taken = (isCounted ? typed.subarray(0, bytes.stdin) : typed).toString();
  const unsent = isCounted ? typed.subarray(bytes.stdin).toString() : '';
  return taken.endsWith(rest) ? rest + unsent : unsent;
}

/** Programs that stay with their jobs stop doing that: the jobs continue, and their output is discarded. */
async function letJobsGo(background: ReadonlyMap<RemoteRun, Promise<RunResult>>): Promise<readonly string[]> {
  for (const run of background.keys()) run.kill('SIGURG');
  const results = await Promise.all(
    [...background.values()].map((result) => within(result, PARTING_MS, null)),
  );
  const holders = results.flatMap((result) => result?.pipeHeldBy ?? []);
  if (holders.length === 0) return [];
  return [`pid ${holders.join(', ')} continues without this shell; its output is discarded`];
}
