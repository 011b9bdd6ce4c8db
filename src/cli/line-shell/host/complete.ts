import type { Host } from '../../../client/host-types.ts';
import type { RunOptions } from '../../../client/run-types.ts';
import { COMPLETION_MS, MAX_COMPLETION_BYTES, MAX_COMPLETION_WORDS } from '../../limits.ts';
import type { CompletionAnswer, CompletionQuestion } from '../backend.ts';
import type { HostShell } from './host-shell.ts';
import { makeEnvironment } from './line-request.ts';

/**
 * Asks the host what a word could be; null when it does not answer in time. Nothing is run for it but the host's shell,
 * which evaluates nothing of the word.
 */
export async function askForCompletions(
  host: Host,
  shell: HostShell,
  folder: string,
  question: CompletionQuestion,
  options: Pick<RunOptions, 'encoding' | 'cancelSignal'>,
): Promise<CompletionAnswer | null> {
  const { completionWords, completionProgram } = shell.kind;
  const result = await host.run(shell.path, completionWords, {
    ...options,
    env: {
      ...makeEnvironment(completionProgram, folder, '', question.word),
      _rexa_scratch: 'complete',
      _rexa_kind: question.kind,
      _rexa_base: question.base,
      _rexa_most: String(MAX_COMPLETION_WORDS + 1),
    },
    timeout: COMPLETION_MS,
    forceKillAfterDelay: 0,
    maxBuffer: MAX_COMPLETION_BYTES,
    reject: false,
  });
  if (result.outcome !== 'exited' || typeof result.stdout !== 'string') return null;
  const words = result.stdout.split('\0').slice(0, -1);
  return {
    words: [...new Set(words.slice(0, MAX_COMPLETION_WORDS))].toSorted(),
    isCut: words.length > MAX_COMPLETION_WORDS || result.truncated,
  };
}
