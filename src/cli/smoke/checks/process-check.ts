import { boolean, integer } from '../parse/fields.ts';
import { type CheckKind, COMMON_CHECK_FIELDS, expectFact, shellProgram } from './check-kind.ts';

/** As many characters as Linux keeps of a name, without the NUL. */
const MAX_NAME_BYTES = 15;

/** Processes end while they are looked at. */
const PROGRAM = 'cat /proc/[0-9]*/comm 2>/dev/null | grep -xF -e "$1"; :';

const FIELDS = {
  ...COMMON_CHECK_FIELDS,
  running: boolean('Whether there is one. Default: true'),
  count: integer('How many there are', 0, Number.MAX_SAFE_INTEGER),
} as const;

/** `process:` of goss, by /proc. */
export const PROCESS_CHECK: CheckKind<typeof FIELDS> = {
  key: 'process',
  about: 'Processes on the host, by the names of their programs',
  fields: FIELDS,
  make(name, { running, count }) {
    const own = Buffer.from(name).subarray(0, MAX_NAME_BYTES).toString();
    const find = (output: string): number => output.split('\n').filter((line) => line === own).length;
    const isRunning = running ?? (count === undefined ? true : undefined);
    return {
      argv: shellProgram(PROGRAM, own),
      stdout: [
        ...(isRunning === undefined
          ? []
          : [expectFact('running', String(isRunning), (output) => String(find(output) > 0))]),
        ...(count === undefined
          ? []
          : [expectFact('count', String(count), (output) => String(find(output)))]),
      ],
    };
  },
};
