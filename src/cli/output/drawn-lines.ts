/** Moves the cursor to the start of its row, and empties the row. */
export const ERASE_ROW = '\r\x1b[K';

/** Erases a line that is drawn on the terminal. Resolves when the terminal has taken that. */
type Erase = () => unknown;

const drawn = new Set<Erase>();

/** The questions on the terminal: the one that is being asked and those that wait for their turn. */
let questions = 0;
let lastQuestion: Promise<unknown> = Promise.resolve();

/** Tells whether a line may be drawn: not while a question is on the terminal. */
export function mayDraw(): boolean {
  return questions === 0;
}

/**
 * Takes the bottom row of the terminal for a line, which is drawn next. A line of another owner is erased by its owner, so
 * that its end does not erase this one later.
 * @param erase is called before anything else is written there; it is the line's name here too
 */
export function takeRow(erase: Erase): void {
  for (const other of drawn) if (other !== erase) void other();
  drawn.add(erase);
}

/** Ends the claim of a line that is erased, or was never drawn. */
export function leaveRow(erase: Erase): void {
  drawn.delete(erase);
}

/** Erases what is drawn, before something else is written to the terminal. Resolves when the terminal has taken that. */
export async function eraseDrawn(): Promise<void> {
  await Promise.all([...drawn].map((erase) => erase()));
}

/**
 * Asks a question on the terminal: one at a time, below what was written before, and nothing is drawn until it is answered.
 * @returns what `ask` returns
 */
export async function holdTerminal<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  questions++;
  const answer = Promise.all([lastQuestion, eraseDrawn()]).then(ask);
  lastQuestion = answer.catch(() => undefined);
  try {
    return await answer;
  } finally {
    questions--;
  }
}
