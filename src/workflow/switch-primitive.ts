/** Takes one of several ways by a key. TTA.dev's SwitchPrimitive. */
import type { Awaitable } from '../awaitable.ts'
import { checkOperation, noteWrapped, type Operation, runOperation } from './primitive.ts'
import { traced } from './traced.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { InstrumentedPrimitive } from './workflow-primitive.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** What a switch is made of. */
export type SwitchOptions<I, O, D> = {
  readonly select: (input: I, context: WorkflowContext) => Awaitable<PropertyKey>
  readonly cases: Readonly<Record<PropertyKey, Operation<I, O>>>
  /** When no case matches. Default: the input is returned as it is. */
  readonly default?: Operation<I, D> | undefined
  readonly name?: string | undefined
}

/** Runs the case that the selector names. */
export class SwitchPrimitive<I, O, D = I> extends InstrumentedPrimitive<I, O | D> {
  readonly #options: SwitchOptions<I, O, D>

  /** @throws CodedError `WORKFLOW_INVALID` for what is no selector or no operation */
  constructor(options: SwitchOptions<I, O, D>) {
    super(options.name)
    if (typeof options.select !== 'function') {
      throw workflowInvalid('select', 'a function', options.select)
    }
    for (const [key, each] of Object.entries(options.cases)) checkOperation(`cases.${key}`, each)
    if (options.default !== undefined) checkOperation('default', options.default)
    this.#options = options
    const { cases, default: otherwise } = options
    noteWrapped(this, [...Object.values(cases), ...(otherwise === undefined ? [] : [otherwise])])
  }

  protected override async run(input: I, context: WorkflowContext): Promise<O | D> {
    const { select, cases, default: otherwise } = this.#options
    context.checkpoint('switch.start')
    try {
      context.checkpoint('switch.selector_eval.start')
      const key = await select(input, context)
      context.checkpoint('switch.selector_eval.end')
      const taken = Object.hasOwn(cases, key) ? cases[key] : undefined
      const operation = taken ?? otherwise
      // Without a case and a default the input is the output: D is I then.
      if (operation === undefined) return input as unknown as D
      return await traced<O | D>(
        context,
        taken === undefined ? 'switch.default' : `switch.case_${String(key)}`,
        () => ({ 'case.key': String(key) }),
        (within) => runOperation<I, O | D>(operation, input, within),
      )
    } finally {
      context.checkpoint('switch.end')
    }
  }
}

/** See {@link SwitchPrimitive}. */
export function switchOn<I, O, D = I>(options: SwitchOptions<I, O, D>): SwitchPrimitive<I, O, D> {
  return new SwitchPrimitive(options)
}
