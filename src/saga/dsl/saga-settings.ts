/** What can be said of a whole saga. */
import { codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { NamedUndo } from '../../machine/bindings.ts'
import { borderOf, type Border, type Schema } from '../messages/border.ts'
import { checkDuration, checkOptionNames, checkStepName, optionError } from './step-options.ts'

/** Options of a saga. */
export type SagaSettings<S extends Schema = Schema> = {
  /**
   * Milliseconds from the start after which the saga fails and is undone, unless it is past its pivot.
   * Default: no deadline.
   */
  readonly deadlineMs?: number | undefined
  /**
   * Whether nobody sees what the saga changes before it has ended (Minos saga: the commit of its
   * transactions): what its transactional participants write stays pending, and all of it becomes
   * visible, or none. Such a saga has a deadline. Default: false.
   */
  readonly isolated?: boolean | undefined
  /** What you call this version; executions run by the version they started with. Default: ''. */
  readonly version?: string | undefined
  /** Whether a stuck undo lets the undos of earlier steps go on. Default: true. */
  readonly continueOnCompensationFailure?: boolean | undefined
  /** Undos that steps may register by name while they run, with `info.addCompensation`. */
  readonly undos?: Readonly<Record<string, NamedUndo>> | undefined
  /** What the saga starts with must be. A schema that answers at once. Default: any record. */
  readonly input?: S | undefined
}

/** Options, checked and with their defaults. */
export type ResolvedSagaOptions = {
  readonly deadlineMs: number | undefined
  readonly isolated: boolean
  readonly version: string
  readonly continueOnCompensationFailure: boolean
  readonly undos: ReadonlyMap<string, NamedUndo>
  readonly inputBorder: Border | undefined
}

const NAMES = [
  'deadlineMs',
  'isolated',
  'version',
  'continueOnCompensationFailure',
  'undos',
  'input',
]

/**
 * @throws CodedError `SAGA_OPTION_INVALID`, `SAGA_STEP_NAME_INVALID` for the name of an undo,
 *   `SAGA_ISOLATION_INVALID` for an isolated saga without a deadline
 */
export function resolveSagaOptions(saga: string, options: SagaSettings): ResolvedSagaOptions {
  checkOptionNames(options, NAMES)
  const { deadlineMs, isolated = false, version = '' } = options
  const { continueOnCompensationFailure = true, undos = {} } = options
  checkDuration('deadlineMs', deadlineMs)
  if (typeof isolated !== 'boolean') throw optionError('isolated', isolated)
  if (isolated && deadlineMs === undefined) {
    const hint = 'Give deadlineMs: others wait for what it has pending.'
    throw codedError('SAGA_ISOLATION_INVALID', { details: { saga, field: 'deadlineMs' }, hint })
  }
  if (typeof version !== 'string') throw optionError('version', version)
  if (typeof continueOnCompensationFailure !== 'boolean') {
    throw optionError('continueOnCompensationFailure', continueOnCompensationFailure)
  }
  for (const [name, undo] of Object.entries(undos)) {
    checkStepName(name)
    if (typeof undo !== 'function') throw optionError(`undos.${name}`, undo, 'Give a function.')
  }
  return {
    deadlineMs,
    isolated,
    version,
    continueOnCompensationFailure,
    undos: new Map(Object.entries(undos)),
    inputBorder:
      options.input && borderOf(options.input, { code: 'SAGA_INPUT_INVALID', details: { saga } }),
  }
}

/** @throws CodedError `SAGA_NAME_INVALID` */
export function checkSagaName(name: unknown): void {
  const isText = typeof name === 'string' && name !== ''
  if (isText && name.length <= limits.componentNameLengthMax && !/\p{Cc}/u.test(name)) return
  throw codedError('SAGA_NAME_INVALID', {
    details: { name },
    hint: `Give a name of up to ${limits.componentNameLengthMax} characters: executions are found by it.`,
  })
}
