import type { Sent } from '../headers.ts';
import { wrong } from './protocol-error.ts';

/** What comes of a transfer: an entry, the data of a file, the data in the record of a short file. */
export type Stage = 'between' | 'data' | 'short';

type Coming = Sent['type'] | 'bytes';

/** What may come in each stage; `incoming-file.ts` changes it. */
const PERMITTED: Readonly<Record<Stage, readonly Coming[]>> = {
  between: ['file', 'folder', 'link', 'hardlink', 'leave', 'content', 'unreadable', 'finish'],
  data: ['bytes', 'hole', 'end', 'broken'],
  short: ['bytes'],
};

/** Refuses what does not belong where it comes. @throws RexaError FILES_PROTOCOL */
export function checkStage(stage: Stage, coming: Coming): void {
  if (PERMITTED[stage].includes(coming)) return;
  throw wrong(coming === 'bytes' ? 'data of no file' : `a misplaced record ${coming}`);
}

/** The ids of the entries of a transfer: they ascend, so none takes the place of another one. */
export interface EntryIds {
  /** @param isWanted says whether a file was wanted, which may turn out to be unreadable @throws RexaError FILES_PROTOCOL */
  take(sent: Sent, isWanted: (id: number) => boolean): void;
}

/** Creates the ids of a transfer; there is none yet. */
export function createEntryIds(): EntryIds {
  let lastId = -1;
  return {
    take(sent, isWanted) {
      if (!('name' in sent) || (sent.type === 'unreadable' && isWanted(sent.id))) return;
      if (sent.id <= lastId) throw wrong('an id that does not ascend');
      lastId = sent.id;
    },
  };
}
