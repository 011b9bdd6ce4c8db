import type { ExecaError, Options, Result, ResultPromise, TemplateExpression } from 'execa';
import type { Lifetime } from '../../protocol/job.ts';
import type { HostFields } from './host-fields.ts';

/** Options of execa that have no meaning on another host; they are refused at run time too. */
export interface Unavailable {
  /** Not available on a remote host. */
  readonly ipc?: false;
  /** Not available on a remote host. */
  readonly ipcInput?: never;
  /** Not available on a remote host. */
  readonly serialization?: never;
  /** Not available on a remote host: `cancelSignal` alone ends the command. */
  readonly gracefulCancel?: false;
  /** Not available on a remote host: use `host.run` with `lifetime: 'detached'`. */
  readonly detached?: false;
  /** Not available on a remote host. */
  readonly uid?: never;
  /** Not available on a remote host. */
  readonly gid?: never;
}

/** Options that only a host has. */
export interface Additional {
  /** The code page of the command's output, input and arguments. Default: the host's own. */
  readonly hostEncoding?: string;
  /** Makes the run a job that is never run twice under this id. */
  readonly id?: string;
  /** How long it goes on without a client; anything but `with-client` (default) makes it a job. */
  readonly lifetime?: Lifetime;
}

/** Options of execa on a host. */
export type HostExecaOptions = Omit<Options, keyof Unavailable> & Unavailable & Additional;

/** execa's own of these options. */
export type Own<Given> = Given extends Options ? Given : Pick<Given, Extract<keyof Given, keyof Options>>;
/** Options that are bound, with those of a call in their place. */
export type Merged<Bound, Given> = Omit<Bound, keyof Given> & Given;
/** Options as execa's own types take them. */
export type Execas<Given> = Own<Given> extends infer Found extends Options ? Found : Options;

/** A result of execa, with what rexa knows of the run. */
export type HostExecaResult<Given = HostExecaOptions> = Result<Execas<Given>> & HostFields;
/** An error of execa, with what rexa knows of the run. */
export type HostExecaError = ExecaError & HostFields;

/** A command on a host: execa's own promise and its methods. */
export type HostSubprocess<Given = HostExecaOptions> = Omit<
  ResultPromise<Execas<Given>>,
  'then' | 'catch' | 'finally' | typeof Symbol.toStringTag
> &
  Promise<HostExecaResult<Given>>;

/** What a template takes: a text, a number, the result of another command, or several of them. */
export type Argument = TemplateExpression | readonly TemplateExpression[];

// oxlint-disable-next-line typescript/no-generated-empty-object-type -- no option is given
export type NoOptions = Pick<HostExecaOptions, never>;

/** `execa` on a host. */
export interface HostExeca<Bound = NoOptions> {
  <Given extends HostExecaOptions>(options: Given): HostExeca<Merged<Bound, Given>>;
  (template: TemplateStringsArray, ...expressions: readonly Argument[]): HostSubprocess<Bound>;
  <Given extends HostExecaOptions = NoOptions>(
    file: string | URL,
    args?: readonly string[],
    options?: Given,
  ): HostSubprocess<Merged<Bound, Given>>;
  <Given extends HostExecaOptions>(file: string | URL, options: Given): HostSubprocess<Merged<Bound, Given>>;
}

/** `$` on a host: there is no `$.sync` there. */
export interface HostScript<Bound = NoOptions> {
  <Given extends HostExecaOptions>(options: Given): HostScript<Merged<Bound, Given>>;
  (template: TemplateStringsArray, ...expressions: readonly Argument[]): HostSubprocess<Bound>;
  <Given extends HostExecaOptions = NoOptions>(
    file: string | URL,
    args?: readonly string[],
    options?: Given,
  ): HostSubprocess<Merged<Bound, Given>>;
  <Given extends HostExecaOptions>(file: string | URL, options: Given): HostSubprocess<Merged<Bound, Given>>;
  readonly sync?: never;
  readonly s?: never;
}
