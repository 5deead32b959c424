/**
 * The names of the steps of a saga, which are parts of their paths.
 *
 * 1. Names are unique within a saga. A name the author gave stays as it is, or is refused.
 * 2. A name that was read off a step, and is taken, gets a number: `charge`, `charge-2`.
 * 3. A step from which no name can be read is named by its kind and place: `remote-2`.
 */
import { codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { SagaStep } from './saga-step.ts'

/** Names that functions have from the slot they stand in say nothing of what they do. */
const MEANINGLESS: ReadonlySet<string> = new Set([
  '',
  'anonymous',
  'callback',
  'onExecute',
  'execute',
  'run',
])

/**
 * The names of steps, in their order.
 *
 * @throws CodedError `SAGA_STEP_NAME_DUPLICATE`
 */
export function stepNames(saga: string, steps: readonly SagaStep[]): readonly string[] {
  const taken = new Set<string>()
  for (const { options } of steps) {
    if (options.name === undefined) continue
    if (taken.has(options.name)) {
      const hint = 'Give each step a name of its own in its options.'
      throw codedError('SAGA_STEP_NAME_DUPLICATE', { details: { saga, step: options.name }, hint })
    }
    taken.add(options.name)
  }
  return steps.map((step, index) => step.options.name ?? free(readOff(step, index), taken))
}

function readOff(step: SagaStep, index: number): string {
  const derived = (step.derivedName() ?? '').replace(/^bound /, '')
  const name = derived.replaceAll(/[/\p{Cc}]/gu, '.').slice(0, limits.componentNameLengthMax - 8)
  return MEANINGLESS.has(name) ? `${step.kind}-${index + 1}` : name
}

/** The name itself, or with the first number that makes it new. Takes it. */
export function free(name: string, taken: Set<string>): string {
  let result = name
  for (let number = 2; taken.has(result); number++) result = `${name}-${number}`
  taken.add(result)
  return result
}
