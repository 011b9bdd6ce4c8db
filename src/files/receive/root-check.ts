import { RexaError } from '../../protocol/errors.ts';
import { escapeText } from '../../protocol/show-text.ts';
import { FileFailure } from '../describe-failure.ts';
import type { ExpectedSource } from './receive-plan.ts';

/** Checks what a sender announces against what it was asked for. */
export interface RootCheck {
  /** An entry goes into the destination under this name. @throws RexaError FILES_PROTOCOL, FileFailure */
  enter(name: string): void;
  /** A folder or a symlink comes. @throws FileFailure */
  needRecursion(what: string): void;
}

/** Creates the check. @param expected null: the sender was not asked, and sends what it likes */
export function createRootCheck(expected: ExpectedSource | null): RootCheck {
  const left = new Map<string, number>();
  for (const root of expected?.roots ?? []) left.set(root, (left.get(root) ?? 0) + 1);
  return {
    enter(name) {
      if (expected === null) return;
      const count = left.get(name) ?? 0;
      if (count > 0) return void left.set(name, count - 1);
      if (left.has('')) throw new FileFailure('EINVAL', 'the host chooses this name: copy PATH/. instead');
      throw new RexaError('FILES_PROTOCOL', [`an entry that was not asked for: ${escapeText(name)}`]);
    },
    needRecursion(what) {
      if (expected !== null && !expected.isRecursive)
        throw new FileFailure('EINVAL', `is ${what}, which was not asked for: -r copies it`);
    },
  };
}
