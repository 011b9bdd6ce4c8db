import { describe, expect, it } from 'vitest';
import { chooseWording, describeLostConnection } from '../../../../src/cli/terminal/choose-wording.ts';

const HOST = `tls://${'a-long-name.'.repeat(5)}example:7522`;

describe('the words about a lost connection', () => {
  it.each([24, 40, 60, 80, 120, 200])('name the state and the way out on %d columns', (columns) => {
    for (const seconds of [0, 3, 60]) {
      const shown = chooseWording(describeLostConnection(HOST, '~', seconds), columns - 1);
      expect(shown).toMatch(/^rexa: .*lost.*~\. quits/);
      expect(shown.length).toBeLessThan(columns);
    }
  });

  it('name the host last, where there is room for it', () => {
    const shown = (columns: number) => chooseWording(describeLostConnection('build1', '~', 3), columns);
    expect(shown(79)).toBe('rexa: connection lost, retrying in 3 s (~. quits, ~R retries now): build1');
    expect(shown(70)).toBe('rexa: connection lost, retrying in 3 s (~. quits, ~R retries now)');
    expect(shown(39)).toBe('rexa: lost, retry 3s (~. quits, ~R now)');
    expect(shown(30)).toBe('rexa: lost, 3s, ~. quits');
  });

  it('fit by the columns of their characters, which may be two', () => {
    const host = '漢字漢字.example';
    const shown = (columns: number) => chooseWording(describeLostConnection(host, '~', 3), columns);
    const whole = `rexa: connection lost, retrying in 3 s (~. quits, ~R retries now): ${host}`;
    expect(shown(whole.length + 4)).toBe(whole);
    expect(shown(whole.length + 3)).not.toContain(host);
    expect(chooseWording(['ab漢字'], 5)).toBe('ab漢');
    expect(chooseWording(['e\u0301e\u0301'], 1)).toBe('e\u0301');
  });

  it('name no key where nothing stands for rexa itself', () => {
    expect(describeLostConnection('b', null, 3)[0]).toBe('rexa: connection lost, retrying in 3 s: b');
  });
});
