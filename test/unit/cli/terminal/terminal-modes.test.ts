import { describe, expect, it } from 'vitest';
import { createModeTracker } from '../../../../src/cli/terminal/terminal-modes.ts';

const PLAIN = '\x1b(B\x0f\x1b[0m';

/** What would be taken back after this was shown, but for the characters and colours, which always are. */
function restoreAfter(chunks: readonly string[]): string {
  const tracker = createModeTracker();
  for (const chunk of chunks) tracker.take(Buffer.from(chunk));
  return tracker.restore(true).replace(PLAIN, '');
}

const VIM = '\x1b[?1049h\x1b[>4;2m\x1b[?1h\x1b=\x1b[?2004h\x1b[?25l\x1b]11;#000000\x07';
const VIM_BACK = '\x1b[>4m\x1b[?1l\x1b>\x1b[?2004l\x1b[?25h\x1b[?1049l\x1b]111\x1b\\';

const privateMode = (mode: number, name: string) => [name, `\x1b[?${mode}h`, `\x1b[?${mode}l`] as const;

/** What is changed, by which sequence, and what takes it back. */
const ROWS: readonly (readonly [what: string, shown: string, undo: string])[] = [
  privateMode(1, 'cursor keys'),
  privateMode(5, 'an inverse screen'),
  ['an origin', '\x1b[?6h', '\x1b[?6l\x1b[r\x1b[9999;1H'],
  ['no autowrap', '\x1b[?7l', '\x1b[?7h'],
  ['no autorepeat', '\x1b[?8l', '\x1b[?8h'],
  ['a hidden cursor', '\x1b[?25l', '\x1b[?25h'],
  ...[9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016].map((mode) =>
    privateMode(mode, `mice and focus ${mode}`),
  ),
  ...[66, 67, 69, 2004, 2026, 2027, 2031, 2048].map((mode) => privateMode(mode, `the mode ${mode}`)),
  ...[47, 1047, 1049].map((mode) => privateMode(mode, `the other screen ${mode}`)),
  ['insertion', '\x1b[4h', '\x1b[4l'],
  ['locked keys', '\x1b[2h', '\x1b[2l'],
  ['changed newlines', '\x1b[20h', '\x1b[20l'],
  ['a local echo', '\x1b[12l', '\x1b[12h'],
  ['margins', '\x1b[5;10r', '\x1b7\x1b[r\x1b8'],
  ['modifyOtherKeys', '\x1b[>4;2m', '\x1b[>4m'],
  ['no modifyOtherKeys', '\x1b[>4n', '\x1b[>4m'],
  ['formatOtherKeys', '\x1b[>4;1f', '\x1b[>4f'],
  ['pushed keyboard flags', '\x1b[>1u\x1b[>5u', '\x1b[<2u'],
  ['keyboard flags that were set', '\x1b[=5;1u', '\x1b[=0;1u'],
  ['keyboard flags of the other screen', '\x1b[?1049h\x1b[>1u', '\x1b[<1u\x1b[?1049l'],
  ['keyboard flags of both screens', '\x1b[>1u\x1b[?1049h\x1b[>1u', '\x1b[<1u\x1b[?1049l\x1b[<1u'],
  ['a shape of the cursor', '\x1b[6 q', '\x1b[0 q'],
  ['protected characters', '\x1b[1"q', '\x1b[0"q'],
  ['a keypad', '\x1b=', '\x1b>'],
  ['other characters in G1', '\x1b)0', '\x1b)B'],
  ['no UTF-8', '\x1b%@', '\x1b%G'],
  ['tab stops', '\x1b[3g', '\x1b[?5W'],
  ['output that goes to a printer', '\x1b[5i', '\x1b[4i'],
  ['output that goes to a status line', '\x1b[1$}', '\x1b[0$}'],
  ['pushed titles', '\x1b[22;0t\x1b[22;2t', '\x1b[23;2t\x1b[23;0t'],
  ['pushed colours', '\x1b[#P', '\x1b[#Q'],
  ['a foreground', '\x1b]10;red\x07', '\x1b]110\x1b\\'],
  ['a background', '\x1b]11;rgb:0/0/0\x1b\\', '\x1b]111\x1b\\'],
  ['a colour of the cursor', '\x1b]12;red\x07', '\x1b]112\x1b\\'],
  ['several of them', '\x1b]10;red;?;blue\x07', '\x1b]110\x1b\\\x1b]112\x1b\\'],
  ['colours of the palette', '\x1b]4;1;red;7;?;9;blue\x07', '\x1b]104;1\x1b\\\x1b]104;9\x1b\\'],
  ['a link', '\x1b]8;id=1;http://x\x07', '\x1b]8;;\x1b\\'],
  ['a pointer', '\x1b]22;hand\x07', '\x1b]22;default\x1b\\'],
  ['a progress', '\x1b]9;4;1;50\x07', '\x1b]9;4;0\x1b\\'],
  ['all that vim changes', VIM, VIM_BACK],
];

