/**
 * Answers services that ask over the bus how an execution stands (Minos: the command
 * `_Get{Name}SagaExecution`). The question is its id, or a record with it as `uuid`.
 */
import type { Bus, BusMessage, Subscription } from '../../bus/bus.ts'
import { codedError } from '../../errors.ts'
import { answerOfRefusal, answerOfValue, type Answer } from '../../participant/answer.ts'
import { executionTopic } from '../../participant/transaction-topics.ts'
import { decodeValue } from '../../wire/values/decode-value.ts'
import type { SagaDetails } from './saga-manager.ts'

/** What is answered; the context of those alone that have completed. */
export type AnsweredExecution = {
  readonly uuid: string
  /** The names of the reference. */
  readonly status: 'running' | 'paused' | 'finished' | 'errored'
  readonly context?: unknown
}

/** Begins to answer. `inspect` refuses what it does not know. @throws CodedError what the bus throws */
export async function serveExecutions(options: {
  readonly bus: Bus
  readonly service: string
  readonly inspect: (id: string) => Promise<SagaDetails>
}): Promise<Subscription> {
  const { bus, service, inspect } = options
  return await bus.consume(executionTopic(service), async ({ message }) => {
    const { replyTo } = message
    if (replyTo === undefined) {
      return { kind: 'dead-letter', code: 'REQUEST_MALFORMED', reason: 'nobody is to be answered' }
    }
    const answer = await answerTo(message, inspect)
    const { id, key, headers } = message
    const { status, content } = answer
    await bus.send({ topic: replyTo, id, key, headers, status, content })
    return undefined
  })
}

async function answerTo(
  { content }: BusMessage,
  inspect: (id: string) => Promise<SagaDetails>,
): Promise<Answer> {
  try {
    const details = await inspect(askedId(decodeValue(content)))
    return answerOfValue(answered(details))
  } catch (error) {
    return answerOfRefusal(error)
  }
}

function askedId(content: unknown): string {
  const id: unknown =
    typeof content === 'object' && content !== null ? Reflect.get(content, 'uuid') : content
  if (typeof id === 'string') return id
  throw codedError('REQUEST_CONTENT_INVALID', { details: { field: 'uuid', got: typeof id } })
}

function answered({ id, forward, waiting, context }: SagaDetails): AnsweredExecution {
  if (forward === 'completed') return { uuid: id, status: 'finished', context }
  if (forward !== 'running') return { uuid: id, status: 'errored' }
  return { uuid: id, status: waiting === 'reply' ? 'paused' : 'running' }
}
