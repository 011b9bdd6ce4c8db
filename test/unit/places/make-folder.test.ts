import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, SHARED_FOLDER_MODE } from '../../../src/places/make-folder.ts';

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rexa-folder-'));
});

afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

const modeOf = (file: string): number => fs.statSync(file).mode & 0o777;

describe('a folder that is missing', () => {
  it.each([
    ['own', undefined, 0o700],
    ['shared', SHARED_FOLDER_MODE, null],
  ])('is made with those above it, each with its mode: %s', (name, mode, given) => {
    const usual = path.join(folder, `usual-${name}`);
    fs.mkdirSync(usual);
    const expected = given ?? modeOf(usual);
    const deep = path.join(folder, name, 'a', 'b');
    makeFolder(deep, mode);
    makeFolder(deep, mode);
    const made = [deep, path.dirname(deep), path.join(folder, name)];
    expect(made.map(modeOf)).toEqual([expected, expected, expected]);
  });

  it('is an error where the system makes none, as below /proc', () => {
    expect(() => makeFolder('/proc/rexa/a', SHARED_FOLDER_MODE)).toThrow(/ENOENT.*\/proc\/rexa/);
  });
});
