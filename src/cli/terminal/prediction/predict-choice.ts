/** When keys are shown before the host has echoed them; `auto`: on a long round trip. */
export type PredictChoice = 'auto' | 'always' | 'never';

/** All of them, the default first. */
export const PREDICT_CHOICES: readonly PredictChoice[] = ['auto', 'always', 'never'];
