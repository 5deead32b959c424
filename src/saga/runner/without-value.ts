/** What an execution is told in place of something whose value cannot be stored. Pure. */
import { codeOf, messageOf } from '../../errors.ts'
import type { Told } from '../../machine/input.ts'
import type { Failure } from '../../machine/journal.ts'

/**
 * Of an operation: that it happened, and left nothing that can be kept. `undefined` for what comes
 * from outside: whoever told it is refused.
 */
export function withoutValue(told: Told, error: unknown): Told | undefined {
  switch (told.kind) {
    case 'succeeded': {
      const { path, attempt, services } = told
      return {
        kind: 'failed',
        path,
        attempt,
        failure: failureOf(path, error),
        happened: true,
        services,
      }
    }
    case 'prepared': {
      const { path, direction } = told
      return { kind: 'prepare-failed', path, direction, failure: failureOf(path, error) }
    }
    case 'undone':
      // That it ran is what counts.
      return { ...told, value: undefined }
    default:
      return undefined
  }
}

function failureOf(path: string, error: unknown): Failure {
  return { path, outcome: 'failed', code: codeOf(error), message: messageOf(error), error }
}
