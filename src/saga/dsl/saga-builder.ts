/**
 * A saga while it is written: steps in order. It knows nothing of the types of contexts; `Saga` is this
 * class under types that do.
 *
 * 1. Once committed it never changes.
 * 2. What commit accepts can run: it is compiled then.
 */
import { codedError } from '../../errors.ts'
import {
  EXECUTABLE,
  type Executable,
  type NamedUndo,
  type Runnable,
} from '../../machine/bindings.ts'
import type { Definition } from '../../machine/definition.ts'
import {
  AlreadyCommittedError,
  EmptySagaError,
  SagaNotCommittedError,
} from '../errors/definition-errors.ts'
import type { Border } from '../messages/border.ts'
import { compileSaga } from './compile-saga.ts'
import { ConditionalSagaStep } from './conditional-saga-step.ts'
import { LocalSagaStep, type LocalStepOptions } from './local-saga-step.ts'
import { NestedSagaStep, type NestedStepOptions } from './nested-saga-step.ts'
import { ParallelSagaStep, type ParallelStepOptions } from './parallel-saga-step.ts'
import { RemoteSagaStep, type RemoteStepOptions } from './remote-saga-step.ts'
import { checkSagaName, resolveSagaOptions, type SagaSettings } from './saga-settings.ts'
import type { AnyCallback, CallbackOrOperation } from './saga-operation.ts'
import { rememberSaga, SagaStep, type StepOwner, undoAfterPivot } from './saga-step.ts'
import { SignalSagaStep, type SignalStepOptions } from './signal-saga-step.ts'
import type { SlotOptions } from './slot.ts'
import { checkOptionNames, type NamedStepOptions } from './step-options.ts'

/** See the top of this file. */
export class SagaBuilder implements StepOwner {
  readonly name: string
  readonly version: string
  readonly deadlineMs: number | undefined
  readonly isolated: boolean
  readonly continueOnCompensationFailure: boolean
  readonly undos: ReadonlyMap<string, NamedUndo>
  readonly inputBorder: Border | undefined
  readonly #steps: SagaStep[] = []
  #executable: Executable | undefined

  /** @throws CodedError `SAGA_NAME_INVALID`, `SAGA_OPTION_INVALID` */
  constructor(name: string, options: SagaSettings = {}) {
    checkSagaName(name)
    rememberSaga(this)
    const resolved = resolveSagaOptions(name, options)
    this.name = name
    this.version = resolved.version
    this.deadlineMs = resolved.deadlineMs
    this.isolated = resolved.isolated
    this.continueOnCompensationFailure = resolved.continueOnCompensationFailure
    this.undos = resolved.undos
    this.inputBorder = resolved.inputBorder
  }

  get steps(): readonly SagaStep[] {
    return this.#steps
  }

  get committed(): boolean {
    return this.#executable !== undefined
  }

  localStep(
    given?: CallbackOrOperation | LocalSagaStep<never>,
    options: LocalStepOptions<never> & SlotOptions = {},
  ): SagaStep {
    if (given instanceof SagaStep) return this.#ready(given, LocalSagaStep, options)
    const { parameters, ...rest } = options
    const step = this.#add(new LocalSagaStep(rest as LocalStepOptions))
    return given === undefined ? step : step.onExecute(given as never, { parameters })
  }

  remoteStep(
    given?: CallbackOrOperation | RemoteSagaStep<never>,
    options: RemoteStepOptions & SlotOptions = {},
  ): SagaStep {
    if (given instanceof SagaStep) return this.#ready(given, RemoteSagaStep, options)
    const { parameters, ...rest } = options
    const step = this.#add(new RemoteSagaStep(rest))
    return given === undefined ? step : step.onExecute(given as never, { parameters })
  }

  conditionalStep(given: ConditionalSagaStep<never> | NamedStepOptions = {}): SagaStep {
    if (given instanceof SagaStep) return this.#ready(given, ConditionalSagaStep, {})
    return this.#add(new ConditionalSagaStep(given))
  }

  parallel(branches: readonly object[], options?: ParallelStepOptions): SagaStep {
    return this.#add(new ParallelSagaStep(branches, options))
  }

  sagaStep(definition: Runnable<never, unknown>, options?: NestedStepOptions): SagaStep {
    return this.#add(new NestedSagaStep(definition, options))
  }

  waitFor(signal: string, receive?: AnyCallback, options?: SignalStepOptions): SagaStep {
    return this.#add(new SignalSagaStep(signal, receive, options))
  }

  addStep(step: SagaStep): this {
    if (!(step instanceof SagaStep)) {
      throw codedError('SAGA_STEP_KIND_INVALID', { details: { got: typeof step } })
    }
    this.#add(step)
    return this
  }

  validate(): void {
    this.#validateSteps()
    if (!this.committed)
      throw new SagaNotCommittedError(undefined, { details: { saga: this.name } })
  }

  commit(): this {
    this.#refuseCommitted()
    this.#validateSteps()
    this.#executable = compileSaga(this)
    return this
  }

  describe(): Definition {
    return this.executable().definition
  }

  executable(): Executable {
    if (this.#executable !== undefined) return this.#executable
    throw new SagaNotCommittedError(undefined, {
      details: { saga: this.name },
      hint: 'Call commit() when the last step is there.',
    })
  }

  #validateSteps(): void {
    if (this.#steps.length === 0)
      throw new EmptySagaError(undefined, { details: { saga: this.name } })
    for (const step of this.#steps) step.validate()
  }

  /** @throws CodedError `SAGA_STEP_KIND_INVALID`; `SAGA_OPTION_INVALID`, for a step has its own */
  #ready<S extends SagaStep>(given: SagaStep, kind: new () => S, options: object): SagaStep {
    checkOptionNames(options, [])
    if (!(given instanceof kind)) {
      const details = { wanted: kind.name, got: given.constructor.name }
      throw codedError('SAGA_STEP_KIND_INVALID', { details })
    }
    return this.#add(given)
  }

  #add<S extends SagaStep>(step: S): S {
    this.#refuseCommitted()
    const isBehindPivot = this.#steps.some((each) => each.isPivot)
    if (isBehindPivot && step.hasUndo()) throw undoAfterPivot(this.name)
    step.attachTo(this)
    this.#steps.push(step)
    return step
  }

  #refuseCommitted(): void {
    if (this.committed) throw new AlreadyCommittedError(undefined, { details: { saga: this.name } })
  }
}

// As a member the compiler could not write it into a declaration file.
Object.defineProperty(SagaBuilder.prototype, EXECUTABLE, {
  value(this: SagaBuilder): Executable {
    return this.executable()
  },
})
