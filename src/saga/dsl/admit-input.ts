/** What a saga may start with: a record, and what its schema says. */
import { codedError } from '../../errors.ts'
import { copyValue } from '../../wire/values/copy-value.ts'
import type { StepOwner } from './saga-step.ts'

/**
 * The context a run starts with, a copy. Without an input it is empty.
 *
 * @throws CodedError `SAGA_INPUT_INVALID`, `VALUE_NOT_STORABLE`
 */
export function admitInput(saga: StepOwner, input: unknown): unknown {
  const given = input ?? {}
  const checked = saga.inputBorder === undefined ? given : saga.inputBorder.unpack(given)
  const details = { saga: saga.name }
  if (checked instanceof Promise) {
    checked.catch(() => {})
    const hint = 'The schema answers later: checks of an input cannot wait.'
    throw codedError('SAGA_INPUT_INVALID', { details, hint })
  }
  if (typeof checked !== 'object' || checked === null || Array.isArray(checked)) {
    const hint = 'A saga starts with a record: an object with entries.'
    throw codedError('SAGA_INPUT_INVALID', { details: { ...details, got: typeof checked }, hint })
  }
  return copyValue({ ...checked })
}
