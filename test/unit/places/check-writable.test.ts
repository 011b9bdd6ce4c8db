import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkWritable } from '../../../src/places/check-writable.ts';

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rexa-writable-'));
  fs.writeFileSync(path.join(folder, 'file'), 'kept');
  fs.mkdirSync(path.join(folder, 'folder'));
});

afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

describe('a file that is to be written later', () => {
  it.each(['file', 'new', '/dev/null'])('stays as it is: %s', (name) => {
    checkWritable(path.resolve(folder, name));
    expect(fs.readdirSync(folder)).toEqual(['file', 'folder']);
    expect(fs.readFileSync(path.join(folder, 'file'), 'utf8')).toBe('kept');
  });

  it.each([
    ['folder', 'EISDIR'],
    ['missing/file', 'ENOENT'],
    ['file/below', 'ENOTDIR'],
  ])('is refused with the error of the system: %s, %s', (name, code) => {
    expect(() => checkWritable(path.join(folder, name))).toThrow(expect.objectContaining({ code }) as Error);
  });
});
