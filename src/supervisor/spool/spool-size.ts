import fs from 'node:fs';
import path from 'node:path';
import { readSegmentName } from './segment.ts';

/** What a spool takes on the disk. */
export function measureSpool(folder: string): number {
  return listSegments(folder).reduce(
    (bytes, file) => bytes + (fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** Takes the output away and leaves what stands beside it: its readers are told that it is missing. */
export function removeSpool(folder: string): void {
  for (const file of listSegments(folder)) fs.rmSync(file, { force: true });
}

function listSegments(folder: string): readonly string[] {
  try {
    const names = fs.readdirSync(folder).filter((name) => readSegmentName(name) !== null);
    return names.map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}