describe('what a session has made of our terminal', () => {
  it.each(ROWS)('%s is undone', (_what, shown, undo) => {
    expect(restoreAfter([shown])).toBe(undo);
    expect(restoreAfter([...shown])).toBe(undo);
  });

  it.each(ROWS)('%s needs nothing once it was undone', (what, shown, undo) => {
    // A soft restart of margins and origin is one of the whole screen
    expect(restoreAfter([shown, undo]), what).toBe('');
  });

  it.each(ROWS)('%s needs nothing after a reset', (_what, shown) => {
    expect(restoreAfter([shown, '\x1bc'])).toBe('');
  });

  it.each([
    ['nothing', 'ls\r\nfile\r\n', ''],
    ['colours alone', '\x1b[31mred\x1b[0m', ''],
    ['mice at once', '\x1b[?1000;1006h', '\x1b[?1000l\x1b[?1006l'],
    ['a question for a colour', '\x1b]11;?\x07', ''],
    ['modes that nobody knows', '\x1b[?9999h', ''],
    ['modes that were saved and are restored', '\x1b[?2004s\x1b[?2004h\x1b[?2004r', ''],
    ['what a soft reset leaves', '\x1b[?1049h\x1b[?25l\x1b[4h\x1b[!p', '\x1b[?1049l'],
    ['what stands in a string of tmux', '\x1b]0;\x1b\\\x1bPtmux;\x1b\x1b[?25l\x1b\\', ''],
    [
      'what comes behind an ESC in a DCS, which ends it',
      '\x1b]0;\x1b\\\x1bP\x1b\x1b[?25l\x1b\\',
      '\x1b[?25h',
    ],
    ['what comes behind a string that C1 ends', '\x1bP0q\u009c\x1b[?25l', '\x1b[?25h'],
    ['a control of C1', '\u009b?25l', '\x1b[?25h'],
  ])('%s is known', (_what, shown, restored) => {
    expect(restoreAfter([shown])).toBe(restored);
  });

  it('is known wherever the output is cut', () => {
    for (let at = 1; at < VIM.length; at++) {
      expect(restoreAfter([VIM.slice(0, at), VIM.slice(at)])).toBe(VIM_BACK);
    }
  });

  it('is undone too where the programs have ended by themselves, and else nothing is written', () => {
    const tracker = createModeTracker();
    tracker.take(Buffer.from('\x1b[31mred'));
    expect(tracker.restore(false)).toBe('');
    tracker.take(Buffer.from('\x1b[?25l'));
    expect(tracker.restore(false)).toBe(`\x1b[?25h${PLAIN}`);
  });

  it('needs nothing where no program has steered the terminal', () => {
    const tracker = createModeTracker();
    tracker.take(Buffer.from('plain\r\n'));
    expect(tracker.restore(true)).toBe('');
  });

  it('ends the string that was begun, first', () => {
    const tracker = createModeTracker();
    tracker.take(Buffer.from('\x1b[?25l\x1b]52;c;AAAA'));
    expect(tracker.restore(true)).toBe(`\x18\x1b\\\x1b[?25h${PLAIN}`);
  });

  it('is followed in noise without growing', () => {
    const tracker = createModeTracker();
    for (let time = 0; time < 1000; time++) tracker.take(Buffer.from('\x1b[?1;1;1;1;1;1;1;1;1;1;1;1;1;1'));
    tracker.take(Buffer.from('x\x1b[?25l'));
    expect(tracker.restore(true)).toContain('\x1b[?25h');
  });
});

describe('where the output stands', () => {
  it.each([
    ['text', 'plain 你好\n', true],
    ['a sequence', '\x1b[3', false],
    ['a sequence with a private parameter', '\x1b[?2004', false],
    ['a character', '\xe4\xbd', false],
    ['an OSC longer than any sequence', `\x1b]52;c;${'A'.repeat(5000)}`, false],
    ['an OSC that has ended by BEL', '\x1b]0;title\x07', true],
    ['an OSC at its end', '\x1b]0;title\x1b', false],
    ['an OSC that another sequence ends', '\x1b]0;title\x1b[m', true],
    ['a DCS, which BEL does not end', '\x1bPq#0\x07', false],
    ['a DCS that ESC has ended, and a control sequence', '\x1bPq#0\x1b[m', true],
    ['an OSC that C1 has ended', '\x1b]0;title\xc2\x9c', true],
    ['an APC that C1 has ended', '\x1b_Gx\xc2\x9c', true],
    ['a DCS of tmux, with an OSC inside', '\x1bPtmux;\x1b\x1b]52;c;A\x07', false],
    ['that at its end', '\x1bPtmux;\x1b\x1b]52;c;A\x07\x1b\\', true],
    ['an APC', `\x1b_G${'A'.repeat(5000)}`, false],
    ['a PM', '\x1b^x', false],
    ['a SOS', '\x1bXx', false],
    ['a string that CAN has ended', '\x1b]52;c;AAA\x18', true],
    ['an OSC of C1', '\xc2\x9d0;x', false],
    ['a character set half told', '\x1b(', false],
  ])('is known in the middle of %s', (_what, shown, isSettled) => {
    const tracker = createModeTracker();
    for (const byte of Buffer.from(shown, 'latin1').toString('latin1'))
      tracker.take(Buffer.from(byte, 'latin1'));
    const whole = createModeTracker();
    const isText = shown.includes('你');
    whole.take(Buffer.from(shown, isText ? 'utf8' : 'latin1'));
    expect(whole.isSettled).toBe(isSettled);
    if (!isText) expect(tracker.isSettled).toBe(isSettled);
  });
});
