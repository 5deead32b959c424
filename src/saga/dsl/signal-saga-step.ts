/** A step that waits until somebody outside says something. */
import { borderOf, type Border, type Schema } from '../messages/border.ts'
import type { AnyCallback } from './saga-operation.ts'
import { SagaOperation } from './saga-operation.ts'
import { SagaStep } from './saga-step.ts'
import { sameOperation } from './slot.ts'
import {
  checkStepName,
  checkStepOptions,
  OPTION_NAMES,
  type TimedStepOptions,
} from './step-options.ts'

/** Options of a step that waits for a signal. */
export type SignalStepOptions<S extends Schema = Schema> = TimedStepOptions & {
  /** What the data of the signal must be. Default: it is not checked, and unknown. */
  readonly data?: S | undefined
}

/**
 * Waits for a signal. A signal that came before anybody waited for it is kept. A waiting execution
 * holds nothing in memory.
 */
export class SignalSagaStep extends SagaStep {
  readonly kind = 'signal'
  readonly signal: string
  readonly receiveOperation: SagaOperation | undefined
  /** The schema of the data, as a border. */
  readonly border: Border | undefined

  /** @throws CodedError `SAGA_STEP_NAME_INVALID`, `SAGA_OPTION_INVALID` */
  constructor(signal: string, receive?: AnyCallback, options: SignalStepOptions = {}) {
    const { data, ...rest } = options
    checkStepName(signal)
    checkStepOptions(rest, OPTION_NAMES.timed)
    super(rest)
    this.signal = signal
    this.receiveOperation = receive === undefined ? undefined : new SagaOperation(receive)
    const details = { signal }
    this.border = data && borderOf(data, { code: 'SAGA_SIGNAL_INVALID', details })
  }

  override validate(): void {}

  override derivedName(): string {
    return this.signal
  }

  override hasUndo(): boolean {
    return false
  }

  override equals(other: unknown): boolean {
    return (
      other instanceof SignalSagaStep &&
      other.signal === this.signal &&
      sameOperation(this.receiveOperation, other.receiveOperation)
    )
  }
}
