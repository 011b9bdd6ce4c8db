import { FileFailure } from '../describe-failure.ts';

/** The names that sources of one transfer take in its destination. */
export interface RootNames {
  /** Folders of one name are merged. @throws FileFailure for another entry of the same name, as cp(1) */
  enter(name: string, isFolder: boolean): void;
}

/** Creates an empty set of names. */
export function createRootNames(): RootNames {
  const taken = new Map<string, boolean>();
  return {
    enter(name, isFolder) {
      const wasFolder = taken.get(name);
      if (wasFolder === undefined) return void taken.set(name, isFolder);
      if (!wasFolder || !isFolder) throw new FileFailure('EEXIST', 'another source was copied to this name');
    },
  };
}
