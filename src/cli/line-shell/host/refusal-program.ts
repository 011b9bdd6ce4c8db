/**
 * Decides in bash and zsh why a line is not run: without the state that it expects, in another folder than it was typed for,
 * or misread or incomplete. Sets `_rexa_refusal`, empty for a line that is run.
 */
export const REFUSAL_PROGRAM = `_rexa_refusal=
if [[ -n $_rexa_expects && -z $_rexa_is_restored ]]; then
  _rexa_refusal=forgotten
elif [[ -n $_rexa_cwd_lost ]]; then
  _rexa_refusal=displaced
elif _rexa_is_misread; then
  _rexa_refusal=misread
elif [[ -n $_rexa_check ]] && _rexa_is_incomplete; then
  _rexa_refusal=incomplete
fi`;
