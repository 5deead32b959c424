/**
 * Handlers whose writes nobody sees until the saga that asks for them has ended (Minos: the middleware
 * `transactional_command`, and the transaction commands of a service).
 *
 * 1. What a handler writes through its client during a request of an isolated saga is pending, under
 *    the outermost of the request's transactions; requests of other sagas write as ever.
 * 2. The service tells that it takes part, so that the saga has it reserve, then commit or reject.
 * 3. Each of the three may come again, and is answered as the first time.
 * 4. An undo that comes when the transaction takes nothing more has nothing to do: its saga goes back,
 *    and what the undo would take back is revoked with the rest.
 */
import { codedError, codeOf } from '../errors.ts'
import { REFUSAL } from './answer.ts'
import type { RequestHandler, RequestInfo } from './request-handler.ts'
import { TRANSACTION_VERBS, transactionTopic, type TransactionVerb } from './transaction-topics.ts'

/** What isolates: a coordinator, as far as it is needed here. `Client` is what it has for clients. */
export interface IsolatingCoordinator<Client> {
  client(domain: string, options?: { readonly cascadeId?: string | undefined }): Client
  readonly cascades: {
    state(cascadeId: string): Promise<string>
    reserve(cascadeId: string): Promise<number>
    commit(cascadeId: string): Promise<number>
    rollback(cascadeId: string, reason: string): Promise<number>
  }
}

/** What a transactional service is made with. */
export type TransactionalOptions<Client> = {
  /** The name under which the handlers are hosted. */
  readonly service: string
  /** The coordinator of this process that the handlers write to. */
  readonly coordinator: IsolatingCoordinator<Client>
}

/** A service that takes part in transactions. */
export interface TransactionalService<Client> {
  readonly service: string
  /**
   * A client of one domain for one request: bound to its transaction, if it is one of an isolated
   * saga. Of steps of a saga in the same process, the id of the execution is that of the transaction.
   */
  client(info: Pick<RequestInfo, 'transaction'>, domain: string): Client
  /** The same handlers as transactional ones, with those that end transactions. */
  handlers(...handlers: readonly RequestHandler[]): readonly RequestHandler[]
}

/**
 * Makes a transactional service: `const bank = transactional({ service: 'bank', coordinator })`, then
 * `participants: bank.handlers(handle(withdraw, (content, info) => bank.client(info, 'account')...))`.
 *
 * A command that changes what another transaction has pending is refused with `CASCADE_CONFLICT`: the
 * step that asked for it failed without effect, and is tried again as its retry policy says.
 */
export function transactional<Client>(
  options: TransactionalOptions<Client>,
): TransactionalService<Client> {
  const { service, coordinator } = options
  return {
    service,
    client: ({ transaction }, domain) => coordinator.client(domain, { cascadeId: transaction }),
    handlers: (...handlers) => [
      // They come first: whoever can be asked at all can be told to commit.
      ...TRANSACTION_VERBS.map((verb) => transactionHandler(verb, options)),
      ...handlers.map((handler) => isolating(handler, options)),
    ],
  }
}

function isolating(
  { target, handle }: RequestHandler,
  { coordinator: { cascades } }: TransactionalOptions<unknown>,
): RequestHandler {
  return {
    target,
    isolates: true,
    handle: async (content, info) => {
      const { transaction, direction } = info
      if (transaction === undefined) return await handle(content, info)
      const isMoot = async (): Promise<boolean> =>
        direction === 'backward' && (await cascades.state(transaction)) !== 'open'
      if (await isMoot()) return undefined
      try {
        return await handle(content, info)
      } catch (error) {
        if (await isMoot()) return undefined
        throw withRefusal(error)
      }
    },
  }
}

function transactionHandler(
  verb: TransactionVerb,
  { service, coordinator: { cascades } }: TransactionalOptions<unknown>,
): RequestHandler {
  return {
    target: transactionTopic(verb, service),
    handle: async (content) => {
      const id = transactionIdOf(content)
      try {
        if (verb === 'reserve') await cascades.reserve(id)
        else if (verb === 'commit') await cascades.commit(id)
        else await cascades.rollback(id, 'rejected by its saga')
      } catch (error) {
        throw withRefusal(error)
      }
    },
  }
}

function transactionIdOf(content: unknown): string {
  if (typeof content === 'string' && content !== '') return content
  const details = { field: 'transaction', got: typeof content }
  throw refusal(codedError('REQUEST_CONTENT_INVALID', { details }))
}

/** What has ended stays so: asking again does not change it. */
function withRefusal(error: unknown): unknown {
  return codeOf(error) === 'CASCADE_RESOLVED' || codeOf(error) === 'CORRELATION_ID_INVALID'
    ? refusal(codedError('TRANSACTION_ENDED', { cause: error }))
    : error
}

function refusal(error: Error): Error {
  return Object.assign(error, { [REFUSAL]: true })
}
