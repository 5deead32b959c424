/**
 * The dead-letter desk over gRPC, under the contract of its admin service.
 *
 * 1. No call fails: what cannot be done is answered as `degraded`, with a problem.
 * 2. What is replayed goes on where it stopped, under the correlation id it has, and leaves the desk
 *    when that succeeds; so replaying twice has one effect. What a key waits behind is taken as it
 *    is, a command that nothing waits behind at the sequence of its aggregate by now.
 */
import { create } from '@bufbuild/protobuf'
import type { Timestamp } from '@bufbuild/protobuf/wkt'
import { NANOSECONDS_PER_MS } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import { type GrpcService, grpcService } from '../../host/grpc-service.ts'
import {
  DlqAdminService,
  type ListDeadLettersOk,
  ListDeadLettersOkSchema,
  type ProblemDetails,
  type ReplayDeadLetterOk,
  ReplayDeadLetterOkSchema,
  type ReplayDeadLetterRequest,
  ReplayMode,
} from '../../proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'
import { timestampFromNanoseconds } from '../../wire/timestamp.ts'
import type { DeadLetter } from '../dead-letters.ts'
import { eventReplayUnsupported, problemOf } from './dead-letter-problem.ts'
import { parseDeadLetterFilter } from './plan-dead-letter-filter.ts'
import type { ServedCoordinator } from './served-coordinator.ts'
import { filtered, numberOfLetter, storedDeadLetter } from './stored-dead-letter.ts'

const PAGE_SIZE = 50
const PAGE_SIZE_MAX = 500

/** Letters that one look at the desk brings. */
const LETTERS_PER_READ = 500

/** `DlqAdminService`. */
export function deadLetterService(served: ServedCoordinator): GrpcService {
  return grpcService(DlqAdminService, {
    listDeadLetters: (request) =>
      answered(served, 'ListDeadLetters', async () => await list(served, request)),
    getDeadLetter: ({ id }) =>
      answered(served, 'GetDeadLetter', async () => {
        const letter = await find(served, id)
        return letter === undefined ? {} : { entry: storedDeadLetter(letter) }
      }),
    deleteDeadLetter: ({ id }) =>
      answered(served, 'DeleteDeadLetter', async () => {
        const letter = await find(served, id)
        if (letter === undefined) return { deleted: false }
        await served.coordinator.deadLetters.discard(letter.id)
        return { deleted: true }
      }),
    replayDeadLetter: (request) =>
      answered(served, 'ReplayDeadLetter', async () => await replay(served, request)),
  })
}

type Answered<T> = {
  readonly state:
    | { readonly case: 'ok'; readonly value: T }
    | { readonly case: 'degraded'; readonly value: ProblemDetails }
  readonly checkedAt: Timestamp
  readonly source: string
}

async function answered<T>(
  { clock }: ServedCoordinator,
  instance: string,
  run: () => Promise<T>,
): Promise<Answered<T>> {
  // The contract knows whole seconds here.
  const second = NANOSECONDS_PER_MS * 1_000n
  const checkedAt = timestampFromNanoseconds((clock.wall() / second) * second)
  try {
    return { state: { case: 'ok', value: await run() }, checkedAt, source: 'ledger' }
  } catch (error) {
    const value = problemOf(error, instance)
    return { state: { case: 'degraded', value }, checkedAt, source: 'ledger' }
  }
}

async function list(
  served: ServedCoordinator,
  request: { readonly filter: string; readonly pageSize: number; readonly pageToken: string },
): Promise<ListDeadLettersOk> {
  const matches = parseDeadLetterFilter(request.filter)
  const size = request.pageSize <= 0 ? PAGE_SIZE : Math.min(request.pageSize, PAGE_SIZE_MAX)
  const found: DeadLetter[] = []
  for await (const letter of allLetters(served)) if (matches(filtered(letter))) found.push(letter)
  found.sort(newestFirst)
  const from = request.pageToken === '' ? 0 : behind(found, request.pageToken)
  const page = found.slice(from, from + size)
  const last = page.at(-1)
  const more = from + page.length < found.length && last !== undefined
  return create(ListDeadLettersOkSchema, {
    entries: page.map(storedDeadLetter),
    nextPageToken: more ? tokenOf(last) : '',
  })
}

/** What has come or gone meanwhile does not move a page: the token says where the last one ended. */
function behind(found: readonly DeadLetter[], token: string): number {
  const { time = '', id = '' } = /^(?<time>\d{1,20}):(?<id>.+)$/s.exec(token)?.groups ?? {}
  if (id === '') throw codedError('QUERY_INVALID', { details: { field: 'page_token' } })
  const last = { occurredAt: BigInt(time), id }
  const at = found.findIndex((letter) => newestFirst(letter, last) > 0)
  return at < 0 ? found.length : at
}

type Place = Pick<DeadLetter, 'occurredAt' | 'id'>

function tokenOf({ occurredAt, id }: Place): string {
  return `${occurredAt}:${id}`
}

function newestFirst(one: Place, other: Place): number {
  if (one.occurredAt !== other.occurredAt) return one.occurredAt > other.occurredAt ? -1 : 1
  return one.id === other.id ? 0 : one.id > other.id ? -1 : 1
}

async function find(served: ServedCoordinator, number: bigint): Promise<DeadLetter | undefined> {
  for await (const letter of allLetters(served)) {
    if (numberOfLetter(letter.id) === number) return letter
  }
  return undefined
}

async function* allLetters({ coordinator }: ServedCoordinator): AsyncGenerator<DeadLetter> {
  let after: string | undefined
  for (;;) {
    const letters = await coordinator.deadLetters.list({ after, limit: LETTERS_PER_READ })
    yield* letters
    if (letters.length < LETTERS_PER_READ) return
    after = letters.at(-1)?.id
  }
}

async function replay(
  served: ServedCoordinator,
  { id }: ReplayDeadLetterRequest,
): Promise<ReplayDeadLetterOk> {
  const letter = await find(served, id)
  if (letter === undefined) {
    throw codedError('DEAD_LETTER_NOT_FOUND', { details: { id: id.toString() } })
  }
  const isCommand = letter.letter.payload.case === 'rejectedCommand'
  if (letter.key === undefined && !isCommand) throw eventReplayUnsupported(letter.id)
  await served.coordinator.deadLetters.replay(letter.id)
  return create(ReplayDeadLetterOkSchema, {
    newCorrelationId: letter.correlationId,
    replayedAt: timestampFromNanoseconds(served.clock.wall()),
    appliedMode: letter.key === undefined ? ReplayMode.FRESH_SEQUENCE : ReplayMode.AS_IS,
  })
}
