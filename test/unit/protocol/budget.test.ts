import { describe, expect, it } from 'vitest';
import { createBudget } from '../../../src/protocol/budget.ts';

describe('a budget', () => {
  it('gives until it is used up, and again what was given back', () => {
    const budget = createBudget(100);
    expect([budget.take(60), budget.take(41), budget.take(40), budget.take(1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    budget.giveBack(60);
    expect([budget.freeBytes, budget.take(60), budget.freeBytes]).toEqual([60, true, 0]);
  });

  it('takes from the wider one as well, and nothing at all when one of the two has not enough', () => {
    const process = createBudget(100);
    const links = [createBudget(80, process), createBudget(80, process)] as const;
    expect(links[0].take(70)).toBe(true);
    expect(links[1].take(70)).toBe(false);
    expect([process.freeBytes, links[0].freeBytes, links[1].freeBytes]).toEqual([30, 10, 80]);
    expect(links[0].take(20)).toBe(false);
    expect(process.freeBytes).toBe(30);
    links[0].giveBack(70);
    expect([process.freeBytes, links[0].freeBytes]).toEqual([100, 80]);
  });
});
