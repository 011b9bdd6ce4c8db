import { listOwnCandidates, writeCandidates } from '../../command-line/completion-candidates.ts';
import { COMPLETION_SHELLS, writeCompletionScript } from '../../command-line/completion-scripts.ts';
import { DAEMON_COMMAND } from '../options.ts';
import { say } from './say.ts';

const EXIT_USAGE = 2;

/** `rexad completion SHELL` prints a script; `rexad completion candidates WORD...` is what that asks. @returns the exit status */
export function complete([wanted, ...words]: readonly string[]): number {
  const shell = COMPLETION_SHELLS.find((known) => known === wanted);
  if (wanted === 'candidates') process.stdout.write(writeCandidates(completeWords(words)));
  else if (shell !== undefined) process.stdout.write(writeCompletionScript(shell, DAEMON_COMMAND.name));
  else say(`a shell is expected: rexad completion ${COMPLETION_SHELLS.join(', ')}`);
  return wanted === 'candidates' || shell !== undefined ? 0 : EXIT_USAGE;
}

function completeWords([first, ...words]: readonly string[]) {
  // The scripts put `--` in front of the words, so that none of them is taken for ours
  return listOwnCandidates(DAEMON_COMMAND, first === '--' ? words : [first ?? '', ...words]);
}
