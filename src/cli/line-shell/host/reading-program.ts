import { READING_TEST } from '../../../protocol/shell-reading.ts';

/**
 * What every program around a line asks of its shell before it is given the line: whether it reads the line's characters as
 * such, in the locale that the lines before have left. In a process and a folder of its own, since it may read commands there.
 */
export const READING_PROGRAM = `
_rexa_reads() {${READING_TEST}}
_rexa_is_misread() {
  while [ "$_rexa_samples" -gt 0 ]; do
    _rexa_samples=$((_rexa_samples - 1))
    eval "_rexa_quoted=\\$_rexa_quoted$_rexa_samples _rexa_plain=\\$_rexa_plain$_rexa_samples"
    unset "_rexa_quoted$_rexa_samples" "_rexa_plain$_rexa_samples"
    (cd "\${_rexa_folder:-/}" && _rexa_reads "$_rexa_quoted" "$_rexa_plain") || return 0
  done
  unset _rexa_samples _rexa_quoted _rexa_plain
  return 1
}
`;
