/** The slots of steps: each takes one callback, with what can be said of it. */
import { type CallbackOrOperation, type Parameters, SagaOperation } from './saga-operation.ts'
import { checkOptionNames } from './step-options.ts'

/** What can be said of a callback. */
export type SlotOptions<P = Parameters> = {
  /** Given to the callback in `info.parameters`, a copy for each call. Plain data. */
  readonly parameters?: P | undefined
}

/**
 * The operation in a slot. What a ready operation has of parameters stays.
 *
 * @throws CodedError `SAGA_OPTION_INVALID`
 */
export function operationOf(callback: CallbackOrOperation, options: SlotOptions): SagaOperation {
  checkOptionNames(options, ['parameters'])
  return SagaOperation.from(callback, options.parameters)
}

/** Whether two slots hold the same: an equal operation, or none. */
export function sameOperation(
  one: SagaOperation | undefined,
  other: SagaOperation | undefined,
): boolean {
  return one === undefined ? other === undefined : one.equals(other)
}
