import type { Parsed, ProgramSpec } from '../../command-line/command-spec.ts';
import {
  type Completion,
  listCandidates,
  writeCandidates,
} from '../../command-line/completion-candidates.ts';
import { COMPLETION_SHELLS, writeCompletionScript } from '../../command-line/completion-scripts.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { listPathCandidates } from '../files/complete-paths.ts';
import { withKnownHosts } from '../host/complete-hosts.ts';
import { listJobCandidates } from '../jobs/complete-jobs.ts';
import { print } from '../output/print.ts';
import { listSessionCandidates } from '../session/complete-sessions.ts';
import type { COMPLETION_COMMAND } from '../tables/others.ts';
import { REXA } from '../tables/program.ts';

/** `rexa completion SHELL` prints a script; `rexa completion candidates -- WORD...` is what that asks. */
export async function run(parsed: Parsed<typeof COMPLETION_COMMAND>): Promise<number> {
  const { operands, rest } = parsed;
  const [wanted] = operands;
  if (wanted === 'candidates') return print(writeCandidates(await complete(rest ?? [])));
  const shell = COMPLETION_SHELLS.find((known) => known === wanted);
  const names = COMPLETION_SHELLS.join(', ');
  if (wanted === undefined) throw usageError(`the name of a shell is missing: ${names}`);
  if (shell === undefined) throw usageError(`no completion for the shell ${quoteWord(wanted)}; use ${names}`);
  if (rest !== null && rest[0] !== undefined) {
    throw usageError(`unexpected argument ${quoteWord(rest[0])} for rexa completion`);
  }
  return print(writeCompletionScript(shell, REXA.name));
}

async function complete(words: readonly string[]): Promise<Completion> {
  const program = await withKnownHosts(REXA);
  const completion = listCandidates(program, words);
  if (completion.repeated === 'SRC') return completeCopy(program, completion, words.at(-1) ?? '');
  const { operand = '', before = [] } = completion.unknown ?? {};
  const list = LISTERS[operand];
  const host = before.at(-1);
  if (list === undefined || host === undefined || before[0] === 'new') return completion;
  return { candidates: await list(host, words.at(-1) ?? ''), files: false };
}

/** What a host knows, by the operand, or the option, that it is asked for. The host stands before that. */
const LISTERS: Readonly<Record<string, typeof listJobCandidates>> = {
  JOB: listJobCandidates,
  SESSION: listSessionCandidates,
  '--session': listSessionCandidates,
};

/** Names of hosts, paths of theirs, and names of files here. */
async function completeCopy(program: ProgramSpec, completion: Completion, word: string): Promise<Completion> {
  const paths = await listPathCandidates(word);
  if (paths !== null) return { candidates: paths, files: false };
  const hosts = program.commands['run']?.operandChoices?.['HOST'] ?? [];
  const candidates = hosts.map((host) => ({ text: `${host}:`, about: 'files of this host' }));
  return { ...completion, candidates: candidates.filter(({ text }) => text.startsWith(word)) };
}
