import { MAX_KEPT_NAME_CHARACTERS } from '../limits.ts';

/** The names that the sender has in one folder, for `--delete`. */
export interface KeptNames {
  add(name: string): void;
  has(name: string): boolean;
  /** There was no room for all of them: nobody knows what the sender lacks. */
  readonly hasTooMany: boolean;
  /** Nobody asks any more. */
  clear(): void;
}

/** Returns what makes the names of the folders of one transfer, which have one limit together. */
export function createNameKeeper(): () => KeptNames {
  let keptCharacters = 0;
  return () => {
    const names = new Set<string>();
    let ownCharacters = 0;
    let hasTooMany = false;
    function clear(): void {
      names.clear();
      keptCharacters -= ownCharacters;
      ownCharacters = 0;
    }
    return {
      add(name) {
        if (hasTooMany || names.has(name)) return;
        if (keptCharacters + name.length > MAX_KEPT_NAME_CHARACTERS) {
          hasTooMany = true;
          return clear();
        }
        names.add(name);
        ownCharacters += name.length;
        keptCharacters += name.length;
      },
      has: (name) => names.has(name),
      get hasTooMany() {
        return hasTooMany;
      },
      clear,
    };
  };
}
