/** What the dead-letter admin service answers when it cannot: a problem, never a failed call. */
import { create } from '@bufbuild/protobuf'
import { codeOf, codedError, messageOf } from '../../errors.ts'
import {
  type ProblemDetails,
  ProblemDetailsSchema,
} from '../../proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'

const PROBLEMS = {
  QUERY_INVALID: ['invalid-argument', 400],
  IDEMPOTENCY_KEY_INVALID: ['invalid-argument', 400],
  DEAD_LETTER_NOT_FOUND: ['not-found', 404],
  EVENT_REPLAY_UNSUPPORTED: ['event-replay-unsupported', 400],
  LEDGER_CLOSED: ['connection', 503],
  COORDINATOR_CLOSED: ['connection', 503],
} as const satisfies Record<string, readonly [string, number]>

/** The problem that an error is, for the call that failed. */
export function problemOf(error: unknown, instance: string): ProblemDetails {
  const code = codeOf(error)
  const [type, status] = isKnown(code) ? PROBLEMS[code] : (['error', 500] as const)
  return create(ProblemDetailsSchema, {
    type: `urn:angzarr:status:dlq:${type}`,
    title: type.replaceAll('-', ' '),
    status,
    detail: `${code === '' ? 'error' : code}: ${messageOf(error)}`,
    instance,
  })
}

/** Events wait for their component, so nothing but the component can take them again. */
export function eventReplayUnsupported(id: string): Error {
  return codedError('EVENT_REPLAY_UNSUPPORTED', {
    details: { id },
    hint: 'The component that failed has gone on without them: send what they should lead to.',
  })
}

function isKnown(code: string): code is keyof typeof PROBLEMS {
  return Object.hasOwn(PROBLEMS, code)
}
