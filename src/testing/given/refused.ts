/** The expectation that a component refuses. */
import { codeOf, messageOf } from '../../errors.ts'
import { grpcStatusOf } from '../../errors/client-error.ts'
import type { GrpcStatusName } from '../../errors/error-row.ts'
import { isRefusal } from '../../coordinator/is-refusal.ts'
import { failedAssertion, type Place, plain, requireSame } from './compare.ts'
import type { Attempt } from './outcome.ts'

/** What a refusal is expected to say; what is left out is not compared. */
export type ExpectedRefusal = {
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly status?: GrpcStatusName | undefined
  /** The whole of its details. */
  readonly details?: Readonly<Record<string, string>> | undefined
}

/**
 * Requires that a handler refused. An error that is no refusal is thrown as it is: a mistake in a
 * handler never passes for a refusal.
 *
 * @param expected a code, or the parts of the refusal
 */
export function requireRefused(
  ended: Attempt<unknown>,
  expected: string | ExpectedRefusal,
  place: Place,
): void {
  if (ended.kind === 'done') {
    const actual = plain(ended.result)
    throw failedAssertion('it should be refused, but was accepted', place, { actual, expected })
  }
  const { error } = ended
  if (!isRefusal(error)) throw error
  const parts: ExpectedRefusal = typeof expected === 'string' ? { code: expected } : expected
  const actual: Required<{ [K in keyof ExpectedRefusal]: unknown }> = {
    code: codeOf(error),
    message: messageOf(error),
    status: grpcStatusOf(error),
    details: detailsOf(error),
  }
  const named = Object.entries(parts).filter(([, part]) => part !== undefined)
  const compared = named.map(([name]) => [name, Reflect.get(actual, name)] as const)
  requireSame(
    Object.fromEntries(compared),
    Object.fromEntries(named),
    'it should be refused in another way',
    place,
  )
}

function detailsOf(error: unknown): unknown {
  return error instanceof Error && 'details' in error ? error.details : {}
}
