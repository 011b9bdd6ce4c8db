import { describe, expect, it } from 'vitest';
import { isRaw } from '../../../../src/cli/terminal/found-raw.ts';

describe('a terminal that was left raw', () => {
  it.each([
    ['is told from its modes', '4500:4:bf:8a30:3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16:0', true],
    ['is not one that echoes and edits', '4500:5:bf:8a3b:3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16:0', false],
    ['is not one that asks for a password', '4500:5:bf:8a33:3:1c:7f:15:4:0', false],
    ['is not known of other systems', 'gfmt1:cflag=4b00:iflag=2b02:lflag=200005cb', false],
    ['is not known of nothing', '', false],
  ])('%s', (_what, saved, raw) => {
    expect(isRaw(saved)).toBe(raw);
  });
});
