/**
 * A callback of a step with the parameters it is called with.
 *
 * 1. Each call gets parameters of its own: what a callback does to them stays with it.
 */
import { codedError } from '../../errors.ts'
import { copyValue } from '../../wire/values/copy-value.ts'
import { sameValue } from '../../wire/values/same-value.ts'

/** Any function; what it takes is known where it was given. */
export type AnyCallback = (...args: never[]) => unknown

/** What a callback is called with beside the context. */
export type Parameters = Readonly<Record<string, unknown>>

/** A callback, or an operation with one. */
export type CallbackOrOperation = AnyCallback | SagaOperation

/**
 * A callback and its parameters (Minos saga: `SagaOperation`). The parameters stand in `info`, the last
 * argument of the callback.
 */
export class SagaOperation<F extends AnyCallback = AnyCallback> {
  readonly callback: F
  /** The parameters, `undefined` without any. */
  readonly parameters: Parameters | undefined

  /**
   * @throws CodedError `SAGA_OPTION_INVALID` for what is no function; `VALUE_NOT_STORABLE` for
   *   parameters that are no plain data
   */
  constructor(callback: F, parameters?: object) {
    if (typeof callback !== 'function') {
      const hint = 'A callback is a function.'
      throw codedError('SAGA_OPTION_INVALID', { details: { callback: typeof callback }, hint })
    }
    this.callback = callback
    this.parameters =
      parameters === undefined ? undefined : copyValue<Parameters>({ ...parameters })
  }

  /** The operation itself, or a new one of a callback. Parameters go with callbacks only. */
  static from(given: CallbackOrOperation, parameters?: object): SagaOperation {
    return given instanceof SagaOperation ? given : new SagaOperation(given, parameters)
  }

  /** Whether it has parameters. */
  get isParameterized(): boolean {
    return this.parameters !== undefined
  }

  /** Calls the callback with these arguments, and `info` with the parameters last. */
  call(args: readonly unknown[], info: object | undefined): unknown {
    // The types of the definition made sure that these arguments are the ones it takes.
    const callback: AnyCallback = this.callback
    const { parameters } = this
    const last = parameters === undefined ? info : { ...info, parameters: copyValue(parameters) }
    return callback(...([...args, last ?? NO_INFO] as never[]))
  }

  /** Whether the other one has the same callback and equal parameters. */
  equals(other: unknown): boolean {
    return (
      other instanceof SagaOperation &&
      other.callback === this.callback &&
      sameValue(other.parameters, this.parameters)
    )
  }
}

const NO_INFO: object = Object.freeze({})
