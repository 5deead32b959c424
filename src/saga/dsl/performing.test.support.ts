/** Performs single actions of committed sagas as the runners do. */
import { systemClock } from '../../clock.ts'
import { EXECUTABLE, type Executable } from '../../machine/bindings.ts'
import type { Told } from '../../machine/input.ts'
import { handleReply } from '../../machine/perform/handle-reply.ts'
import { perform } from '../../machine/perform/perform.ts'
import type { LocalAction, Performing } from '../../machine/perform/performing.ts'

/** What one action needs beside its path and its value. */
type Values = Readonly<Record<string, unknown>>

/** An action by its kind, with what the tests of this folder never vary filled in. */
export function performed(
  saga: { readonly [EXECUTABLE]: () => Executable },
  kind: LocalAction['kind'],
  path: string,
  value: Values,
  rest: object = {},
): Told | Promise<Told> {
  const direction = 'forward'
  const fixed = { key: 'key', attempt: 1, isAgain: false, input: value, failure: undefined }
  const action = { ...fixed, kind, path, direction, value, undo: 'own', part: 0, ...rest }
  return perform(action as unknown as LocalAction, performing(saga))
}

/** The handling of a reply with a status. */
export function replied(
  saga: { readonly [EXECUTABLE]: () => Executable },
  path: string,
  value: Values,
  status: number,
  content: unknown,
): Told | Promise<Told> {
  const reply = { status, content, services: ['hotel'] }
  const answered = { path, direction: 'forward', attempt: 1, value } as const
  return handleReply(answered, reply, performing(saga))
}

function performing(saga: { readonly [EXECUTABLE]: () => Executable }): Performing {
  return {
    executable: saga[EXECUTABLE](),
    executionId: 'trip-1',
    correlationId: 'c-1',
    clock: systemClock(),
    addCompensation: async () => Promise.resolve(),
  }
}
