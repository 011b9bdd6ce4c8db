import type { StartRequest } from '../../process/runner/runner.ts';
import { readWord } from '../../protocol/word.ts';
import type { StartJobRequest } from '../../services/jobs/supervisor-messages.ts';

/** Reads what to start, as it came over the socket. */
export function readStart(start: StartJobRequest['start'], runId: string): StartRequest {
  const { file, args, cwd, environment, argv0, shown, stdin } = start;
  return {
    runId,
    file: readWord(file),
    args: args.map(readWord),
    cwd: readWord(cwd),
    environment: environment.map(([name, value]) => [readWord(name), readWord(value)]),
    ...(argv0 === undefined ? {} : { argv0: readWord(argv0) }),
    ...(shown === undefined ? {} : { shown }),
    stdin,
  };
}
