import { expect, it } from 'vitest';
import { writeFrame } from '../../../../src/supervisor/sessions/paint-frame.ts';

it('a row of a frame is erased before its text, which may fill the last column', () => {
  const frame = { rows: ['full'], cursor: '', modes: new Map<string, string>(), title: '' };
  const written = writeFrame({ ...frame, rows: ['next'] }, frame);
  expect(written.endsWith('\x1b[Knext')).toBe(true);
});
