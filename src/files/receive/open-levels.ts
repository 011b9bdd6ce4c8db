import type { FolderHeader, Sent } from '../headers.ts';
import { MAX_FOLDER_DEPTH } from '../limits.ts';
import type { Destination } from './destination.ts';
import { abandonLevel, enterFolder, leaveLevel } from './levels.ts';
import { wrong } from './protocol-error.ts';
import type { Level, ReceiverState } from './receiver-state.ts';
import { refuseInside, refuseSame } from './same-file.ts';

/** The folders that the sender is in, inside each other. */
export interface OpenLevels {
  /** The innermost one. */
  readonly current: Level;
  /** Whether it is the destination. */
  readonly isOutermost: boolean;
  /** Enters a folder; its entries come, whatever became of it. @returns whether it is new @throws RexaError, FileFailure */
  enter(header: FolderHeader): boolean;
  /** Leaves the innermost folder. @throws RexaError FILES_PROTOCOL */
  leave(isWhole: boolean): Promise<void>;
  /** Answers what would go into a folder that `--dry-run` did not make; false: it is no such entry. */
  imagine(sent: Sent): boolean;
  /** The transfer ends here. */
  abandon(): void;
}

/** Starts in the destination. */
export function createOpenLevels(state: ReceiverState, destination: Destination): OpenLevels {
  const { start } = destination;
  const { plan, folders } = state;
  const around: Level[] = [];
  let level = start;

  function push(entered: Level): void {
    if (around.length > MAX_FOLDER_DEPTH) throw wrong('too many folders inside each other');
    around.push(level);
    level = entered;
  }

  function openFolder(header: FolderHeader): Level {
    destination.needRecursion('a folder');
    const itself = destination.enterItself(level, header.name);
    if (itself !== null) {
      refuseInside(folders, itself, header);
      // With -p it becomes what the source is, as with cp -p SRC/. DST
      const names = plan.deletes ? state.keepNames() : null;
      return { ...start, header, folder: itself, pending: 0, names };
    }
    const place = destination.placeOf(level, header.name, true);
    // Without --exclude nobody reads it: it is not joined before
    const above = level.path === '' ? '' : `${level.path}/`;
    const path = level === start ? '' : `${above}${header.name}`;
    refuseSame(folders, place, header);
    refuseInside(folders, place.folder, header);
    const entered = enterFolder(state, place, header, path);
    level.pending++;
    return entered;
  }

  return {
    get current() {
      return level;
    },
    get isOutermost() {
      return around.length === 0;
    },
    enter(header) {
      let entered: Level = { ...start, above: level, header, folder: null, pending: 0 };
      try {
        entered = openFolder(header);
        return entered.isNew;
      } finally {
        push(entered);
      }
    },
    async leave(isWhole) {
      const outer = around.pop();
      if (outer === undefined) throw wrong('a misplaced record leave');
      await leaveLevel(state, level, isWhole);
      level = outer;
    },
    imagine(sent) {
      if (!plan.isDry || !level.isNew || level.folder !== null) return false;
      if (!['file', 'folder', 'link', 'hardlink'].includes(sent.type) || !('id' in sent)) return false;
      state.answers.done(sent.id);
      if (sent.type === 'folder') push({ ...level, above: null, header: null });
      return true;
    },
    abandon() {
      for (let inner: Level | undefined = level; inner !== undefined; inner = around.pop())
        abandonLevel(state, inner);
      for (const inner of state.unsettled) abandonLevel(state, inner);
    },
  };
}
