import { describe, expect, it, vi } from 'vitest';
import { configFolder, memoryFolder } from '../../../src/places/config-folder.ts';

describe('the folder of what is remembered', () => {
  it.each([
    ['/x/state', /^\/x\/state\/rexa$/],
    ['relative', /\/\.local\/state\/rexa$/],
    ['', /\/\.local\/state\/rexa$/],
  ])('with %j in XDG_STATE_HOME is %s', (chosen, expected) => {
    vi.stubEnv('XDG_STATE_HOME', chosen);
    expect(memoryFolder()).toMatch(expected);
  });
});

describe('the folder of the configuration', () => {
  it.each([
    ['/x/config', /^\/x\/config\/rexa$/],
    ['relative', /\/\.config\/rexa$/],
  ])('with %j in XDG_CONFIG_HOME is %s', (chosen, expected) => {
    vi.stubEnv('XDG_CONFIG_HOME', chosen);
    expect(configFolder()).toMatch(expected);
  });
});
